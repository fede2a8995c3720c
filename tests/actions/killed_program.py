"""Programs that a test kills: each runs in a process of its own, forked from one that has imported everything."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from db import engine, state_recorder
from jiacha_tui.actions.resend import ResendCandidate, ResendProposal, send
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.declaration.journal import JournalKind, Outcome
from tests.app_contexts import demo_context, embedded_port
from tests.port_home import DECLARATIONS, open_session

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])

Program = Callable[[Path, Connection], None]


@contextmanager
def running(program: Program, home: Path) -> Iterator[tuple[BaseProcess, Connection]]:
    """Runs `program` for the block and kills it at the end. The connection has what it reports."""
    here, there = _FORKS.Pipe(duplex=False)
    process = _FORKS.Process(target=program, args=(home, there), daemon=True)
    process.start()
    there.close()
    try:
        yield process, here
    finally:
        process.kill()
        process.join()
        here.close()


def work(home: Path, reports: Connection) -> None:
    """Logs in, reports what the login has found, then syncs and resends and reports the numbers, until it is killed."""
    _prepare()
    asyncio.run(_work(home, reports))


def die_in_state_file(home: Path, reports: Connection) -> None:
    """Logs in, reports what the login has found, and dies before the next state file has its name."""
    _prepare()
    asyncio.run(_die(home, reports, "jiacha_tui.private_files._rename_over", _die_before))


def die_after_state_file(home: Path, reports: Connection) -> None:
    """The same, just after the file has its name."""
    _prepare()
    asyncio.run(_die(home, reports, "jiacha_tui.private_files.sync_folder", _die_before))


def die_before_state_file(home: Path, reports: Connection) -> None:
    """The same, after the cache has the next stamp and before the file is written."""
    _prepare()
    asyncio.run(_die(home, reports, "db.state_recorder.write_state_file", _die_before))


def _prepare() -> None:
    product = engine._settings
    engine._settings = lambda limits: {**product(limits), "allow_unsigned_extensions": True}
    state_recorder.RECORD_SECONDS = 0.02  # type: ignore[misc]


async def _work(home: Path, reports: Connection) -> None:
    with embedded_port(home, DECLARATIONS) as demo:
        session = await open_session(demo_context(demo, home))
        reports.send(_found(session))
        while True:
            await sync(session, lambda _progress: None, lambda: None, months=2)
            proposal = _proposal(session)
            await send(session, proposal)
            reports.send(list(proposal.entry_ids))


async def _die(home: Path, reports: Connection, name: str, death: Callable[..., None]) -> None:
    with embedded_port(home, DECLARATIONS) as demo:
        session = await open_session(demo_context(demo, home, offline=True), offline=True)
        reports.send(_found(session))
        pytest.MonkeyPatch().setattr(name, death)
        session.journal.write(JournalKind.QUERY, (), Outcome.DONE)


def _die_before(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _found(session: Session) -> list[str]:
    return [entry.message for entry in session.unconfirmed]


def _proposal(session: Session) -> ResendProposal:
    with session.cache.read_cursor() as cursor:
        found = cursor.execute("SELECT entry_id FROM declaration ORDER BY random() LIMIT 2").fetchall()
    return ResendProposal(tuple(ResendCandidate(entry_id, None, None, "") for (entry_id,) in found))
