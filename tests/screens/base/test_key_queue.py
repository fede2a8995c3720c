"""Keys that come in one burst go where they would have gone one by one."""

from textual import events, on
from textual.app import ComposeResult
from textual.screen import Screen

from screens.base.base_app import BaseApp
from screens.widgets.line_input import LineInput
from tests.screens.harness import ScreenHarness, until


class Handover(Screen[None]):
    """Enter in the first field moves the focus to the second, as a form does: by a message."""

    AUTO_FOCUS = "#first"

    def compose(self) -> ComposeResult:
        yield LineInput(id="first")
        yield LineInput(id="second")

    @on(LineInput.Submitted)
    def _entered(self) -> None:
        self.query_one("#second").focus()


def burst(app: BaseApp, keys: str) -> None:
    """The keys as a terminal delivers one packet: all in the application's queue before it looks at the first."""
    for key in keys:
        app.post_message(events.Key("enter", "\r") if key == "\r" else events.Key(key, key))


async def test_what_follows_an_enter_is_typed_into_the_next_field() -> None:
    stage = ScreenHarness(Handover())
    async with stage.run_test() as pilot:
        await until(pilot, lambda: stage.focused is not None)
        burst(stage, "ab\rcd")
        await until(pilot, lambda: stage.screen.query_one("#second", LineInput).value == "cd")
        assert stage.screen.query_one("#first", LineInput).value == "ab"


async def test_a_long_burst_loses_no_key_and_keeps_their_order() -> None:
    stage = ScreenHarness(Handover())
    async with stage.run_test() as pilot:
        await until(pilot, lambda: stage.focused is not None)
        typed = "0123456789" * 12
        burst(stage, typed)
        await until(pilot, lambda: len(stage.screen.query_one("#first", LineInput).value) == len(typed))
        assert stage.screen.query_one("#first", LineInput).value == typed
