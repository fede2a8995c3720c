"""Read the port's lists of the date ranges that are about to be downloaded.

A file by date has what the port has at that moment, and nobody may open it to see. So its plan, its name and the marks
of its declarations come from the list that was read right before.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from jiacha_tui.actions.delisting import mark_delisted
from jiacha_tui.actions.delisting_messages import changes_of_list
from jiacha_tui.actions.list_reader import ListProgress, read_list
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.query import DateRange, DateRangeQuery


@dataclass(frozen=True, slots=True)
class ListCheck:
    """What the lists have shown. `list_pass` is that of `PortList.begin_pass`.

    `incomplete` counts rows that the port announced and did not give, or that cannot be used: a file may have those
    declarations too, and they cannot be named. The other counts compare the lists with the cache before.
    """

    list_pass: int
    incomplete: int = 0
    new: int = 0
    changed: int = 0
    delisted: int = 0
    relisted: int = 0
    unconfirmed: int = 0

    @property
    def has_other_declarations(self) -> bool:
        """Whether the port lists others than the cache had before."""
        return bool(self.new or self.delisted or self.relisted)

    def text(self) -> str:
        """The counts that are not zero, as a Chinese phrase; "" if there are none."""
        counts = ((self.new, "新增"), (self.changed, "变更"))
        parts = [f"{word} {count:,} 票" for count, word in counts if count]
        return "，".join([*parts, *changes_of_list(self.delisted, self.relisted, self.unconfirmed)])


async def check_lists(
    session: Session, queries: Sequence[DateRangeQuery], on_listed: Callable[[int], None]
) -> ListCheck:
    """Reads the lists of `queries` month by month into the cache, and marks there what the port no longer lists.

    `on_listed` is called after each page with the number of rows so far. Raises `Problem`.
    """
    list_pass = await asyncio.to_thread(session.port_list.begin_pass)
    total = ListProgress()
    incomplete = delisted = unconfirmed = 0
    months = [month for query in queries for month in _months(query)]
    for month in months:
        before = total.received

        async def on_page(_page: int, so_far: ListProgress, before: int = before) -> None:
            on_listed(before + so_far.received)

        listed = await read_list(session, month, on_page, list_pass)
        total += listed
        incomplete += listed.rejected + (0 if listed.is_complete else max(1, listed.undelivered))
    if not incomplete:
        for month in months:
            compared = await mark_delisted(session, month, list_pass)
            delisted += len(compared.delisted)
            unconfirmed += compared.unconfirmed
    return ListCheck(
        list_pass=list_pass,
        incomplete=incomplete,
        new=total.new,
        changed=total.changed,
        delisted=delisted,
        relisted=total.relisted,
        unconfirmed=unconfirmed,
    )


def _months(query: DateRangeQuery) -> Iterator[DateRangeQuery]:
    """The parts of `query` in each calendar month: a query at the port spans one month at most."""
    start, end = query.date_range.start, query.date_range.end
    while start <= end:
        last = min(end, DateRange.month(start.year, start.month).end)
        yield DateRangeQuery(DateRange(start, last), query.kind)
        start = last + timedelta(days=1)
