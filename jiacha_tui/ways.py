"""The ways between the screens of one session: what `screens.navigation` promises them."""

from collections.abc import Sequence

from jiacha_tui.actions.browse import Browser, View
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import SyncSummary
from jiacha_tui.declaration.query import Query
from screens.deeds import Deeds
from screens.desk import Desk
from screens.detail import DetailScreen
from screens.download import DownloadDialog
from screens.downloading import Downloading
from screens.reading import ViewReading
from screens.resend import ResendDialog, Resending
from screens.shell import Shell


def desk(shell: Shell, session: Session) -> Desk:
    """The main screen of `session`, from which every other can be reached."""
    return Desk(Deeds.of(session), Ways(shell, session))


class Ways:
    """Implements `Navigation`: puts each screen together with the session and waits until its operator is back."""

    def __init__(self, shell: Shell, session: Session) -> None:
        self._shell = shell
        self._session = session

    async def open_detail(self, view: View, entry_id: str) -> str:
        reading = ViewReading(self._session, Browser(self._session), view)
        return await self._shell.push_screen_wait(DetailScreen(reading, self, entry_id)) or entry_id

    async def open_download(self, what: View | Query | str) -> None:
        await self._shell.push_screen_wait(DownloadDialog(Downloading.of(self._session, what)))

    async def open_resend(self, entry_ids: Sequence[str]) -> None:
        await self._shell.push_screen_wait(ResendDialog(Resending.of(self._session, entry_ids)))

    async def open_preview(self, entry_ids: Sequence[str]) -> None:
        ...

    async def open_print(self, entry_ids: Sequence[str]) -> None:
        ...

    async def open_sync_summary(self, summary: SyncSummary) -> None:
        ...

    async def open_messages(self) -> None:
        ...

    def leave(self) -> None:
        self._shell.leave()
