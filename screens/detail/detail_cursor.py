"""What the detail screen reads: declarations one by one, in the order of the table it was opened from."""

from typing import TYPE_CHECKING, Protocol

from jiacha_tui.actions.detail import DetailView, detail_view

if TYPE_CHECKING:
    from jiacha_tui.actions.result_browser import ResultBrowser, ResultView
    from jiacha_tui.actions.session import Session


class Reading(Protocol):
    """Declarations in an order. Positions count from 0; every method may raise `Problem`."""

    @property
    def total(self) -> int: ...

    @property
    def online(self) -> bool: ...

    async def open(self, entry_id: str) -> DetailView: ...

    async def position_of(self, entry_id: str) -> int | None: ...

    async def neighbour(self, entry_id: str, step: int) -> tuple[str, int] | None: ...


class DetailCursor:
    """Reads along a view of the cache; a detail that is missing there is fetched from the port."""

    def __init__(self, session: "Session", browser: "ResultBrowser", view: "ResultView") -> None:
        self._session = session
        self._browser = browser
        self._view = view

    @property
    def total(self) -> int:
        return len(self._view)

    @property
    def online(self) -> bool:
        return self._session.online

    async def open(self, entry_id: str) -> DetailView:
        return await detail_view(self._session, entry_id)

    async def position_of(self, entry_id: str) -> int | None:
        return await self._browser.position_of(self._view, entry_id)

    async def neighbour(self, entry_id: str, step: int) -> tuple[str, int] | None:
        return await self._browser.neighbour(self._view, entry_id, step)
