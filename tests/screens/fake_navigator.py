"""Navigation that goes nowhere and remembers where it was asked to go."""

from collections.abc import Sequence

from jiacha_tui.actions.result_browser import ResultView
from jiacha_tui.actions.sync import SyncSummary
from jiacha_tui.declaration.query import Query


class FakeNavigator:
    """Each call is in `asked`, as its name and what it was for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, object]] = []

    async def open_detail(self, view: ResultView, entry_id: str) -> str:
        self.asked.append(("detail", entry_id))
        return entry_id

    async def open_download(self, what: ResultView | Query | str, picked: Sequence[str] = ()) -> None:
        self.asked.append(("download", what))

    async def open_resend(self, entry_ids: Sequence[str]) -> None:
        self.asked.append(("resend", tuple(entry_ids)))

    async def open_preview(self, entry_ids: Sequence[str]) -> None:
        self.asked.append(("preview", tuple(entry_ids)))

    async def open_print(self, entry_ids: Sequence[str]) -> None:
        self.asked.append(("print", tuple(entry_ids)))

    async def open_sync_summary(self, summary: SyncSummary) -> None:
        self.asked.append(("sync_summary", summary))

    async def open_messages(self) -> None:
        self.asked.append(("messages", None))

    def leave(self) -> None:
        self.asked.append(("leave", None))
