"""Running checks in parallel, and what their findings mean for the main job."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.actions.doctor.runner import Check, CheckFunction, DoctorContext, blocking_areas, run_checks
from jiacha_tui.card.problems import NoCard
from jiacha_tui.options import Options

CONTEXT = DoctorContext(Options(), {})
FONT_FINDING = Finding.good(Area.FONT, "在")


async def succeeding(_context: DoctorContext) -> Sequence[Finding]:
    return (FONT_FINDING,)


def failing(error: BaseException) -> CheckFunction:
    async def check(_context: DoctorContext) -> Sequence[Finding]:
        raise error

    return check


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """An event that a blocking check waits for. It is set when the test ends."""
    event = threading.Event()
    yield event
    event.set()


def test_a_check_that_blocks_forever_does_not_delay_the_others(release: threading.Event) -> None:
    async def blocking(_context: DoctorContext) -> Sequence[Finding]:
        release.wait()
        return ()

    silent, other = run_checks([Check(Area.PRINTERS, blocking, 0.2), Check(Area.FONT, succeeding, 10.0)], CONTEXT)
    assert (silent.area, silent.state, silent.code) == (Area.PRINTERS, FindingState.BROKEN, "doctor.silent")
    assert "0.2 秒" in silent.message
    assert other == FONT_FINDING


def test_a_check_that_waits_forever_is_cancelled() -> None:
    async def waiting(_context: DoctorContext) -> Sequence[Finding]:
        await asyncio.get_running_loop().create_future()
        return ()

    (silent,) = run_checks([Check(Area.CONTROL, waiting, 0.2)], CONTEXT)
    assert silent.code == "doctor.silent"


BLOCKING = """
import threading
from jiacha_tui.actions.doctor.runner import Check, DoctorContext, run_checks
from jiacha_tui.actions.doctor.finding import Area
from jiacha_tui.options import Options

async def blocking(_context):
    threading.Event().wait()

print(run_checks([Check(Area.PDF, blocking, 0.1)], DoctorContext(Options(), {}))[0].code)
"""


def test_the_program_ends_while_a_check_still_blocks(child_environment: dict[str, str]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", BLOCKING], env=child_environment, capture_output=True, text=True, timeout=20, check=True
    )
    assert (run.stdout, run.stderr) == ("doctor.silent\n", "")


@pytest.mark.parametrize(
    ("error", "state", "code", "text"),
    [
        (ZeroDivisionError("secret"), FindingState.BROKEN, "doctor.crashed", "ZeroDivisionError"),
        (ExceptionGroup("secret", [ValueError("secret")]), FindingState.BROKEN, "doctor.crashed", "ExceptionGroup"),
        (
            ModuleNotFoundError("secret", name="duckdb.sub"),
            FindingState.MISSING,
            "python.packages",
            "缺少 Python 包 duckdb",
        ),
        (NoCard(), FindingState.BROKEN, NoCard().code, NoCard().message),
    ],
)
def test_a_check_that_raises_becomes_a_blocking_finding(
    error: BaseException, state: FindingState, code: str, text: str
) -> None:
    failed, other = run_checks([Check(Area.ENGINE, failing(error), 5.0), Check(Area.FONT, succeeding, 5.0)], CONTEXT)
    assert (failed.area, failed.state, failed.code, failed.blocking) == (Area.ENGINE, state, code, True)
    assert text in failed.message
    assert "secret" not in failed.message + failed.hint
    assert other == FONT_FINDING


def test_a_check_that_is_not_required_is_not_blocking_when_it_fails() -> None:
    (failed,) = run_checks([Check(Area.PRINTERS, failing(ValueError()), 5.0, required=False)], CONTEXT)
    assert not failed.blocking


def test_findings_are_in_the_order_of_the_checks() -> None:
    async def two_findings(_context: DoctorContext) -> Sequence[Finding]:
        return (Finding.good(Area.CACHE, "一"), Finding.good(Area.CACHE, "二"))

    checks = [Check(Area.CACHE, two_findings, 5.0), Check(Area.FONT, succeeding, 5.0)]
    assert [finding.message for finding in run_checks(checks, CONTEXT)] == ["一", "二", "在"]


def good(area: Area) -> Finding:
    return Finding.good(area, "")


def missing(area: Area) -> Finding:
    return Finding(area, FindingState.MISSING, "")


def broken(area: Area) -> Finding:
    return Finding(area, FindingState.BROKEN, "")


def blocking(area: Area) -> Finding:
    return Finding(area, FindingState.BROKEN, "", blocking=True)


@pytest.mark.parametrize(
    ("findings", "areas"),
    [
        ([], ()),
        ([good(Area.PORT)], ()),
        ([missing(Area.PRINTERS), broken(Area.CLIPBOARD)], ()),
        ([blocking(Area.PORT)], (Area.PORT,)),
        ([blocking(Area.PORT), blocking(Area.PORT)], (Area.PORT,)),
        ([blocking(Area.PORT), good(Area.PORT)], (Area.PORT,)),
        ([blocking(Area.PORT), blocking(Area.HOME)], (Area.HOME, Area.PORT)),
        ([good(Area.CONTROL), missing(Area.READERS)], ()),
        ([broken(Area.DEMO_CARD), missing(Area.CONTROL), good(Area.READERS)], ()),
        ([missing(Area.CONTROL)], (Area.CONTROL,)),
        ([missing(Area.READERS), broken(Area.CONTROL)], (Area.CONTROL, Area.READERS)),
        ([broken(Area.DEMO_CARD), missing(Area.CONTROL)], (Area.DEMO_CARD, Area.CONTROL)),
        ([missing(Area.READERS), blocking(Area.PDF)], (Area.READERS, Area.PDF)),
        ([good(Area.READERS), blocking(Area.CONTROL)], (Area.CONTROL,)),
    ],
)
def test_the_main_job_needs_no_blocking_finding_and_one_good_way_to_a_card(
    findings: list[Finding], areas: tuple[Area, ...]
) -> None:
    assert blocking_areas(findings) == areas


def test_a_good_finding_cannot_be_blocking() -> None:
    with pytest.raises(ValueError, match="good"):
        Finding(Area.PDF, FindingState.GOOD, "", blocking=True)


def test_no_third_party_package_is_imported_before_the_checks_run(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    """A missing package then becomes a finding instead of an ImportError."""
    code = "import sys, jiacha_tui.actions.doctor.registry, jiacha_tui.cli.doctor.command; print(sorted(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=child_environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    for package in ("cryptography", "duckdb", "httpx", "msgspec", "pdfkit", "platformdirs", "smartcard", "websockets"):
        assert f"'{package}'" not in run.stdout
