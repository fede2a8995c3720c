"""A program that is killed, at whatever moment, leaves files in which the next login finds nothing wrong."""

import asyncio
import random
import secrets
import shutil
import signal
import time
from pathlib import Path

import pytest

from db.engine import log_file
from jiacha_tui.locations import Locations
from tests.actions import killed_program
from tests.actions.killed_program import Program, running
from tests.app_contexts import demo_context, embedded_port
from tests.port_home import DECLARATIONS, copy_home, open_session

KILLS = 20
LONGEST_SECONDS = 0.5


@pytest.fixture
def home(synced_home: Path, tmp_path: Path) -> Path:
    """A home that has logged in before and whose cache is still empty."""
    home = copy_home(synced_home, tmp_path / "home")
    shutil.rmtree(Locations(home).caches)
    return home


def test_nothing_is_found_after_kills_of_syncs_and_resends(home: Path) -> None:
    seed = secrets.randbelow(10**6)
    moments = random.Random(seed)  # noqa: S311 - moments of kills
    for kill in range(KILLS):
        with running(killed_program.work, home) as (_, reports):
            assert reports.recv() == [], f"after {kill} kills (seed {seed})"
            time.sleep(moments.uniform(0, LONGEST_SECONDS))
    assert found_at_login(home) == []


@pytest.mark.parametrize(
    "program",
    [killed_program.die_before_state_file, killed_program.die_in_state_file, killed_program.die_after_state_file],
    ids=lambda program: program.__name__,
)
def test_nothing_is_found_after_a_kill_around_the_state_file(home: Path, program: Program) -> None:
    for _ in range(2):
        with running(program, home) as (process, reports):
            assert reports.recv() == []
            process.join()
            assert process.exitcode == -signal.SIGKILL
    assert found_at_login(home) == []


def test_a_log_that_is_gone_after_a_kill_is_told_and_its_resends_are_put_back(home: Path) -> None:
    with running(killed_program.work, home) as (_, reports):
        assert reports.recv() == []
        resent = set(reports.recv())
    (cache,) = Locations(home).caches.glob("*/cache.duckdb")
    log = log_file(cache)
    assert log.stat().st_size, "what was written since the last checkpoint is only there"
    log.unlink()

    async def log_in() -> tuple[list[str], set[str]]:
        with embedded_port(home, DECLARATIONS) as demo:
            session = await open_session(demo_context(demo, home))
            found = [entry.message for entry in session.unconfirmed]
            put_back = set(session.outbox.last_sent(list(resent)))
            await session.close()
        return found, put_back

    (found,), put_back = asyncio.run(log_in())
    assert "重发记录里已放回" in found
    assert put_back == resent


def found_at_login(home: Path) -> list[str]:
    async def log_in() -> list[str]:
        with embedded_port(home, DECLARATIONS) as demo:
            session = await open_session(demo_context(demo, home))
            await session.close()
        return [entry.message for entry in session.unconfirmed]

    return asyncio.run(log_in())
