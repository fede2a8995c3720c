"""A list with a cursor: it stands only on what can be chosen, is seen without colour, and is never out of sight."""

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.screen import Screen

from screens.widgets.choice_list import Choice, ChoiceList
from tests.screens.harness import SMALLEST, ScreenHarness, until


class FakeBrowser(Screen[None]):
    """A list of five rows' height, and what was chosen from it."""

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


def rows(count: int, closed: Sequence[int] = ()) -> list[Choice]:
    return [Choice(Text(f"第 {index} 行"), index not in closed) for index in range(count)]


async def test_the_cursor_passes_over_what_cannot_be_chosen_and_stops_at_the_ends() -> None:
    shelf = FakeBrowser(rows(5, closed=(0, 2, 4)))
    stage = ScreenHarness(shelf)
    async with stage.run_test(size=SMALLEST) as pilot:
        assert stage.line_with("第 1 行").startswith("▸ ")
        await pilot.press("up", "k")
        assert shelf.list.index == 1
        await pilot.press("j")
        assert shelf.list.index == 3
        await pilot.press("down", "end", "G")
        assert shelf.list.index == 3
        await pilot.press("enter")
        await until(pilot, lambda: shelf.chosen == [3])


async def test_the_cursor_is_always_in_sight() -> None:
    shelf = FakeBrowser(rows(30))
    stage = ScreenHarness(shelf)
    async with stage.run_test(size=SMALLEST) as pilot:
        for keys in (["end"], ["pageup"], ["home"], ["pagedown"], ["down"] * 7, ["g"], ["G"]):
            await pilot.press(*keys)
            assert stage.line_with("▸").startswith(f"▸ 第 {shelf.list.index} 行")


async def test_a_list_of_nothing_to_choose_has_no_cursor() -> None:
    shelf = FakeBrowser(rows(2, closed=(0, 1)))
    stage = ScreenHarness(shelf)
    async with stage.run_test(size=SMALLEST) as pilot:
        await pilot.press("down", "end", "enter")
        assert shelf.list.index is None
        assert "▸" not in stage.text
        assert shelf.chosen == []


async def test_new_rows_keep_the_cursor_near_where_it_was_asked_to_be() -> None:
    shelf = FakeBrowser(rows(3))
    async with ScreenHarness(shelf).run_test(size=SMALLEST):
        shelf.list.show(rows(6, closed=(4,)), 4)
        assert shelf.list.index == 5
        shelf.list.show(rows(2), 5)
        assert shelf.list.index == 1
        shelf.list.show([])
        assert shelf.list.index is None


async def test_keys_typed_before_the_rows_are_there_go_to_them_in_their_order() -> None:
    shelf = FakeBrowser([Choice(Text("正在查找…"), can_be_chosen=False)], awaited=True)
    stage = ScreenHarness(shelf)
    async with stage.run_test(size=SMALLEST) as pilot:
        await pilot.press("end", "up", "enter")
        assert shelf.chosen == []
        assert shelf.list.has_typed_ahead
        shelf.list.show(rows(5))
        await until(pilot, lambda: shelf.chosen == [3])
        assert stage.line_with("▸").startswith("▸ 第 3 行")
        assert not shelf.list.has_typed_ahead
        await pilot.press("down")
        assert shelf.list.index == 4
        shelf.list.show(rows(5))
        assert shelf.list.index == 0, "what was typed is typed once"


async def test_a_list_whose_rows_are_awaited_shows_that_it_has_the_focus() -> None:
    shelf = FakeBrowser([Choice(Text("正在查找…"), can_be_chosen=False)], awaited=True)
    stage = ScreenHarness(shelf)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until(pilot, lambda: shelf.list.has_focus)
        assert any(segment.style and segment.style.reverse for segment in shelf.list.render_line(0))
        shelf.list.blur()
        await until(pilot, lambda: not shelf.list.has_focus)
        assert not any(segment.style and segment.style.reverse for segment in shelf.list.render_line(0))
