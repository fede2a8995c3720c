"""The PIN field: what it accepts and refuses, and that it reveals nothing."""

from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen

from jiacha_tui.terminal.burst import BurstPaste
from screens.login.pin_field import PinField
from tests.screens.harness import SMALLEST, ScreenHarness, until


class PinScreen(Screen[None]):
    """A PIN field, and the messages that it posts."""

    def __init__(self, *, forgotten_after: float = 300.0) -> None:
        super().__init__()
        self.received: list[Message] = []
        self._forgotten_after = forgotten_after

    def compose(self) -> ComposeResult:
        yield PinField(forgotten_after=self._forgotten_after)

    def on_pin_field_submitted(self, message: PinField.Submitted) -> None:
        self.received.append(message)

    def on_pin_field_refused(self, message: PinField.Refused) -> None:
        self.received.append(message)

    @property
    def field(self) -> PinField:
        return self.query_one(PinField)


async def test_stars_are_shown_and_every_character_of_the_keyboard_is_accepted() -> None:
    screen = PinScreen()
    app = ScreenHarness(screen)
    async with app.run_test(size=SMALLEST) as pilot:
        await pilot.press("a", "Z", "9", "exclamation_mark", "q", "question_mark", "slash", "tilde")
        assert screen.field.reveal() == "aZ9!q?/~"
        assert app.lines[0].startswith("[********")
        assert screen.field.reveal() not in app.text


async def test_full_width_letters_and_digits_are_accepted_as_plain_ones() -> None:
    screen = PinScreen()
    async with ScreenHarness(screen).run_test(size=SMALLEST) as pilot:
        screen.field.post_message(events.Paste("Ａｂ１２！"))
        await until(pilot, lambda: not screen.field.is_empty)
        assert screen.field.reveal() == "Ab12!"


async def test_characters_of_an_input_method_are_refused() -> None:
    screen = PinScreen()
    async with ScreenHarness(screen).run_test(size=SMALLEST) as pilot:
        screen.field.post_message(events.Paste("密码"))
        await until(pilot, lambda: bool(screen.received))
        assert isinstance(screen.received[0], PinField.Refused)
        await pilot.press("space")
        await until(pilot, lambda: len(screen.received) == 2)
        assert screen.field.is_empty


async def test_backspace_deletes_one_character_and_ctrl_u_all() -> None:
    screen = PinScreen()
    async with ScreenHarness(screen).run_test(size=SMALLEST) as pilot:
        await pilot.press("a", "b", "c", "backspace", "left", "d")
        assert screen.field.reveal() == "abd"
        await pilot.press("ctrl+u", "backspace")
        assert screen.field.is_empty


async def test_the_pin_is_in_no_repr_no_message_and_not_on_the_clipboard() -> None:
    screen = PinScreen()
    app = ScreenHarness(screen)
    async with app.run_test(size=SMALLEST) as pilot:
        await pilot.press(*"Sesame88")
        await pilot.press("ctrl+a", "ctrl+c", "ctrl+x", "enter")
        await until(pilot, lambda: bool(screen.received))
        assert "Sesame" not in repr(screen.field)
        assert "Sesame" not in repr(vars(screen.received[0]))
        assert app.clipboard == ""
        assert screen.field.reveal() == "Sesame88"


async def test_a_pin_that_is_not_submitted_is_forgotten() -> None:
    screen = PinScreen(forgotten_after=1.0)
    async with ScreenHarness(screen).run_test(size=SMALLEST) as pilot:
        await pilot.press("a", "Z", "9")
        assert not screen.field.is_empty
        await until(pilot, lambda: screen.field.is_empty)
        await pilot.press("q")
        assert screen.field.reveal() == "q", "the next PIN starts empty"


async def test_deleted_characters_and_those_beyond_the_limit_are_not_in_the_pin() -> None:
    screen = PinScreen()
    async with ScreenHarness(screen).run_test(size=SMALLEST) as pilot:
        await pilot.press("backspace", "a", "b", "backspace", "c")
        assert screen.field.reveal() == "ac"
        screen.field.post_message(events.Paste("x" * 40))
        await until(pilot, lambda: bool(screen.received))
        assert screen.field.reveal() == "ac", "a password is not cut"
        screen.field.post_message(events.Paste("x" * 30))
        await until(pilot, lambda: len(screen.field.reveal()) > 2)
        assert screen.field.reveal() == "ac" + "x" * 30
        await pilot.press("z", "ctrl+u")
        assert screen.field.is_empty


async def test_a_password_that_is_too_long_is_refused_and_not_cut() -> None:
    screen = PinScreen()
    async with ScreenHarness(screen).run_test(size=SMALLEST) as pilot:
        for text in ("1" * 1_000_000, "1" * 33, "a\0b", "1\u202e2", "\ud800"):
            screen.received.clear()
            screen.field.post_message(events.Paste(text))
            await until(pilot, lambda: bool(screen.received))
            assert screen.field.is_empty
        screen.field.post_message(events.Paste("1" * 32))
        await until(pilot, lambda: not screen.field.is_empty)
        await pilot.press("2")
        await until(pilot, lambda: len(screen.received) == 2)
        assert screen.field.reveal() == "1" * 32


async def test_a_paste_without_marks_submits_no_pin_whether_it_is_taken_or_not() -> None:
    """A PIN that is tried without an Enter of the operator costs one of three tries."""
    screen = PinScreen()
    async with ScreenHarness(screen).run_test(size=SMALLEST) as pilot:
        await pilot.press(*"12345678")
        for text in ("1" * 33 + "\r", "国" * 20 + "\r"):
            screen.field.post_message(BurstPaste(text))
        await until(pilot, lambda: len(screen.received) >= 2)
        screen.field.post_message(BurstPaste("223320250000012345\r"))
        await until(pilot, lambda: len(screen.field.reveal()) > 8)
        await pilot.pause()
        assert [type(message) for message in screen.received] == [PinField.Refused] * 2
