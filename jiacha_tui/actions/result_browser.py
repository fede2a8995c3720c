"""Filter the cache: a filter and an order give a view, which is read in windows of some rows."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from db.filter import MAX_LENGTH, Filter, FilterError, parse, terms
from db.results import Result, ResultReader, Superseded
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.declaration_row import DeclarationRow, Order, Totals
from jiacha_tui.declaration.number_list import entry_ids_of, items_of
from jiacha_tui.declaration.problem import Problem

MAX_FILTER_LENGTH: Final = MAX_LENGTH
"""The characters that a filter may have."""

_PARSED_AT_ONCE: Final = 2000
"""Characters of a filter that take about 2 ms to parse. A longer one is parsed in a thread."""


@dataclass(frozen=True, slots=True)
class NumbersAsked:
    """The full numbers in a filter: how many different declarations, and which of them the cache does not hold."""

    count: int = 0
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ResultView:
    """The declarations that a filter found, in an order. A later view has a higher `generation`.

    `first` holds its first rows. `numbers` tells of the full numbers in the filter; `items` has the item number of each
    报关单号 that the filter gives with one. A view stays readable after the cache has changed: it keeps its
    declarations and their order, and shows each as it is at the time of reading. The methods may run side by side.
    """

    generation: int
    filter_text: str
    order: Order
    totals: Totals
    first: tuple[DeclarationRow, ...]
    result: Result = field(repr=False)
    numbers: NumbersAsked = NumbersAsked()
    items: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.totals.rows

    async def window(self, first: int, count: int) -> tuple[DeclarationRow, ...]:
        """The rows from position `first` (0 is the top) on: `count` of them, or fewer at the end."""
        return await asyncio.to_thread(self.result.window, first, count)

    async def position_of(self, entry_id: str) -> int | None:
        """The position of a declaration; None if the view does not have it."""
        return await asyncio.to_thread(self.result.position_of, entry_id)

    async def entry_ids(self, limit: int) -> tuple[str, ...]:
        """The numbers of the first `limit` declarations, in order."""
        return await asyncio.to_thread(self.result.entry_ids, limit)

    async def neighbour(self, entry_id: str, step: int) -> tuple[str, int] | None:
        """The declaration `step` rows below `entry_id` (above, if negative) and its position; None past either end."""
        return await asyncio.to_thread(self.result.neighbour, entry_id, step)


def filter_help() -> tuple[tuple[str, str], ...]:
    """What can be written in a filter: each form with what it means, in Chinese."""
    return terms()


def is_about_the_cache(problem: Problem) -> bool:
    """Whether `show` failed although the filter can be read."""
    return not isinstance(problem, FilterError)


class ResultBrowser:
    """Runs the filters of one table. Only the newest call counts; an earlier one that still runs is stopped.

    The browsers of a session do not disturb each other.
    """

    def __init__(self, session: Session) -> None:
        self._results = session.results
        self._reader = ResultReader()
        self._clock = session.app_context.clock
        self._deadlines = session.app_context.config.deadlines.rules
        self._declarations = session.declarations
        self._calls = 0
        self._newest = 0

    async def show(self, filter_text: str, order: Order) -> ResultView | None:
        """The view for this filter and order, or None when a later call overtook this one.

        Raises FilterError, which knows the position, for a filter that cannot be read. Such a call stops no other.
        """
        self._calls += 1
        call = self._calls
        today = self._clock().date()
        if len(filter_text) > _PARSED_AT_ONCE:
            filter_ = await asyncio.to_thread(parse, filter_text, today, self._deadlines)
            if call < self._newest:
                return None
        else:
            filter_ = parse(filter_text, today, self._deadlines)
        self._newest = call
        while call == self._newest:
            # Threads may start in another order than the calls, so that an earlier call stops this one: try again.
            with suppress(Superseded):
                result = await asyncio.to_thread(self._results.run, filter_, order, self._reader)
                numbers = await self._numbers_asked(filter_)
                if call == self._newest:
                    return ResultView(
                        result.generation,
                        filter_text,
                        order,
                        result.totals,
                        result.first_rows,
                        result,
                        numbers,
                        items_of(filter_.numbers),
                    )
        return None

    async def _numbers_asked(self, filter_: Filter) -> NumbersAsked:
        entry_ids = entry_ids_of(filter_.numbers)
        if not entry_ids:
            return NumbersAsked()
        return NumbersAsked(len(entry_ids), await asyncio.to_thread(self._declarations.not_cached, entry_ids))
