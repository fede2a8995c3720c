"""Keeps the login screen's list of card media up to date: reads them, and reads those again that report a change."""

from contextlib import aclosing

from textual import work
from textual.message import Message
from textual.widget import Widget

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cards import MediumStatus, scan_media, watch_media
from jiacha_tui.declaration.problem import Problem


class MediaScanner(Widget):
    """Not visible: it posts what it finds. While it is `paused`, changes are noted and read with the next one."""

    DEFAULT_CSS = """
    MediaScanner { display: none; }
    """

    class Scanned(Message):
        """The media have changed since the last scan, or are scanned for the first time."""

        def __init__(self, media: tuple[MediumStatus, ...]) -> None:
            super().__init__()
            self.media = media

    class Failed(Message):
        """The media cannot be read at all, for example because the demo card cannot be made."""

        def __init__(self, problem: Problem) -> None:
            super().__init__()
            self.problem = problem

    def __init__(self, app_context: AppContext) -> None:
        super().__init__()
        self.paused = False
        self._app_context = app_context
        self._media: tuple[MediumStatus, ...] | None = None

    def start(self) -> None:
        """Scans all media, and then those that change, until the widget is removed."""
        self.run_worker(self._watch(), group="watch", exclusive=True)

    def scan_again(self) -> None:
        """Scans all media."""
        self._media = None
        self._scan_all()

    @work(group="scan", exclusive=True)
    async def _scan_all(self) -> None:
        await self._scan()

    async def _watch(self) -> None:
        changed: frozenset[str] = frozenset()
        try:
            async with aclosing(watch_media(self._app_context)) as changes:
                async for more in changes:
                    changed |= more
                    if not self.paused:
                        await self._scan(changed)
                        changed = frozenset()
        except Problem as problem:
            self._fail(problem)

    async def _scan(self, changed: frozenset[str] = frozenset()) -> None:
        """Scans the media in `changed` and those that were not scanned before."""
        try:
            media = await scan_media(self._app_context, before=self._media or (), only=changed)
        except Problem as problem:
            self._fail(problem)
        else:
            if media != self._media:
                self._media = media
                self.post_message(self.Scanned(media))

    def _fail(self, problem: Problem) -> None:
        self._media = ()
        self.post_message(self.Failed(problem))
