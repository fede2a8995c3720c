"""Operates the whole program as a person does: presses keys, reads the screen, and waits until something is there."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual import events
from textual.pilot import Pilot

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.idle_timer import Scheduler
from jiacha_tui.app import JiachaApp

SMALLEST = (80, 24)
_TIMEOUT_SECONDS = 30.0
_STEP_SECONDS = 0.02
_UNCHANGED_STEPS = 15


class Operator:
    """Does only what a person can do: press keys and look at the screen."""

    def __init__(self, pilot: Pilot[int]) -> None:
        self._pilot = pilot

    @property
    def lines(self) -> list[str]:
        # Textual has no public way to the text of a whole screen with the dialog that covers it.
        return [strip.text.rstrip() for strip in self._pilot.app.screen._compositor.render_strips()]

    @property
    def screen(self) -> str:
        return "\n".join(self.lines)

    def picture(self) -> str:
        """The screen as SVG."""
        return self._pilot.app.export_screenshot(simplify=True)

    async def press(self, *keys: str) -> None:
        await self._pilot.press(*keys)

    async def write(self, text: str) -> None:
        """Types `text` into the focused widget, key by key."""
        for character in text:
            await self._pilot.press(_KEYS.get(character, character))

    async def paste(self, text: str) -> None:
        self._pilot.app.post_message(events.Paste(text))
        await self._pilot.pause()

    async def resize(self, width: int, height: int) -> None:
        await self._pilot.resize_terminal(width, height)

    async def sees(self, *texts: str) -> None:
        await self.waits(lambda: all(text in self.screen for text in texts), f"{texts}")

    async def no_longer_sees(self, text: str) -> None:
        await self.waits(lambda: text not in self.screen, f"{text!r} to go")

    async def waits(self, condition: Callable[[], bool], what: str, seconds: float = _TIMEOUT_SECONDS) -> None:
        waited = 0.0
        while not condition():
            assert waited < seconds, f"waited too long for {what}; the screen shows:\n{self.screen}"
            await self._pilot.pause(_STEP_SECONDS)
            waited += _STEP_SECONDS

    async def settles(self, value: Callable[[], object]) -> None:
        """Waits until `value` has not changed for some steps, as a test that nothing happens can only wait."""
        unchanged, last = 0, value()
        while unchanged < _UNCHANGED_STEPS:
            await self._pilot.pause(_STEP_SECONDS)
            current = value()
            unchanged, last = (unchanged + 1, current) if current == last else (0, current)

    @property
    def has_left(self) -> bool:
        return self._pilot.app.return_code is not None

    def line_with(self, text: str) -> str:
        """The first line that contains `text`."""
        return next(line for line in self.lines if text in line)


_KEYS = {"/": "slash", " ": "space", "-": "minus", ".": "full_stop", ":": "colon", ">": "greater_than_sign"}


@asynccontextmanager
async def run_program(
    app_context: AppContext, size: tuple[int, int] = SMALLEST, timer: Scheduler | None = None
) -> AsyncIterator[Operator]:
    """Runs the program in a terminal of `size`, and closes it as `jiacha_tui.app.run` does."""
    app = JiachaApp(app_context, timer)
    try:
        async with app.run_test(size=size) as pilot:
            yield Operator(pilot)
    finally:
        await app.close_session()


async def log_in(operator: Operator, pin: str = "12345678") -> None:
    """Logs in with the keys that the login screen suggests, up to the main screen."""
    await operator.sees("卡介质登录", "JJ0G900000001")
    await operator.write(pin)
    await operator.press("enter", "space", "enter")
    await operator.sees("1报关单查询下载")
