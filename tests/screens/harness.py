"""Runs one screen in the base application, and reads what the terminal shows as plain text."""

from collections.abc import Callable
from typing import Generic, TypeVar

from textual.pilot import Pilot
from textual.screen import Screen

from screens.base.base_app import BaseApp
from screens.commands.notice import Notice

Result = TypeVar("Result")

SMALLEST = (80, 24)
WIDE = (120, 40)
_TIMEOUT_SECONDS = 10.0
_STEP_SECONDS = 0.01


class ScreenHarness(BaseApp, Generic[Result]):
    """Shows `screen`. `results` gets the result that it is dismissed with, `notices` the notices that reach the app."""

    def __init__(self, screen: Screen[Result]) -> None:
        super().__init__()
        self._first = screen
        self.results: list[Result | None] = []
        self.notices: list[Notice] = []

    def on_mount(self) -> None:
        self.push_screen(self._first, self.results.append)

    def on_notice(self, notice: Notice) -> None:
        self.notices.append(notice)

    @property
    def lines(self) -> list[str]:
        """What the terminal shows, row by row, without colours."""
        # Textual has no public way to the text of a whole screen with the dialog that covers it.
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def words(self) -> str:
        """What the terminal shows without blanks, line breaks and frames, so that a wrapped text is found."""
        return _words(self.text)

    def line_with(self, text: str) -> str:
        """The one row that contains `text`."""
        rows = [line for line in self.lines if text in line]
        assert len(rows) == 1, f"{len(rows)} rows with {text!r} in:\n{self.text}"
        return rows[0]


async def until(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    """Lets the program run until `condition` is true. After 10 seconds it fails with what the screen shows."""
    waited = 0.0
    while not condition():
        assert waited < _TIMEOUT_SECONDS, (
            f"not true after {_TIMEOUT_SECONDS:.0f} seconds; the screen shows:\n{_text(pilot)}"
        )
        await pilot.pause(_STEP_SECONDS)
        waited += _STEP_SECONDS


async def until_shown(pilot: Pilot[int], *texts: str) -> None:
    """Waits until the screen shows each of `texts`, and until the widgets around them are laid out too."""
    await until(pilot, lambda: all(text in _text(pilot) for text in texts))
    await pilot.pause()


async def until_shown_wrapped(pilot: Pilot[int], *texts: str) -> None:
    """Waits until the screen shows each of `texts`, also where it is wrapped over several rows."""
    await until(pilot, lambda: all(_words(text) in _words(_text(pilot)) for text in texts))
    await pilot.pause()


def _words(text: str) -> str:
    return "".join(text.replace("│", "").split())


def _text(pilot: Pilot[int]) -> str:
    app = pilot.app
    assert isinstance(app, ScreenHarness)
    return app.text
