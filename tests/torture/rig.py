"""One embedded port over TLS for many runs of the job, each with a fault and a home of its own."""

import asyncio
import logging
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import httpx
import pytest
from starlette.requests import ClientDisconnect

from jiacha_tui.actions import official_prints
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.sync_plan import months_back
from jiacha_tui.declaration.model import Declaration, Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.demo import Demo, make_demo
from jiacha_tui.demo.envelope import ScriptShape, draw_envelope
from jiacha_tui.demo.faults import CallKind, FaultKind, PortFault
from jiacha_tui.demo.faulty_port import FaultyPort
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from jiacha_tui.demo.sample_data.declaration_factory import DeclarationFactory
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.http_transport import tls_context
from jiacha_tui.eport.settings import PortSettings, SizeLimits, Timeouts
from jiacha_tui.printing.official_print import PrintChecker
from jiacha_tui.printing.pdf import make_pdf
from tests.app_contexts import TODAY, demo_context
from tests.eport.tls import ServerFiles, make_server_files, serve
from tests.port_home import copy_home
from tests.torture.checks import Books, violations, violations_after_recovery
from tests.torture.job import MONTHS, JobResult, Task, do_job
from tests.torture.mixed_transport import MixedTransport
from tests.torture.recording import FileRecorder, RequestRecorder

DECLARATIONS = 480
"""41 of them are exported in the last `MONTHS` months."""

LISTS = (33, 0, 7, 1)
"""How many declarations the lists of the job have: one list of two pages, one of a page, one without rows, one with a
single row. A detail more would only repeat what the one before it tests: they are more than the connections, than a
page, and than the failures in a row after which a sync stops.
"""

_MADE_ON = TODAY - timedelta(days=100)
"""The largest declarations of a port are exported shortly before this day. They would take most of the time."""

_MEBIBYTE = 1024 * 1024
_LIMITS = SizeLimits(
    login=_MEBIBYTE, response=2 * _MEBIBYTE, detail=2 * _MEBIBYTE, pdf=4 * _MEBIBYTE, download=8 * _MEBIBYTE
)
_LONG_TIMEOUTS = Timeouts(retry_delays=(0.0, 0.0), max_retry_after=0.5)
"""Long limits, so that a slow machine is not taken for a port that hangs. No pause is waited for."""

_SHORT_TIMEOUTS = replace(_LONG_TIMEOUTS, read=0.5, total=1.0, download_total=1.0)
"""For a port that hangs or drips. On a slow machine other calls reach such limits too."""

_NEEDS_SOCKET = {
    FaultKind.HANG,
    FaultKind.DRIP,
    FaultKind.CUT_BEFORE,
    FaultKind.CUT_MIDDLE,
    FaultKind.GIGANTIC,
    FaultKind.GARBAGE,
}
"""The calls with the others reach the port in the same process, which is several times faster than TLS."""

_OF_A_LOGIN = {CallKind.LOGIN_PAGE, CallKind.LOGIN_FORM, CallKind.SESSION, CallKind.SCRIPT}

_LONGEST_CALLS = 40
"""A run may last as long as this many calls that reach their limit, and a time for all the others."""

_SECONDS_OF_WORK = 120.0
_DRIP_SECONDS = 0.2

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - each run makes a private folder in it
_MEMORY = _SHARED_MEMORY if _SHARED_MEMORY.is_dir() else None
"""Where a run has its home: every commit waits for the disk, which this test is not about."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one combination led to. `violations` is empty if everything held."""

    fault: PortFault | None
    result: JobResult
    counts: Counter[CallKind]
    violations: tuple[str, ...]


class OnceDrawn:
    """The official form, drawn once for each declaration: the runs print the same two again and again."""

    def __init__(self) -> None:
        self._drawn: dict[str, bytes] = {}

    def __call__(self, declaration: Declaration) -> bytes:
        entry_id = declaration.summary.entry_id
        if entry_id not in self._drawn:
            self._drawn[entry_id] = make_pdf([declaration]).data
        return self._drawn[entry_id]


