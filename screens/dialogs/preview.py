"""批量预览/打印: shows the form of up to ten declarations page by page, and prints it.

The form that this program draws is shown at once. Online, the port's own print can be fetched and shown in its place.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from jiacha_tui.actions.folders import downloads_folder
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.official_prints import FetchedPrints, fetch_prints, official_pages, save_official_prints
from jiacha_tui.actions.printing import DrawnForm, TextPage, draw_declarations, draw_form, save_pdf
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.formatting import format_text
from jiacha_tui.declaration.problem import Problem
from screens.base.dismiss_once import DismissOnceScreen
from screens.commands.bindings import bindings
from screens.commands.command import Command, Scope
from screens.commands.handler import OFFLINE, CommandHandler
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.dialogs.messages import MessagesScreen
from screens.dialogs.print_dialog import PrintDialog, saved_text, saved_texts
from screens.widgets.cells import fit
from screens.widgets.key_footer import KeyFooter
from screens.widgets.pager import Pager
from screens.widgets.status_bar import StatusBar
from screens.widgets.wait_line import WaitLine

_HELP = Section.of(
    "预览/打印",
    "报关单按打印的样子分页显示；PgDn 到一页的末尾后翻到下一页、下一票，PgUp 相反；↑↓ 逐行移动。",
    "终端 110 列以上时版面与纸面一致，80 列时较宽的行分两行。",
    "左上角写明眼前的是“本机绘制”还是“口岸打印”。F4 从口岸取正式的打印，每取一次口岸计一次打印次数；取不到时说明原因。",
    "口岸打印在终端里只列出文字，版面以存下的 PDF 或打印出来的为准。",
    "F8 打印或存 PDF，F6 直接存 PDF。本机绘制的存 PDF 和打印也计入打印次数。",
)

_MIN_WIDTH, _MAX_WIDTH = 80, 140
"""Cells that a page may be wide. A wider page is not easier to read."""


class PreviewScreen(CommandHandler, DismissOnceScreen[None]):
    """Shows the pages of the declarations `entry_ids`. PgDn at the end of a page goes on to the next page.

    The next page may be the first one of the next declaration. The screen always says who made what it shows. A print
    that the port does not give is replaced by the drawn form only by the operator's key.
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
        self._preview: DrawnForm | None = None
        self._prints: FetchedPrints | None = None
        """The port's prints, once they have been fetched."""
        self._is_official = False
        """Whether the port's prints are shown."""
        self._pages: tuple[TextPage, ...] = ()
        """What is shown."""
        self._fetching = False
        self._width = 0
        """Cells that the pages are laid out for."""
        self._drawn_width = 0
        """The same for the drawn form while it is not shown."""
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

    def visible_commands(self) -> tuple[Command, ...]:
        """While the port's prints are shown, the key for them leads back to the drawn form."""
        visible = super().visible_commands()
        if not self._is_official:
            return visible
        return tuple(_back_to_drawn(command) if command.id == "official_print" else command for command in visible)

    def disabled_reason(self, command: Command) -> str:
        if command.id in ("print_menu", "save_pdf") and not self._pages:
            return "预览还没有生成"
        if command.id == "save_pdf" and self._is_official and self._prints and not self._prints.prints:
            return "口岸没有给出打印"
        if command.id == "official_print" and not self._session.online:
            return OFFLINE
        return ""

    def action_official_print(self) -> None:
        if self._fetching:
            self.post_message(Notice("正在取口岸的打印，请稍候"))
        elif self._is_official:
            self._change_source(official=False)
        elif self._prints is not None and self._prints.prints:
            self._change_source(official=True)
        else:
            self._fetching = True
            self.run_worker(self._fetch(), group="fetch")

    def action_print_menu(self) -> None:
        self.app.push_screen(PrintDialog(self._session, self._entry_ids, prints=self._shown_prints))

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
        page = self._page + edge.step
        if 0 <= page < len(self._pages):
            self._show(page)
            if edge.step < 0:
                self.query_one(Pager).action_bottom()
        elif self._pages:
            self.post_message(Notice("已是最后一页" if edge.step > 0 else "已是第一页"))

    @on(Pager.Moved)
    def _moved(self) -> None:
        self._show_title()

    @property
    def _form_width(self) -> int:
        return max(_MIN_WIDTH, min(self.size.width, _MAX_WIDTH))

    @property
    def _shown_prints(self) -> FetchedPrints | None:
        return self._prints if self._is_official else None

    async def _make_preview(self) -> None:
        width = self._form_width
        try:
            made = await draw_form(self._session, self._entry_ids, width)
        except Problem as problem:
            if not self._is_official:
                self.query_one("#title", Static).update("没有预览")
            self.post_message(Notice.of(problem))
            return
        self._preview, self._drawn_width = made, width
        self.refresh_bindings()
        if not self._is_official:
            self._width = width
            self._pages = made.pages
            self._show(0)
            self._fit()

    async def _fetch(self) -> None:
        """Fetches the port's prints and shows them. If none comes, what is shown stays, and the reason is given."""
        try:
            prints = await fetch_prints(self._session, self._entry_ids, self._show_fetching)
        except Problem as problem:
            self.post_message(Notice.of(problem))
            return
        finally:
            self._fetching = False
        self._prints = prints
        if prints.prints:
            self._change_source(official=True)
        for failure in prints.failures:
            self.app.post_message(Notice.of(failure.problem))
        if prints.failures:
            which = "" if not prints.prints else f"有 {len(prints.failures)} 票"
            stays = "，眼前的仍是本机绘制的" if not prints.prints and self._pages else ""
            reason = prints.failures[0].problem
            text = f"{which}没有取到口岸的打印{stays}：{reason.message}"
            self.query_one(StatusBar).show_notice(Notice(text, Severity.PROBLEM))

    def _show_fetching(self, done: int) -> None:
        text = f"正在从口岸取打印，第 {done + 1}/{len(self._entry_ids)} 票…"
        self.query_one(StatusBar).show_notice(Notice(text))

    def _change_source(self, *, official: bool) -> None:
        """Shows the same declaration as the port has printed it, or as it was drawn here."""
        entry_id = self._pages[self._page].entry_id if self._pages else self._entry_ids[0]
        self._is_official = official
        self._pages = ()
        self._width = 0
        self.refresh_bindings()
        if official and self._prints is not None:
            self._width = self._form_width
            self._pages = official_pages(self._prints, self._entry_ids, self._width)
        elif self._preview is not None:
            self._width = self._drawn_width
            self._pages = self._preview.pages
        if not self._pages:
            self.query_one(Pager).show([])
            self.query_one("#title", Static).update("没有预览")
            return
        self._show(next(index for index, page in enumerate(self._pages) if page.entry_id == entry_id))
        self._fit()

    def _fit(self) -> None:
        """Lays the pages out again if the width of the terminal has changed."""
        if self._pages and self._form_width != self._width and not self._laying_out:
            self._laying_out = True
            self.run_worker(self._lay_out(), group="layout")

    async def _lay_out(self) -> None:
        try:
            while self._pages and (width := self._form_width) != self._width:
                prints = self._shown_prints
                if prints is not None:
                    self._pages = official_pages(prints, self._entry_ids, width)
                elif self._preview is not None:
                    drawn = await draw_declarations(self._preview.declarations, width)
                    self._preview, self._drawn_width = drawn, width
                    if self._is_official:
                        continue
                    self._pages = drawn.pages
                self._width = width
        finally:
            self._laying_out = False
        self._show(min(self._page, len(self._pages) - 1))

    async def _save(self) -> None:
        self.query_one(StatusBar).show_notice(Notice("正在生成 PDF…"))
        folder, prints = downloads_folder(self._session), self._shown_prints
        try:
            if prints is not None:
                text = saved_texts(await save_official_prints(self._session, prints.prints, folder))
            else:
                text = saved_text(await save_pdf(self._session, self._entry_ids, folder))
        except Problem as problem:
            self.post_message(Notice.of(problem))
        else:
            self.post_message(Notice(text, Severity.GOOD))
        finally:
            self._saving = False

    def _go_to_declaration(self, step: int) -> None:
        if not self._pages:
            return
        first_pages = [index for index, page in enumerate(self._pages) if page.number == 1]
        current = max(index for index, first_page in enumerate(first_pages) if first_page <= self._page)
        if 0 <= current + step < len(first_pages):
            self._show(first_pages[current + step])
        else:
            self.post_message(Notice("已是最后一票" if step > 0 else "已是第一票"))

    def _show(self, page: int) -> None:
        if not self._pages:
            return
        self._page = page
        self.query_one(StatusBar).clear()
        self.query_one(Pager).show([Text(line) for line in self._pages[page].lines])
        self._show_title()

    def _show_title(self) -> None:
        if not self._pages:
            return
        page = self._pages[self._page]
        place = self.query_one(Pager).position_text()
        left = (
            f"{'口岸打印' if self._is_official else '本机绘制'} {format_text(page.entry_id)}"
            f"   第 {self._entry_ids.index(page.entry_id) + 1}/{len(self._entry_ids)} 票"
            f"   第 {page.number}/{page.page_count} 页"
        )
        available = self.size.width - 2
        self.query_one("#title", Static).update(Text(fit(left, available - 24) + fit(place, 24, right=True)))


def _back_to_drawn(official: Command) -> Command:
    return replace(official, label="本机绘制", title="本机绘制的单据", help="换回本机绘制的单据")
