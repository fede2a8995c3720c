"""Keeps the login screen's list of card media up to date: reads them, and reads those again that report a change."""

import asyncio
from contextlib import aclosing

from textual import work
from textual.message import Message
from textual.widget import Widget

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cards import MediumStatus, scan_media, watch_media
from jiacha_tui.declaration.problem import Problem

_QUICK_SECONDS = 0.3
"""A scan that does not take longer shows its result only."""


class MediaScanner(Widget):
    """Not visible: it posts what it finds. While it is `paused`, changes are noted and read afterwards."""

    DEFAULT_CSS = """
    MediaScanner { display: none; }
    """

    class Scanned(Message):
        """The media have changed since the last scan, or are scanned for the first time, or are still being read."""

        def __init__(self, media: tuple[MediumStatus, ...]) -> None:
            super().__init__()
            self.media = media

    class Finished(Message):
        """No medium is being read any more. It comes after `Scanned` and `Failed`."""

    class Failed(Message):
        """The media cannot be read at all, for example because the demo card cannot be made."""

        def __init__(self, problem: Problem) -> None:
            super().__init__()
            self.problem = problem

    def __init__(self, app_context: AppContext) -> None:
        super().__init__()
        self._app_context = app_context
        self._media: tuple[MediumStatus, ...] | None = None
        self._changed: frozenset[str] = frozenset()
        self._paused = False
        self._holds_changes = False
        self._newest_scan = 0
        self._scans = 0
        self._is_starting = False
        """Whether a scan was asked for whose worker has not started yet."""

    @property
    def running(self) -> bool:
        """Whether a card may still be found without another key; also before the first scan."""
        return self._media is None or self._scans > 0 or self._is_starting

    @property
    def media(self) -> tuple[MediumStatus, ...] | None:
        """The result of the last scan that ended, None before."""
        return self._media

    @property
    def paused(self) -> bool:
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._paused = paused
        if not paused and self._changed:
            self.run_worker(self._scan_changed())

    def start(self) -> None:
        """Scans all media, and then those that change, until the widget is removed."""
        self.run_worker(self._watch(), group="watch", exclusive=True)

    def scan_again(self) -> None:
        """Scans all media."""
        self._media = None
        self._is_starting = True
        self._start_scan(frozenset(), all_attempts=False)

    def scan_with_all_attempts(self) -> None:
        """Scans the media without a card again, with all attempts that a login makes."""
        without_card = frozenset(medium.medium_id for medium in self._media or () if medium.card is None)
        self._is_starting = True
        self._start_scan(without_card, all_attempts=True)

    def stop_scan(self) -> None:
        """What was known before it stays known."""
        self._is_starting = False
        self.workers.cancel_group(self, "scan")

    @work(group="scan", exclusive=True)
    async def _start_scan(self, only: frozenset[str], *, all_attempts: bool) -> None:
        # A medium that changes during all the attempts is scanned after them. Its scan would replace this one, and
        # with it the card that the operator has typed the PIN for.
        self._holds_changes = all_attempts
        try:
            await self._scan(only, all_attempts=all_attempts)
        finally:
            self._holds_changes = False
        if self._changed and not self._paused:
            await self._scan_changed()

    async def _watch(self) -> None:
        try:
            async with aclosing(watch_media(self._app_context)) as changes:
                async for more in changes:
                    self._changed |= more
                    if not self._paused and not self._holds_changes:
                        await self._scan_changed()
        except Problem as problem:
            self._fail(problem)

    async def _scan_changed(self) -> None:
        changed, self._changed = self._changed, frozenset()
        await self._scan(changed)

    async def _scan(self, only: frozenset[str] = frozenset(), *, all_attempts: bool = False) -> None:
        """Scans the media in `only` and those that were not scanned before. A later scan replaces this one."""
        self._newest_scan += 1
        self._scans += 1
        self._is_starting = False
        own_number = self._newest_scan
        quick_until = asyncio.get_running_loop().time() + _QUICK_SECONDS
        reading: tuple[MediumStatus, ...] = ()
        shows_progress = False

        def show_progress() -> None:
            nonlocal shows_progress
            if reading and own_number == self._newest_scan:
                shows_progress = True
                self.post_message(self.Scanned(reading))

        def note_progress(media: tuple[MediumStatus, ...]) -> None:
            nonlocal reading
            reading = media
            if asyncio.get_running_loop().time() >= quick_until:
                show_progress()

        timer = self.set_timer(_QUICK_SECONDS, show_progress)
        try:
            media = await scan_media(
                self._app_context,
                before=self._media or (),
                only=only,
                all_attempts=all_attempts,
                on_progress=note_progress,
            )
        except Problem as problem:
            self._fail(problem)
        else:
            if own_number == self._newest_scan and (media != self._media or shows_progress):
                self._media = media
                self.post_message(self.Scanned(media))
        finally:
            timer.stop()
            self._scans -= 1
            if not self.running and not (self._holds_changes and self._changed and not self._paused):
                self.post_message(self.Finished())

    def _fail(self, problem: Problem) -> None:
        self._media = ()
        self.post_message(self.Failed(problem))
