"""Lists of a port that pages in its own way are read to their end, once each, or are incomplete. Over TLS sockets."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.delisting import FEW, SAMPLES
from jiacha_tui.actions.list_check import check_lists
from jiacha_tui.actions.list_reader import ListProgress
from jiacha_tui.actions.query import QueryOutcome, run_query
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.actions.sync_report import SyncSummary
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.demo import Demo
from tests.app_contexts import TODAY
from tests.faulty_port import FaultyPort, faulty_port
from tests.port_home import open_session
from tests.recording_transport import DETAIL, LIST

_LONGEST_HANG_SECONDS = 60.0
"""A limit for threads of a test that has failed."""

MONTH = DateRangeQuery(DateRange(TODAY.replace(day=1), TODAY))


def numbers(first: int, last: int) -> list[str]:
    return [f"22332026{number:010}" for number in range(first, last + 1)]


@dataclass
class Pager:
    """A port whose list of 结关 declarations of this month is `listed`, `page_size` of them a page.

    A page behind the last is the last one again, and each answer has other tokens. `found` are the numbers that a query
    by number finds besides. `total` replaces the number of declarations. `choose` gives the rows of a page instead,
    `after` is called after each page with its number.
    """

    listed: list[str]
    page_size: int = 30
    found: frozenset[str] = frozenset()
    total: int | None = None
    choose: Callable[[int], Sequence[str]] | None = None
    after: Callable[[int], None] = lambda _page: None
    hangs_at: int | None = None
    pages: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    is_hanging: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    _tokens: int = 0

    async def list_page(self, request: Request) -> Response:
        body = json.loads(await request.body())
        if body["entryId"]:
            self.asked.append(body["entryId"])
            rows = [one for one in (body["entryId"],) if one in self.found or one in self.listed]
            return self._answer(len(rows), rows)
        if body["decType"] != "1":
            return self._answer(0, [])
        page = body["curPage"]
        self.pages.append(page)
        if page == self.hangs_at:
            self.is_hanging.set()
            await asyncio.to_thread(self.released.wait, _LONGEST_HANG_SECONDS)
        total = len(self.listed) if self.total is None else self.total
        if self.choose is not None:
            rows = list(self.choose(page))
        else:
            last = max(1, -(-len(self.listed) // self.page_size))
            first = (min(page, last) - 1) * self.page_size
            rows = self.listed[first : first + self.page_size]
        answer = self._answer(total, rows)
        self.after(page)
        return answer

    async def detail(self, request: Request) -> Response:
        return _success({"cardHeadVo": {"entryId": json.loads(await request.body())["entryId"]}, "cardList": []})

    def _answer(self, total: int, entry_ids: Sequence[str]) -> Response:
        self._tokens += 1
        day = f"{TODAY:%Y%m01}"
        rows = [{"entryId": one, "iEDate": day, "encryptStr": f"{self._tokens}-{one}"} for one in entry_ids]
        return _success({"total": total, "code": 0, "rows": rows})


def _success(data: object) -> Response:
    return JSONResponse({"responseCode": 100, "responseData": data})


@pytest.fixture
def served(demo: Demo, home: Path) -> Iterator[tuple[FaultyPort, AppContext]]:
    with faulty_port(demo, home) as served:
        yield served


@pytest.fixture
async def session(served: tuple[FaultyPort, AppContext]) -> AsyncIterator[Session]:
    opened = await open_session(served[1])
    yield opened
    await opened.close()


@pytest.fixture
def serve_pages(served: tuple[FaultyPort, AppContext]) -> Callable[[Pager], Pager]:
    def serve(pager: Pager) -> Pager:
        served[0].faults |= {LIST: pager.list_page, DETAIL: pager.detail}
        return pager

    return serve


async def query(session: Session) -> tuple[QueryOutcome, ListProgress]:
    shown: list[ListProgress] = []
    outcome = await run_query(session, MONTH, shown.append)
    return outcome, shown[-1]


async def sync_month(session: Session) -> SyncSummary:
    return await sync(session, lambda _progress: None, lambda: None, months=1)


@pytest.mark.parametrize("count", [60, 61, 7, 0])
async def test_a_port_that_repeats_its_last_page_is_asked_for_one_page_too_many_at_most(
    session: Session, serve_pages: Callable[[Pager], Pager], count: int
) -> None:
    pager = serve_pages(Pager(numbers(1, count)))
    outcome, shown = await query(session)
    assert (outcome.found, outcome.incomplete, shown.received) == (count, "", count)
    assert len(pager.pages) <= count // 30 + 1


async def test_a_port_that_gives_the_same_page_and_a_higher_total_is_read_twice(
    session: Session, serve_pages: Callable[[Pager], Pager]
) -> None:
    pager = serve_pages(Pager(numbers(1, 7), total=8))
    outcome, shown = await query(session)
    assert (outcome.found, shown.received, pager.pages) == (7, 7, [1, 2, 1, 2])
    assert "少 1 行" in outcome.text()
    pager.pages.clear()
    assert (await check_lists(session, [MONTH], lambda _count: None)).incomplete == 1
    assert pager.pages == [1, 2, 1, 2]
    pager.pages.clear()
    assert (await sync_month(session)).incomplete == (f"{TODAY:%Y-%m}",)
    assert pager.pages == [1, 2, 1, 2]


async def test_a_port_that_alternates_between_two_pages_is_read_twice(
    session: Session, serve_pages: Callable[[Pager], Pager]
) -> None:
    pages = numbers(1, 30), numbers(31, 60)
    pager = serve_pages(Pager([], total=90, choose=lambda page: pages[page % 2]))
    outcome, _ = await query(session)
    assert (outcome.found, pager.pages) == (60, [1, 2, 3] * 2)
    assert "少 30 行" in outcome.text()


async def test_a_list_has_no_more_pages_than_its_total_allows(
    session: Session, serve_pages: Callable[[Pager], Pager]
) -> None:
    """Each page has one declaration that was not there before."""
    pager = serve_pages(Pager([], total=90, choose=lambda page: numbers(page, page + 29)))
    outcome, _ = await query(session)
    assert pager.pages == [1, 2, 3, 4, 5] * 2
    assert "没有列全" in outcome.text()


async def test_a_list_that_has_more_than_its_total_ends_at_a_fixed_page(
    session: Session, serve_pages: Callable[[Pager], Pager], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jiacha_tui.actions.list_reader.MAX_PAGES", 6)
    pager = serve_pages(Pager([], total=60, choose=lambda page: numbers(page * 30, page * 30 + 29)))
    outcome, _ = await query(session)
    assert pager.pages == [*range(1, 7)] * 2
    assert "没有尽头" in outcome.text()
    assert outcome.delisted == 0


@pytest.mark.parametrize("page_size", [20, 10])
async def test_a_port_that_gives_fewer_rows_a_page_loses_none(
    session: Session, serve_pages: Callable[[Pager], Pager], page_size: int
) -> None:
    pager = serve_pages(Pager(numbers(1, 300), page_size=page_size))
    outcome, shown = await query(session)
    assert (outcome.found, outcome.incomplete, shown.received) == (300, "", 300)
    assert len(pager.pages) in (300 // page_size, 300 // page_size + 1)
    assert session.declarations.count() == 300


async def test_a_list_that_ends_short_once_is_read_again_and_one_that_stays_short_is_incomplete(
    session: Session, serve_pages: Callable[[Pager], Pager]
) -> None:
    pager = serve_pages(Pager(numbers(1, 60)))

    def empty_at_first(page: int) -> Sequence[str]:
        return pager.listed[(page - 1) * 30 : page * 30] if page == 1 or len(pager.pages) > 2 else []

    pager.choose = empty_at_first
    summary = await sync_month(session)
    assert (summary.new, summary.is_complete, pager.pages) == (60, True, [1, 2, 1, 2, 3])
    pager.choose = lambda page: pager.listed[:30] if page == 1 else []
    summary = await sync_month(session)
    assert (summary.incomplete, summary.delisted) == ((f"{TODAY:%Y-%m}",), 0)
    assert session.declarations.count() == 60


@pytest.mark.parametrize(
    ("before", "after", "requested"),
    [(20, 20, [3, 4, 5, 6, 7]), (20, 30, [3, 1, 2, 3, 4, 5]), (30, 20, [3, 4, 5, 6, 7]), (40, 10, [3, *range(4, 14)])],
    ids=["the same pages", "larger pages", "smaller pages", "much smaller pages"],
)
async def test_an_interrupted_list_loses_no_row_if_the_pages_have_another_size(
    session: Session, serve_pages: Callable[[Pager], Pager], before: int, after: int, requested: list[int]
) -> None:
    pager = serve_pages(Pager(numbers(1, 130), page_size=before, hangs_at=4))
    await _interrupt(session, pager)
    assert session.declarations.count() == 3 * before
    pager.page_size = after
    summary = await sync_month(session)
    assert pager.pages == requested
    assert summary.is_complete
    assert session.declarations.count() == 130


async def test_an_interrupted_list_in_which_rows_have_moved_meanwhile_is_read_from_its_first_page(
    session: Session, serve_pages: Callable[[Pager], Pager]
) -> None:
    """One number has left the first page and a new one has come at the end: the total is the same."""
    pager = serve_pages(Pager(numbers(1, 130), hangs_at=4))
    await _interrupt(session, pager)
    pager.listed = [*numbers(1, 4), *numbers(6, 131)]
    summary = await sync_month(session)
    assert pager.pages == [3, 1, 2, 3, 4, 5]
    assert summary.is_complete
    assert session.declarations.count() == 131, "the one that left was in the list of this pass; the next marks it"
    summary = await sync_month(session)
    assert (summary.delisted, summary.is_complete, session.declarations.count()) == (1, True, 130)


async def test_a_known_declaration_that_the_list_skips_between_two_pages_is_never_marked(
    session: Session, serve_pages: Callable[[Pager], Pager]
) -> None:
    pager = serve_pages(Pager(numbers(1, 60)))
    await query(session)

    def move(page: int) -> None:
        if page == 1:
            pager.listed = [*numbers(1, 4), *numbers(6, 61)]
            pager.after = lambda _page: None

    pager.after = move
    outcome, _ = await query(session)
    assert (outcome.delisted, outcome.unconfirmed) == (0, 0)
    assert pager.asked == numbers(31, 31), "it was on the second page, and is now at the end of the first"
    assert session.declarations.count() == 61


@pytest.mark.parametrize("hidden", [3, FEW, FEW + 1, 40], ids=lambda count: f"{count} hidden")
async def test_nothing_is_marked_while_the_port_finds_by_number_what_its_list_lacks(
    session: Session, serve_pages: Callable[[Pager], Pager], hidden: int
) -> None:
    pager = serve_pages(Pager(numbers(1, 130)))
    await query(session)
    pager.found = frozenset(numbers(1, hidden))
    pager.listed = numbers(hidden + 1, 130)
    outcome, _ = await query(session)
    assert (outcome.delisted, outcome.unconfirmed) == (0, hidden)
    assert f"清单里少了 {hidden} 票，没有核实，未标记" in outcome.text()
    assert any("按号却查得到" in message.text for message in session.app_context.messages.all())
    assert session.declarations.count() == 130


@pytest.mark.parametrize("gone", [FEW, FEW + 1, 100], ids=lambda count: f"{count} gone")
async def test_what_list_and_numbers_both_lack_is_marked(
    session: Session, serve_pages: Callable[[Pager], Pager], gone: int
) -> None:
    pager = serve_pages(Pager(numbers(1, 130)))
    await query(session)
    pager.listed = numbers(gone + 1, 130)
    outcome, _ = await query(session)
    assert (outcome.delisted, outcome.unconfirmed) == (gone, 0)
    assert len(set(pager.asked)) == (gone if gone <= FEW else SAMPLES)
    assert len(pager.asked) == len(Kind) * len(set(pager.asked)), "asked for in each kind"
    if gone > FEW:
        assert {numbers(1, 1)[0], numbers(gone, gone)[0]} <= set(pager.asked), "from one end to the other"


async def _interrupt(session: Session, pager: Pager) -> None:
    """Runs a sync until the port hangs, and ends it there."""
    task = asyncio.create_task(sync_month(session))
    assert await asyncio.to_thread(pager.is_hanging.wait, _LONGEST_HANG_SECONDS)
    task.cancel()
    assert (await task).cancelled
    pager.released.set()
    pager.hangs_at = None
    pager.pages.clear()