class FaultRig:
    """Runs the job with faults, one after the other."""

    def __init__(self, demo: Demo, template: Path, server_files: ServerFiles, port: FaultyPort) -> None:
        self._demo = demo
        self._template = template
        self._server_files = server_files
        self._port = port
        self._root = ""
        self._tls = tls_context(server_files.ca)
        self.requests = RequestRecorder(port)
        self._files: FileRecorder
        self._task, self._books = self._read_books()

    @classmethod
    @contextmanager
    def open(cls, folder: Path, port_keys: Path) -> Iterator["FaultRig"]:
        """A rig whose files are in `folder`, with a port that has a copy of `port_keys`."""
        home = copy_home(port_keys, folder / "port")
        make_demo(home, DECLARATIONS, today=_MADE_ON).close()
        demo = make_demo(home, DECLARATIONS, today=TODAY, print_form=OnceDrawn())
        try:
            _fill_two_pages(demo)
            files = FileRecorder(demo.application)
            (folder / "tls").mkdir()
            server_files = make_server_files(folder / "tls")
            rig = cls(demo, folder / "template", server_files, FaultyPort(files, drip_seconds=_DRIP_SECONDS))
            rig._files = files
            asyncio.run(_make_cache(demo_context(demo, folder / "template", offline=True)))
            with _declarations_made_once(), serve(rig.requests, server_files) as root:
                rig._root = root
                yield rig
        finally:
            demo.close()

    async def numbered_calls(self) -> Counter[CallKind]:
        """How many calls of each kind the job makes if nothing goes wrong."""
        counts = (await self.run(None)).counts
        # Of the details that are requested together at first, one to four come without the signature, by chance.
        counts[CallKind.DETAIL] = len(self._books.listed) + 1
        return counts

    async def run(self, fault: PortFault | None, script: ScriptShape = ScriptShape.PLAIN) -> RunReport:
        """Does the job with the fault and without any other, then syncs again without any.

        The port starts without sessions and with a new `script`.
        """
        self._demo.release(draw_envelope(script))
        found: list[str] = []
        assumed = fault or PortFault(FaultKind.HANG, CallKind.SCRIPT, 10**6)
        done: list[tuple[JobResult, Books, Counter[CallKind]]] = []
        resent_before = len(self._demo.store.resends())
        has_short_timeouts = assumed.kind in (FaultKind.HANG, FaultKind.DRIP) and fault is not None
        timeouts = _SHORT_TIMEOUTS if has_short_timeouts else _LONG_TIMEOUTS

        def before_recovery(result: JobResult) -> None:
            if fault is not None and not self._port.done and not has_short_timeouts:
                found.append("the fault did not happen")
            done.append((result, self._books_since(resent_before), self.requests.counts))
            self._start([])

        with tempfile.TemporaryDirectory(prefix="jiacha-torture-", dir=_MEMORY) as name, _watched_logs(found):
            home = Path(name) / "home"
            copy_home(self._template, home)
            folder = home / "downloads"
            self._start([fault] if fault else [])
            try:
                async with asyncio.timeout(_SECONDS_OF_WORK + _LONGEST_CALLS * timeouts.total):
                    app_context = self._context(home, timeouts, self._transport(fault))
                    recovery = None
                    if has_short_timeouts or assumed.call in _OF_A_LOGIN:
                        recovery = self._context(home, _LONG_TIMEOUTS, httpx.ASGITransport(self.requests))
                    again = await do_job(app_context, self._task, folder, before_recovery, recovery)
            except TimeoutError:
                return RunReport(fault, JobResult(), Counter(), ("the job stood still",))
            ((result, books, counts),) = done
            found += violations(assumed, self._task, result, books, folder, has_short_timeouts=has_short_timeouts)
            found += violations_after_recovery(assumed, result, again, self._books_since(resent_before))
        return RunReport(fault, result, counts, tuple(found))

    def _transport(self, fault: PortFault | None) -> httpx.AsyncBaseTransport | None:
        """What the client sends its requests with; None for its own connections."""
        in_process = httpx.ASGITransport(self.requests)
        if fault is None or fault.call is None:
            return None
        if fault.kind not in _NEEDS_SOCKET:
            return in_process
        return MixedTransport(fault, httpx.AsyncHTTPTransport(verify=self._tls), in_process)

    def _context(self, home: Path, timeouts: Timeouts, transport: httpx.AsyncBaseTransport | None) -> AppContext:
        settings = PortSettings.under_root(self._root, self._server_files.ca)
        settings = replace(settings, timeouts=timeouts, limits=_LIMITS)
        return replace(demo_context(self._demo, home), connect=lambda: PortClient(settings, transport))

    def _start(self, faults: list[PortFault]) -> None:
        self._port.set_faults(faults)
        self.requests.requests.clear()
        self._files.files.clear()

    def _books_since(self, resends: int) -> Books:
        resent = tuple(entry_id for entry_id, _ in self._demo.store.resends()[resends:])
        requests = tuple((request.call, request.content) for request in self.requests.requests)
        return replace(self._books, resent=resent, files=tuple(self._files.files), requests=requests)

    def _read_books(self) -> tuple[Task, Books]:
        lists = {
            (span, kind): self._entry_ids(DateRangeQuery(span, kind))
            for span in months_back(TODAY, MONTHS)
            for kind in Kind
        }
        newest = DateRange(TODAY.replace(day=1), TODAY)
        entry_ids = lists[newest, Kind.CLEARED]
        downloaded = DateRangeQuery(DateRange(newest.start, newest.start.replace(day=12)), Kind.CLEARED)
        task = Task(entry_ids[0], (entry_ids[1], entry_ids[-1]), downloaded)
        books = Books(
            frozenset(sample for listed in lists.values() for sample in listed),
            frozenset(self._entry_ids(downloaded)),
            frozenset(listed[0] for listed in lists.values() if 0 < len(listed) <= 30),
            (),
            (),
            (),
        )
        return task, books

    def _entry_ids(self, query: DateRangeQuery) -> list[str]:
        return _entry_ids(self._demo, query)


