"""The table: what is under the cursor, what is fetched for it, and what is not when it comes too late."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from rich.cells import cell_len
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen

from jiacha_tui.actions.selection import Selection
from jiacha_tui.declaration.declaration_row import Column, Order
from screens.main.declaration_table import DeclarationTable
from screens.main.page_cache import KEPT, PAGE
from tests.screens.fakes import FakeBrowser, line, lines
from tests.screens.harness import SMALLEST, ScreenHarness, until

ROWS = SMALLEST[1] - 1


class Alone(Screen[None]):
    """Nothing but a table."""

    def __init__(self, shelf: FakeBrowser) -> None:
        super().__init__()
        self.shelf = shelf

    def compose(self) -> ComposeResult:
        yield DeclarationTable(self.shelf)


class Table:
    """A table on a stage, over a shelf."""

    def __init__(self, pilot: Pilot[int], stage: ScreenHarness[None], shelf: FakeBrowser) -> None:
        self.pilot, self.stage, self.shelf = pilot, stage, shelf

    @property
    def widget(self) -> DeclarationTable:
        return self.stage.screen.query_one(DeclarationTable)

    @property
    def cursor_line(self) -> str:
        """The one row with the cursor."""
        return self.stage.line_with("▸")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def settled(self) -> None:
        await until(self.pilot, lambda: self.widget.line is not None and self.widget.entry_id is not None)
        await self.pilot.pause()


@asynccontextmanager
async def table_of(count: int, size: tuple[int, int] = SMALLEST) -> AsyncIterator[Table]:
    shelf = FakeBrowser(lines(count))
    stage = ScreenHarness(Alone(shelf))
    async with stage.run_test(size=size) as pilot:
        table = Table(pilot, stage, shelf)
        await until(pilot, lambda: bool(stage.screen.query(DeclarationTable)))
        await table.widget.show(shelf.view())
        await pilot.pause()
        yield table


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        (["down", "j"], 2),
        (["down", "down", "up"], 1),
        (["up", "k"], 0),
        (["pagedown"], ROWS - 1),
        (["pagedown", "pageup"], 0),
        (["end"], 1999),
        (["G", "k"], 1998),
        (["G", "home"], 0),
        (["G", "g"], 0),
    ],
)
async def test_keys_move_the_cursor(keys: list[str], row: int) -> None:
    async with table_of(2000) as table:
        await table.press(*keys)
        await table.settled()
        assert table.widget.row == row
        assert table.widget.entry_id == line(row).entry_id
        assert line(row).entry_id in table.cursor_line


@pytest.mark.parametrize("width", [80, 97, 120, 161, 240])
async def test_every_row_is_exactly_as_wide_as_the_terminal(width: int) -> None:
    async with table_of(300, (width, 24)) as table:
        await table.press("down", "space", "pagedown")
        strips = table.stage.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {width}
        assert {cell_len(strip.text) for strip in strips} == {width}


async def test_a_row_is_one_segment_of_one_style() -> None:
    """A colour code for each cell is what makes a table slow over a line."""
    async with table_of(300) as table:
        assert [len(list(table.widget.render_line(y))) for y in range(5)] == [1] * 5


async def test_the_cursor_can_be_seen_without_colour() -> None:
    async with table_of(300) as table:
        cursor, other = table.widget.render_line(1), table.widget.render_line(2)
        assert cursor.text.startswith("▸")
        assert not other.text.startswith("▸")
        assert all(segment.style and segment.style.reverse for segment in cursor)
        assert not any(segment.style and segment.style.reverse for segment in other)


async def test_a_key_is_answered_before_the_row_is_there() -> None:
    async with table_of(100_000) as table:
        table.shelf.hold()
        await table.press("end")
        assert table.widget.row == 99_999
        assert table.widget.entry_id is None
        assert table.cursor_line.strip("▸ ").strip("·") == ""
        table.shelf.release()
        await table.settled()
        assert line(99_999).entry_id in table.cursor_line


async def test_nothing_that_grows_with_the_cache_is_held() -> None:
    async with table_of(100_000) as table:
        for _ in range(3 * KEPT):
            table.widget.action_move(PAGE)
            await table.settled()
        assert len(table.widget._pages) <= KEPT
        assert max(count for _, count in table.shelf.windows) <= PAGE


async def test_what_was_run_past_is_not_fetched() -> None:
    async with table_of(100_000) as table:
        before = len(table.shelf.windows)
        table.shelf.hold()
        for _ in range(200):
            table.widget.action_move_pages(1)
        await table.pilot.pause()
        assert len(table.shelf.windows) == before + 1
        table.shelf.release()
        await table.settled()
        assert len(table.shelf.windows) <= before + 5


async def test_an_answer_for_a_view_that_was_replaced_is_dropped() -> None:
    async with table_of(5000) as table:
        table.shelf.hold()
        await table.press("end")
        replaced = table.widget.view
        table.shelf.lines = lines(10)
        await table.widget.show(table.shelf.view())
        table.shelf.release()
        await table.settled()
        assert table.widget.view is not replaced
        assert table.widget.row == 9
        assert line(9).entry_id in table.cursor_line
        assert "·" not in table.stage.text


async def test_of_two_views_the_newer_stays_whichever_is_ready_first() -> None:
    async with table_of(500) as table:
        await table.press("down")
        older, newer = table.shelf.view("0000000001"), table.shelf.view()
        assert await table.widget.show(newer)
        assert not await table.widget.show(older)
        assert table.widget.view is newer


async def test_the_cursor_stays_on_its_declaration_when_lines_come_before_it() -> None:
    async with table_of(500) as table:
        await table.press("pagedown", "down", "down")
        entry_id, place = table.widget.entry_id, table.stage.lines.index(table.cursor_line)
        table.shelf.lines[:0] = [line(number) for number in range(10_000, 10_137)]
        await table.widget.show(table.shelf.view())
        await table.settled()
        assert table.widget.entry_id == entry_id
        assert entry_id is not None
        assert entry_id in table.cursor_line
        assert table.stage.lines.index(table.cursor_line) == place


async def test_a_cursor_that_nobody_moved_stays_at_the_top_of_the_whole_list() -> None:
    async with table_of(10) as table:
        table.shelf.lines[:0] = [line(number) for number in range(10_000, 10_137)]
        await table.widget.show(table.shelf.view())
        await table.settled()
        assert table.widget.row == 0
        assert table.widget.entry_id == line(10_000).entry_id


async def test_in_a_filter_even_such_a_cursor_stays_on_its_declaration() -> None:
    async with table_of(10) as table:
        await table.widget.show(table.shelf.view("2233"))
        table.shelf.lines[:0] = [line(number) for number in range(10_000, 10_137)]
        await table.widget.show(table.shelf.view("2233"))
        await table.settled()
        assert table.widget.entry_id == line(0).entry_id


async def test_the_cursor_stays_on_its_declaration_through_a_sort() -> None:
    async with table_of(500) as table:
        await table.press("down", "down", "down")
        await table.widget.show(table.shelf.view(order=Order(Column.USD_AMOUNT, descending=True)))
        await table.settled()
        assert table.widget.entry_id == line(3).entry_id
        assert line(3).entry_id in table.cursor_line


async def test_a_declaration_that_is_gone_leaves_the_cursor_on_its_row() -> None:
    async with table_of(500) as table:
        await table.press("down", "down")
        del table.shelf.lines[2]
        await table.widget.show(table.shelf.view())
        await table.settled()
        assert table.widget.row == 2
        assert table.widget.entry_id == line(3).entry_id


async def test_a_filter_without_the_declaration_starts_at_the_top() -> None:
    async with table_of(500) as table:
        await table.press("down", "down")
        await table.widget.show(table.shelf.view("德国"))
        await table.settled()
        assert table.widget.row == 0
        assert table.widget.entry_id == line(1).entry_id


async def test_a_cursor_moved_while_a_view_is_on_its_way_is_where_it_was_moved_to() -> None:
    async with table_of(500) as table:
        await table.press("pagedown", "pagedown", "pagedown", "pagedown")
        await table.settled()
        table.shelf.hold()
        table.shelf.lines[:0] = [line(number) for number in range(10_000, 10_300)]
        showing = table.widget.run_worker(table.widget.show(table.shelf.view()))
        await until(table.pilot, lambda: bool(table.shelf.windows))
        await table.press("down")
        entry_id = table.widget.entry_id
        table.shelf.release()
        await showing.wait()
        await table.settled()
        assert table.widget.entry_id == entry_id


async def test_picked_lines_are_marked_and_bold() -> None:
    async with table_of(500) as table:
        table.widget.selection = Selection((line(1).entry_id,))
        await table.pilot.pause()
        assert table.stage.line_with("✓").startswith(f" ✓ {line(1).entry_id}")
        assert all(segment.style and segment.style.bold for segment in table.widget.render_line(2))


async def test_an_empty_view_says_why() -> None:
    async with table_of(0) as table:
        table.widget.say_empty("没有报关单")
        await table.pilot.pause()
        assert table.widget.entry_id is None
        assert table.stage.line_with("没有报关单")
        await table.press("down", "G", "pagedown")
        assert table.widget.row == 0


async def test_the_heading_of_an_empty_view_shows_its_order_all_the_same() -> None:
    async with table_of(30) as table:
        await table.widget.show(table.shelf.view("火星", Order(Column.USD_AMOUNT, descending=False)))
        await table.pilot.pause()
        assert "USD▴" in table.stage.lines[0]


async def test_a_smaller_terminal_keeps_the_cursor_in_sight() -> None:
    async with table_of(500, (120, 40)) as table:
        await table.press(*["down"] * 35)
        await table.pilot.resize_terminal(80, 24)
        await until(table.pilot, lambda: any("▸" in row for row in table.stage.lines))
        assert line(35).entry_id in table.cursor_line


async def test_going_to_a_declaration_that_is_not_there_moves_nothing() -> None:
    async with table_of(500) as table:
        await table.widget.go_to("999999999999999999")
        assert table.widget.row == 0
        await table.widget.go_to(line(321).entry_id)
        await table.settled()
        assert table.widget.row == 321


def test_help_says_what_the_marks_mean() -> None:

    said = "".join(
        meaning for section in DeclarationTable(FakeBrowser([])).help_sections() for _, meaning in section.rows
    )
    assert all(mark in said for mark in "▸✓↑↓↕?▾▴")
