"""An operator in front of the whole program: presses keys, reads the screen, waits until something is there."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual import events
from textual.pilot import Pilot

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.idle_timer import Scheduler
from jiacha_tui.app import JiachaApp

SMALLEST = (80, 24)
_PATIENCE_SECONDS = 30.0
_STEP_SECONDS = 0.02
_STEPS_OF_REST = 15


class Operator:
    """Does nothing but what a person can: press keys and look."""

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
        """Types `text` where the focus is, as keys or as an input method's paste."""
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

    async def waits(self, condition: Callable[[], bool], what: str) -> None:
        waited = 0.0
        while not condition():
            assert waited < _PATIENCE_SECONDS, f"waited for {what}; the screen shows:\n{self.screen}"
            await self._pilot.pause(_STEP_SECONDS)
            waited += _STEP_SECONDS

    async def settles(self, what: Callable[[], object]) -> None:
        """Waits until `what` has stayed the same for some steps: that nothing happens can only be waited for."""
        same, last = 0, what()
        while same < _STEPS_OF_REST:
            await self._pilot.pause(_STEP_SECONDS)
            now = what()
            same, last = (same + 1, now) if now == last else (0, now)

    @property
    def has_left(self) -> bool:
        return self._pilot.app.return_code is not None

    def line_with(self, text: str) -> str:
        """The first line that holds `text`."""
        return next(line for line in self.lines if text in line)


_KEYS = {"/": "slash", " ": "space", "-": "minus", ".": "full_stop", ":": "colon", ">": "greater_than_sign"}


@asynccontextmanager
async def at_work(
    app_context: AppContext, size: tuple[int, int] = SMALLEST, timer: Scheduler | None = None
) -> AsyncIterator[Operator]:
    """The program in a terminal of `size`, closed as its own start closes it."""
    app = JiachaApp(app_context, timer)
    try:
        async with app.run_test(size=size) as pilot:
            yield Operator(pilot)
    finally:
        await app.end()


async def log_in(operator: Operator, pin: str = "12345678") -> None:
    """From the first screen to the desk, with the keys that the screen suggests."""
    await operator.sees("卡介质登录", "JJ0G900000001")
    await operator.write(pin)
    await operator.press("enter", "space", "enter")
    await operator.sees("1报关单查询下载")
