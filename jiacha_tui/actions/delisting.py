"""Decide what the port no longer lists (口岸不再列出), after a list was read to its end, and mark it.

A declaration that the port no longer lists is absent from the complete list of its date range and kind. But a list may
look complete although rows are absent: it may have changed between two pages or while a sync was interrupted, announce
too few rows, or be empty by a fault of the port. So one list pass alone is no reason for a mark:

- The port is asked by number for a few absent declarations. It then also tells which have moved to another date.
  Wherever it is asked so, it is asked in each kind before the number counts as gone: the kind may have changed.
- If there are more, or the port still finds one by its number, the list is read again, past its announced end. All
  its pages must agree on the total.
- Before anything is marked after that, the port is asked by number for what is still absent, or for some of it if that
  is more than a few. If it has one in the range of the list, nothing is marked, and the absent declarations count as
  unconfirmed.

Callers add conditions of their own before they ask: a query and a download need a list whose rows could all be used
(`query`, `list_check`), a sync also that the lists are not all empty (`sync`).

A mark is taken away as soon as the port lists the declaration again (`Declarations.merge_rows`).
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from jiacha_tui.actions.delisting_messages import tell_delisted
from jiacha_tui.actions.list_reader import read_list_past_its_end
from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRangeQuery, NumberQuery
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.messages import ListPage
from jiacha_tui.eport.problems import InvalidPortResponse, PortRefused

FEW = 10
"""Up to this many absent declarations are each asked for by number."""

SAMPLES = 5
"""How many of a larger number are asked for: the first, the last, and others at equal distances between them."""


@dataclass(frozen=True, slots=True)
class ListComparison:
    """What the comparison of a list with the cache has found.

    `delisted` has the numbers that are now marked as no longer listed. `unconfirmed` counts the declarations that are
    absent from the list and are not marked, because the port did not confirm it.
    """

    delisted: tuple[str, ...] = ()
    unconfirmed: int = 0


async def mark_delisted(session: Session, query: DateRangeQuery, list_pass: int) -> ListComparison:
    """Compares the list of `query`, which `list_pass` has read to its end, with the cache, and marks what is gone.

    The caller makes sure that every row of the list could be used. Raises `Problem` if the port cannot be asked; then
    nothing is marked.
    """
    absent = await _count(session, query, list_pass)
    if not absent:
        return ListComparison()
    if absent > FEW or not await _are_gone_by_number(session, query, list_pass):
        listed = await read_list_past_its_end(session, query, list_pass)
        if listed is None or not await _is_confirmed(session, query, list_pass):
            return ListComparison(unconfirmed=await _count(session, query, list_pass))
    now = session.app_context.clock()
    mark = partial(session.port_list.mark_absent, query, list_pass, now)
    return ListComparison(await run_to_completion(_mark_and_tell(session, mark)))


async def mark_not_found(session: Session, query: NumberQuery) -> ListComparison:
    """Marks the declaration of `query`, which the port has just said it does not have, if the cache has it.

    Not if the port has it in another kind, or does not say. Raises `Problem` if the port cannot be asked for that.
    """
    listed = await asyncio.to_thread(session.declarations.still_listed, [query.entry_id])
    if not any(row.kind is query.kind for row in await asyncio.to_thread(session.declarations.summaries, listed)):
        return ListComparison()
    if await _is_found(session, query.entry_id, [kind for kind in Kind if kind is not query.kind]) is not False:
        return ListComparison()
    now = session.app_context.clock()
    mark = partial(session.port_list.mark_not_found, query, now)
    return ListComparison(await run_to_completion(_mark_and_tell(session, mark)))


async def _mark_and_tell(session: Session, mark: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
    delisted = await asyncio.to_thread(mark)
    await tell_delisted(session, delisted)
    return delisted


async def _count(session: Session, query: DateRangeQuery, list_pass: int) -> int:
    return await asyncio.to_thread(session.port_list.count_absent, query, list_pass)


async def _are_gone_by_number(session: Session, query: DateRangeQuery, list_pass: int) -> bool:
    """Asks for each absent declaration by number. Returns whether the port has none of them in the range of `query`.

    A declaration that has moved, or is of another kind now, is no longer absent from `query` afterwards.
    """
    gone = 0
    for entry_id in await asyncio.to_thread(session.port_list.absent, query, list_pass, FEW):
        found = await _is_found(session, entry_id, _kinds_from(query.kind))
        if found is None:
            return False
        gone += not found
    return await _count(session, query, list_pass) == gone


async def _is_confirmed(session: Session, query: DateRangeQuery, list_pass: int) -> bool:
    """Whether the port, asked by number for absent declarations, answers and has none of them in the range of `query`.

    Tells the operator of one that it has.
    """
    absent = await _absent(session, query, list_pass)
    is_answered = not absent
    for entry_id in absent if len(absent) <= FEW else _spread(absent, SAMPLES):
        is_found = await _is_found(session, entry_id, _kinds_from(query.kind))
        is_answered = is_answered or is_found is not None
        if is_found:
            still_absent = await _absent(session, query, list_pass)
            if entry_id in still_absent:
                text = f"口岸的清单里没有 {entry_id}，按号却查得到：清单里少的 {len(still_absent):,} 票都没有标记"
                session.app_context.messages.warning(text)
                return False
    return is_answered


async def _absent(session: Session, query: DateRangeQuery, list_pass: int) -> tuple[str, ...]:
    return await asyncio.to_thread(session.port_list.absent, query, list_pass, None)


def _spread(entry_ids: Sequence[str], count: int) -> list[str]:
    """`count` of at least as many numbers: the first, the last, and others at equal distances between them."""
    return [entry_ids[index * (len(entry_ids) - 1) // (count - 1)] for index in range(count)]


def _kinds_from(kind: Kind) -> list[Kind]:
    """All kinds, `kind` first."""
    return sorted(Kind, key=lambda other: other is not kind)


async def _is_found(session: Session, entry_id: str, kinds: Iterable[Kind]) -> bool | None:
    """Whether the port has the declaration in one of these kinds, None if it is in none and an answer does not tell."""
    is_clear = True
    for kind in kinds:
        found = await _is_found_in(session, NumberQuery(entry_id, kind))
        if found:
            return True
        is_clear = is_clear and found is not None
    return False if is_clear else None


async def _is_found_in(session: Session, query: NumberQuery) -> bool | None:
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
