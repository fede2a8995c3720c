"""A screen that removes only itself from the stack of screens, and only once, and whose workers end with it."""

from typing import Generic, TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import Screen
from textual.worker import active_worker

_ScreenResult = TypeVar("_ScreenResult")


class DismissOnceScreen(Screen[_ScreenResult], Generic[_ScreenResult]):
    """Textual's `dismiss` removes the screen on top of the stack, whichever that is.

    So a second result, or one that a worker gives while help covers the screen, would remove the main screen. Here a
    second result is ignored, and a result that comes while another screen is on top waits until that is closed.

    Textual cancels the workers of a screen after it has removed the widgets, so a worker that continues in between
    finds none of them. Here they are cancelled first.
    """

    _dismissed = False
    _waiting: tuple[_ScreenResult | None] | None = None
    """The result that waits, in a tuple because it may be None."""

    def dismiss(self, result: _ScreenResult | None = None) -> AwaitComplete:
        if self._dismissed or self._waiting is not None:
            return AwaitComplete()
        if not self.is_active:
            self._waiting = (result,)
            return AwaitComplete()
        self._dismissed = True
        self._cancel_workers()
        return super().dismiss(result)

    def on_screen_resume(self) -> None:
        if self._waiting is not None:
            (result,), self._waiting = self._waiting, None
            self.dismiss(result)

    def _cancel_workers(self) -> None:
        """Cancels the workers of the screen and its widgets, but not the one that gives the result."""
        current = active_worker.get(None)
        for worker in list(self.workers):
            if worker is not current and self in worker.node.ancestors_with_self:
                worker.cancel()
