"""Runs checks side by side, so that none that hangs or fails keeps another from being told."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import CARD_AREAS, Area, Finding, FindingState
from jiacha_tui.declaration.problem import Problem

CheckFunction = Callable[[DoctorContext], Awaitable[Sequence[Finding]]]
"""Looks and changes nothing. It has a thread and an event loop to itself, so it may block both."""

SET_UP_AGAIN: Final = "请在程序所在的文件夹运行 make run，补齐所需的包"


@dataclass(frozen=True, slots=True)
class Check:
    """One look and the `seconds` it may take, with what to do if it takes longer.

    `needed` tells whether it blocking the main job that it came to nothing.
    """

    area: Area
    look: CheckFunction
    seconds: float
    needed: bool = True
    if_silent: str = "请稍后再运行一次；一直如此时请检查这一项"


def run_checks(checks: Sequence[Check], surroundings: DoctorContext) -> tuple[Finding, ...]:
    """What the checks find, in their order, after the longest of their times at most. Never raises."""
    running = [_Running(check, surroundings) for check in checks]
    return tuple(finding for one in running for finding in one.findings())


def blocking_areas(findings: Sequence[Finding]) -> tuple[Area, ...]:
    """The areas that keep the main job from being done, each once; none where it can be."""
    stopping = {finding.area for finding in findings if finding.blocking}
    ways = [finding for finding in findings if finding.area in CARD_AREAS]
    if ways and not any(finding.state is FindingState.GOOD for finding in ways):
        stopping |= {finding.area for finding in ways}
    return tuple(area for area in Area if area in stopping)


class _Running:
    """A check in a thread of its own. One that does not end is left behind: it keeps no program from ending."""

    def __init__(self, check: Check, surroundings: DoctorContext) -> None:
        self._check = check
        self._surroundings = surroundings
        self._outcomes: list[Sequence[Finding] | BaseException] = []
        self._until = time.monotonic() + check.seconds
        self._thread = threading.Thread(target=self._run, name=f"doctor-{check.area.value}", daemon=True)
        self._thread.start()

    def findings(self) -> Sequence[Finding]:
        self._thread.join(max(0.0, self._until - time.monotonic()))
        match next(iter(self._outcomes), None):
            case None | TimeoutError():
                message = f"{self._check.seconds:g} 秒内没有结果"
                return (self._trouble(FindingState.BROKEN, message, self._check.if_silent, "doctor.silent"),)
            case ModuleNotFoundError(name=name):
                message = f"缺少 Python 包 {(name or '').partition('.')[0]}"
                return (self._trouble(FindingState.MISSING, message, SET_UP_AGAIN, "python.packages"),)
            case Problem() as problem:
                return (Finding.of(self._check.area, problem, blocking=self._check.needed),)
            case BaseException() as error:
                # Its own words might quote what nobody is to see.
                message, hint = f"检查本身出错（{type(error).__name__}）", "请把这一行告诉程序的提供者"
                return (self._trouble(FindingState.BROKEN, message, hint, "doctor.crashed"),)
            case found:
                return found

    def _trouble(self, state: FindingState, message: str, hint: str, code: str) -> Finding:
        return Finding(self._check.area, state, message, hint, code, blocking=self._check.needed)

    def _run(self) -> None:
        self._outcomes.append(asyncio.run(self._outcome()))

    async def _outcome(self) -> Sequence[Finding] | BaseException:
        looking = asyncio.wait_for(self._look(), self._check.seconds)
        (outcome,) = await asyncio.gather(looking, return_exceptions=True)
        return outcome

    async def _look(self) -> Sequence[Finding]:
        return await self._check.look(self._surroundings)
