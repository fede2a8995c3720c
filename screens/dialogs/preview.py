"""批量预览/打印: shows the form of up to ten declarations page by page, and prints it."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from jiacha_tui.actions.folders import downloads_folder
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.printing import Preview, lay_out, preview, save_pdf
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.formatting import format_text
from jiacha_tui.declaration.problem import Problem
from screens.base.dismiss_once import DismissOnceScreen
from screens.commands.bindings import bindings
from screens.commands.command import Command, Scope
from screens.commands.handler import CommandHandler
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.dialogs.messages import MessagesScreen
from screens.dialogs.print_dialog import PrintDialog, saved_text
from screens.widgets.cells import fit
from screens.widgets.key_footer import KeyFooter
from screens.widgets.pager import Pager
from screens.widgets.status_bar import StatusBar
from screens.widgets.wait_line import WaitLine

_HELP = Section.of(
    "预览/打印",
    "报关单按打印的样子分页显示；PgDn 到一页的末尾后翻到下一页、下一票，PgUp 相反；↑↓ 逐行移动。",
    "终端 110 列以上时版面与纸面一致，80 列时较宽的行分两行。",
    "F8 直接打印或存 PDF；存 PDF 和打印都计入打印次数。",
)

_MIN_WIDTH, _MAX_WIDTH = 80, 140
"""Cells that a page may be wide. A wider page is not easier to read."""


class PreviewScreen(CommandHandler, DismissOnceScreen[None]):
    """Shows the pages of the declarations `entry_ids`. PgDn at the end of a page goes on to the next page.

    The next page may be the first one of the next declaration.
    """

    DEFAULT_CSS = """
    PreviewScreen { layout: vertical; overflow: hidden; }
    PreviewScreen #title { height: 1; background: $bar; color: $bar-text; padding: 0 1; }
    """

    AUTO_FOCUS = "Pager"
    SCOPES = (Scope.PREVIEW, Scope.EVERYWHERE)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*SCOPES)

    def __init__(self, session: Session, entry_ids: Sequence[str]) -> None:
        super().__init__()
        self._session = session
        self._entry_ids = tuple(entry_ids)
        self._preview: Preview | None = None
        self._width = 0
        """Cells that the pages are laid out for."""
        self._laying_out = False
        self._page = 0
        self._saving = False

    def compose(self) -> ComposeResult:
        yield Static("正在生成预览…", id="title", markup=False)
        yield Pager()
        yield WaitLine()
        yield StatusBar("PgUp PgDn 翻页 · F8 打印")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.run_worker(self._make_preview())

    def on_resize(self, event: events.Resize) -> None:
        self._fit()

    def on_notice(self, notice: Notice) -> None:
        self.query_one(StatusBar).show_notice(notice)

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    def disabled_reason(self, command: Command) -> str:
        if command.id in ("print_menu", "save_pdf") and self._preview is None:
            return "预览还没有生成"
        return ""

    def action_print_menu(self) -> None:
        self.app.push_screen(PrintDialog(self._session, self._entry_ids))

    def action_save_pdf(self) -> None:
        if self._saving:
            self.post_message(Notice("正在生成 PDF，请稍候"))
        else:
            self._saving = True
            self.run_worker(self._save(), group="save")

    def action_previous(self) -> None:
        self._go_to_declaration(-1)

    def action_next(self) -> None:
        self._go_to_declaration(1)

    def action_messages(self) -> None:
        self.app.push_screen(MessagesScreen(self._session))

    def action_close(self) -> None:
        self.dismiss(None)

    @on(Pager.EdgeReached)
    def _turn_page(self, edge: Pager.EdgeReached) -> None:
        pages = self._preview.pages if self._preview is not None else ()
        page = self._page + edge.step
        if 0 <= page < len(pages):
            self._show(page)
            if edge.step < 0:
                self.query_one(Pager).action_bottom()
        elif pages:
            self.post_message(Notice("已是最后一页" if edge.step > 0 else "已是第一页"))

    @on(Pager.Moved)
    def _moved(self) -> None:
        self._show_title()

    @property
    def _form_width(self) -> int:
        return max(_MIN_WIDTH, min(self.size.width, _MAX_WIDTH))

    async def _make_preview(self) -> None:
        width = self._form_width
        try:
            self._preview = await preview(self._session, self._entry_ids, width)
        except Problem as problem:
            self.query_one("#title", Static).update("没有预览")
            self.post_message(Notice.of(problem))
            return
        self._width = width
        self.refresh_bindings()
        self._show(0)
        self._fit()

    def _fit(self) -> None:
        """Lays the pages out again if the width of the terminal has changed."""
        if self._preview is not None and self._form_width != self._width and not self._laying_out:
            self._laying_out = True
            self.run_worker(self._lay_out(self._preview), group="layout")

    async def _lay_out(self, shown: Preview) -> None:
        try:
            while (width := self._form_width) != self._width:
                self._preview = shown = await lay_out(shown.declarations, width)
                self._width = width
        finally:
            self._laying_out = False
        self._show(min(self._page, len(shown.pages) - 1))

    async def _save(self) -> None:
        self.query_one(StatusBar).show_notice(Notice("正在生成 PDF…"))
        try:
            saved = await save_pdf(self._session, self._entry_ids, downloads_folder(self._session))
        except Problem as problem:
            self.post_message(Notice.of(problem))
        else:
            self.post_message(Notice(saved_text(saved), Severity.GOOD))
        finally:
            self._saving = False

    def _go_to_declaration(self, step: int) -> None:
        if self._preview is None:
            return
        first_pages = [index for index, page in enumerate(self._preview.pages) if page.number == 1]
        current = max(index for index, first_page in enumerate(first_pages) if first_page <= self._page)
        if 0 <= current + step < len(first_pages):
            self._show(first_pages[current + step])
        else:
            self.post_message(Notice("已是最后一票" if step > 0 else "已是第一票"))

    def _show(self, page: int) -> None:
        if self._preview is None:
            return
        self._page = page
        self.query_one(StatusBar).clear()
        self.query_one(Pager).show([Text(line) for line in self._preview.pages[page].lines])
        self._show_title()

    def _show_title(self) -> None:
        if self._preview is None:
            return
        page = self._preview.pages[self._page]
        entry_ids = [declaration.summary.entry_id for declaration in self._preview.declarations]
        place = self.query_one(Pager).position_text()
        left = (
            f"预览 {format_text(page.entry_id)}   第 {entry_ids.index(page.entry_id) + 1}/{len(entry_ids)} 票"
            f"   第 {page.number}/{page.page_count} 页"
        )
        available = self.size.width - 2
        self.query_one("#title", Static).update(Text(fit(left, available - 24) + fit(place, 24, right=True)))
