"""One declaration: its head, its items and what the manual advises; the way to download, resend and print it."""

from collections.abc import Awaitable
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from jiacha_tui.actions.detail import DetailView, LabelledValue, item_fields
from jiacha_tui.declaration.formatting import format_text
from jiacha_tui.declaration.journal import JournalEntry
from jiacha_tui.declaration.model import Item
from jiacha_tui.declaration.problem import Problem
from screens.base.dismiss_once import DismissOnceScreen
from screens.base.navigation import Navigation
from screens.commands.bindings import bindings
from screens.commands.command import Command, Scope
from screens.commands.handler import OFFLINE, CommandHandler
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.detail import item_columns
from screens.detail.detail_cursor import Reading
from screens.detail.fields import FieldsScreen
from screens.detail.head_lines import head_lines, title_text
from screens.widgets.cells import fit, wrap_cells
from screens.widgets.choice_list import Choice, ChoiceList
from screens.widgets.key_footer import KeyFooter
from screens.widgets.status_bar import StatusBar

_HELP = Section.of(
    "报关单详情",
    "上面是表头要项，下面是表体；←→ 看列表中的上一票、下一票，不必返回。",
    "↑↓ 选商品，Enter 列出这一项的全部字段；F4 列出表头的全部字段和这一票的操作记录。",
    "“提示”是操作手册对“数据传输状态”的说明；“–”表示没有这个值。",
    "表体合计按币制分开；“USD”是清单里的报关金额。",
)

_HEAD_ROWS, _MORE_HEAD_ROWS = 4, 6
_TALL = 32
"""From this many rows on there is room for more of the head above the items."""

_ON_ONE_DECLARATION = frozenset({"all_fields", "item", "download", "resend", "preview", "print_now"})


