"""What a sync keeps, calls and takes if the port has a fault: `python -m bench.faults [DECLARATIONS [FAULT …]]`.

A fault of lists is there in every list. Any other begins with a detail in the middle and does not end. The limits of
time are a tenth of the usual ones, so that a port that hangs does not take minutes.
"""

import asyncio
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.sync import sync
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.demo import DECLARATIONS, Demo, make_demo
from jiacha_tui.demo.faults import CallKind, FaultKind, PortFault
from jiacha_tui.demo.faulty_port import FaultyPort
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.settings import PortSettings, Timeouts
from tests.app_contexts import TODAY, demo_context
from tests.eport.tls import ServerFiles, make_server_files, serve
from tests.torture.recording import RequestRecorder

_NOT_IN_A_SYNC = {FaultKind.REFUSAL_AS_PDF, FaultKind.SCRIPT_OTHER, FaultKind.SCRIPT_UNKNOWN}
_NEEDS_SOCKET = {FaultKind.HANG, FaultKind.DRIP, FaultKind.CUT_BEFORE, FaultKind.CUT_MIDDLE, FaultKind.GIGANTIC}
_FIRST_DETAIL = 200
_USUAL = Timeouts()
_TIMEOUTS = Timeouts(
    connect=_USUAL.connect / 10,
    read=_USUAL.read / 10,
    total=_USUAL.total / 10,
    retry_delays=tuple(delay / 10 for delay in _USUAL.retry_delays),
    max_retry_after=_USUAL.max_retry_after / 10,
)


def figures(declarations: int = DECLARATIONS, words: Collection[str] = ()) -> Iterator[str]:
    """One line without a fault and one for each fault: those named in `words`, or all."""
    yield f"{'fault':<32}{'rows':>6}{'details':>9}{'calls':>7}{'seconds':>9}  how it ended"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = make_server_files(folder)
        with closing(make_demo(folder / "port", declarations, today=TODAY)) as demo:
            yield asyncio.run(_line(demo, files, folder, None))
            for kind in FaultKind:
                if kind.word in words if words else kind not in _NOT_IN_A_SYNC:
                    yield asyncio.run(_line(demo, files, folder, _fault(kind)))


def _fault(kind: FaultKind) -> PortFault:
    return (
        PortFault(kind, CallKind.LIST) if kind.is_about_lists else PortFault(kind, CallKind.DETAIL, first=_FIRST_DETAIL)
    )


async def _line(demo: Demo, files: ServerFiles, folder: Path, fault: PortFault | None) -> str:
    recorder = RequestRecorder(FaultyPort(demo.application, [fault] if fault else []))
    home = folder / "home"
    app_context = demo_context(demo, home)
    started = time.monotonic()
    if fault is not None and fault.kind in _NEEDS_SOCKET:
        with serve(recorder, files) as root:
            settings = replace(PortSettings.under_root(root, files.ca), timeouts=_TIMEOUTS)
            kept = await _sync(replace(app_context, connect=lambda: PortClient(settings)))
    else:
        settings = replace(PortSettings.under_root(demo.root_url), timeouts=_TIMEOUTS)
        transport = httpx.ASGITransport(recorder)
        kept = await _sync(replace(app_context, connect=lambda: PortClient(settings, transport)))
    seconds = time.monotonic() - started
    shutil.rmtree(home)
    rows, details, end = kept
    calls = recorder.counts.total()
    return f"{fault.text if fault else '(none)':<32}{rows:>6}{details:>9}{calls:>7}{seconds:>9.1f}  {end}"


async def _sync(app_context: AppContext) -> tuple[int, int, str]:
    """The declarations and the details in the cache after one sync, and how it ended."""
    (medium,) = app_context.media()
    session = await log_in(app_context, medium.medium_id, DEMO_PIN, offline=False, on_stage=lambda _stage: None)
    try:
        try:
            end = (await sync(session, lambda _progress: None, lambda: None)).title
        except Problem as problem:
            end = problem.message
        rows = session.declarations.count()
        return rows, rows - session.declarations.count_details_due(), end
    finally:
        await session.close()


if __name__ == "__main__":
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # it reports every client that hangs up
    for figure in figures(int(sys.argv[1]) if len(sys.argv) > 1 else DECLARATIONS, sys.argv[2:]):
        sys.stdout.write(f"{figure}\n")
        sys.stdout.flush()
