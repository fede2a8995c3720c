"""The table: what is under the cursor, what is fetched for it, and what is dropped when it comes too late."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen

from jiacha_tui.actions.result_browser import ResultBrowser, ResultView
from jiacha_tui.actions.selection import Selection
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.declaration_row import Column, Order
from screens.main.declaration_table import DeclarationTable
from screens.main.row_cache import BLOCK_ROWS, MAX_BLOCKS
from tests.screens.harness import SMALLEST, ScreenHarness, until
from tests.screens.held_calls import HeldCalls
from tests.screens.sample_cache import DECLARATIONS, SampleSessions, country, entry_id, summary

ROWS = SMALLEST[1] - 1
LAST = DECLARATIONS - 1


class TableScreen(Screen[None]):
    """Nothing but a table."""

    def compose(self) -> ComposeResult:
        yield DeclarationTable()


class TableApp(ScreenHarness[None]):
    """A table over the cache of `session`."""

    pilot: Pilot[int]

    def __init__(self, session: Session) -> None:
        super().__init__(TableScreen())
        self.session = session
        self._browser = ResultBrowser(session)

    @property
    def table(self) -> DeclarationTable:
        return self.screen.query_one(DeclarationTable)

    @property
    def cursor_line(self) -> str:
        """The one row with the cursor."""
        return self.line_with("▸")

    async def find(self, filter_text: str = "", order: Order | None = None) -> ResultView:
        view = await self._browser.show(filter_text, order or Order())
        assert view is not None
        return view

    async def show(self, filter_text: str = "", order: Order | None = None) -> None:
        """Shows what a filter finds in the cache as it is."""
        await self.table.show(await self.find(filter_text, order))
        await self.settled()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def settled(self) -> None:
        """Waits until the declaration under the cursor is there."""
        await until(self.pilot, lambda: not self.table.view or self.table.entry_id is not None)
        await self.pilot.pause()

    def list_again(self, *numbers: int, **changes: object) -> None:
        """Puts rows of the port's list into the cache, as a sync does."""
        rows = [replace(summary(number), **changes) for number in numbers]  # type: ignore[arg-type]  # names of fields
        self.session.declarations.merge_rows(rows)


@asynccontextmanager
async def shown(session: Session, filter_text: str = "", size: tuple[int, int] = SMALLEST) -> AsyncIterator[TableApp]:
    """A table that shows what the filter finds."""
    app = TableApp(session)
    async with app.run_test(size=size) as pilot:
        app.pilot = pilot
        await until(pilot, lambda: bool(app.screen.query(DeclarationTable)))
        await app.show(filter_text)
        yield app


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> HeldCalls:
    """Every window that is read: its first position and its length."""
    return HeldCalls(monkeypatch, ResultView, "window")


NEW = range(-137, 0)
"""Declarations that are newer than all in the cache."""


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        (["down", "j"], 2),
        (["down", "down", "up"], 1),
        (["up", "k"], 0),
        (["pagedown"], ROWS - 1),
        (["pagedown", "pageup"], 0),
        (["end"], LAST),
        (["G", "k"], LAST - 1),
        (["G", "home"], 0),
        (["G", "g"], 0),
    ],
)
async def test_keys_move_the_cursor(sample_session: Session, keys: list[str], row: int) -> None:
    async with shown(sample_session) as app:
        await app.press(*keys)
        await app.settled()
        assert app.table.row == row
        assert app.table.entry_id == entry_id(row)
        assert entry_id(row) in app.cursor_line


@pytest.mark.parametrize("width", [80, 97, 120, 161, 240])
async def test_every_row_is_exactly_as_wide_as_the_terminal(sample_session: Session, width: int) -> None:
    async with shown(sample_session, size=(width, 24)) as app:
        await app.press("down", "space", "pagedown")
        strips = app.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {width}
        assert {cell_len(strip.text) for strip in strips} == {width}


async def test_a_row_is_one_segment_of_one_style(sample_session: Session) -> None:
    """A colour code for each cell makes a table slow over an SSH line."""
    async with shown(sample_session) as app:
        assert [len(list(app.table.render_line(y))) for y in range(5)] == [1] * 5


async def test_the_cursor_is_visible_without_colour(sample_session: Session) -> None:
    async with shown(sample_session) as app:
        cursor, other = app.table.render_line(1), app.table.render_line(2)
        assert cursor.text.startswith("▸")
        assert not other.text.startswith("▸")
        assert all(segment.style and segment.style.reverse for segment in cursor)
        assert not any(segment.style and segment.style.reverse for segment in other)


async def test_the_cursor_moves_before_the_row_has_been_read(sample_session: Session, windows: HeldCalls) -> None:
    async with shown(sample_session) as app:
        windows.hold()
        await app.press("end")
        assert app.table.row == LAST
        assert app.table.entry_id is None
        assert app.cursor_line.strip("▸ ").strip("·") == ""
        windows.release()
        await app.settled()
        assert entry_id(LAST) in app.cursor_line