class DetailScreen(CommandHandler, DismissOnceScreen[str]):
    """Shows `entry_id` of `reading` and walks to its neighbours; gives the entry id that was shown last.

    A step shows the next declaration once it is there, and a later step overtakes one that is still being fetched.
    """

    DEFAULT_CSS = """
    DetailScreen { layout: vertical; overflow: hidden; }
    DetailScreen > Static { height: auto; padding: 0 1; }
    DetailScreen #head { padding: 0 0 0 1; }
    DetailScreen #title { background: $bar; color: $bar-text; }
    DetailScreen #columns { text-style: bold underline; }
    DetailScreen #items { height: 1fr; margin: 0 1; }
    DetailScreen #totals { text-style: bold; }
    """

    AUTO_FOCUS = "ChoiceList"
    SCOPES = (Scope.DETAIL, Scope.EVERYWHERE)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*SCOPES)

    def __init__(self, reading: Reading, navigation: Navigation, entry_id: str) -> None:
        super().__init__()
        self._reading = reading
        self._navigation = navigation
        self._entry_id = entry_id
        self._position: int | None = None
        self._steps = 0
        """How far from `entry_id` the declaration is that is being fetched."""
        self._view: DetailView | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        yield Static(id="head", markup=False)
        yield Static(id="columns", markup=False)
        yield ChoiceList(id="items")
        yield Static(id="totals", markup=False)
        yield Static(id="hints", markup=False)
        yield StatusBar("Enter 看本项全部字段 · F9 全部命令")
        yield KeyFooter()

    def on_mount(self) -> None:
        self._read(self._first())

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def on_notice(self, notice: Notice) -> None:
        self.query_one(StatusBar).say(notice)

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    def disabled_reason(self, command: Command) -> str:
        if command.id in ("download", "resend") and not self._reading.online:
            return OFFLINE
        if command.id in _ON_ONE_DECLARATION and self._view is None:
            return "报关单还没有打开"
        if command.id in ("all_fields", "preview", "print_now") and self._view is not None and self._view.missing:
            return "详情还不在缓存里"
        if command.id == "item" and not self._items:
            return "没有商品"
        return ""

    def action_previous(self) -> None:
        self._step(-1)

    def action_next(self) -> None:
        self._step(1)

    def action_all_fields(self) -> None:
        view = self._view
        if view is None:
            return
        sections = [(group.value, fields) for group, fields in view.groups]
        if view.journal:
            sections.append(("操作记录", tuple(map(_journal_field, view.journal))))
        self.app.push_screen(FieldsScreen(f"报关单 {format_text(self._entry_id)}  全部字段", sections))

    def action_item(self) -> None:
        index = self.query_one("#items", ChoiceList).index
        if index is not None:
            item = self._items[index]
            title = f"报关单 {format_text(self._entry_id)}  第 {item.number} 项"
            self.app.push_screen(FieldsScreen(title, [("", item_fields(item))]))

    def action_download(self) -> None:
        self._visit(self._navigation.open_download(self._entry_id))

    def action_resend(self) -> None:
        self._visit(self._navigation.open_resend((self._entry_id,)))

    def action_preview(self) -> None:
        self._visit(self._navigation.open_preview((self._entry_id,)))

    def action_print_now(self) -> None:
        self._visit(self._navigation.open_print((self._entry_id,)))

    def action_messages(self) -> None:
        self.run_worker(self._navigation.open_messages(), group="visit")

    def action_close(self) -> None:
        self.dismiss(self._entry_id)

    @on(ChoiceList.Chosen, "#items")
    async def _item_chosen(self) -> None:
        await self.action_command("item")

    @property
    def _items(self) -> tuple[Item, ...]:
        return self._view.declaration.items if self._view is not None else ()

    def _read(self, reading: Awaitable[None]) -> None:
        self.run_worker(reading, group="read", exclusive=True)

    def _visit(self, elsewhere: Awaitable[None]) -> None:
        """Goes to another screen for this declaration, and shows afterwards what has become of it there."""

        async def there_and_back() -> None:
            await elsewhere
            self._read(self._show(self._entry_id, self._position, keep_item=True))

        self.run_worker(there_and_back(), group="visit")

    async def _first(self) -> None:
        await self._show(self._entry_id, await self._reading.position_of(self._entry_id))

    def _step(self, step: int) -> None:
        self._steps += step
        self._read(self._walk(step))

    async def _walk(self, step: int) -> None:
        found = await self._reading.neighbour(self._entry_id, self._steps)
        if found is None:
            self.post_message(Notice("已是最后一票" if step > 0 else "已是第一票"))
            self._steps -= step
            found = await self._reading.neighbour(self._entry_id, self._steps) if self._steps else None
        if found is not None:
            self.query_one(StatusBar).clear()
            await self._show(*found)

    async def _show(self, entry_id: str, position: int | None, *, keep_item: bool = False) -> None:
        try:
            view = await self._reading.open(entry_id)
        except Problem as problem:
            self._steps = 0
            self.post_message(Notice.of(problem))
            return
        self._entry_id, self._position, self._steps, self._view = entry_id, position, 0, view
        self._draw(keep_item=keep_item)
        self.refresh_bindings()
        if view.missing is not None:
            self.post_message(Notice.of(view.missing))

    def _draw(self, *, keep_item: bool = True) -> None:
        width = self.size.width - 2
        view = self._view
        if view is None:
            self.query_one("#title", Static).update(Text(f"报关单 {format_text(self._entry_id)}  正在打开…"))
            return
        declaration = view.declaration
        rows = _HEAD_ROWS if self.size.height < _TALL else _MORE_HEAD_ROWS
        self.query_one("#title", Static).update(Text(title_text(declaration, self._place(), width)))
        self.query_one("#head", Static).update(Text("\n").join(head_lines(declaration, width + 1, rows)))
        columns = item_columns.plan(declaration.items, width)
        self.query_one("#columns", Static).update(Text(item_columns.header_text(columns)))
        items = self.query_one("#items", ChoiceList)
        choices = [Choice(Text(item_columns.item_text(columns, item))) for item in declaration.items]
        items.show(choices, (items.index or 0) if keep_item else 0)
        totals = item_columns.total_texts(columns, view.totals, len(declaration.items))
        self.query_one("#totals", Static).update(Text("\n".join(totals)))
        self.query_one("#hints", Static).update(Text("\n".join(_advice(view, width))))

    def _place(self) -> str:
        total = f"{self._reading.total:,}"
        return f"‹ {'–' if self._position is None else f'{self._position + 1:,}'}/{total} ›"


def _advice(view: DetailView, width: int) -> list[str]:
    """The manual's hints, and the last thing that was done here with this declaration."""
    lines = [line for hint in view.hints for line in _labelled("提示", hint, width)]
    if view.journal:
        last = _journal_field(view.journal[0])
        lines.append(fit(f"记录 {last.label}  {last.text}", width))
    return lines


def _labelled(label: str, text: str, width: int) -> list[str]:
    first, *more = wrap_cells(text, width - 5)
    return [f"{label} {first}", *(f"     {line}" for line in more)]


def _journal_field(entry: JournalEntry) -> LabelledValue:
    return LabelledValue(f"{entry.at.astimezone():%Y-%m-%d %H:%M}", format_text(entry.summary))
