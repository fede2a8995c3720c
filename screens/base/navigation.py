"""What a screen may ask of the application around it: the way to the other screens, and out.

The application implements it and wires the screens with what they need. Each of these returns when the operator is
back, so that the screen that asked can take in what has changed meanwhile.
"""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jiacha_tui.actions.result_browser import ResultView
    from jiacha_tui.actions.sync import SyncSummary
    from jiacha_tui.declaration.query import Query


class Navigation(Protocol):
    """The ways between screens."""

    async def open_detail(self, view: "ResultView", entry_id: str) -> str:
        """The detail of one declaration of `view`. Gives the entry id it showed last, after previous and next."""
        ...

    async def open_download(self, what: "ResultView | Query | str", picked: "Sequence[str]" = ()) -> None:
        """XML 文件下载 of what a view shows, of what a query found, or of one declaration by its entry id.

        What is `picked` is offered first, apart from the rest.
        """
        ...

    async def open_resend(self, entry_ids: "Sequence[str]") -> None:
        """重新发往税务总局, confirmed first."""
        ...

    async def open_preview(self, entry_ids: "Sequence[str]") -> None:
        """批量预览/打印."""
        ...

    async def open_print(self, entry_ids: "Sequence[str]") -> None:
        """直接打印: a printer is chosen, nothing is shown first."""
        ...

    async def open_sync_summary(self, summary: "SyncSummary") -> None:
        """What a sync brought."""
        ...

    async def open_messages(self) -> None:
        """消息记录."""
        ...

    def leave(self) -> None:
        """Ends the program: the session is closed and the terminal left clean."""
        ...
