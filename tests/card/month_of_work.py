"""The work of a clerk in a month, from the sync to the PDF of the form, with any card and through the actions only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from jiacha_tui.actions import download, resend
from jiacha_tui.actions.detail import detail_view
from jiacha_tui.actions.download import DownloadReport
from jiacha_tui.actions.download_plan import plan_query
from jiacha_tui.actions.printing import draw_form, save_pdf
from jiacha_tui.actions.query import run_query
from jiacha_tui.actions.resend import ResendOutcome
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery
from jiacha_tui.demo.demo import Demo
from tests.app_contexts import TODAY

MONTH = DateRangeQuery(DateRange.month(TODAY.year, TODAY.month), Kind.CLEARED)
LIST, DETAIL, RESEND = "queryEntryIdBill", "viewDetail", "send1"


@dataclass
class SigningTransport(httpx.AsyncBaseTransport):
    """The connection to a port in this process. `signed` lists the calls with a signature, which `forge` may change."""

    demo: Demo
    signed: list[str] = field(default_factory=list)
    forge: Callable[[str], str] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("isVerify") == "1":
            self.signed.append(request.url.path.rpartition("/")[2])
            if self.forge is not None:
                request.headers["sign"] = self.forge(request.headers["sign"])
        return await httpx.ASGITransport(self.demo.application).handle_async_request(request)


async def list_entry_ids(session: Session, count: int) -> tuple[str, ...]:
    """Puts the list of the month into the cache. Returns the first `count` entry ids of it."""
    await run_query(session, MONTH, lambda _listed: None)
    page = await session.call_port(lambda port: port.list_page(MONTH, 1))
    return tuple(row.entry_id for row in page.rows[:count])


async def resend_declarations(session: Session, *entry_ids: str) -> ResendOutcome:
    return await resend.send(session, await resend.propose(session, entry_ids))


async def do_month_of_work(session: Session, folder: Path) -> DownloadReport:
    """Does all the work and checks each step. Returns the report of the download."""
    synced = await sync(session, lambda _progress: None, lambda: None, months=1)
    assert synced.new == synced.details > 0
    assert synced.failed == 0

    first, second = await list_entry_ids(session, 2)
    assert (await run_query(session, NumberQuery(first), lambda _listed: None)).found == 1
    assert (await detail_view(session, first)).missing is None
    assert (await draw_form(session, [first, second], 80)).pages

    sent = await resend_declarations(session, first, second)
    assert (sent.outcome, sent.message) == (Outcome.DONE, "2 票报关单重新发往税务总局，发送成功！")

    report = await download.download_files(session, await plan_query(session, MONTH), folder, lambda _so_far: None)
    assert (await save_pdf(session, [first], folder)).path.read_bytes().startswith(b"%PDF-")
    return report


def outcomes(session: Session) -> Mapping[JournalKind, Outcome]:
    """The outcome of the latest journal entry of each kind."""
    return {entry.kind: entry.outcome for entry in reversed(session.journal.recent(50))}
