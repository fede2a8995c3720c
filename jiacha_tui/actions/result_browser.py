"""Look through the cache: a filter and an order make a view, of which windows are read."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from db.filter import parse, terms
from db.results import Result, Superseded
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.declaration_row import DeclarationRow, Order, Totals
from jiacha_tui.declaration.query import DateRange


@dataclass(frozen=True, slots=True, eq=False)
class ResultView:
    """What the table shows. A later view has a higher `generation`; `first` holds its first lines."""

    generation: int
    filter_text: str
    order: Order
    totals: Totals
    first: tuple[DeclarationRow, ...]
    result: Result

    def __len__(self) -> int:
        return self.totals.declarations


def filter_help() -> tuple[tuple[str, str], ...]:
    """What can be written in a filter: each form with what it means, in Chinese."""
    return terms()


class ResultBrowser:
    """Makes views of one session's cache; only the newest counts.

    Every method may be called while another runs. A view stays readable after the cache has changed: it keeps its
    order and shows its declarations as they are now; `show` it again to see what has come.
    """

    def __init__(self, session: Session) -> None:
        self._results = session.results
        self._asked = 0

    async def show(self, filter_text: str, order: Order) -> ResultView | None:
        """The view for this filter and order, or None when a later call overtook this one.

        Raises FilterError, which knows the position, for a filter that cannot be read.
        """
        parse(filter_text)  # what cannot be read overtakes nothing
        self._asked += 1
        asked = self._asked
        while asked == self._asked:
            # Threads may begin in another order than they were asked to, and an earlier call then supersedes this one.
            with suppress(Superseded):
                result = await asyncio.to_thread(self._results.run, filter_text, order)
                if asked == self._asked:
                    return ResultView(result.generation, filter_text, order, result.totals, result.first_rows, result)
        return None

    async def window(self, view: ResultView, first: int, count: int) -> tuple[DeclarationRow, ...]:
        """The lines `first` to `first + count`, fewer at the end."""
        return await asyncio.to_thread(view.result.window, first, count)

    async def position_of(self, view: ResultView, entry_id: str) -> int | None:
        return await asyncio.to_thread(view.result.position_of, entry_id)

    async def entry_ids(self, view: ResultView, limit: int) -> tuple[str, ...]:
        """The first `limit` declarations of the view, in its order."""
        return await asyncio.to_thread(view.result.entry_ids, limit)

    async def span(self, view: ResultView) -> DateRange | None:
        """First and last 出口日期 in the view; None where it has none."""
        return await asyncio.to_thread(view.result.span)

    async def neighbour(self, view: ResultView, entry_id: str, step: int) -> tuple[str, int] | None:
        """The declaration `step` lines away from `entry_id`, with its position; None past either end."""
        return await asyncio.to_thread(view.result.neighbour, entry_id, step)
