"""Tabs 2 and 3 of the main screen: links to the filing systems (manual 2.2, 2.3), and what is not downloaded yet."""

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from jiacha_tui.actions.filing import DUE_DAYS, FilingState, FilingSystem, filing_state, open_filing
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.formatting import format_minute, format_text
from jiacha_tui.declaration.problem import Problem
from screens.commands.bindings import bindings
from screens.commands.command import Scope
from screens.commands.handler import CommandHandler
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.widgets.cells import wrap_cells
from screens.widgets.push_button import PushButton

_NOT_YET = "正在读取…"


class FilingTab(CommandHandler, Vertical):
    """What the filing system is for, how many declarations are downloaded for it, and 「立即前往」."""

    DEFAULT_CSS = """
    FilingTab { height: 1fr; padding: 1 2; }
    FilingTab > Static { height: auto; margin-bottom: 1; }
    FilingTab > .title { text-style: bold; }
    FilingTab > PushButton { margin-bottom: 1; }
    """

    SCOPES = (Scope.FILING,)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*SCOPES)

    class PendingRequested(Message):
        """The operator wants to see the declarations that are not downloaded yet."""

    def __init__(self, session: Session, system: FilingSystem, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._session = session
        self._system = system

    def compose(self) -> ComposeResult:
        yield Static(self._system.value, classes="title", markup=False)
        yield Static(id="purpose", markup=False)
        yield Static(_NOT_YET, id="state", markup=False)
        yield PushButton("立即前往")
        yield Static(id="address", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        lines = wrap_cells(self._system.purpose, max(40, event.size.width - 4))
        self.query_one("#purpose", Static).update(Text("\n".join(lines)))

    def help_sections(self) -> tuple[Section, ...]:
        return (
            Section.of(
                self._system.value,
                self._system.purpose,
                "“立即前往”用本机的浏览器打开申报系统；远程登录或没有图形界面时，显示地址并送往终端的剪贴板。",
                "导入税务局系统时，须使用下载文件的同一个卡介质。",
            ),
        )

    def take_focus(self) -> None:
        """Gives 「立即前往」 the focus."""
        self.query_one(PushButton).focus()

    def read_again(self) -> None:
        """Shows the numbers from the cache as it is."""
        self._read()

    @on(PushButton.Pressed)
    async def action_go(self) -> None:
        opened = await open_filing(self._session.app_context.config, self._system)
        address = format_text(opened.address)
        self.query_one("#address", Static).update(
            Text.assemble("地址  ", (address, Style(underline=True, link=opened.address)))
        )
        if opened.opened_in_browser:
            self.post_message(Notice(f"已在浏览器中打开 {address}", Severity.GOOD))
        else:
            self.app.copy_to_clipboard(opened.address)
            self.post_message(
                Notice("这里没有图形浏览器：地址已显示，并送往终端的剪贴板；终端不支持时粘贴不出来，请手工复制。")
            )

    def action_pending(self) -> None:
        self.post_message(self.PendingRequested())

    @work(exclusive=True)
    async def _read(self) -> None:
        try:
            state = await filing_state(self._session)
        except Problem as problem:
            self.post_message(Notice.of(problem))
            return
        self.query_one("#state", Static).update(Text("\n".join(_state_lines(state))))


def _state_lines(state: FilingState) -> list[str]:
    lines = [
        f"尚未下载  {state.not_downloaded:>9,} 票    按 F6 到第 1 页只看这些",
        f"已下载    {state.downloaded:>9,} 票",
    ]
    if state.from_files:
        lines.append(f"另有      {state.from_files:>9,} 票只来自导入的文件，口岸没有列出")
    if state.delisted:
        lines.append(f"另有      {state.delisted:>9,} 票口岸不再列出（筛选：不再列出）")
    due = f"其中 {state.due:,} 票在 {DUE_DAYS} 天内到期"
    if state.earliest_deadline is not None:
        due += f"，最早 {state.earliest_deadline}"
    lines.append(f"未申报    {state.not_filed:>9,} 票，{due}")
    lines.append("          期限由本程序按出口日期推算；申报过的按 Ctrl+K 标记")
    if state.last_download is None:
        return [*lines, "本机还没有下载过"]
    last = state.last_download
    path = last.detail.get("path")
    lines.append(f"上次下载  {format_minute(last.at.astimezone())}  {format_text(last.message)}")
    if isinstance(path, str):
        lines.append(f"          {format_text(path)}")
    return lines
