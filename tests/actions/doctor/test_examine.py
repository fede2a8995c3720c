import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.actions.doctor.examine import Check, Look, examine, obstacles
from jiacha_tui.actions.doctor.finding import CARD_AREAS, Area, Finding, State
from jiacha_tui.actions.doctor.surroundings import Surroundings
from jiacha_tui.card.problems import NoCard
from jiacha_tui.options import Options

SURROUNDINGS = Surroundings(Options(), {})
WELL = Finding.good(Area.FONT, "在")


async def well(_surroundings: Surroundings) -> Sequence[Finding]:
    return (WELL,)


def failing(error: BaseException) -> Look:
    async def look(_surroundings: Surroundings) -> Sequence[Finding]:
        raise error

    return look


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Lets go of what a look waits for."""
    event = threading.Event()
    yield event
    event.set()


def test_one_that_blocks_for_ever_keeps_no_other_from_being_told(release: threading.Event) -> None:
    async def blocks(_surroundings: Surroundings) -> Sequence[Finding]:
        release.wait()
        return ()

    silent, told = examine([Check(Area.PRINTERS, blocks, 0.2), Check(Area.FONT, well, 10.0)], SURROUNDINGS)
    assert (silent.area, silent.state, silent.code) == (Area.PRINTERS, State.BROKEN, "doctor.silent")
    assert "0.2 秒" in silent.what
    assert told == WELL


def test_one_that_waits_for_ever_is_given_up() -> None:
    async def waits(_surroundings: Surroundings) -> Sequence[Finding]:
        await asyncio.get_running_loop().create_future()
        return ()

    (silent,) = examine([Check(Area.CONTROL, waits, 0.2)], SURROUNDINGS)
    assert silent.code == "doctor.silent"


BLOCKING = """
import threading
from jiacha_tui.actions.doctor.examine import Check, examine
from jiacha_tui.actions.doctor.finding import Area
from jiacha_tui.actions.doctor.surroundings import Surroundings
from jiacha_tui.options import Options

async def blocks(_surroundings):
    threading.Event().wait()

print(examine([Check(Area.PDF, blocks, 0.1)], Surroundings(Options(), {}))[0].code)
"""


def test_the_program_ends_while_one_still_blocks(child_environment: dict[str, str]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", BLOCKING], env=child_environment, capture_output=True, text=True, timeout=20, check=True
    )
    assert (run.stdout, run.stderr) == ("doctor.silent\n", "")


@pytest.mark.parametrize(
    ("error", "state", "code", "said"),
    [
        (ZeroDivisionError("secret"), State.BROKEN, "doctor.crashed", "ZeroDivisionError"),
        (ExceptionGroup("secret", [ValueError("secret")]), State.BROKEN, "doctor.crashed", "ExceptionGroup"),
        (ModuleNotFoundError("secret", name="duckdb.sub"), State.MISSING, "python.packages", "缺少 Python 包 duckdb"),
        (NoCard(), State.BROKEN, NoCard().code, NoCard().what),
    ],
)
def test_one_that_fails_is_a_line_that_says_so(error: BaseException, state: State, code: str, said: str) -> None:
    failed, told = examine([Check(Area.ENGINE, failing(error), 5.0), Check(Area.FONT, well, 5.0)], SURROUNDINGS)
    assert (failed.area, failed.state, failed.code, failed.stops) == (Area.ENGINE, state, code, True)
    assert said in failed.what
    assert "secret" not in failed.what + failed.todo
    assert told == WELL


def test_what_is_not_needed_stops_nobody_by_failing() -> None:
    (failed,) = examine([Check(Area.PRINTERS, failing(ValueError()), 5.0, needed=False)], SURROUNDINGS)
    assert not failed.stops


def test_findings_come_in_the_order_of_the_checks() -> None:
    async def two(_surroundings: Surroundings) -> Sequence[Finding]:
        return (Finding.good(Area.CACHE, "一"), Finding.good(Area.CACHE, "二"))

    checks = [Check(Area.CACHE, two, 5.0), Check(Area.FONT, well, 5.0)]
    assert [finding.what for finding in examine(checks, SURROUNDINGS)] == ["一", "二", "在"]


FINDINGS = st.builds(
    lambda area, state, stops: Finding(area, state, "", stops=stops and state is not State.GOOD),
    st.sampled_from(Area),
    st.sampled_from(State),
    st.booleans(),
)


@given(st.lists(FINDINGS))
def test_the_job_can_be_done_unless_something_stops_it_or_no_way_leads_to_a_card(findings: list[Finding]) -> None:
    stopped = any(finding.stops for finding in findings)
    ways = [finding.state for finding in findings if finding.area in CARD_AREAS]
    assert bool(obstacles(findings)) == (stopped or (bool(ways) and State.GOOD not in ways))
    assert {finding.area for finding in findings} >= set(obstacles(findings))


def test_what_is_good_cannot_stop() -> None:
    with pytest.raises(ValueError, match="good"):
        Finding(Area.PDF, State.GOOD, "", stops=True)


def test_nothing_of_the_machine_is_imported_before_it_is_looked_at(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    """So that a missing package is one line, and not the end."""
    code = "import sys, jiacha_tui.actions.doctor.checkup, jiacha_tui.cli.doctor.command; print(sorted(sys.modules))"
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
