"""The screen of one declaration: its head, its items and the manual's hints."""

from collections.abc import Awaitable
from typing import Any, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Static

from jiacha_tui.actions.detail import DetailView, LabelledValue, detail_view, item_fields
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.result_browser import ResultView
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.formatting import format_text
from jiacha_tui.declaration.journal import JournalEntry
from jiacha_tui.declaration.model import Item
from jiacha_tui.declaration.problem import Problem
from screens.base.dismiss_once import DismissOnceScreen
from screens.commands.bindings import bindings
from screens.commands.command import Command, Scope
from screens.commands.handler import OFFLINE, CommandHandler
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.detail.fields import FieldsScreen
from screens.detail.head_lines import head_lines, title_text
from screens.detail.item_columns import item_columns_for_width, item_header_text, item_text, total_texts
from screens.dialogs.download import DownloadDialog
from screens.dialogs.messages import MessagesScreen
from screens.dialogs.preview import PreviewScreen
from screens.dialogs.print_dialog import PrintDialog
from screens.dialogs.resend import ResendDialog
from screens.widgets.cells import fit, wrap_cells
from screens.widgets.choice_list import Choice, ChoiceList
from screens.widgets.key_footer import KeyFooter
from screens.widgets.status_bar import StatusBar
from screens.widgets.wait_line import WaitLine

_HELP = Section.of(
    "报关单详情",
    "上面是表头要项，下面是表体；←→ 看列表中的上一票、下一票，不必返回。",
    "↑↓ 选商品，Enter 列出这一项的全部字段；F4 列出表头的全部字段和这一票的操作记录。",
    "“提示”是操作手册对“数据传输状态”的说明；“–”表示没有这个值。",
    "表体合计按币制分开；“USD”是清单里的报关金额。",
)

_HEAD_ROWS, _MORE_HEAD_ROWS = 4, 6
_TALL = 32
"""A terminal with at least this many rows shows more of the head above the items."""

_REASON_ROWS = 2
"""Rows for the reason why a detail could not be fetched."""

_NEEDS_DECLARATION = frozenset({"all_fields", "item", "download", "resend", "preview", "print_now"})


