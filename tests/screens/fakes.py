"""A query that is answered without a port."""

from collections.abc import Callable
from dataclasses import dataclass, field

from jiacha_tui.actions.listing import ListProgress
from jiacha_tui.actions.query import QueryOutcome, filter_for
from jiacha_tui.declaration.query import Query


@dataclass
class FakeSession:
    """Answers each query with `found` declarations and keeps what was asked."""

    found: int = 3
    queries: list[Query] = field(default_factory=list)

    async def run_query(self, query: Query, on_progress: Callable[[ListProgress], None]) -> QueryOutcome:
        self.queries.append(query)
        on_progress(ListProgress(total=self.found, received=self.found))
        hint = "" if self.found else "未查询到报关单。"
        return QueryOutcome(query, "" if self.found else filter_for(query), self.found, 1, 0, hint)
