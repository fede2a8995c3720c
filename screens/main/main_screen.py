"""The main screen: three tabs, the tab bar above them, status bar and footer below."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import ContentSwitcher

from jiacha_tui.actions.filing import FilingSystem
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.session import CacheStatus, Session
from jiacha_tui.actions.sync_report import SyncProgress
from jiacha_tui.declaration.problem import Problem
from screens.commands.bindings import bindings
from screens.commands.command import Command, Scope
from screens.commands.handler import CommandHandler, QuitRequested
from screens.commands.notice import Notice
from screens.dialogs.messages import MessagesScreen
from screens.dialogs.quit_dialog import QuitDialog
from screens.dialogs.sync_summary import SyncSummaryDialog
from screens.dialogs.sync_text import progress_forms
from screens.dialogs.unconfirmed_entry import UnconfirmedEntryDialog
from screens.main.declarations_tab import DeclarationsTab
from screens.main.filing_tab import FilingTab
from screens.main.filtered_table import FilteredTable
from screens.main.sync_runner import SyncRunner
from screens.main.tab_bar import TabBar
from screens.widgets.key_footer import KeyFooter
from screens.widgets.status_bar import StatusBar
from screens.widgets.wait_line import WaitLine

_TAB_TITLES = ("报关单查询下载", *(system.value for system in FilingSystem))
_TAB_IDS = ("declarations", "foreign-trade", "manufacturer")
PENDING_FILTER = "未下载 来源:口岸"
"""The filter for the declarations that the port has listed and that were not downloaded on this machine."""

_HINT = "空格 选择 · a 选择筛选结果"


class MainScreen(CommandHandler, Screen[None]):
    """The operator's work. The focus is always in the tab that is shown."""

    DEFAULT_CSS = """
    MainScreen { overflow: hidden; }
    MainScreen > ContentSwitcher { height: 1fr; }
    """

    SCOPES = (Scope.MAIN, Scope.EVERYWHERE)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*SCOPES)
    AUTO_FOCUS = "DeclarationTable"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._tab_bar = TabBar(_TAB_TITLES, session.card_summary, online=session.online, demo=session.app_context.demo)
        self._sync_runner = SyncRunner(session)
        self._declarations = DeclarationsTab(session, self._sync_runner, id=_TAB_IDS[0])
        self._wait_line = WaitLine()
        self._status_bar = StatusBar(_HINT)
        self._progress: SyncProgress | None = None

    def compose(self) -> ComposeResult:
        yield self._tab_bar
        with ContentSwitcher(initial=_TAB_IDS[0]):
            yield self._declarations
            for tab, system in zip(_TAB_IDS[1:], FilingSystem, strict=True):
                yield FilingTab(self._session, system, id=tab)
        yield self._sync_runner
        yield self._wait_line
        yield self._status_bar
        yield KeyFooter()

    def on_mount(self) -> None:
        for warning in self._session.warnings:
            self.post_message(Notice(warning, Severity.PROBLEM))
        self._read_status()
        self._ask_to_confirm()

    def visible_commands(self) -> tuple[Command, ...]:
        """On the first tab the key for going back leaves the program, and is labelled so."""
        visible = super().visible_commands()
        if self._tab:
            return visible
        return tuple(replace(command, label="退出") if command.id == "back" else command for command in visible)

    def disabled_reason(self, command: Command) -> str:
        if command.id == "sync_summary" and self._sync_runner.summary is None:
            return "登录以来还没有同步过"
        return ""

    # Commands

    def action_tab_declarations(self) -> None:
        self._show_tab(0)

    def action_tab_foreign_trade(self) -> None:
        self._show_tab(1)

    def action_tab_manufacturer(self) -> None:
        self._show_tab(2)

    def action_messages(self) -> None:
        self.app.push_screen(MessagesScreen(self._session))

    def action_sync_summary(self) -> None:
        if (summary := self._sync_runner.summary) is not None:
            self.app.push_screen(SyncSummaryDialog(summary))

    def action_back(self) -> None:
        """Leads from the other tabs to the first, and from there out of the program, after a confirmation."""
        if self._tab:
            self._show_tab(0)
        else:
            self.app.push_screen(QuitDialog(self._what_is_lost()), self._quit_answered)

    # Messages of the widgets

    def on_notice(self, notice: Notice) -> None:
        self._status_bar.show_notice(notice)

    @on(TabBar.Clicked)
    def _tab_clicked(self, clicked: TabBar.Clicked) -> None:
        self._show_tab(clicked.index)

    @on(DeclarationsTab.SelectionChanged)
    def _show_selection(self, changed: DeclarationsTab.SelectionChanged) -> None:
        text = changed.selection.text()
        if changed.hidden:
            text += f"，其中 {changed.hidden} 票不在当前筛选中"
        self._status_bar.show_selection(text, f"已选 {len(changed.selection)} 票" if text else "")

    @on(FilteredTable.FilterInvalid)
    def _show_invalid_filter(self, invalid: FilteredTable.FilterInvalid) -> None:
        # Not posted as a notice, which would be logged: a filter is invalid most of the time while it is typed.
        self._status_bar.show_notice(Notice(invalid.reason, Severity.PROBLEM))

    @on(FilteredTable.Offered)
    def _show_offered(self, offered: FilteredTable.Offered) -> None:
        # Not posted as a notice, which would be logged.
        self._status_bar.show_notice(Notice(offered.text))

    @on(DeclarationsTab.Acted)
    def _forget_notice(self) -> None:
        self._status_bar.clear()

    @on(FilingTab.PendingRequested)
    def _show_pending(self) -> None:
        self._show_tab(0)
        self._declarations.filter_by(PENDING_FILTER)

    @on(SyncRunner.Progressed)
    def _show_progress(self, progressed: SyncRunner.Progressed) -> None:
        self._progress = progressed.progress
        self._draw_progress()

    @on(WaitLine.Changed)
    def _draw_progress(self) -> None:
        if self._progress is not None:
            self._status_bar.show_right(progress_forms(self._progress, is_stalled=bool(self._wait_line.text)))

    @on(SyncRunner.CacheChanged)
    def _cache_changed(self) -> None:
        self._declarations.read_again()

    @on(SyncRunner.StateChanged)
    def _sync_state_changed(self) -> None:
        self._progress = None
        if not self._sync_runner.running:
            # Else the last progress would be shown beside the result, until the status has been read.
            self._status_bar.show_right(())
        self._read_status()

    @on(FilteredTable.Shown)
    def _sync_after_first_rows(self) -> None:
        """Starts the sync after a login once the cached declarations are shown: they must not wait for it."""
        self._sync_runner.start_after_login()

    @on(DeclarationsTab.CacheChanged)
    @on(FilteredTable.Reread)
    def _read_status(self) -> None:
        self.refresh_bindings()
        if self._sync_runner.running:
            return
        self._show_status()
        if self._tab:
            self._filing_tab.read_again()

    @work(group="status", exclusive=True)
    async def _show_status(self) -> None:
        try:
            status = await self._session.cache_status()
        except Problem as problem:
            self.post_message(Notice.of(problem))
            return
        if not self._sync_runner.running:
            self._status_bar.show_right(status_forms(status, self._session.app_context.clock()))

    def _show_tab(self, tab: int) -> None:
        self._tab_bar.active = tab
        self.refresh_bindings()
        self.query_one(ContentSwitcher).current = _TAB_IDS[tab]
        self._status_bar.hint = "" if tab else _HINT
        self._status_bar.clear()
        if tab:
            self._filing_tab.read_again()
            self._filing_tab.take_focus()
        else:
            self._declarations.take_focus()

    def _what_is_lost(self) -> Sequence[str]:
        losses = []
        if self._sync_runner.running:
            losses.append("同步还没有完成，下次同步从断点继续。")
        if selected := len(self._declarations.selection):
            losses.append(f"选中的 {selected} 票不会保留。")
        return losses

    def _ask_to_confirm(self) -> None:
        """Shows the first entry of the journal that is not confirmed yet."""
        for entry in self._session.unconfirmed[:1]:
            self.app.push_screen(UnconfirmedEntryDialog(entry), self._entry_answered)

    def _entry_answered(self, confirmed: bool | None) -> None:
        if confirmed:
            self.run_worker(self._confirm())

    async def _confirm(self) -> None:
        try:
            await self._session.confirm(self._session.unconfirmed[:1])
        except Problem as problem:
            self.post_message(Notice.of(problem))
        else:
            self._ask_to_confirm()

    def _quit_answered(self, quits: bool | None) -> None:
        if quits:
            self.post_message(QuitRequested())

    @property
    def _tab(self) -> int:
        """The index of the tab that is shown, from 0."""
        return self._tab_bar.active

    @property
    def _filing_tab(self) -> FilingTab:
        return self.query_one(f"#{_TAB_IDS[self._tab]}", FilingTab)


def status_forms(status: CacheStatus, now: datetime) -> tuple[str, ...]:
    """How much is cached and when it was synced, the longest form first."""
    cached = f"缓存 {status.cached:,} 票"
    if status.last_sync is None:
        never = "还没有完整同步过" if status.cached else "还没有同步过"
        return (f"{cached} · {never}", cached)
    last = status.last_sync.ended_at.astimezone(now.tzinfo)
    day = "今天" if last.date() == now.date() else f"{last:%Y-%m-%d}" if last.year != now.year else f"{last:%m-%d}"
    if status.last_sync.is_complete:
        return (f"{cached} · 同步于 {day} {last:%H:%M}", f"{cached} · {day} {last:%H:%M}", cached)
    return (
        f"{cached} · ! 同步于 {day} {last:%H:%M}（不完整）",
        f"{cached} · ! {day} {last:%H:%M}（不完整）",
        f"{cached} · ! 不完整",
        f"! {cached}",
    )