class DetailScreen(CommandHandler, DismissOnceScreen[str]):
    """Shows `entry_id`, which `view` contains, and steps to its neighbours in the order of `view`.

    A detail that the cache lacks is fetched from the port. While that lasts the previous declaration stays on the
    screen; a further step cancels the fetch. Dismisses with the entry id that was shown last.
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

    def __init__(self, session: Session, view: ResultView, entry_id: str) -> None:
        super().__init__()
        self._session = session
        self._view = view
        self._entry_id = entry_id
        self._position: int | None = None
        """The position of `entry_id` in `view`, from 0; None if `view` does not contain it."""
        self._steps = 0
        """How many positions the declaration that is being fetched is away from `entry_id`."""
        self._detail: DetailView | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        yield Static(id="head", markup=False)
        yield Static(id="columns", markup=False)
        yield ChoiceList(id="items")
        yield Static(id="totals", markup=False)
        yield Static(id="hints", markup=False)
        yield WaitLine()
        yield StatusBar("Enter 看本项全部字段 · F9 全部命令")
        yield KeyFooter()

    def on_mount(self) -> None:
        self._show_in_worker(self._show_first())

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def on_notice(self, notice: Notice) -> None:
        self.query_one(StatusBar).show_notice(notice)

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    def disabled_reason(self, command: Command) -> str:
        if command.id in ("download", "resend") and not self._session.online:
            return OFFLINE
        if command.id in _NEEDS_DECLARATION and self._detail is None:
            return "报关单还没有打开"
        if command.id in ("all_fields", "preview", "print_now") and self._detail is not None and self._detail.missing:
            return "详情还不在缓存里"
        if command.id == "item" and not self._items:
            return "没有商品"
        return ""

    def action_previous(self) -> None:
        self._step(-1)

    def action_next(self) -> None:
        self._step(1)

    def action_all_fields(self) -> None:
        detail = self._detail
        if detail is None:
            return
        sections = [(group.value, fields) for group, fields in detail.groups]
        if detail.journal:
            sections.append(("操作记录", tuple(map(_journal_field, detail.journal))))
        self.app.push_screen(FieldsScreen(f"报关单 {format_text(self._entry_id)}  全部字段", sections))

    def action_item(self) -> None:
        index = self.query_one("#items", ChoiceList).index
        if index is not None:
            item = self._items[index]
            title = f"报关单 {format_text(self._entry_id)}  第 {item.number} 项"
            self.app.push_screen(FieldsScreen(title, [("", item_fields(item))]))

    def action_download(self) -> None:
        self._open(DownloadDialog(self._session, self._entry_id))

    def action_resend(self) -> None:
        self._open(ResendDialog(self._session, (self._entry_id,)))

    def action_preview(self) -> None:
        self._open(PreviewScreen(self._session, (self._entry_id,)))

    def action_print_now(self) -> None:
        self._open(PrintDialog(self._session, (self._entry_id,), direct=True))

    def action_messages(self) -> None:
        self.app.push_screen(MessagesScreen(self._session))

    def action_close(self) -> None:
        self.dismiss(self._entry_id)

    @on(ChoiceList.Chosen, "#items")
    async def _item_chosen(self) -> None:
        await self.action_command("item")

    @property
    def _items(self) -> tuple[Item, ...]:
        return self._detail.declaration.items if self._detail is not None else ()

    def _show_in_worker(self, show: Awaitable[None]) -> None:
        """Runs `show` in a worker and cancels the one before it."""
        self.run_worker(show, group="show", exclusive=True)

    def _open(self, screen: Screen[Any]) -> None:
        """Opens `screen` for this declaration, and reads the declaration again once the screen is closed."""

        async def open_and_read_again() -> None:
            await self.app.push_screen_wait(screen)
            self._show_in_worker(self._show(self._entry_id, self._position, keep_item=True))

        self.run_worker(open_and_read_again())

    async def _show_first(self) -> None:
        await self._show(self._entry_id, await self._view.position_of(self._entry_id))

    def _step(self, step: int) -> None:
        self._steps += step
        self._show_in_worker(self._show_neighbour(step))

    async def _show_neighbour(self, step: int) -> None:
        found = await self._neighbour()
        if found is None:
            self.post_message(Notice("已是最后一票" if step > 0 else "已是第一票"))
            self._steps -= step
            found = await self._neighbour() if self._steps else None
        if found is not None:
            self.query_one(StatusBar).clear()
            await self._show(*found)

    async def _neighbour(self) -> tuple[str, int] | None:
        return await self._view.neighbour(self._entry_id, self._steps)

    async def _show(self, entry_id: str, position: int | None, *, keep_item: bool = False) -> None:
        try:
            detail = await detail_view(self._session, entry_id)
        except Problem as problem:
            self._steps = 0
            self.post_message(Notice.of(problem))
            return
        self._entry_id, self._position, self._steps, self._detail = entry_id, position, 0, detail
        self._draw(keep_item=keep_item)
        self.refresh_bindings()
        if detail.missing is not None:
            self.post_message(Notice.of(detail.missing))
        elif not keep_item and entry_id in self._view.items and self._item_asked_for is None:
            self.post_message(Notice(f"这一票没有第 {self._view.items[entry_id]} 项", Severity.PROBLEM))

    @property
    def _item_asked_for(self) -> int | None:
        """The row of the item that the filter asks for by its number of 21 digits; None if there is none."""
        number = self._view.items.get(self._entry_id)
        return next((row for row, item in enumerate(self._items) if item.number == number), None)

    def _draw(self, *, keep_item: bool = True) -> None:
        width = self.size.width - 2
        detail = self._detail
        if detail is None:
            self.query_one("#title", Static).update(Text(f"报关单 {format_text(self._entry_id)}  正在打开…"))
            return
        declaration = detail.declaration
        rows = _HEAD_ROWS if self.size.height < _TALL else _MORE_HEAD_ROWS
        self.query_one("#title", Static).update(Text(title_text(declaration, self._place(), width)))
        self.query_one("#head", Static).update(Text("\n").join(head_lines(declaration, width + 1, rows)))
        columns = item_columns_for_width(declaration.items, width)
        self.query_one("#columns", Static).update(Text(item_header_text(columns)))
        items = self.query_one("#items", ChoiceList)
        choices = [Choice(Text(item_text(columns, item))) for item in declaration.items]
        items.show(choices, (items.index or 0) if keep_item else self._item_asked_for or 0)
        totals = total_texts(columns, detail.totals, len(declaration.items))
        self.query_one("#totals", Static).update(Text("\n".join(totals)))
        self.query_one("#hints", Static).update(Text("\n".join(_advice(detail, width))))

    def _place(self) -> str:
        total = f"{len(self._view):,}"
        return f"‹ {'–' if self._position is None else f'{self._position + 1:,}'}/{total} ›"


def _advice(detail: DetailView, width: int) -> list[str]:
    """Why the detail is missing, the manual's hints, and the newest entry of the journal about this declaration."""
    lines = []
    if (failure := detail.failure) is not None:
        reason = f"{failure.at.astimezone():%Y-%m-%d %H:%M} 没有取到详情：{format_text(failure.message)}"
        lines += [fit(line, width) for line in wrap_cells(reason, width)[:_REASON_ROWS]]
    lines += [line for hint in detail.hints for line in _labelled("提示", hint, width)]
    if detail.journal:
        last = _journal_field(detail.journal[0])
        lines.append(fit(f"记录 {last.label}  {last.text}", width))
    return lines


def _labelled(label: str, text: str, width: int) -> list[str]:
    first, *more = wrap_cells(text, width - 5)
    return [f"{label} {first}", *(f"     {line}" for line in more)]


def _journal_field(entry: JournalEntry) -> LabelledValue:
    return LabelledValue(f"{entry.at.astimezone():%Y-%m-%d %H:%M}", format_text(entry.summary))
