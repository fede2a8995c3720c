"""The program without a terminal: `python -m tests.io_faults.program` reads orders from standard input, one on a line.

Each order is carried out in a process of its own, forked from one that has imported everything. When it has ended, its
exit code is printed on a line. It writes a report after each step, so that a kill leaves those before it.
"""

import asyncio
import ctypes
import faulthandler
import os
import sys
import traceback
from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

import msgspec
import pytest

from db import engine
from jiacha_tui.actions.bulk_prints import plan_bulk_prints, save_bulk_prints
from jiacha_tui.actions.download import download_files
from jiacha_tui.actions.download_plan import plan_query
from jiacha_tui.actions.import_files import import_paths
from jiacha_tui.actions.leftovers import remove_leftovers_at_home
from jiacha_tui.actions.lock_state import LockReason
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.resend import propose, send
from jiacha_tui.actions.result_browser import ResultBrowser
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.actions.sync_report import SyncProgress
from jiacha_tui.composition import compose
from jiacha_tui.declaration.declaration_row import Order as TableOrder
from jiacha_tui.declaration.model import Kind, Origin
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.settings import PortSettings
from jiacha_tui.locations import Locations
from jiacha_tui.options import Options
from tests.app_contexts import NO_DELAYS, NOW
from tests.io_faults.cards import card_of_kind
from tests.io_faults.faults import Fault, Lasting
from tests.io_faults.orders import (
    MONTHS,
    Failure,
    LookReport,
    Order,
    Report,
    RowReport,
    StepReport,
    Task,
    decode,
    encode,
    file_patterns,
)

_LONGEST_SECONDS = 100.0
"""After this time a run that stands still says where, and ends."""

_Result = TypeVar("_Result")


