"""Keys that arrive together go to the widgets to which they would have gone one by one."""

from textual import events, on
from textual.app import ComposeResult
from textual.screen import Screen

from screens.base.base_app import BaseApp
from screens.widgets.line_input import LineInput
from tests.screens.harness import ScreenHarness, until


class TwoFields(Screen[None]):
    """Enter in the first field moves the focus to the second, as a form does: by a message."""

    AUTO_FOCUS = "#first"

    def compose(self) -> ComposeResult:
        yield LineInput(id="first")
        yield LineInput(id="second")

    @on(LineInput.Submitted)
    def _entered(self) -> None:
        self.query_one("#second").focus()


def type_at_once(app: BaseApp, keys: str) -> None:
    """Posts the keys as a terminal sends one packet: all are queued before the application handles the first."""
    for key in keys:
        app.post_message(events.Key("enter", "\r") if key == "\r" else events.Key(key, key))


async def test_keys_after_an_enter_go_to_the_next_field() -> None:
    app = ScreenHarness(TwoFields())
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.focused is not None)
        type_at_once(app, "ab\rcd")
        await until(pilot, lambda: app.screen.query_one("#second", LineInput).value == "cd")
        assert app.screen.query_one("#first", LineInput).value == "ab"


async def test_many_keys_at_once_are_all_typed_and_in_order() -> None:
    app = ScreenHarness(TwoFields())
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.focused is not None)
        typed = "0123456789" * 12
        type_at_once(app, typed)
        await until(pilot, lambda: len(app.screen.query_one("#first", LineInput).value) == len(typed))
        assert app.screen.query_one("#first", LineInput).value == typed
