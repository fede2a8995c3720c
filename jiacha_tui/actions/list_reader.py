"""Reads the list of a query from the port into the cache, page by page."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

from jiacha_tui.actions.delisting_messages import tell_relisted
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.declaration.model import Summary
from jiacha_tui.declaration.query import DateRangeQuery, Query
from jiacha_tui.eport.client import PAGE_SIZE, PortClient
from jiacha_tui.eport.messages import ListPage


@dataclass(frozen=True, slots=True)
class ListProgress:
    """Rows of a list so far: `received` of `total`. `new` to `unchanged` compare the received rows with the cache.

    `rejected` counts the rows that cannot be used. `undelivered` counts, once the list has ended, the rows that the
    port announced and did not give. `relisted` counts the rows that were marked as no longer listed. `is_total_known`
    tells whether the port announced a total on every page, `has_changed` whether it announced different ones: a row
    came or went meanwhile, so another may have moved to a page that was read before.
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

    @property
    def is_blank(self) -> bool:
        """Whether the port gave neither a row nor a total, which may also mean that there is none."""
        return not (self.received or self.rejected or self.total or self.is_total_known)

    @property
    def is_complete(self) -> bool:
        """Whether a list that has ended gave every row that it has."""
        return not self.undelivered and not self.has_changed

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
        )


async def read_list(
    session: Session,
    query: Query,
    on_page: Callable[[int, ListProgress], Awaitable[None]],
    first_page: int = 1,
    list_pass: int | None = None,
) -> ListProgress:
    """Reads the pages of `query` from `first_page` on. Each is merged into the cache before the next is requested.

    The cache notes that `list_pass` (`PortList.begin_pass`) contained the rows, unless it is None. `on_page` is called
    with the number of each page after it was committed. Reading ends when as many different rows were seen as the port
    announces, whatever the size of its pages, or at a page that is empty or repeats the one before. A full page is not
    taken for the last one. A page with neither rows nor a total is requested once more. A row that cannot be used is
    left out, and the message log names it with the reason. Raises `Problem`; the pages read before stay in the cache.
    """
    progress = ListProgress()
    page_number = first_page
    fullest = 0
    entry_ids: set[str] = set()
    totals: list[int] = []
    previous_rows: tuple[Summary, ...] = ()
    while True:
        page = await _read_page(session, query, page_number)
        merged = await asyncio.to_thread(session.declarations.merge_rows, page.rows, list_pass)
        await tell_relisted(session, merged.relisted)
        _report_rejected(session, page)
        rows = len(page.rows) + len(page.rejected)
        is_repeated = bool(page.rows) and page.rows == previous_rows
        fullest = max(fullest, rows)
        entry_ids.update(row.entry_id for row in page.rows)
        if page.total is not None and rows:
            totals.append(page.total)
        rejected = progress.rejected + len(page.rejected)
        # The pages before `first_page` were read by an earlier run. They were as full as the fullest of this one.
        seen = (first_page - 1) * fullest + len(entry_ids) + rejected
        progress = ListProgress(
            total=totals[-1] if totals else page.total or seen,
            received=progress.received + len(page.rows),
            new=progress.new + merged.new,
            changed=progress.changed + merged.changed,
            unchanged=progress.unchanged + merged.unchanged,
            rejected=rejected,
            relisted=progress.relisted + len(merged.relisted),
            is_total_known=progress.is_total_known and page.total is not None,
            has_changed=len(set(totals)) > 1,
        )
        await on_page(page_number, progress)
        is_full = rows >= PAGE_SIZE
        is_known = bool(totals) or page.total is not None
        if not rows or is_repeated or (not is_full and (not is_known or seen >= progress.total)):
            return replace(progress, undelivered=max(0, progress.total - seen))
        previous_rows = page.rows
        page_number += 1


async def _read_page(session: Session, query: Query, number: int) -> ListPage:
    page = await session.call_port(partial(_request_page, query, number))
    if page.total is None and not page.rows and not page.rejected:
        page = await session.call_port(partial(_request_page, query, number))
    return page


async def read_list_past_its_end(session: Session, query: DateRangeQuery, list_pass: int) -> int | None:
    """Reads a whole list for certain: from the first page on until one is empty or repeats the one before.

    Returns how many rows it has. None if it cannot be relied on: a row cannot be used, or the port announced no total,
    different ones, or more rows than it gave. Raises `Problem`. What was read stays in the cache.
    """
    totals: set[int | None] = set()
    received = 0
    previous_rows: tuple[Summary, ...] | None = None
    for page_number in count(1):
        page = await session.call_port(partial(_request_page, query, page_number))
        merged = await asyncio.to_thread(session.declarations.merge_rows, page.rows, list_pass)
        await tell_relisted(session, merged.relisted)
        if page.rejected:
            return None
        if previous_rows is None or page.rows:
            totals.add(page.total)
        if not page.rows or page.rows == previous_rows:
            break
        received += len(page.rows)
        previous_rows = page.rows
    total = totals.pop()
    return received if not totals and total is not None and received >= total else None


def _report_rejected(session: Session, page: ListPage) -> None:
    for row in page.rejected:
        text = f"口岸清单里有一行不能用，没有收下：{row.text}（{row.reason}）"
        session.app_context.messages.warning(escape_controls(text))


async def _request_page(query: Query, number: int, port: PortClient) -> ListPage:
    return await port.list_page(query, number)
