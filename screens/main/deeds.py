"""What the desk does with a session, gathered in one value: the desk itself knows neither session nor cache."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from jiacha_tui.actions.cached_declaration import cached_declaration
from jiacha_tui.actions.filing import FilingLink, FilingState, FilingSystem, filing_state, open_filing
from jiacha_tui.actions.listing import ListProgress
from jiacha_tui.actions.query import QueryOutcome, run_query
from jiacha_tui.actions.result_browser import ResultBrowser, ResultView
from jiacha_tui.actions.session import CacheStatus, Session
from jiacha_tui.actions.sync import SyncProgress, SyncSummary, sync
from jiacha_tui.declaration.declaration_row import DeclarationRow, Order
from jiacha_tui.declaration.model import Declaration
from jiacha_tui.declaration.query import Query


@dataclass(frozen=True, slots=True)
class CardBanner:
    """Whose card is at work and how."""

    company: str
    card_number: str
    online: bool
    demo: bool


class Views(Protocol):
    """What the desk asks of a `Browser`."""

    async def show(self, filter_text: str, order: Order) -> ResultView | None: ...

    async def window(self, view: ResultView, first: int, count: int) -> tuple[DeclarationRow, ...]: ...

    async def position_of(self, view: ResultView, entry_id: str) -> int | None: ...

    async def entry_ids(self, view: ResultView, limit: int) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Deeds:
    """`warnings` are said once, when the desk is first seen; all the rest is asked as it is needed."""

    identity: CardBanner
    warnings: tuple[str, ...]
    views: Views
    now: Callable[[], datetime]
    status: Callable[[], Awaitable[CacheStatus]]
    run_query: Callable[[Query, Callable[[ListProgress], None]], Awaitable[QueryOutcome]]
    sync: Callable[[Callable[[SyncProgress], None], Callable[[], None]], Awaitable[SyncSummary]]
    cached_declaration: Callable[[str], Awaitable[Declaration | None]]
    filing_state: Callable[[], Awaitable[FilingState]]
    open_filing: Callable[[FilingSystem], Awaitable[FilingLink]]

    @classmethod
    def of(cls, session: Session) -> "Deeds":
        app_context = session.app_context
        return cls(
            identity=CardBanner(
                session.card_summary.company, session.card_summary.card_number, session.online, app_context.demo
            ),
            warnings=session.warnings,
            views=ResultBrowser(session),
            now=app_context.clock,
            status=session.cache_status,
            run_query=partial(run_query, session),
            sync=partial(sync, session),
            cached_declaration=partial(cached_declaration, session),
            filing_state=partial(filing_state, session),
            open_filing=partial(open_filing, app_context.config),
        )
