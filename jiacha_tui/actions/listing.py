"""Read one query's list from the port, page by page, into the cache."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.query import Query
from jiacha_tui.eport.client import PAGE_SIZE, PortClient
from jiacha_tui.eport.messages import ListPage


@dataclass(frozen=True, slots=True)
class ListProgress:
    """Rows of a list so far: `seen` of `total`, of which `new` and `changed` against the cache."""

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
    """Reads the pages of `query` from `first_page` on and folds each into the cache before the next is asked for.

    `on_page` is told the page's number once it is committed. A list that grows while it is read is read to its new
    end; one that shrinks ends early. Raises `Problem`; the pages read until then stay in the cache.
    """
    listed = ListProgress()
    page_number = first_page
    while True:
        page = await session.call_port(partial(_page, query, page_number))
        fold = await asyncio.to_thread(session.declarations.merge_rows, page.rows)
        listed = ListProgress(
            total=page.total,
            received=listed.received + len(page.rows),
            new=listed.new + fold.new,
            changed=listed.changed + fold.changed,
            unchanged=listed.unchanged + fold.unchanged,
        )
        await on_page(page_number, listed)
        if not page.rows or page_number * PAGE_SIZE >= page.total:
            return listed
        page_number += 1


async def _page(query: Query, number: int, port: PortClient) -> ListPage:
    return await port.list_page(query, number)
