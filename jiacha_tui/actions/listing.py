"""Reads the list of a query from the port into the cache, page by page."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.model import Summary
from jiacha_tui.declaration.query import Query
from jiacha_tui.eport.client import PAGE_SIZE, PortClient
from jiacha_tui.eport.messages import ListPage


@dataclass(frozen=True, slots=True)
class ListProgress:
    """Rows of a list so far: `received` of `total`. The other counts compare the received rows with the cache."""

    total: int = 0
    received: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "ListProgress") -> "ListProgress":
        return ListProgress(
            self.total + other.total,
            self.received + other.received,
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
        )


async def read_list(
    session: Session, query: Query, on_page: Callable[[int, ListProgress], Awaitable[None]], first_page: int = 1
) -> ListProgress:
    """Reads the pages of `query` from `first_page` on. Each is merged into the cache before the next is requested.

    `on_page` is called with the number of each page after it was committed. A list that grows meanwhile is read to its
    new end; for one that shrinks, or whose pages repeat, reading ends early. Raises `Problem`; the pages read before
    stay in the cache.
    """
    progress = ListProgress()
    page_number = first_page
    previous_rows: tuple[Summary, ...] = ()
    while True:
        page = await session.call_port(partial(_request_page, query, page_number))
        merged = await asyncio.to_thread(session.declarations.merge_rows, page.rows)
        progress = ListProgress(
            total=progress.received + len(page.rows) if page.total is None else page.total,
            received=progress.received + len(page.rows),
            new=progress.new + merged.new,
            changed=progress.changed + merged.changed,
            unchanged=progress.unchanged + merged.unchanged,
        )
        await on_page(page_number, progress)
        if not page.rows or _is_last(page, page_number) or page.rows == previous_rows:
            return progress
        previous_rows = page.rows
        page_number += 1


def _is_last(page: ListPage, number: int) -> bool:
    """Whether the list ends with this page. Without a total, a page that is not full is the last."""
    if page.total is None:
        return len(page.rows) + len(page.rejected) < PAGE_SIZE
    return number * PAGE_SIZE >= page.total


async def _request_page(query: Query, number: int, port: PortClient) -> ListPage:
    return await port.list_page(query, number)
