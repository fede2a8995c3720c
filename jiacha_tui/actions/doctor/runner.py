"""Runs checks in parallel. A check that hangs or fails becomes a finding and does not affect the others."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from jiacha_tui.actions.doctor.finding import CARD_AREAS, Area, Finding, FindingState
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.options import Options

if TYPE_CHECKING:
    from jiacha_tui.config import Config
    from jiacha_tui.locations import Locations

INSTALL_HINT: Final = "请在程序所在的文件夹运行 make run，补齐所需的包"


@dataclass(frozen=True, slots=True)
class DoctorContext:
    """The options and the environment that the program would start with.

    The methods import what they need only when called: a package that is missing then becomes a finding of the check
    that called them.
    """

    options: Options
    environ: Mapping[str, str]

    def locations(self) -> "Locations":
        """Raises Problem "home.unknown"."""
        from jiacha_tui.locations import resolve_locations  # noqa: PLC0415 - platformdirs may be missing

        return resolve_locations(self.options.home, self.environ)

    def config(self) -> "Config":
        """The configuration, or the default one if the file is faulty: the check of the file reports that."""
        from jiacha_tui.config import Config, load_config  # noqa: PLC0415 - msgspec may be missing
        from jiacha_tui.config_errors import ConfigProblem  # noqa: PLC0415 - msgspec may be missing

        try:
            return load_config(self.locations().config_file)
        except ConfigProblem:
            return Config()


CheckFunction = Callable[[DoctorContext], Awaitable[Sequence[Finding]]]
"""Inspects one area and changes nothing. It runs in a thread and event loop of its own, so it may block both.

A `Problem` that it raises becomes a finding.
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One check, the `seconds` that it may take, and the hint for when it takes longer.

    If `required` is true, a check that fails or takes too long blocks the main job.
    """

    area: Area
    function: CheckFunction
    seconds: float
    required: bool = True
    timeout_hint: str = "请稍后再运行一次；一直如此时请检查这一项"


def run_checks(checks: Sequence[Check], context: DoctorContext) -> tuple[Finding, ...]:
    """The findings in the order of the checks. Takes at most the longest time of a check. Never raises."""
    running = [_RunningCheck(check, context) for check in checks]
    return tuple(finding for check in running for finding in check.findings())


def blocking_areas(findings: Sequence[Finding]) -> tuple[Area, ...]:
    """The areas that prevent the main job, each once; empty if it can be done.

    The ways to a card are blocking only if findings about them exist and none of these is good.
    """
    blocking = {finding.area for finding in findings if finding.blocking}
    card_findings = [finding for finding in findings if finding.area in CARD_AREAS]
    if card_findings and not any(finding.state is FindingState.GOOD for finding in card_findings):
        blocking |= {finding.area for finding in card_findings}
    return tuple(area for area in Area if area in blocking)


class _RunningCheck:
    """A check in a thread of its own: a daemon, so that a check that never ends cannot keep the program running."""

    def __init__(self, check: Check, context: DoctorContext) -> None:
        self._check = check
        self._context = context
        self._results: list[Sequence[Finding] | BaseException] = []
        self._deadline = time.monotonic() + check.seconds
        self._thread = threading.Thread(target=self._run, name=f"doctor-{check.area.value}", daemon=True)
        self._thread.start()

    def findings(self) -> Sequence[Finding]:
        """Waits for the result, until the time of the check is over."""
        self._thread.join(max(0.0, self._deadline - time.monotonic()))
        match next(iter(self._results), None):
            case None | TimeoutError():
                message = f"{self._check.seconds:g} 秒内没有结果"
                return (self._failure(FindingState.BROKEN, message, self._check.timeout_hint, "doctor.silent"),)
            case ModuleNotFoundError(name=name):
                message = f"缺少 Python 包 {(name or '').partition('.')[0]}"
                return (self._failure(FindingState.MISSING, message, INSTALL_HINT, "python.packages"),)
            case Problem() as problem:
                return (Finding.of(self._check.area, problem, blocking=self._check.required),)
            case BaseException() as error:
                # The text of an unknown exception may quote a secret, so only its type is shown.
                message, hint = f"检查本身出错（{type(error).__name__}）", "请把这一行告诉程序的提供者"
                return (self._failure(FindingState.BROKEN, message, hint, "doctor.crashed"),)
            case findings:
                return findings

    def _failure(self, state: FindingState, message: str, hint: str, code: str) -> Finding:
        return Finding(self._check.area, state, message, hint, code, blocking=self._check.required)

    def _run(self) -> None:
        self._results.append(asyncio.run(self._result()))

    async def _result(self) -> Sequence[Finding] | BaseException:
        within_time = asyncio.wait_for(self._call(), self._check.seconds)
        (result,) = await asyncio.gather(within_time, return_exceptions=True)
        return result

    async def _call(self) -> Sequence[Finding]:
        return await self._check.function(self._context)
