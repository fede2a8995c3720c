"""Groups the declarations of a filter and adds up each group; a group can be made the filter."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from db.filter import parse
from db.results import ResultReader, Superseded
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.breakdown import Breakdown, BreakdownLine, Grouping, Measure


@dataclass(frozen=True, slots=True)
class BreakdownQuery:
    """What is grouped by what, sorted by which measure, and whether each group has the figures of its months."""

    filter_text: str
    grouping: Grouping
    measure: Measure
    with_months: bool = False


class BreakdownBrowser:
    """Makes the breakdowns of one screen. Only the newest call counts; an earlier one that still runs is stopped."""

    def __init__(self, session: Session) -> None:
        self._breakdowns = session.breakdowns
        self._clock = session.app_context.clock
        self._deadlines = session.app_context.config.deadlines.rules
        self._reader = ResultReader()
        self._newest = 0

    async def show(self, query: BreakdownQuery) -> Breakdown | None:
        """The breakdown, or None when a later call overtook this one. Raises FilterError for an invalid filter."""
        self._newest = call = self._newest + 1
        while call == self._newest:
            # Threads may start in another order than the calls, so that an earlier call stops this one: try again.
            with suppress(Superseded):
                breakdown = await asyncio.to_thread(self._run, query)
                return breakdown if call == self._newest else None
        return None

    def narrowed(self, filter_text: str, line: BreakdownLine) -> str:
        """The filter that finds exactly the declarations of the line among those of `filter_text`.

        Raises FilterError if it would be longer than a filter may be.
        """
        # The word is first: an open quotation at the end of the filter would take it in.
        narrowed = f"{line.filter_word} {filter_text}".strip()
        parse(narrowed, self._clock().date(), self._deadlines)
        return narrowed

    def _run(self, query: BreakdownQuery) -> Breakdown:
        filter_ = parse(query.filter_text, self._clock().date(), self._deadlines)
        return self._breakdowns.run(filter_, query.grouping, query.measure, self._reader, with_months=query.with_months)
