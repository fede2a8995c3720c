"""The table of declarations: the visible rows of a view that may have a million rows."""

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from jiacha_tui.actions.result_browser import ResultView
from jiacha_tui.actions.selection import Selection
from jiacha_tui.declaration.declaration_row import DeclarationRow, Order
from jiacha_tui.declaration.problem import Problem
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.main.columns import TableColumn, columns_for_width, header_text, row_text, unread_row_text
from screens.main.row_cache import BLOCK_ROWS, RowCache
from screens.widgets.cells import wrap_cells

_EMPTY_MARGIN = 3
"""Cells on either side of the text in an empty table."""

_HEADER = 1
"""Rows of the widget above the first declaration."""


class DeclarationTable(ScrollView, can_focus=True):
    """The rows of a view with a cursor and selected rows. Both belong to a declaration, not to a row number.

    The cursor moves at once, also to rows that have not been read; these are dots until they are there. One screen is
    read at a time, visible ones first. Rows of a view that was replaced meanwhile are dropped.
    """

    DEFAULT_CSS = """
    DeclarationTable { height: 1fr; scrollbar-size: 0 0; overflow-x: hidden; overflow-y: auto; }
    DeclarationTable > .declaration-table--header { text-style: bold underline; }
    DeclarationTable > .declaration-table--selected { text-style: bold; }
    DeclarationTable > .declaration-table--cursor { text-style: bold; }
    DeclarationTable:focus > .declaration-table--cursor { text-style: reverse; }
    DeclarationTable > .declaration-table--unread { text-style: dim; }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "declaration-table--header",
        "declaration-table--selected",
        "declaration-table--cursor",
        "declaration-table--unread",
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "move_pages(-1)", show=False),
        Binding("pagedown", "move_pages(1)", show=False),
        Binding("home,g", "move_to_first", show=False),
        Binding("end,G", "move_to_last", show=False),
    ]

    class Moved(Message):
        """The cursor is on another row or another declaration. `entry_id` is None while that row has not been read."""

        def __init__(self, row: int, entry_id: str | None) -> None:
            super().__init__()
            self.row = row
            self.entry_id = entry_id

    def __init__(self) -> None:
        super().__init__()
        self._view: ResultView | None = None
        self._row_cache = RowCache(0, ())
        self._row = 0
        self._entry_id: str | None = None
        self._cursor_was_moved = False
        self._selection = Selection()
        self._empty_text = ""
        self._newest_generation = 0
        self._posted: tuple[int, str | None] = (0, None)
        self._is_reading_rows = False

    def help_sections(self) -> tuple[Section, ...]:
        return (
            Section.of(
                "报关单列表",
                "每行一票。▸ 是光标，✓ 是选中的；状态后的 ↑ 表示在本机重发过，↓ 表示在本机下载过，↕ 两样都做过。",
                "号前的 × 表示口岸不再列出这一票，不计入合计（合计旁的 × 后是票数）；筛选 不再列出 列出全部。",
                "状态后的 ? 表示重发以后没有收到答复，请先核对；筛选 重发未知 列出全部，在重发（F7）里可以注明已核对。",
                "↑ ↓ 或 j k 移动，PgUp PgDn 翻页，Home End 或 g G 到头到尾。",
                "标题上的 ▾ ▴ 表示按这一列从大到小、从小到大排。一行只有点时，正在读入。",
            ),
        )

    # Content

    @property
    def view(self) -> ResultView | None:
        return self._view

    @property
    def row(self) -> int:
        """The position of the cursor in the view, from 0."""
        return self._row

    @property
    def entry_id(self) -> str | None:
        """The declaration under the cursor; None while its row has not been read, or if there is none."""
        return self._entry_id

    @property
    def declaration_row(self) -> DeclarationRow | None:
        """The row under the cursor; None if it is not held."""
        return self._row_cache.get(self._row)

    @property
    def selection(self) -> Selection:
        return self._selection

    @selection.setter
    def selection(self, selection: Selection) -> None:
        if selection != self._selection:
            self._selection = selection
            self.refresh()

    async def show(self, view: ResultView) -> bool:
        """Replaces the view. The cursor stays on its declaration, and the declaration on its row of the screen.

        If the declaration is not in the new view, the cursor stays on its row number if filter and order are the
        same, else it goes to the top. A cursor that was never moved in the unfiltered list stays at the top: otherwise
        the first sync, which adds newer declarations above it, would move it down. Returns False if a newer view was
        shown meanwhile.
        """
        self._newest_generation = max(self._newest_generation, view.generation)
        while True:
            anchor = self._entry_id
            row = await self._row_for(view, anchor)
            first = self._first_for(row, len(view))
            row_cache = RowCache(len(view), view.first)
            while (block := row_cache.next_to_read(first, self._rows)) is not None and _is_visible(
                block, first, self._rows
            ):
                row_cache.put(block, await view.window(block * BLOCK_ROWS, BLOCK_ROWS))
            if view.generation < self._newest_generation:
                return False
            if anchor == self._entry_id:
                break
        self._view, self._row_cache = view, row_cache
        self.virtual_size = Size(1, len(view) + _HEADER)
        self._row = row
        self._scroll_to_row(first)
        self.refresh()
        self._update_entry_id()
        self._start_reading()
        return True

    def show_empty_text(self, text: str) -> None:
        """Sets the text in place of the rows of a view without declarations. It may have several lines."""
        self._empty_text = text
        self.refresh()

    # The cursor

    async def go_to(self, entry_id: str) -> None:
        """Moves the cursor to a declaration, if the view contains it."""
        if self._view is not None and (row := await self._view.position_of(entry_id)) is not None:
            self._go(row)

    def action_move(self, count: int) -> None:
        self._go(self._row + count)

    def action_move_pages(self, count: int) -> None:
        step = count * max(1, self._rows - 1)
        self._go(self._row + step, self._first + step)

    def action_move_to_first(self) -> None:
        self._go(0)

    def action_move_to_last(self) -> None:
        self._go(self._total - 1)

    def on_click(self, event: events.Click) -> None:
        if event.y >= _HEADER:
            self._go(min(self._first + event.y - _HEADER, self._total - 1))

    # Drawing

    def render_line(self, y: int) -> Strip:
        if y < _HEADER:
            order = self._view.order if self._view is not None else Order()
            return self._strip(header_text(self._columns, order), "header")
        row = self._first + y - _HEADER
        if row >= self._total:
            lines = self._empty_lines() if self._view is not None and not self._total else []
            return self._strip(f"   {lines[row]}") if row < len(lines) else Strip.blank(self.size.width)
        cursor = row == self._row
        declaration = self._row_cache.get(row)
        if declaration is None:
            return self._strip(unread_row_text(self._columns, cursor=cursor), "cursor" if cursor else "unread")
        selected = declaration.entry_id in self._selection
        text = row_text(self._columns, declaration, cursor=cursor, selected=selected)
        return self._strip(text, "cursor" if cursor else "selected" if selected else "")

    def _empty_lines(self) -> list[str]:
        width = self.size.width - 2 * _EMPTY_MARGIN
        return [row for line in self._empty_text.splitlines() for row in wrap_cells(line, width) or [""]]

    def on_resize(self) -> None:
        self._scroll_to_row(self._first_for(self._row, self._total))
        self._start_reading()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._start_reading()

    def _strip(self, text: str, kind: str = "") -> Strip:
        style = self.get_component_rich_style(f"declaration-table--{kind}", partial=True) if kind else None
        return Strip([Segment(text, style)]).adjust_cell_length(self.size.width, style)

    def _refresh_row(self, row: int) -> None:
        self.refresh(Region(0, row - self._first + _HEADER, self.size.width, 1))

    # Positions

    @property
    def _total(self) -> int:
        return len(self._view) if self._view is not None else 0

    @property
    def _columns(self) -> tuple[TableColumn, ...]:
        return columns_for_width(self.size.width)

    @property
    def _rows(self) -> int:
        """How many declarations fit on the screen."""
        return max(1, self.size.height - _HEADER)

    @property
    def _first(self) -> int:
        """The position of the row at the top."""
        return self.scroll_offset.y

    def _first_for(self, row: int, total: int) -> int:
        """The position for the top so that `row` is on the screen where the cursor is, or at least visible."""
        offset = min(max(0, self._row - self._first), self._rows - 1)
        return max(0, min(row - offset, total - self._rows))

    async def _row_for(self, view: ResultView, anchor: str | None) -> int:
        same = self._view is not None and (view.filter_text, view.order) == (self._view.filter_text, self._view.order)
        if same and not self._cursor_was_moved and not view.filter_text:
            return 0
        if anchor is not None:
            for row, declaration in enumerate(view.first):
                if declaration.entry_id == anchor:
                    return row
            if (position := await view.position_of(anchor)) is not None:
                return position
        return max(0, min(self._row, len(view) - 1)) if same else 0

    def _go(self, row: int, first: int | None = None) -> None:
        """Moves the cursor to `row` and scrolls as little as possible, or to `first` if `row` is visible then."""
        if not self._total:
            return
        row = max(0, min(row, self._total - 1))
        first = self._first if first is None else first
        first = max(row - self._rows + 1, min(first, row))
        before, self._row = self._row, row
        self._cursor_was_moved = True
        if not self._scroll_to_row(first):
            self._refresh_row(before)
            self._refresh_row(row)
        self._update_entry_id()

    def _scroll_to_row(self, first: int) -> bool:
        """Scrolls `first` to the top. Returns whether that redraws the whole table."""
        before = self._first
        self.scroll_to(y=first, animate=False, force=True)
        return self._first != before

    def _update_entry_id(self) -> None:
        """Notes which declaration is under the cursor, and posts `Moved` if it is another one."""
        entry_id = declaration.entry_id if (declaration := self.declaration_row) else None
        if (self._row, entry_id) != self._posted:
            self._posted = (self._row, entry_id)
            self._entry_id = entry_id
            self.post_message(self.Moved(self._row, entry_id))

    # Reading

    def _start_reading(self) -> None:
        if (
            not self._is_reading_rows
            and self._view is not None
            and self._row_cache.next_to_read(self._first, self._rows) is not None
        ):
            self._is_reading_rows = True
            self.run_worker(self._read_blocks(), group="windows")

    async def _read_blocks(self) -> None:
        """Reads blocks until all near the visible rows are held. Which these are may change meanwhile."""
        try:
            while (block := self._row_cache.next_to_read(self._first, self._rows)) is not None:
                view, row_cache = self._view, self._row_cache
                if view is None:
                    return
                rows = await view.window(block * BLOCK_ROWS, BLOCK_ROWS)
                if row_cache is not self._row_cache:
                    continue
                row_cache.put(block, rows)
                if _is_visible(block, self._first, self._rows):
                    self.refresh()
                    self._update_entry_id()
        except Problem as problem:
            self.post_message(Notice.of(problem))
        finally:
            self._is_reading_rows = False


def _is_visible(block: int, first: int, rows: int) -> bool:
    """Whether the block has a row among the `rows` rows from `first` on."""
    return block * BLOCK_ROWS < first + rows and (block + 1) * BLOCK_ROWS > first
