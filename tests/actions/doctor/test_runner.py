import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import CARD_AREAS, Area, Finding, FindingState
from jiacha_tui.actions.doctor.runner import Check, CheckFunction, blocking_areas, run_checks
from jiacha_tui.card.problems import NoCard
from jiacha_tui.options import Options

SURROUNDINGS = DoctorContext(Options(), {})
WELL = Finding.good(Area.FONT, "在")


async def well(_surroundings: DoctorContext) -> Sequence[Finding]:
    return (WELL,)


def failing(error: BaseException) -> CheckFunction:
    async def look(_surroundings: DoctorContext) -> Sequence[Finding]:
        raise error

    return look


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Lets go of what a look waits for."""
    event = threading.Event()
    yield event
    event.set()


def test_one_that_blocks_for_ever_keeps_no_other_from_being_told(release: threading.Event) -> None:
    async def blocks(_surroundings: DoctorContext) -> Sequence[Finding]:
        release.wait()
        return ()

    silent, told = run_checks([Check(Area.PRINTERS, blocks, 0.2), Check(Area.FONT, well, 10.0)], SURROUNDINGS)
    assert (silent.area, silent.state, silent.code) == (Area.PRINTERS, FindingState.BROKEN, "doctor.silent")
    assert "0.2 秒" in silent.message
    assert told == WELL


def test_one_that_waits_for_ever_is_given_up() -> None:
    async def waits(_surroundings: DoctorContext) -> Sequence[Finding]:
        await asyncio.get_running_loop().create_future()
        return ()

    (silent,) = run_checks([Check(Area.CONTROL, waits, 0.2)], SURROUNDINGS)
    assert silent.code == "doctor.silent"


BLOCKING = """
import threading
from jiacha_tui.actions.doctor.runner import Check, run_checks
from jiacha_tui.actions.doctor.finding import Area
from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.options import Options

async def blocks(_surroundings):
    threading.Event().wait()

print(run_checks([Check(Area.PDF, blocks, 0.1)], DoctorContext(Options(), {}))[0].code)
"""


def test_the_program_ends_while_one_still_blocks(child_environment: dict[str, str]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", BLOCKING], env=child_environment, capture_output=True, text=True, timeout=20, check=True
    )
    assert (run.stdout, run.stderr) == ("doctor.silent\n", "")


@pytest.mark.parametrize(
    ("error", "state", "code", "said"),
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
def test_one_that_fails_is_a_line_that_says_so(error: BaseException, state: FindingState, code: str, said: str) -> None:
    failed, told = run_checks([Check(Area.ENGINE, failing(error), 5.0), Check(Area.FONT, well, 5.0)], SURROUNDINGS)
    assert (failed.area, failed.state, failed.code, failed.blocking) == (Area.ENGINE, state, code, True)
    assert said in failed.message
    assert "secret" not in failed.message + failed.hint
    assert told == WELL


def test_what_is_not_needed_stops_nobody_by_failing() -> None:
    (failed,) = run_checks([Check(Area.PRINTERS, failing(ValueError()), 5.0, needed=False)], SURROUNDINGS)
    assert not failed.blocking


def test_findings_come_in_the_order_of_the_checks() -> None:
    async def two(_surroundings: DoctorContext) -> Sequence[Finding]:
        return (Finding.good(Area.CACHE, "一"), Finding.good(Area.CACHE, "二"))

    checks = [Check(Area.CACHE, two, 5.0), Check(Area.FONT, well, 5.0)]
    assert [finding.message for finding in run_checks(checks, SURROUNDINGS)] == ["一", "二", "在"]


FINDINGS = st.builds(
    lambda area, state, blocking: Finding(area, state, "", blocking=blocking and state is not FindingState.GOOD),
    st.sampled_from(Area),
    st.sampled_from(FindingState),
    st.booleans(),
)


@given(st.lists(FINDINGS))
def test_the_job_can_be_done_unless_something_stops_it_or_no_way_leads_to_a_card(findings: list[Finding]) -> None:
    stopped = any(finding.blocking for finding in findings)
    ways = [finding.state for finding in findings if finding.area in CARD_AREAS]
    assert bool(blocking_areas(findings)) == (stopped or (bool(ways) and FindingState.GOOD not in ways))
    assert {finding.area for finding in findings} >= set(blocking_areas(findings))


def test_what_is_good_cannot_stop() -> None:
    with pytest.raises(ValueError, match="good"):
        Finding(Area.PDF, FindingState.GOOD, "", blocking=True)


def test_nothing_of_the_machine_is_imported_before_it_is_looked_at(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    """So that a missing package is one line, and not the end."""
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
