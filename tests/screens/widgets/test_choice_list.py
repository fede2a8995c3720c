"""A list with a cursor: it stops only at rows that can be chosen, and is always visible, also without colour."""

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.screen import Screen

from screens.widgets.choice_list import Choice, ChoiceList
from tests.screens.harness import SMALLEST, ScreenHarness, until


class ListScreen(Screen[None]):
    """A list of five rows, and the indexes that were chosen in it."""

    CSS = "ChoiceList { height: 5; }"

    def __init__(self, choices: Sequence[Choice], *, awaited: bool = False) -> None:
        super().__init__()
        self._choices = choices
        self._awaited = awaited
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        yield ChoiceList(self._choices, awaited=self._awaited)

    def on_choice_list_chosen(self, message: ChoiceList.Chosen) -> None:
        self.chosen.append(message.index)

    @property
    def list(self) -> ChoiceList:
        return self.query_one(ChoiceList)


def rows(count: int, disabled: Sequence[int] = ()) -> list[Choice]:
    return [Choice(Text(f"第 {index} 行"), index not in disabled) for index in range(count)]


async def test_the_cursor_skips_disabled_rows_and_stops_at_the_ends() -> None:
    screen = ListScreen(rows(5, disabled=(0, 2, 4)))
    app = ScreenHarness(screen)
    async with app.run_test(size=SMALLEST) as pilot:
        assert app.line_with("第 1 行").startswith("▸ ")
        await pilot.press("up", "k")
        assert screen.list.index == 1
        await pilot.press("j")
        assert screen.list.index == 3
        await pilot.press("down", "end", "G")
        assert screen.list.index == 3
        await pilot.press("enter")
        await until(pilot, lambda: screen.chosen == [3])


async def test_the_cursor_is_always_visible() -> None:
    screen = ListScreen(rows(30))
    app = ScreenHarness(screen)
    async with app.run_test(size=SMALLEST) as pilot:
        for keys in (["end"], ["pageup"], ["home"], ["pagedown"], ["down"] * 7, ["g"], ["G"]):
            await pilot.press(*keys)
            assert app.line_with("▸").startswith(f"▸ 第 {screen.list.index} 行")


async def test_a_list_of_disabled_rows_has_no_cursor() -> None:
    screen = ListScreen(rows(2, disabled=(0, 1)))
    app = ScreenHarness(screen)
    async with app.run_test(size=SMALLEST) as pilot:
        await pilot.press("down", "end", "enter")
        assert screen.list.index is None
        assert "▸" not in app.text
        assert screen.chosen == []


async def test_new_rows_put_the_cursor_at_the_nearest_row_that_can_be_chosen() -> None:
    screen = ListScreen(rows(3))
    async with ScreenHarness(screen).run_test(size=SMALLEST):
        screen.list.show(rows(6, disabled=(4,)), 4)
        assert screen.list.index == 5
        screen.list.show(rows(2), 5)
        assert screen.list.index == 1
        screen.list.show([])
        assert screen.list.index is None


async def test_keys_typed_before_the_rows_are_there_are_applied_to_them_in_order() -> None:
    screen = ListScreen([Choice(Text("正在查找…"), enabled=False)], awaited=True)
    app = ScreenHarness(screen)
    async with app.run_test(size=SMALLEST) as pilot:
        await pilot.press("end", "up", "enter")
        assert screen.chosen == []
        assert screen.list.has_pending_keys
        screen.list.show(rows(5))
        await until(pilot, lambda: screen.chosen == [3])
        assert app.line_with("▸").startswith("▸ 第 3 行")
        assert not screen.list.has_pending_keys
        await pilot.press("down")
        assert screen.list.index == 4
        screen.list.show(rows(5))
        assert screen.list.index == 0, "the keys are applied once"


async def test_a_list_that_waits_for_its_rows_shows_the_focus() -> None:
    screen = ListScreen([Choice(Text("正在查找…"), enabled=False)], awaited=True)
    app = ScreenHarness(screen)
    async with app.run_test(size=SMALLEST) as pilot:
        await until(pilot, lambda: screen.list.has_focus)
        assert any(segment.style and segment.style.reverse for segment in screen.list.render_line(0))
        screen.list.blur()
        await until(pilot, lambda: not screen.list.has_focus)
        assert not any(segment.style and segment.style.reverse for segment in screen.list.render_line(0))
