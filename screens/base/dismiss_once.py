"""A screen that takes only itself off the stack, and only once."""

from typing import Generic, TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import Screen

Result = TypeVar("Result")


class DismissOnceScreen(Screen[Result], Generic[Result]):
    """Textual's `dismiss` takes off whatever is on top: a second answer, or one that comes from work behind the
    screen while help lies over it, would take the desk away. Here a second answer is dropped, and one that comes
    while something lies above waits until that is gone.
    """

    _left = False
    _waiting: tuple[Result | None] | None = None

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        if self._left or self._waiting is not None:
            return AwaitComplete()
        if not self.is_active:
            self._waiting = (result,)
            return AwaitComplete()
        self._left = True
        return super().dismiss(result)

    def on_screen_resume(self) -> None:
        if self._waiting is not None:
            (result,), self._waiting = self._waiting, None
            self.dismiss(result)
