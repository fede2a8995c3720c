"""What the desk does with a session, gathered in one value: the desk itself knows neither session nor cache."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from jiacha_tui.actions.browse import Browser, View
from jiacha_tui.actions.filing import FilingState, FilingSystem, Opened, filing_state, open_filing
from jiacha_tui.actions.glance import glance
from jiacha_tui.actions.listing import Listed
from jiacha_tui.actions.query import QueryOutcome, run_query
from jiacha_tui.actions.session import Session, Status
from jiacha_tui.actions.sync import SyncProgress, SyncSummary, sync
from jiacha_tui.declaration.line import Line, Order
from jiacha_tui.declaration.model import Declaration
from jiacha_tui.declaration.query import Query


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose card is at work and how."""

    company: str
    card_number: str
    online: bool
    demo: bool


class Views(Protocol):
    """What the desk asks of a `Browser`."""

    async def show(self, filter_text: str, order: Order) -> View | None: ...

    async def window(self, view: View, first: int, count: int) -> tuple[Line, ...]: ...

    async def position_of(self, view: View, entry_id: str) -> int | None: ...

    async def entry_ids(self, view: View, limit: int) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Deeds:
    """`warnings` are said once, when the desk is first seen; all the rest is asked as it is needed."""

    identity: Identity
    warnings: tuple[str, ...]
    views: Views
    now: Callable[[], datetime]
    status: Callable[[], Awaitable[Status]]
    run_query: Callable[[Query, Callable[[Listed], None]], Awaitable[QueryOutcome]]
    sync: Callable[[Callable[[SyncProgress], None], Callable[[], None]], Awaitable[SyncSummary]]
    glance: Callable[[str], Awaitable[Declaration | None]]
    filing_state: Callable[[], Awaitable[FilingState]]
    open_filing: Callable[[FilingSystem], Awaitable[Opened]]

    @classmethod
    def of(cls, session: Session) -> "Deeds":
        workplace = session.workplace
        return cls(
            identity=Identity(session.face.company, session.face.card_number, session.online, workplace.demo),
            warnings=session.warnings,
            views=Browser(session),
            now=workplace.clock,
            status=session.status,
            run_query=partial(run_query, session),
            sync=partial(sync, session),
            glance=partial(glance, session),
            filing_state=partial(filing_state, session),
            open_filing=partial(open_filing, workplace.config),
        )