class Run:
    """One run. Its report is written after each step, outside the home."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._report = Report()
        context = compose(Options(home=order.home, port_url=order.url, ca=order.ca))
        settings = replace(PortSettings.under_root(order.url, order.ca), timeouts=NO_DELAYS)
        card = card_of_kind(Locations(order.home).demo_card, decrypts=order.decrypts)
        self._context = replace(context, clock=lambda: NOW, media=lambda: (card,), connect=lambda: PortClient(settings))

    async def run(self) -> None:
        if self._order.is_work:
            await self._work()
        else:
            await self._look()
        self._report.failed_calls = ctypes.CDLL(None).io_faults_failed()
        self._save()

    async def _work(self) -> None:
        task = self._order.task
        session = await self._step("login", self._log_in())
        if session is None:
            return
        try:
            await self._step("sync", self._sync(session))
            await self._step("download", self._download(session, task))
            await self._step("resend", self._resend(session, task))
            await self._step("prints", self._prints(session, task))
            await self._step("import", self._import(session, task))
            await self._step("lock", self._lock(session))
        finally:
            await self._step("close", session.close())

    async def _look(self) -> None:
        remove_leftovers_at_home(self._context.locations)
        session = await self._step("login", self._log_in())
        if session is None:
            return
        rows = await _rows(session)
        resends = await asyncio.to_thread(_resends, session)
        journal = await asyncio.to_thread(session.journal.recent, 1000)
        resent = [entry_id for entry_ids, _state in resends for entry_id in entry_ids]
        warned = (await propose(session, resent)).unknown_ids if resent else ()
        await self._step("sync", self._sync(session))
        self._report.look = LookReport(
            session.warnings,
            rows,
            resends,
            tuple((entry.kind.value, entry.outcome.value) for entry in reversed(journal)),
            warned,
            self._report.steps[-1],
            tuple(entry_id for entry_id, row in (await _rows(session)).items() if row.from_port),
            await asyncio.to_thread(session.declarations.count_details_due),
        )
        await self._step("close", session.close())

    async def _step(self, name: str, work: Awaitable[_Result]) -> _Result | None:
        result: _Result | None = None
        report = StepReport(step=name)
        try:
            result = await work
        except Problem as problem:
            report = StepReport(step=name, failure=Failure(problem.code, problem.message, problem.hint))
        except Exception:  # noqa: BLE001 - it is reported, and the test fails
            report = StepReport(step=name, traceback=traceback.format_exc())
        if isinstance(result, StepReport):
            report = result
        before = self._report.steps[-1] if self._report.steps else None
        if before is not None and before.step == name:  # what it said while it ran
            self._report.steps.pop()
            report = msgspec.structs.replace(
                report, listed=max(report.listed, before.listed), details=max(report.details, before.details)
            )
        self._add(report)
        return result

    def _add(self, report: StepReport) -> None:
        self._report.steps.append(report)
        self._save()

    def _save(self) -> None:
        temporary = self._order.report.with_suffix(".new")
        temporary.write_bytes(encode(self._report))
        temporary.replace(self._order.report)

    async def _log_in(self) -> Session:
        (medium,) = self._context.media()
        session = await log_in(self._context, medium.medium_id, DEMO_PIN, offline=False, on_stage=lambda _stage: None)
        session.enable_locking()
        return session

    async def _sync(self, session: Session) -> StepReport:
        self._add(StepReport(step="sync"))

        def on_progress(progress: SyncProgress) -> None:
            self._report.steps[-1] = StepReport(step="sync", listed=progress.listed, details=progress.details_done)
            self._save()

        summary = await sync(session, on_progress, lambda: None, months=MONTHS)
        return StepReport(step="sync", is_complete=summary.is_complete, text=summary.text())

    async def _download(self, session: Session, task: Task) -> StepReport:
        query = DateRangeQuery(DateRange(task.first_day, task.last_day), Kind.CLEARED)
        plan = await plan_query(session, query)
        report = await download_files(session, plan, session.app_context.locations.downloads, lambda _report: None)
        failure = next((_failure(problem) for _part, problem in report.failures), None)
        files = tuple(file.path for file in report.files)
        text = "".join(file.verified for file in report.files)
        return StepReport(step="download", files=files, failure=failure, text=text)

    async def _resend(self, session: Session, task: Task) -> StepReport:
        outcome = await send(session, await propose(session, [task.resent]))
        return StepReport(step="resend", outcome=outcome.outcome.value, text=f"{outcome.message}{outcome.hint}")

    async def _prints(self, session: Session, task: Task) -> StepReport:
        folder = session.app_context.locations.downloads / "prints"
        saved: list[str] = []
        report = await save_bulk_prints(session, await plan_bulk_prints(session, task.printed), folder, pause=0.0)
        saved += [number for number in task.printed if number not in {one.entry_id for one in report.unsaved}]
        saved = [number for number in saved if number not in report.untried]
        files = tuple(folder / f"{number}.pdf" for number in saved)
        failure = None if report.stopped_by is None else _failure(report.stopped_by)
        return StepReport(step="prints", files=files, failure=failure, text=report.text())

    async def _import(self, session: Session, task: Task) -> StepReport:
        report = await import_paths(session, [task.import_file], lambda _report: None)
        return StepReport(step="import", new=report.new, text=report.text())

    async def _lock(self, session: Session) -> StepReport:
        await session.lock(LockReason.COMMAND)
        await session.unlock(DEMO_PIN)
        return StepReport(step="lock")


def _failure(problem: Problem) -> Failure:
    return Failure(problem.code, problem.message, problem.hint)


async def _rows(session: Session) -> dict[str, RowReport]:
    view = await ResultBrowser(session).show("", TableOrder())
    assert view is not None
    return {
        row.entry_id: RowReport(
            row.origin is Origin.PORT,
            row.has_detail,
            row.downloaded_at is not None,
            row.resent_at is not None,
            row.resend_unknown_at is not None,
        )
        for row in await view.window(0, 10_000)
    }


def _resends(session: Session) -> tuple[tuple[tuple[str, ...], str], ...]:
    with session.cache.read_cursor() as cursor:
        found = cursor.execute(
            "SELECT resend.entry_ids, coalesce(answer.state, 'pending') FROM resend LEFT JOIN resend_answer AS answer "
            "ON answer.resend_id = resend.id ORDER BY resend.put_at, resend.id"
        ).fetchall()
    return tuple((tuple(entry_ids), state) for entry_ids, state in found)


def _arm(order: Order) -> None:
    folder, log = str(order.home).encode(), str(order.log or "").encode()
    arm = ctypes.CDLL(None).io_faults_arm
    arm.argtypes = [*[ctypes.c_char_p] * 4, ctypes.c_long, ctypes.c_int, ctypes.c_int]
    if not order.fault:
        arm(folder, log, b"", b"", 0, 0, 0)
        return
    fault = Fault.parse(order.fault)
    patterns = file_patterns(fault).encode()
    arm(folder, log, fault.call.encode(), patterns, fault.number, fault.error, fault.lasting is Lasting.ON)


def _carry_out(line: bytes) -> int:
    """The exit code of the order. Only ever called in a forked process."""
    order = decode(line, Order)
    faulthandler.dump_traceback_later(_LONGEST_SECONDS, exit=True)
    _arm(order)
    asyncio.run(Run(order).run())
    return 0


def main() -> None:
    """Carries out orders until standard input ends."""
    product = engine._settings
    patch = pytest.MonkeyPatch()  # as in tests/conftest.py
    patch.setattr(engine, "_settings", lambda limits: {**product(limits), "allow_unsigned_extensions": True})
    for line in sys.stdin.buffer:
        child = os.fork()
        if not child:
            code = 1
            try:
                code = _carry_out(line)
            except BaseException:  # noqa: BLE001 - whatever it is, this process ends here
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
