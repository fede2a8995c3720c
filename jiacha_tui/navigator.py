"""The ways between the screens of one session: what `screens.base.navigation` promises them."""

from collections.abc import Sequence

from jiacha_tui.actions.result_browser import ResultView
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import SyncSummary
from jiacha_tui.declaration.query import Query
from screens.base.base_app import BaseApp
from screens.detail.detail_screen import DetailScreen
from screens.dialogs.download import DownloadDialog
from screens.dialogs.messages import MessagesScreen
from screens.dialogs.preview import PreviewScreen
from screens.dialogs.print_dialog import PrintDialog
from screens.dialogs.resend import ResendDialog
from screens.dialogs.sync_summary import SyncSummaryDialog
from screens.main.deeds import Deeds
from screens.main.main_screen import MainScreen


def desk(shell: BaseApp, session: Session) -> MainScreen:
    """The main screen of `session`, from which every other can be reached."""
    return MainScreen(Deeds.of(session), Navigator(shell, session))


class Navigator:
    """Implements `Navigation`: puts each screen together with the session and waits until its operator is back."""

    def __init__(self, shell: BaseApp, session: Session) -> None:
        self._shell = shell
        self._session = session

    async def open_detail(self, view: ResultView, entry_id: str) -> str:
        return await self._shell.push_screen_wait(DetailScreen(self._session, view, entry_id)) or entry_id

    async def open_download(self, what: ResultView | Query | str, picked: Sequence[str] = ()) -> None:
        await self._shell.push_screen_wait(DownloadDialog(self._session, what, picked))

    async def open_resend(self, entry_ids: Sequence[str]) -> None:
        await self._shell.push_screen_wait(ResendDialog(self._session, entry_ids))

    async def open_preview(self, entry_ids: Sequence[str]) -> None:
        await self._shell.push_screen_wait(PreviewScreen(self._session, entry_ids))

    async def open_print(self, entry_ids: Sequence[str]) -> None:
        await self._shell.push_screen_wait(PrintDialog(self._session, entry_ids, direct=True))

    async def open_sync_summary(self, summary: SyncSummary) -> None:
        await self._shell.push_screen_wait(SyncSummaryDialog(summary))

    async def open_messages(self) -> None:
        await self._shell.push_screen_wait(MessagesScreen(self._session))

    def leave(self) -> None:
        self._shell.leave()
