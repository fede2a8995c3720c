"""The table of declarations: a window on a view that may hold a million, filled in behind the operator's back."""

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
from screens.main.columns import TableColumn, header_text, line_text, plan, waiting_text
from screens.main.page_cache import PAGE, PageCache

_HEADER = 1
"""Rows of the widget above the first declaration."""


class DeclarationTable(ScrollView, can_focus=True):
    """Rows of a view with a cursor and picked lines, both by entry id.

    A key is answered at once from what is here; a row that is not here yet is dots until it arrives. One page is
    fetched at a time, the one that is looked at first, and an answer for a view that was replaced is dropped.
    """

    DEFAULT_CSS = """
    DeclarationTable { height: 1fr; scrollbar-size: 0 0; overflow-x: hidden; overflow-y: auto; }
    DeclarationTable > .declaration-table--header { text-style: bold underline; }
    DeclarationTable > .declaration-table--picked { text-style: bold; }
    DeclarationTable > .declaration-table--cursor { text-style: bold; }
    DeclarationTable:focus > .declaration-table--cursor { text-style: reverse; }
    DeclarationTable > .declaration-table--waiting { text-style: dim; }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "declaration-table--header",
        "declaration-table--picked",
        "declaration-table--cursor",
        "declaration-table--waiting",
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
        """The cursor stands on another row or another declaration. `entry_id` is None while that is not known."""

        def __init__(self, row: int, entry_id: str | None) -> None:
            super().__init__()
            self.row = row
            self.entry_id = entry_id

    def __init__(self) -> None:
        super().__init__()
        self._view: ResultView | None = None
        self._pages = PageCache(0, ())
        self._row = 0
        self._entry_id: str | None = None
        self._moved = False
        self._selection = Selection()
        self._empty_text = ""
        self._asked = 0
        self._told: tuple[int, str | None] = (0, None)
        self._fetching = False

    def help_sections(self) -> tuple[Section, ...]:
        return (
            Section.of(
                "报关单列表",
                "每行一票。▸ 是光标，✓ 是选中的；状态后的 ↑ 表示在本机重发过，↓ 表示在本机下载过，↕ 两样都做过。",
                "状态后的 ? 表示重发以后没有收到答复，请先核对；筛选 重发未知 列出全部，在重发（F7）里可以注明已核对。",
                "↑ ↓ 或 j k 移动，PgUp PgDn 翻页，Home End 或 g G 到头到尾。",
                "标题上的 ▾ ▴ 表示按这一列从大到小、从小到大排。一行只有点时，正在读入。",
            ),
        )

    # What it shows

    @property
    def view(self) -> ResultView | None:
        return self._view

    @property
    def row(self) -> int:
        """The cursor's position in the view, from 0."""
        return self._row

    @property
    def entry_id(self) -> str | None:
        """The declaration under the cursor; None while it is not known, or where there is none."""
        return self._entry_id

    @property
    def line(self) -> DeclarationRow | None:
        """The line under the cursor, as far as it is here."""
        return self._pages.get(self._row)

    @property
    def selection(self) -> Selection:
        return self._selection

    @selection.setter
    def selection(self, selection: Selection) -> None:
        if selection != self._selection:
            self._selection = selection
            self.refresh()

    async def show(self, view: ResultView) -> bool:
        """Replaces the view. The cursor stays on its declaration, and that where it stands on the screen.

        Where the declaration is no longer in the view, the cursor goes to the top if the filter or the order is
        another one, else it stays on its row. A cursor at the top of the unfiltered list that nobody has moved is not
        on a declaration so much as at the top, and stays there: a first sync brings the newest ones last. False when
        a later call overtook this one.
        """
        self._asked = max(self._asked, view.generation)
        while True:
            anchor = self._entry_id
            row = await self._row_for(view, anchor)
            first = self._first_for(row, len(view))
            pages = PageCache(len(view), view.first)
            while (page := pages.wanted(first, self._rows)) is not None and _is_seen(page, first, self._rows):
                pages.put(page, await view.window(page * PAGE, PAGE))
            if view.generation < self._asked:
                return False
            if anchor == self._entry_id:
                break
        self._view, self._pages = view, pages
        self.virtual_size = Size(1, len(view) + _HEADER)
        self._row = row
        self._put_at_top(first)
        self.refresh()
        self._settle()
        self._fetch()
        return True

    def say_empty(self, text: str) -> None:
        """What stands in the first row of a view without declarations."""
        self._empty_text = text
        self.refresh()

    # Moving

    async def go_to(self, entry_id: str) -> None:
        """The cursor to a declaration, where it is in the view."""
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
            empty = self._view is not None and not self._total and y == _HEADER
            return self._strip(f"   {self._empty_text}") if empty else Strip.blank(self.size.width)
        cursor = row == self._row
        line = self._pages.get(row)
        if line is None:
            return self._strip(waiting_text(self._columns, cursor=cursor), "cursor" if cursor else "waiting")
        picked = line.entry_id in self._selection
        text = line_text(self._columns, line, cursor=cursor, picked=picked)
        return self._strip(text, "cursor" if cursor else "picked" if picked else "")

    def on_resize(self) -> None:
        self._put_at_top(self._first_for(self._row, self._total))
        self._fetch()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._fetch()

    def _strip(self, text: str, kind: str = "") -> Strip:
        style = self.get_component_rich_style(f"declaration-table--{kind}", partial=True) if kind else None
        return Strip([Segment(text, style)]).adjust_cell_length(self.size.width, style)

    def _refresh_row(self, row: int) -> None:
        self.refresh(Region(0, row - self._first + _HEADER, self.size.width, 1))

    # Where things are

    @property
    def _total(self) -> int:
        return len(self._view) if self._view is not None else 0

    @property
    def _columns(self) -> tuple[TableColumn, ...]:
        return plan(self.size.width)

    @property
    def _rows(self) -> int:
        """How many declarations have room."""
        return max(1, self.size.height - _HEADER)

    @property
    def _first(self) -> int:
        """The row at the top."""
        return self.scroll_offset.y

    def _first_for(self, row: int, total: int) -> int:
        """The row to have at the top so that `row` stands where the cursor stands now, or is seen at least."""
        place = min(max(0, self._row - self._first), self._rows - 1)
        return max(0, min(row - place, total - self._rows))

    async def _row_for(self, view: ResultView, anchor: str | None) -> int:
        same = self._view is not None and (view.filter_text, view.order) == (self._view.filter_text, self._view.order)
        if same and not self._moved and not view.filter_text:
            return 0
        if anchor is not None:
            for row, line in enumerate(view.first):
                if line.entry_id == anchor:
                    return row
            if (position := await view.position_of(anchor)) is not None:
                return position
        return max(0, min(self._row, len(view) - 1)) if same else 0

    def _go(self, row: int, first: int | None = None) -> None:
        """The cursor to `row`, with `first` at the top if that shows it, else as little scrolled as can be."""
        if not self._total:
            return
        row = max(0, min(row, self._total - 1))
        first = self._first if first is None else first
        first = max(row - self._rows + 1, min(first, row))
        before, self._row = self._row, row
        self._moved = True
        if not self._put_at_top(first):
            self._refresh_row(before)
            self._refresh_row(row)
        self._settle()

    def _put_at_top(self, first: int) -> bool:
        """Puts `first` at the top; whether that drew everything anew."""
        before = self._first
        self.scroll_to(y=first, animate=False, force=True)
        return self._first != before

    def _settle(self) -> None:
        """Takes the cursor's entry id from its line, and tells whoever listens."""
        entry_id = line.entry_id if (line := self.line) else None
        if (self._row, entry_id) != self._told:
            self._told = (self._row, entry_id)
            self._entry_id = entry_id
            self.post_message(self.Moved(self._row, entry_id))

    # What is fetched

    def _fetch(self) -> None:
        if not self._fetching and self._view is not None and self._pages.wanted(self._first, self._rows) is not None:
            self._fetching = True
            self.run_worker(self._fetch_wanted(), group="windows")

    async def _fetch_wanted(self) -> None:
        """Fetches page after page until all that is near is here; what is near is looked up anew each time."""
        try:
            while (page := self._pages.wanted(self._first, self._rows)) is not None:
                view, pages = self._view, self._pages
                if view is None:
                    return
                lines = await view.window(page * PAGE, PAGE)
                if pages is not self._pages:
                    continue
                pages.put(page, lines)
                if _is_seen(page, self._first, self._rows):
                    self.refresh()
                    self._settle()
        except Problem as problem:
            self.post_message(Notice.of(problem))
        finally:
            self._fetching = False


def _is_seen(page: int, first: int, rows: int) -> bool:
    """Whether a row of `page` is among the `rows` from `first` on."""
    return page * PAGE < first + rows and (page + 1) * PAGE > first
