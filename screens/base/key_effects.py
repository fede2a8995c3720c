"""Finds keys that had no effect, so that the operator learns of each."""

from collections.abc import Sequence
from typing import Any

from textual._context import visible_screen_stack
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip
from textual.worker import Worker


class KeyEffects:
    """Compares the screen before keys with the screen after them."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._screen: Screen[Any] | None = None
        self._strips: Sequence[Strip] = ()
        self._workers: frozenset[Worker[Any]] = frozenset()
        self._noted = False

    def remember(self) -> None:
        """Remembers what is shown before the next keys."""
        self._screen, self._strips = self._app.screen, self._picture()
        self._workers = frozenset(self._app.workers)
        self._noted = False

    def note(self) -> None:
        """The keys had an effect that need not be seen, for example a notice that was there before."""
        self._noted = True

    def found(self) -> bool:
        """Whether the keys since `remember` had an effect: something looks different, or a worker was started."""
        return (
            self._noted
            or self._app.screen is not self._screen
            or not self._workers.issuperset(self._app.workers)
            or self._picture() != self._strips
        )

    def _picture(self) -> Sequence[Strip]:
        # Textual has no public way to what a screen shows together with the screen below it.
        visible_screen_stack.set(self._app._background_screens)
        return self._app.screen._compositor.render_strips()
