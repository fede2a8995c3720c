"""Keys that have no effect are answered by the bell and in the footer, and others are not."""

from typing import ClassVar

import pytest
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.pilot import Pilot
from textual.screen import Screen

from screens.base.base_app import BaseApp
from screens.commands.bindings import bindings
from screens.commands.command import Scope
from screens.commands.handler import CommandHandler, UnseenEffect
from screens.commands.notice import Notice
from screens.login.pin_field import PinField
from screens.widgets.key_footer import KeyFooter
from screens.widgets.line_input import LineInput
from screens.widgets.notice_line import NoticeLine
from tests.screens.harness import ScreenHarness, until, until_shown

NO_EFFECT = "这个键现在没有作用"


class Form(CommandHandler, Screen[None]):
    """A field, a PIN field and notices."""

    AUTO_FOCUS = "LineInput"
    SCOPES = (Scope.EVERYWHERE,)
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(*SCOPES),
        Binding("f2", "say('一句话')"),
        Binding("f3", "work_unseen"),
    ]

    def compose(self) -> ComposeResult:
        yield LineInput()
        yield PinField()
        yield NoticeLine()
        yield KeyFooter()

    def on_notice(self, notice: Notice) -> None:
        self.query_one(NoticeLine).show(notice)

    def action_say(self, text: str) -> None:
        self.post_message(Notice(text))

    def action_work_unseen(self) -> None:
        self.post_message(UnseenEffect())


class CountingHarness(ScreenHarness[None]):
    """`bells` counts how often the bell rang."""

    bells = 0

    def bell(self) -> None:
        self.bells += 1


@pytest.fixture
def app() -> CountingHarness:
    return CountingHarness(Form())


async def press_and_rest(pilot: Pilot[int], key: str) -> None:
    """Presses a key and waits until the program has looked at its effect."""
    app = pilot.app
    assert isinstance(app, BaseApp)
    await pilot.press(key)
    await until(pilot, lambda: not app.keys_are_watched)
    await pilot.pause()


@pytest.mark.parametrize("key", ["f12", "ctrl+k", "up", "left", "backspace", "shift+f5"])
async def test_a_key_without_effect_is_answered(app: CountingHarness, key: str) -> None:
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.focused is not None)
        await press_and_rest(pilot, key)
        await until_shown(pilot, NO_EFFECT)
        assert app.bells == 1
        await press_and_rest(pilot, "a")
        assert NO_EFFECT not in app.text
        assert app.bells == 1


@pytest.mark.parametrize("key", ["a", "tab", "f1", "f2", "f3", "ctrl+l", "ctrl+c"])
async def test_a_key_with_an_effect_is_not_answered_again(app: CountingHarness, key: str) -> None:
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.focused is not None)
        await press_and_rest(pilot, key)
        assert NO_EFFECT not in app.text
        assert app.bells == 0


async def test_the_same_notice_a_second_time_is_an_effect(app: CountingHarness) -> None:
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.focused is not None)
        for _ in range(2):
            await press_and_rest(pilot, "f2")
        assert app.bells == 0


async def test_the_answer_names_no_key_because_it_may_belong_to_a_pin(app: CountingHarness) -> None:
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.focused is not None)
        app.screen.query_one(PinField).disabled = True
        app.screen.query_one(LineInput).disabled = True
        await pilot.pause()
        await press_and_rest(pilot, "7")
        await until_shown(pilot, NO_EFFECT)
        assert "7" not in app.text
