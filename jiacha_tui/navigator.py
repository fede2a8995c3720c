"""The ways between the screens of one session: what `screens.base.navigation` promises them."""

import asyncio
from collections.abc import Sequence
from functools import partial

from jiacha_tui.actions.result_browser import ResultBrowser, ResultView
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import SyncSummary
from jiacha_tui.declaration.query import Query
from screens.base.base_app import BaseApp
from screens.detail.detail_cursor import DetailCursor
from screens.detail.detail_screen import DetailScreen
from screens.dialogs.download import DownloadDialog
from screens.dialogs.downloading import Downloading
from screens.dialogs.messages import MessagesScreen
from screens.dialogs.preview import PreviewScreen
from screens.dialogs.print_dialog import PrintDialog
from screens.dialogs.printing import Printing
from screens.dialogs.resend import ResendDialog, Resending
from screens.dialogs.sync_summary import SyncSummaryDialog
from screens.main.deeds import Deeds
from screens.main.main_screen import MainScreen

JOURNAL_ENTRIES = 500
"""The newest entries of the journal, as many as the message log shows."""


def desk(shell: BaseApp, session: Session) -> MainScreen:
    """The main screen of `session`, from which every other can be reached."""
    return MainScreen(Deeds.of(session), Navigator(shell, session))


class Navigator:
    """Implements `Navigation`: puts each screen together with the session and waits until its operator is back."""

    def __init__(self, shell: BaseApp, session: Session) -> None:
        self._shell = shell
        self._session = session

    async def open_detail(self, view: ResultView, entry_id: str) -> str:
        reading = DetailCursor(self._session, ResultBrowser(self._session), view)
        return await self._shell.push_screen_wait(DetailScreen(reading, self, entry_id)) or entry_id

    async def open_download(self, what: ResultView | Query | str, picked: Sequence[str] = ()) -> None:
        await self._shell.push_screen_wait(DownloadDialog(Downloading.of(self._session, what, picked)))

    async def open_resend(self, entry_ids: Sequence[str]) -> None:
        await self._shell.push_screen_wait(ResendDialog(Resending.of(self._session, entry_ids)))

    async def open_preview(self, entry_ids: Sequence[str]) -> None:
        await self._shell.push_screen_wait(PreviewScreen(Printing.of(self._session, entry_ids), self))

    async def open_print(self, entry_ids: Sequence[str]) -> None:
        await self._shell.push_screen_wait(PrintDialog(Printing.of(self._session, entry_ids), direct=True))

    async def open_sync_summary(self, summary: SyncSummary) -> None:
        await self._shell.push_screen_wait(SyncSummaryDialog(summary))

    async def open_messages(self) -> None:
        journal = partial(asyncio.to_thread, self._session.journal.recent, JOURNAL_ENTRIES)
        await self._shell.push_screen_wait(MessagesScreen(self._session.app_context.messages.all(), journal))

    def leave(self) -> None:
        self._shell.leave()
