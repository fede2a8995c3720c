"""报关单查询 (manual 2.1.1): query the port by number or by a range of 出口日期 and store its list in the cache."""

import asyncio
import enum
from collections.abc import Callable
from dataclasses import dataclass

from jiacha_tui.actions.delisting import ListComparison, mark_delisted, mark_not_found
from jiacha_tui.actions.delisting_messages import changes_of_list
from jiacha_tui.actions.list_reader import ListProgress, read_list
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.hints import NOT_FOUND
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.query import DateRangeQuery, NumberQuery, Query
from jiacha_tui.declaration.rules import check_query_span


@dataclass(frozen=True, slots=True)
class QueryOutcome:
    """The counts of a query, and the filter text that shows its declarations. `hint` is empty if any were found.

    `delisted` counts the declarations of the cache that the port no longer lists, `relisted` those that it lists again,
    and `unconfirmed` those that are absent from the list and not marked. `incomplete` says in Chinese why the list may
    lack declarations, "" if it is complete.
    """

    query: Query
    filter_text: str
    found: int
    new: int
    changed: int
    hint: str
    delisted: int = 0
    relisted: int = 0
    unconfirmed: int = 0
    incomplete: str = ""

    def text(self) -> str:
        """The counts as one Chinese sentence."""
        text = f"查询到 {self.found:,} 票，新增 {self.new:,} 票，变更 {self.changed:,} 票"
        changes = changes_of_list(self.delisted, self.relisted, self.unconfirmed)
        return "，".join([text, *changes, *([self.incomplete] if self.incomplete else [])])


async def run_query(session: Session, query: Query, on_progress: Callable[[ListProgress], None]) -> QueryOutcome:
    """Queries the port and merges the rows into the cache. Calls `on_progress` after each page. Raises `Problem`.

    What the port no longer lists is marked: what a complete list of a date range lacks, and a number not found.
    """
    if isinstance(query, DateRangeQuery):
        check_query_span(query.date_range)

    async def on_page(_page: int, so_far: ListProgress) -> None:
        on_progress(so_far)

    list_pass = await asyncio.to_thread(session.port_list.begin_pass)
    listed = await read_list(session, query, on_page, list_pass)
    compared = await _compare(session, query, list_pass, listed)
    incomplete = _incomplete_text(listed)
    hint = "" if listed.received else incomplete or NOT_FOUND
    if not listed.received and compared.delisted:
        hint = f"本机的 {len(compared.delisted):,} 票口岸不再列出，已标记（×）。{NOT_FOUND}"
    outcome = QueryOutcome(
        query=query,
        filter_text=filter_for(query),
        found=listed.received,
        new=listed.new,
        changed=listed.changed,
        hint=hint,
        delisted=len(compared.delisted),
        relisted=listed.relisted,
        unconfirmed=compared.unconfirmed,
        incomplete=incomplete,
    )
    message = outcome.text()
    entry_ids = (query.entry_id,) if isinstance(query, NumberQuery) and listed.received else ()
    await asyncio.to_thread(
        session.journal.write, JournalKind.QUERY, entry_ids, Outcome.DONE, message, {"query": query_text(query)}
    )
    return outcome


class NumberAnswer(enum.Enum):
    """What the port said when it was asked for one number."""

    NEW = "new"
    """It has the declaration, and the cache did not."""
    KNOWN = "known"
    NOT_FOUND = "not found"
    UNCLEAR = "unclear"
    """It gave no such declaration, and did not say either that it has none."""

    @property
    def is_found(self) -> bool:
        return self in (NumberAnswer.NEW, NumberAnswer.KNOWN)


async def ask_for_number(session: Session, query: NumberQuery, list_pass: int) -> NumberAnswer:
    """Asks for one declaration by number as a part of `list_pass`, and merges it into the cache.

    A declaration that the cache has and the port does not is marked. Raises `Problem`.
    """
    listed = await read_list(session, query, _on_no_page, list_pass)
    if listed.received:
        return NumberAnswer.NEW if listed.new else NumberAnswer.KNOWN
    await _compare(session, query, list_pass, listed)
    is_clear = listed.is_complete and listed.is_total_known and not listed.rejected
    return NumberAnswer.NOT_FOUND if is_clear else NumberAnswer.UNCLEAR


async def _on_no_page(_page: int, _so_far: ListProgress) -> None:
    """A list of one number has no progress to tell."""


def _incomplete_text(listed: ListProgress) -> str:
    parts = []
    if listed.outside:
        parts.append(f"其中 {listed.outside:,} 票的出口日期不在所查范围内")
    if listed.rejected:
        parts.append(f"{listed.rejected:,} 行不能用，没有收下")
    if listed.undelivered:
        parts.append(f"少 {listed.undelivered:,} 行，清单没有列全")
    elif listed.is_cut:
        parts.append("口岸的清单没有尽头，已停下，没有列全")
    elif listed.has_changed:
        parts.append("查询时清单有变动，可能没有列全，请再查一次")
    return "，".join(parts)


async def _compare(session: Session, query: Query, list_pass: int, listed: ListProgress) -> ListComparison:
    if not listed.is_complete or listed.rejected:
        return ListComparison()
    if isinstance(query, DateRangeQuery):
        return await mark_delisted(session, query, list_pass)
    if listed.received or not listed.is_total_known:
        return ListComparison()
    return await mark_not_found(session, query)


def filter_for(query: Query) -> str:
    """The filter text that shows exactly what `query` asks for."""
    if isinstance(query, NumberQuery):
        return f"号:{query.entry_id}"
    return f"类型:{query.kind.label} {query_text(query)}"


def query_text(query: Query) -> str:
    """The query as a short text for the journal: the number, the day, or `start..end`."""
    if isinstance(query, NumberQuery):
        return query.entry_id
    if query.date_range.days == 1:
        return f"{query.date_range.start}"
    return f"{query.date_range.start}..{query.date_range.end}"
