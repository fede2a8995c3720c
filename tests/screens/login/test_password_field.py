"""The password field: what it takes, what it refuses, and that it gives nothing away."""

from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen

from screens.login.password_field import PasswordField
from tests.screens.harness import SMALLEST, ScreenHarness, until


class Door(Screen[None]):
    """A password field and what it said."""

    def __init__(self, *, forgotten_after: float = 300.0) -> None:
        super().__init__()
        self.heard: list[Message] = []
        self._forgotten_after = forgotten_after

    def compose(self) -> ComposeResult:
        yield PasswordField(forgotten_after=self._forgotten_after)

    def on_password_field_submitted(self, message: PasswordField.Submitted) -> None:
        self.heard.append(message)

    def on_password_field_refused(self, message: PasswordField.Refused) -> None:
        self.heard.append(message)

    @property
    def field(self) -> PasswordField:
        return self.query_one(PasswordField)


async def test_stars_are_shown_and_every_sign_of_a_keyboard_is_taken() -> None:
    door = Door()
    stage = ScreenHarness(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await pilot.press("a", "Z", "9", "exclamation_mark", "q", "question_mark", "slash", "tilde")
        assert door.field.reveal() == "aZ9!q?/~"
        assert stage.lines[0].startswith("[********")
        assert door.field.reveal() not in stage.text


async def test_full_width_letters_and_digits_are_taken_as_plain_ones() -> None:
    door = Door()
    async with ScreenHarness(door).run_test(size=SMALLEST) as pilot:
        door.field.post_message(events.Paste("Ａｂ１２！"))
        await until(pilot, lambda: not door.field.is_empty)
        assert door.field.reveal() == "Ab12!"


async def test_what_an_input_method_makes_of_letters_is_refused_and_said() -> None:
    door = Door()
    async with ScreenHarness(door).run_test(size=SMALLEST) as pilot:
        door.field.post_message(events.Paste("密码"))
        await until(pilot, lambda: bool(door.heard))
        assert isinstance(door.heard[0], PasswordField.Refused)
        await pilot.press("space")
        await until(pilot, lambda: len(door.heard) == 2)
        assert door.field.is_empty


async def test_backspace_takes_back_one_and_ctrl_u_all() -> None:
    door = Door()
    async with ScreenHarness(door).run_test(size=SMALLEST) as pilot:
        await pilot.press("a", "b", "c", "backspace", "left", "d")
        assert door.field.reveal() == "abd"
        await pilot.press("ctrl+u", "backspace")
        assert door.field.is_empty


async def test_nothing_of_the_password_is_in_a_repr_in_a_message_or_on_the_clipboard() -> None:
    door = Door()
    stage = ScreenHarness(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await pilot.press(*"Sesame88")
        await pilot.press("ctrl+a", "ctrl+c", "ctrl+x", "enter")
        await until(pilot, lambda: bool(door.heard))
        assert "Sesame" not in repr(door.field)
        assert "Sesame" not in repr(vars(door.heard[0]))
        assert stage.clipboard == ""
        assert door.field.reveal() == "Sesame88"


async def test_a_password_that_nobody_sends_off_is_forgotten() -> None:
    door = Door(forgotten_after=1.0)
    async with ScreenHarness(door).run_test(size=SMALLEST) as pilot:
        await pilot.press("a", "Z", "9")
        assert not door.field.is_empty
        await until(pilot, lambda: door.field.is_empty)
        await pilot.press("q")
        assert door.field.reveal() == "q", "the next one begins anew"


async def test_what_was_rubbed_out_or_is_too_long_is_not_in_it() -> None:
    door = Door()
    async with ScreenHarness(door).run_test(size=SMALLEST) as pilot:
        await pilot.press("backspace", "a", "b", "backspace", "c")
        assert door.field.reveal() == "ac"
        door.field.post_message(events.Paste("x" * 40))
        await until(pilot, lambda: len(door.field.reveal()) > 2)
        assert door.field.reveal() == "ac" + "x" * 30
        await pilot.press("z", "ctrl+u")
        assert door.field.is_empty