@asynccontextmanager
async def one_pdf_process() -> AsyncIterator[None]:
    """Lets all runs in the block check prints in one process: to start one takes a third of a run."""
    checker = _KeptChecker()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(official_prints, "PrintChecker", lambda: checker)
        try:
            yield
        finally:
            await checker.end()


@contextmanager
def _declarations_made_once() -> Iterator[None]:
    """Lets the port keep every declaration that it has made: it makes them from their rows at each request."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DeclarationFactory, "make", cache(DeclarationFactory.make))
        yield


class _KeptChecker(PrintChecker):
    """Keeps its process at the end of the block `async with`."""

    async def __aexit__(self, *_error: object) -> None:
        return

    async def end(self) -> None:
        await super().__aexit__(None, None, None)


def _fill_two_pages(demo: Demo) -> None:
    """Moves declarations of the month before to the newest month until the lists have the sizes `LISTS`."""
    newest, before = months_back(TODAY, MONTHS)
    spare = _entry_ids(demo, DateRangeQuery(before, Kind.CLEARED))
    lacking = LISTS[0] - len(_entry_ids(demo, DateRangeQuery(newest, Kind.CLEARED)))
    for entry_id in spare[:lacking]:
        demo.move(entry_id, newest.start)


def _entry_ids(demo: Demo, query: DateRangeQuery) -> list[str]:
    found = demo.population.declarations(DEMO_COMPANY, query, demo.clock())
    return [declaration.summary.entry_id for declaration in found]


async def _make_cache(app_context: AppContext) -> None:
    """Makes the empty cache of the demo card, for each run to copy."""
    (medium,) = app_context.media()
    session = await log_in(app_context, medium.medium_id, DEMO_PIN, offline=True, on_stage=lambda _stage: None)
    await session.close()


@contextmanager
def _watched_logs(found: list[str]) -> Iterator[None]:
    """Adds a line for every record that is an error or has a traceback.

    Not for the server's record that a client has gone before its request was read: a cancelled call does that.
    """

    class Watch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info and isinstance(record.exc_info[1], ClientDisconnect):
                return
            if record.exc_info or record.levelno >= logging.ERROR:
                found.append(f"log {record.name}: {self.format(record)[:2000]}")

    watch, root = Watch(), logging.getLogger()
    root.addHandler(watch)
    try:
        yield
    finally:
        root.removeHandler(watch)
