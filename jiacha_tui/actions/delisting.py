"""Mark what the port no longer lists, once a list was read to its end.

The complete list of a date range and kind is the truth about it. But a list can look complete and not be it: it may
have changed between two pages or while a sync was interrupted, announce too few rows, or be empty by a fault of the
port. So nothing is marked on one reading alone:

- A few missing declarations are asked for by number. The port then also tells which of them have moved to another date.
- If there are more, or the port still finds one by its number, the list is read again, past its announced end. All
  readings of it must agree on the total.
- If more are missing than the list still has, the port is asked for some of them by number. If it finds one, the list
  is not believed.

A mark is taken away as soon as the port lists the declaration again (`Declarations.merge_rows`).
"""

import asyncio
from dataclasses import dataclass
from functools import partial

from jiacha_tui.actions.list_changes import tell_delisted
from jiacha_tui.actions.listing import read_list_past_its_end
from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.query import DateRangeQuery, NumberQuery
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.messages import ListPage
from jiacha_tui.eport.problems import InvalidPortResponse, PortRefused

FEW = 10
"""Up to this many missing declarations are each asked for by number."""

SAMPLES = 3
"""How many of a larger number are asked for, if more are missing than the list has."""


@dataclass(frozen=True, slots=True)
class ListComparison:
    """What the comparison of a list with the cache has found.

    `delisted` has the numbers that are now marked as no longer listed. `doubtful` counts the declarations that are
    missing from the list and are not marked, because that could not be confirmed.
    """

    delisted: tuple[str, ...] = ()
    doubtful: int = 0


async def mark_missing(session: Session, query: DateRangeQuery, reading: int) -> ListComparison:
    """Compares the list of `query`, which `reading` has read to its end, with the cache. Marks and tells what is gone.

    The caller makes sure that every row of the list could be used. Raises `Problem` if the port cannot be asked; then
    nothing is marked.
    """
    missing = await _count(session, query, reading)
    if not missing:
        return ListComparison()
    if missing > FEW or not await _are_gone_by_number(session, query, reading):
        listed = await read_list_past_its_end(session, query, reading)
        missing = await _count(session, query, reading)
        if listed is None:
            return ListComparison(doubtful=missing)
        if missing > max(FEW, listed) and await _is_any_found(session, query, reading):
            return ListComparison(doubtful=await _count(session, query, reading))
    now = session.app_context.clock()
    delisted = await run_to_completion(asyncio.to_thread(session.port_list.mark_missing, query, reading, now))
    await tell_delisted(session, delisted)
    return ListComparison(delisted)


async def mark_not_found(session: Session, query: NumberQuery) -> ListComparison:
    """Marks the declaration of `query`, which the port has just said it does not have, if the cache has it."""
    now = session.app_context.clock()
    delisted = await run_to_completion(asyncio.to_thread(session.port_list.mark_not_found, query, now))
    await tell_delisted(session, delisted)
    return ListComparison(delisted)


async def _count(session: Session, query: DateRangeQuery, reading: int) -> int:
    return await asyncio.to_thread(session.port_list.count_missing, query, reading)


async def _are_gone_by_number(session: Session, query: DateRangeQuery, reading: int) -> bool:
    """Asks for each missing declaration by number. Returns whether the port has none of them in the range of `query`.

    A declaration that has moved is no longer missing from `query` afterwards.
    """
    gone = 0
    for entry_id in await asyncio.to_thread(session.port_list.missing, query, reading, FEW):
        found = await _is_found(session, NumberQuery(entry_id, query.kind))
        if found is None:
            return False
        gone += not found
    return await _count(session, query, reading) == gone


async def _is_any_found(session: Session, query: DateRangeQuery, reading: int) -> bool:
    for entry_id in await asyncio.to_thread(session.port_list.missing, query, reading, SAMPLES):
        if await _is_found(session, NumberQuery(entry_id, query.kind)):
            return True
    return False


async def _is_found(session: Session, query: NumberQuery) -> bool | None:
    """Whether the port has the declaration, None if its answer does not tell. Its row is merged into the cache."""
    try:
        page = await session.call_port(partial(_request_row, query))
    except (PortRefused, InvalidPortResponse):
        return None
    rows = [row for row in page.rows if row.entry_id == query.entry_id]
    if rows:
        await asyncio.to_thread(session.declarations.merge_rows, rows)
        return True
    return False if page.total == 0 and not page.rejected else None


async def _request_row(query: NumberQuery, port: PortClient) -> ListPage:
    return await port.list_page(query, 1)
