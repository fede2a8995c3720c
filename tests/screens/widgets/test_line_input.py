"""The one-line field: what it takes of a paste, and what it says about the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from jiacha_tui.declaration.control_characters import escape_controls, remove_controls
from jiacha_tui.terminal.burst import BurstPaste
from screens.commands.notice import Notice
from screens.widgets.line_input import DEFAULT_MAX_LENGTH, LineInput
from tests.screens.harness import SMALLEST, ScreenHarness, until

LONG = 5000


class FieldScreen(Screen[None]):
    """A field and the notices that it posts."""

    def __init__(self, max_length: int = DEFAULT_MAX_LENGTH) -> None:
        super().__init__()
        self.notices: list[str] = []
        self.submitted: list[str] = []
        self._max_length = max_length

    def compose(self) -> ComposeResult:
        yield LineInput(max_length=self._max_length)

    def on_notice(self, notice: Notice) -> None:
        notice.stop()
        self.notices.append(notice.text)

    def on_input_submitted(self, submitted: Input.Submitted) -> None:
        self.submitted.append(submitted.value)

    @property
    def field(self) -> LineInput:
        return self.query_one(LineInput)


async def paste(pilot: Pilot[int], screen: FieldScreen, text: str) -> None:
    screen.field.post_message(events.Paste(text))
    await pilot.pause()


@pytest.mark.parametrize(
    ("text", "value", "words"),
    [
        ("上海", "上海", ""),
        ("2026-06-01\r\n", "2026-06-01", ""),
        ("一\n\n 二 \n", "一 二", ""),
        ("\n", "", ""),
        ("", "", ""),
        ("a\0b\x1b[31mc\u202ed\u200be\ud800f\x7f", "ab[31mcdef", "去掉了 6 个"),
        ("字" * 1_000_000, "", "最多 200 个字，粘贴后有 1,000,000 个"),
        ("\0" * 1_000_000, "", "去掉了 1,000,000 个"),
        ("字\n" * 500_000, "", "最多 200 个字，粘贴后有 999,999 个"),
    ],
    ids=lambda value: str(len(value)),
)
async def test_a_paste_is_taken_or_answered_with_a_word(text: str, value: str, words: str) -> None:
    screen = FieldScreen()
    async with ScreenHarness(screen).run_test(size=SMALLEST) as pilot:
        await paste(pilot, screen, text)
        assert screen.field.value == value
        await until(pilot, lambda: words in "".join(screen.notices) and bool(words) is bool(screen.notices))


async def test_a_key_beyond_the_maximum_is_answered_with_a_word() -> None:
    screen = FieldScreen(3)
    async with ScreenHarness(screen).run_test(size=SMALLEST) as pilot:
        await pilot.press(*"abcd")
        assert screen.field.value == "abc"
        await until(pilot, lambda: screen.notices == ["这里最多 3 个字"])


async def test_a_paste_replaces_what_is_selected() -> None:
    screen = FieldScreen(6)
    async with ScreenHarness(screen).run_test(size=SMALLEST) as pilot:
        await pilot.press(*"abcdef", "shift+left", "shift+left")
        await paste(pilot, screen, "xy")
        assert screen.field.value == "abcdxy"
        assert screen.notices == []


async def test_a_long_text_is_drawn_as_textual_draws_a_short_one() -> None:
    screen = FieldScreen(2 * LONG)
    app = ScreenHarness(screen)
    text = "".join(chr(0x4E00 + n) if n % 3 else f"{n % 10}" for n in range(LONG))
    async with app.run_test(size=SMALLEST) as pilot:
        await paste(pilot, screen, text)
        assert app.lines[0].rstrip().endswith(text[-20:])
        await pilot.press("home")
        await until(pilot, lambda: app.lines[0].startswith(text[:40]))
        await pilot.press(*["right"] * 60, "x")
        await until(pilot, lambda: f"{text[50:60]}x{text[60:61]}" in app.lines[0])
        await pilot.press("shift+home", "delete")
        assert screen.field.value == text[60:]
        await until(pilot, lambda: app.lines[0].startswith(text[60:90]))


@given(st.text(st.characters() | st.characters(categories=["Cs", "Cf", "Cc"])))
def test_nothing_is_left_that_would_need_a_mark(text: str) -> None:
    left = remove_controls(text)
    marked = escape_controls(left)
    assert marked.removeprefix("\u25cc") == left


@pytest.mark.parametrize(
    ("text", "submitted"),
    [("223320250000012345\r", ["223320250000012345"]), ("字" * 201 + "\r", []), ("\0" * 40 + "\r", [])],
    ids=["taken", "too long", "nothing visible"],
)
async def test_enter_at_the_end_of_a_paste_without_marks_counts_only_if_the_text_was_taken(
    text: str, submitted: list[str]
) -> None:
    screen = FieldScreen()
    async with ScreenHarness(screen).run_test(size=SMALLEST) as pilot:
        screen.field.value = "" if submitted else "旧"
        screen.field.post_message(BurstPaste(text))
        await until(pilot, lambda: bool(screen.submitted if submitted else screen.notices))
        await pilot.pause()
        assert screen.submitted == submitted