async def test_the_table_holds_a_limited_number_of_blocks(sample_session: Session, windows: HeldCalls) -> None:
    async with shown(sample_session) as app:
        for _ in range(DECLARATIONS // BLOCK_ROWS):
            app.table.action_move(BLOCK_ROWS)
            await app.settled()
        assert DECLARATIONS // BLOCK_ROWS > MAX_BLOCKS
        assert len(app.table._row_cache) <= MAX_BLOCKS
        assert max(count for _, count in windows.calls) <= BLOCK_ROWS


async def test_blocks_that_the_cursor_only_passed_are_not_read(sample_session: Session, windows: HeldCalls) -> None:
    async with shown(sample_session) as app:
        before = len(windows.calls)
        windows.hold()
        for _ in range(80):
            app.table.action_move_pages(1)
        await app.pilot.pause()
        assert len(windows.calls) == before + 1
        windows.release()
        await app.settled()
        assert len(windows.calls) <= before + 5


async def test_rows_of_a_replaced_view_are_dropped(sample_session: Session, windows: HeldCalls) -> None:
    async with shown(sample_session) as app:
        windows.hold()
        await app.press("end")
        replaced = app.table.view
        await app.table.show(await app.find("2026-06-30"))
        windows.release()
        await app.settled()
        assert app.table.view is not replaced
        assert entry_id(0) in app.cursor_line
        assert "·" not in app.text


async def test_of_two_views_the_newer_one_stays_whichever_is_shown_first(sample_session: Session) -> None:
    async with shown(sample_session) as app:
        await app.press("down")
        older, newer = await app.find("2026-06-30"), await app.find()
        assert await app.table.show(newer)
        assert not await app.table.show(older)
        assert app.table.view is newer


async def test_the_cursor_stays_on_its_declaration_when_rows_come_before_it(sessions: SampleSessions) -> None:
    async with shown(sessions.own()) as app:
        await app.press("pagedown", "down", "down")
        current, place = app.table.entry_id, app.lines.index(app.cursor_line)
        app.list_again(*NEW)
        await app.show()
        assert app.table.row == ROWS + 1 + len(NEW)
        assert app.table.entry_id == current == entry_id(ROWS + 1)
        assert app.lines.index(app.cursor_line) == place


async def test_a_cursor_that_was_never_moved_stays_at_the_top_of_the_whole_list(sessions: SampleSessions) -> None:
    async with shown(sessions.own()) as app:
        app.list_again(*NEW)
        await app.show()
        assert app.table.row == 0
        assert app.table.entry_id == entry_id(NEW[0])


async def test_in_a_filter_a_cursor_that_was_never_moved_stays_on_its_declaration(sessions: SampleSessions) -> None:
    async with shown(sessions.own(), "2233") as app:
        app.list_again(*NEW)
        await app.show("2233")
        assert app.table.entry_id == entry_id(0)


async def test_the_cursor_stays_on_its_declaration_through_a_sort(sample_session: Session) -> None:
    async with shown(sample_session) as app:
        await app.press("down", "down", "down")
        await app.show(order=Order(Column.USD_AMOUNT, descending=True))
        assert app.table.entry_id == entry_id(3)
        assert entry_id(3) in app.cursor_line


async def test_when_its_declaration_leaves_the_result_the_cursor_stays_on_its_row(sessions: SampleSessions) -> None:
    async with shown(sessions.own(), "状态:新增") as app:
        await app.press("down", "down")
        assert app.table.entry_id == entry_id(3), "of the first ones only number 1 is not 新增"
        app.list_again(3, transfer_state="修改")
        await app.show("状态:新增")
        assert app.table.row == 2
        assert app.table.entry_id == entry_id(4)


async def test_another_filter_without_the_declaration_starts_at_the_top(sample_session: Session) -> None:
    async with shown(sample_session) as app:
        await app.press("down", "down")
        await app.show("德国")
        assert country(1) == "德国"
        assert app.table.row == 0
        assert app.table.entry_id == entry_id(1)


async def test_a_cursor_that_is_moved_while_a_view_is_read_stays_where_it_was_moved_to(
    sessions: SampleSessions, windows: HeldCalls
) -> None:
    async with shown(sessions.own()) as app:
        await app.press("pagedown", "pagedown", "pagedown", "pagedown")
        await app.settled()
        windows.hold()
        app.list_again(*NEW)
        before = len(windows.calls)
        showing = app.table.run_worker(app.table.show(await app.find()))
        await until(app.pilot, lambda: len(windows.calls) > before)
        await app.press("down")
        current = app.table.entry_id
        windows.release()
        await showing.wait()
        await app.settled()
        assert app.table.entry_id == current


async def test_picked_rows_are_marked_and_bold(sample_session: Session) -> None:
    async with shown(sample_session) as app:
        app.table.selection = Selection((entry_id(1),))
        await app.pilot.pause()
        assert app.line_with("✓").startswith(f" ✓ {entry_id(1)}")
        assert all(segment.style and segment.style.bold for segment in app.table.render_line(2))


async def test_an_empty_view_says_why(sample_session: Session) -> None:
    async with shown(sample_session, "火星") as app:
        app.table.show_empty_text("没有报关单")
        await app.pilot.pause()
        assert app.table.entry_id is None
        assert app.line_with("没有报关单")
        await app.press("down", "G", "pagedown")
        assert app.table.row == 0


async def test_the_header_of_an_empty_view_shows_its_order(sample_session: Session) -> None:
    async with shown(sample_session) as app:
        await app.show("火星", Order(Column.USD_AMOUNT, descending=False))
        assert "USD▴" in app.lines[0]


async def test_a_smaller_terminal_keeps_the_cursor_in_sight(sample_session: Session) -> None:
    async with shown(sample_session, size=(120, 40)) as app:
        await app.press(*["down"] * 35)
        await app.pilot.resize_terminal(80, 24)
        await until(app.pilot, lambda: any("▸" in row for row in app.lines))
        assert entry_id(35) in app.cursor_line


async def test_going_to_a_declaration_that_is_not_in_the_view_moves_nothing(sample_session: Session) -> None:
    async with shown(sample_session) as app:
        await app.table.go_to("999999999999999999")
        assert app.table.row == 0
        await app.table.go_to(entry_id(321))
        await app.settled()
        assert app.table.row == 321


def test_the_help_explains_the_marks() -> None:
    text = "".join(meaning for section in DeclarationTable().help_sections() for _, meaning in section.rows)
    assert all(mark in text for mark in "▸✓↑↓↕?▾▴")
