"""Reads the list of a query from the port into the cache, page by page."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import ceil

from db.declarations import MergeCounts
from jiacha_tui.actions.delisting_messages import tell_relisted
from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.declaration.model import Summary
from jiacha_tui.declaration.query import DateRangeQuery, NumberQuery, Query
from jiacha_tui.eport.client import PAGE_SIZE, PortClient
from jiacha_tui.eport.messages import ListPage

MAX_PAGES = 2_000
"""The most pages that are read of a list whose total is not known or too low: 60,000 declarations of one month."""

MAX_DECLARATIONS = 100_000
"""The most declarations that are read of a list, whatever total it announces: they are in one month."""

_NAMED_ROWS = 20
"""How many rows of a page that cannot be used the message log names."""

_SPARE_PAGES = 2
"""How many pages more than its total says a list may have: rows that come meanwhile, and the page behind the end."""


@dataclass(frozen=True, slots=True)
class ListProgress:
    """Declarations of a list so far: `received` different ones of `total`, compared with the cache as `new` to
    `unchanged`.

    `rejected` counts the rows that cannot be used. `undelivered` counts, once the list has ended, the rows that the
    port announced and did not give. `relisted` counts the rows that were marked as no longer listed. `is_total_known`
    tells whether the port announced a total on every page.

    `has_changed` tells that the list cannot have been the same on all its pages: they announced different totals, or
    fewer rows than they gave, or, without a total, had a row in common. So a row may have moved to a page that was read
    before. `is_cut` tells that reading was stopped because the list did not end. `outside` counts the rows whose
    出口日期 is not in the range of the query: they are in the cache, but the list is not complete with them.
    """

    total: int = 0
    received: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    undelivered: int = 0
    relisted: int = 0
    is_total_known: bool = True
    has_changed: bool = False
    is_cut: bool = False
    outside: int = 0

    @property
    def is_blank(self) -> bool:
        """Whether the port gave neither a row nor a total, which may also mean that there is none."""
        return not (self.received or self.rejected or self.total or self.is_total_known)

    @property
    def is_complete(self) -> bool:
        """Whether a list that has ended gave every row that it has."""
        return not (self.undelivered or self.has_changed or self.is_cut or self.outside)

    def __add__(self, other: "ListProgress") -> "ListProgress":
        return ListProgress(
            total=self.total + other.total,
            received=self.received + other.received,
            new=self.new + other.new,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
            rejected=self.rejected + other.rejected,
            undelivered=self.undelivered + other.undelivered,
            relisted=self.relisted + other.relisted,
            is_total_known=self.is_total_known and other.is_total_known,
            has_changed=self.has_changed or other.has_changed,
            is_cut=self.is_cut or other.is_cut,
            outside=self.outside + other.outside,
        )


@dataclass(frozen=True, slots=True)
class EarlierPages:
    """The first `pages` of a list, which an interrupted run of the same list pass has committed.

    `total` is what they announced.
    """

    pages: int
    total: int


OnPage = Callable[[int, ListProgress], Awaitable[None]]
"""Is called with the number of each page after it was committed, and with the progress."""


async def read_list(
    session: Session,
    query: Query,
    on_page: OnPage,
    list_pass: int | None = None,
    earlier: EarlierPages | None = None,
) -> ListProgress:
    """Reads the list of `query`, and once more if it did not come out complete. Raises `Problem`.

    Each page is merged into the cache before the next is requested, and stays there whatever follows. The cache notes
    that `list_pass` (`PortList.begin_pass`) contained the rows, unless it is None. A row that cannot be used is left
    out, and the message log names it with the reason.

    After `earlier` pages the list goes on, if the last of them still has only declarations that this pass has
    noted, and the same total. It is then complete if as many different declarations as the total were noted. In every
    other case it is read from its first page.

    What the first reading brought counts as unchanged in the second.
    """
    listed = await _read_on(session, query, on_page, list_pass, earlier) if earlier and list_pass is not None else None
    if listed is None:
        listed = await _ListReader(session, query, list_pass).read(on_page)
    if listed.is_complete:
        return listed
    known = listed.new + listed.changed
    first = ListProgress(new=listed.new, changed=listed.changed, unchanged=-known, relisted=listed.relisted)

    async def on_page_again(number: int, so_far: ListProgress) -> None:
        await on_page(number, first + so_far)

    return first + await _ListReader(session, query, list_pass).read(on_page_again)


async def read_list_past_its_end(session: Session, query: DateRangeQuery, list_pass: int) -> int | None:
    """Reads a whole list for certain: from the first page on until one has no declaration that was not there before.

    Returns how many it has. None if it cannot be relied on: a row cannot be used, or the port announced no total,
    different ones, or another number than it gave. Raises `Problem`. What was read stays in the cache.
    """
    listed = await _ListReader(session, query, list_pass, past_end=True).read(_ignore)
    is_reliable = listed.is_complete and listed.is_total_known and not listed.rejected
    return listed.received if is_reliable else None


async def _read_on(
    session: Session, query: Query, on_page: OnPage, list_pass: int, earlier: EarlierPages
) -> ListProgress | None:
    """Reads what follows `earlier`. None if these pages do not fit what the port has now.

    Without a total on every page nothing proves the end, so the list counts as changed.

    The pages before the last of them are not compared. A row that went from them moves those after it, which the last
    page shows, unless a row came before that page too. Such a new row is found by the next sync only.
    """
    if not isinstance(query, DateRangeQuery):
        return None
    noted = await asyncio.to_thread(session.port_list.listed_in, query, list_pass)
    last = await session.call_port(partial(_request_page, query, earlier.pages))
    entry_ids = {row.entry_id for row in last.rows}
    if not entry_ids or last.rejected or last.total != earlier.total or not entry_ids <= noted:
        return None
    reader = _ListReader(
        session, query, list_pass, noted=noted, totals={earlier.total}, progress=ListProgress(total=earlier.total)
    )
    listed = await reader.read(on_page, earlier.pages + 1)
    return listed if listed.is_total_known else replace(listed, has_changed=True)


@dataclass
class _ListReader:
    """Reads the pages of a list once.

    `noted` are the numbers on pages that were read before, `totals` the different totals of pages with rows. `past_end`
    makes it read on after as many rows as the port has announced.
    """

    session: Session
    query: Query
    list_pass: int | None
    noted: frozenset[str] = frozenset()
    totals: set[int] = field(default_factory=set)
    past_end: bool = False
    progress: ListProgress = ListProgress()
    _entry_ids: set[str] = field(default_factory=set)
    _fewest: int = 0
    """The fewest rows of a page so far."""
    _has_common_rows: bool = False
    """Whether a page had rows of an earlier page besides others."""

    async def read(self, on_page: OnPage, first_page: int = 1) -> ListProgress:
        """Reads from `first_page` on.

        Ends when as many different declarations were seen as the port announces, whatever the size of its pages, or at
        a page without any that was not there before. A full page is not taken for the last one. Ends in any case after
        as many pages as the total allows, which counts as MAX_DECLARATIONS at most, or without one after MAX_PAGES. A
        page with neither rows nor a total is requested once more.
        """
        number, pages = first_page, 0
        while True:
            page = await self._request(number)
            pages += 1
            has_new = await self._take(page, is_first=pages == 1)
            await on_page(number, self.progress)
            is_full = len(page.rows) + len(page.rejected) >= PAGE_SIZE
            is_known = bool(self.totals) or page.total is not None
            seen_all = not is_full and not self.past_end and (not is_known or self._seen >= self.progress.total)
            if not has_new or seen_all or pages >= self._max_pages:
                return replace(
                    self.progress,
                    undelivered=max(0, self.progress.total - self._seen),
                    is_cut=has_new and not seen_all,
                )
            number += 1

    @property
    def _seen(self) -> int:
        return len(self._entry_ids | self.noted) + self.progress.rejected

    @property
    def _max_pages(self) -> int:
        if not self.totals or self._seen > self.progress.total:
            return MAX_PAGES
        return ceil(min(self.progress.total, MAX_DECLARATIONS) / self._fewest) + _SPARE_PAGES

    async def _take(self, page: ListPage, *, is_first: bool) -> bool:
        """Merges the page into the cache and counts it. Returns whether it has declarations that were not there."""
        progress = self.progress
        rows = [row for row in page.rows if row.entry_id not in self._entry_ids]
        merged = await run_to_completion(self._merge(rows))
        if page.rows:
            self._fewest = min(self._fewest or len(page.rows), len(page.rows))
            if page.total is not None:
                self.totals.add(page.total)
        rejected = 0
        if rows:
            _report_rejected(self.session, page)
            rejected = len(page.rejected)
            self._has_common_rows = self._has_common_rows or len(rows) < len(page.rows)
        self._entry_ids.update(row.entry_id for row in rows)
        self.progress = replace(
            progress,
            received=len(self._entry_ids),
            new=progress.new + merged.new,
            changed=progress.changed + merged.changed,
            unchanged=progress.unchanged + merged.unchanged,
            rejected=progress.rejected + rejected,
            relisted=progress.relisted + len(merged.relisted),
            outside=progress.outside + sum(_is_outside(self.query, row) for row in rows),
            is_total_known=progress.is_total_known and (page.total is not None or not (page.rows or is_first)),
        )
        total = page.total if page.total is not None and (page.rows or not self.totals) else progress.total
        is_known = page.total is not None or bool(self.totals)
        has_changed = len(self.totals) > 1 or (self._seen > total if self.totals else self._has_common_rows)
        self.progress = replace(self.progress, total=total if is_known else self._seen, has_changed=has_changed)
        return bool(rows)

    async def _merge(self, rows: Sequence[Summary]) -> MergeCounts:
        merged = await asyncio.to_thread(self.session.declarations.merge_rows, rows, self.list_pass)
        await tell_relisted(self.session, merged.relisted)
        return merged

    async def _request(self, number: int) -> ListPage:
        page = await self.session.call_port(partial(_request_page, self.query, number))
        if page.total is None and not page.rows and not page.rejected:
            page = await self.session.call_port(partial(_request_page, self.query, number))
        return page


async def _ignore(_number: int, _progress: ListProgress) -> None:
    """For a caller that does not follow the pages."""


def _is_outside(query: Query, row: Summary) -> bool:
    if isinstance(query, NumberQuery) or row.exported_on is None:
        return False
    return row.exported_on not in query.date_range


def _report_rejected(session: Session, page: ListPage) -> None:
    for row in page.rejected[:_NAMED_ROWS]:
        text = f"口岸清单里有一行不能用，没有收下：{row.text}（{row.reason}）"
        session.app_context.messages.warning(escape_controls(text))
    if len(page.rejected) > _NAMED_ROWS:
        session.app_context.messages.warning(f"这一页另有 {len(page.rejected) - _NAMED_ROWS:,} 行不能用，没有收下")


async def _request_page(query: Query, number: int, port: PortClient) -> ListPage:
    return await port.list_page(query, number)
