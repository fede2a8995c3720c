"""Tab 1 of the main screen, 报关单查询下载: the table of declarations and the commands for them."""

from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen

from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.query import QueryOutcome
from jiacha_tui.actions.result_browser import ResultView, filter_help
from jiacha_tui.actions.selection import Selection
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync_plan import MAX_SYNC_MONTHS, SyncScope
from jiacha_tui.declaration.declaration_row import Order
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import Query
from jiacha_tui.declaration.rules import MAX_BATCH
from screens.breakdown.breakdown_screen import BreakdownClosed, BreakdownScreen, BreakdownState
from screens.commands.bindings import bindings
from screens.commands.command import Command, Scope
from screens.commands.handler import OFFLINE, CommandHandler
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.detail.detail_screen import DetailScreen
from screens.dialogs.bulk_prints import BulkPrintsDialog
from screens.dialogs.clerk_marks import ClerkMarksDialog
from screens.dialogs.download import DownloadDialog
from screens.dialogs.numbers import NumbersDialog
from screens.dialogs.older_months import OlderMonthsDialog, choices_beyond
from screens.dialogs.preview import PreviewScreen
from screens.dialogs.query import NumbersRequested, QueryDialog, QueryDialogResult, QueryForm
from screens.dialogs.resend import ResendDialog
from screens.dialogs.saved_filters import SavedFiltersDialog
from screens.dialogs.sort import SortDialog
from screens.main.declaration_table import DeclarationTable
from screens.main.detail_pane import MIN_COLUMNS
from screens.main.filter_bar import FilterBar
from screens.main.filtered_table import FilteredTable
from screens.main.sync_runner import SyncRunner

_NEEDS_PORT = frozenset({"query", "sync", "sync_older", "download", "resend", "save_prints"})
_NEEDS_DECLARATION = frozenset(
    {"detail", "select", "select_shown", "download", "resend", "print", "save_prints", "clerk_marks"}
)
_WAITS_FOR_FILTER = _NEEDS_DECLARATION | {"missing", "breakdown", "step_back"}
_NEEDS_BATCH = frozenset({"resend", "print"})
_NEEDS_FILTER = frozenset({"select_shown", "download", "save_prints", "breakdown"})


@dataclass(frozen=True, slots=True)
class _Narrowing:
    """A group of a breakdown that was made the filter: the filters before and after, and how the breakdown was."""

    before: str
    after: str
    state: BreakdownState


class DeclarationsTab(CommandHandler, Vertical):
    """The filtered table with its commands, and the declarations that are selected in it."""

    DEFAULT_CSS = """
    DeclarationsTab { height: 1fr; }
    """

    SCOPES = (Scope.TABLE,)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*SCOPES)

    class SelectionChanged(Message):
        """Other declarations are selected, or the filter hides another number of them."""

        def __init__(self, selection: Selection, hidden: int) -> None:
            super().__init__()
            self.selection = selection
            self.hidden = hidden

    class CacheChanged(Message):
        """A query has put declarations into the cache."""

    class Acted(Message):
        """The operator did something, so that the last notice is out of date."""

    def __init__(self, session: Session, sync_runner: SyncRunner, *, id: str) -> None:
        super().__init__(id=id)
        self._filtered = FilteredTable(session, sync_runner)
        self._session = session
        self._sync_runner = sync_runner
        self._form = QueryForm.default(session.app_context.clock().date())
        self._last_query: QueryOutcome | None = None
        self._breakdown = BreakdownState()
        self._narrowings: list[_Narrowing] = []

    def compose(self) -> ComposeResult:
        yield self._filtered

    def help_sections(self) -> tuple[Section, ...]:
        return (Section("筛选的写法", filter_help()),)

    @property
    def selection(self) -> Selection:
        return self._table.selection

    def take_focus(self) -> None:
        """Gives the table the focus."""
        self._table.focus()

    def visible_commands(self) -> tuple[Command, ...]:
        """While a sync runs, its key cancels it. In the filter bar there is no command to go to the filter bar."""
        visible = super().visible_commands()
        if self._sync_runner.running:
            visible = tuple(_cancelling(command) if command.id == "sync" else command for command in visible)
        if not self._missing:
            visible = tuple(replace(one, priority=0) if one.id == "missing" else one for one in visible)
        if self._filtered.bar.has_focus_within:
            visible = tuple(command for command in visible if command.id != "filter")
        return visible

    def disabled_reason(self, command: Command) -> str:
        selected = len(self.selection)
        view = self._filtered.view
        reasons = (
            (command.id in _NEEDS_PORT and not self._session.online, OFFLINE),
            (
                command.id in _NEEDS_FILTER and self._filtered.filter_is_invalid,
                "筛选的写法不对，请改好，或按 Esc 清除筛选",
            ),
            (command.id in _NEEDS_DECLARATION and not view, "列表里没有报关单"),
            (
                command.id in _NEEDS_BATCH and self.selection.exceeds_batch_limit,
                f"已选 {selected} 票，一次最多 {MAX_BATCH} 票",
            ),
            (command.id == "missing" and not self._missing, "筛选里的号码都在缓存里，或者筛选里没有完整的报关单号"),
            (command.id == "step_back" and self._narrowing is None, "列表不是从汇总的一组来的"),
            (command.id == "unselect" and not selected, "没有选中的报关单"),
            (command.id == "unfilter" and not self._filtered.bar.text, "没有筛选"),
            (command.id == "sync_older" and self._sync_runner.running, "正在同步，请等它完成或按 F5 停下"),
            (
                command.id == "sync_older" and not choices_beyond(self._session.app_context.config.sync.months),
                f"配置的同步范围已经是 {MAX_SYNC_MONTHS} 个月",
            ),
            (command.id == "pane" and self.app.size.width < MIN_COLUMNS, f"终端至少要 {MIN_COLUMNS} 列"),
        )
        return next((reason for applies, reason in reasons if applies), "")

    async def action_command(self, command_id: str) -> None:
        """Runs a command for the list once the list is that of the newest filter: operators type ahead of it."""
        if command_id == "detail" and self._filtered.nearest and not self._filtered.is_filtering:
            self.filter_by(self._filtered.nearest)
        elif command_id in _WAITS_FOR_FILTER and self._filtered.is_filtering:
            self._run_when_filtered(command_id)
        else:
            await super().action_command(command_id)

    @work
    async def _run_when_filtered(self, command_id: str) -> None:
        await self._filtered.wait_filtered()
        if self.screen.is_current:
            await super().action_command(command_id)

    def filter_by(self, text: str) -> None:
        """Puts a filter into the bar and shows its result."""
        self._filtered.filter_by(text)

    def read_again(self) -> None:
        """Shows the cache as it is."""
        self._filtered.read_again()

    # Commands

    def action_filter(self) -> None:
        self._filtered.bar.start_typing()

    def action_saved_filters(self) -> None:
        self.app.push_screen(SavedFiltersDialog(self._session, self._filtered.bar.text.strip()), self._filter_chosen)

    def _filter_chosen(self, text: str | None) -> None:
        if text is not None:
            self._acted()
            self.filter_by(text)

    def action_unfilter(self) -> None:
        self.filter_by("")

    def action_query(self) -> None:
        self.app.push_screen(QueryDialog(self._session, self._form), self._query_done)

    def action_missing(self) -> None:
        self._start(self._visit_numbers(NumbersDialog(self._session, self._missing, tuple(Kind))))

    def action_detail(self) -> None:
        view, entry_id = self._filtered.view, self._table.entry_id
        if view is not None and entry_id is not None:
            self._start(self._visit_detail(view, entry_id))

    def action_breakdown(self) -> None:
        if (view := self._filtered.view) is not None:
            self._open_breakdown(view.filter_text)

    def action_step_back(self) -> None:
        if (narrowing := self._narrowing) is not None:
            self._narrowings.pop()
            self._breakdown = narrowing.state
            self.filter_by(narrowing.before)
            self._open_breakdown(narrowing.before)

    def action_sync(self) -> None:
        if not self._sync_runner.running:
            self._acted()  # else it would arrive after the notice of the cancellation, and remove that
        self._sync_runner.start_or_cancel()

    def action_sync_older(self) -> None:
        app_context = self._session.app_context
        dialog = OlderMonthsDialog(app_context.clock().date(), app_context.config.sync.months)
        self.app.push_screen(dialog, self._older_months_chosen)

    def action_download(self) -> None:
        view = self._filtered.view
        if view is None:
            return
        # A query is downloaded as it was asked: in its span the cache may hold more than the port lists.
        target: ResultView | Query = view
        if self._last_query is not None and self._last_query.filter_text == view.filter_text:
            target = self._last_query.query
        self._start(self._visit(DownloadDialog(self._session, target, self.selection.entry_ids)))

    def action_resend(self) -> None:
        self._start(self._visit(ResendDialog(self._session, self._selected_or_current())))

    def action_print(self) -> None:
        self._start(self._visit(PreviewScreen(self._session, self._selected_or_current())))

    def action_save_prints(self) -> None:
        if (view := self._filtered.view) is not None:
            self._start(self._visit(BulkPrintsDialog(self._session, view, self.selection.entry_ids)))

    def action_select(self) -> None:
        if (entry_id := self._table.entry_id) is not None:
            self._select(self.selection.toggle(entry_id))
            self._table.action_move(1)

    def action_select_shown(self) -> None:
        if (view := self._filtered.view) is not None:
            self._start(self._select_first(view))

    def action_unselect(self) -> None:
        self._select(Selection())

    def action_sort(self) -> None:
        self.app.push_screen(SortDialog(self._filtered.order), self._sorted)

    def action_pane(self) -> None:
        self._filtered.pane.toggle(self.app.size.width)

    # Messages of the widgets

    def on_paste(self, event: events.Paste) -> None:
        """A paste that no field has taken is a filter."""
        event.stop()
        self._filtered.bar.paste(event.text)

    @on(FilterBar.Changed)
    def _filter_changed(self) -> None:
        self.post_message(self.Acted())

    @on(FilteredTable.Shown)
    def _view_shown(self) -> None:
        self._start(self._count_hidden())
        self.refresh_bindings()

    # Selecting

    def _selected_or_current(self) -> tuple[str, ...]:
        """What a command is for: the selected declarations, else the one under the cursor."""
        if self.selection.entry_ids:
            return self.selection.entry_ids
        return (self._table.entry_id,) if self._table.entry_id is not None else ()

    def _select(self, selection: Selection) -> None:
        self._table.selection = selection
        self._acted()
        self._start(self._count_hidden())
        self.refresh_bindings()

    async def _select_first(self, view: ResultView) -> None:
        """Selects declarations of the view from the top until as many are selected as a resend or a print takes."""
        first = await view.entry_ids(MAX_BATCH)
        available = max(0, MAX_BATCH - len(self.selection))
        new = [entry_id for entry_id in first if entry_id not in self.selection][:available]
        self._select(self.selection.add(new))
        if len(view) > len(first) or not set(first) <= set(self.selection.entry_ids):
            text = f"筛选出 {len(view):,} 票，只选中前面的：重发、打印一次最多 {MAX_BATCH} 票"
            self.post_message(Notice(text))

    async def _count_hidden(self) -> None:
        view, selection = self._filtered.view, self.selection
        hidden = 0
        if view is not None and view.filter_text:
            for entry_id in selection.entry_ids:
                hidden += await view.position_of(entry_id) is None
        if selection == self.selection and view is self._filtered.view:
            self.post_message(self.SelectionChanged(selection, hidden))

    # Other screens

    async def _visit(self, screen: Screen[Any]) -> None:
        """Opens another screen and, once it is closed, shows what has changed meanwhile."""
        self._acted()
        await self.app.push_screen_wait(screen)
        self._returned()

    async def _visit_numbers(self, dialog: NumbersDialog) -> None:
        await self._visit(dialog)
        self.post_message(self.CacheChanged())

    async def _visit_detail(self, view: ResultView, entry_id: str) -> None:
        self._acted()
        last = await self.app.push_screen_wait(DetailScreen(self._session, view, entry_id))
        await self._table.go_to(last or entry_id)
        self._returned()

    def _returned(self) -> None:
        self._table.focus()
        self.read_again()

    def _open_breakdown(self, filter_text: str) -> None:
        def closed(result: BreakdownClosed | None) -> None:
            if result is None:
                return
            self._breakdown = result.state
            if result.filter_text is not None:
                self._narrowings.append(_Narrowing(filter_text, result.filter_text, result.state))
                self.filter_by(result.filter_text)

        self._acted()
        self.app.push_screen(BreakdownScreen(self._session, filter_text, self._breakdown), closed)

    def _query_done(self, result: QueryDialogResult | NumbersRequested | None) -> None:
        if result is None:
            return
        if isinstance(result, NumbersRequested):
            self._form = result.form
            self.filter_by(f"号:{'|'.join(result.query.entry_ids)}")
            self._start(self._visit_numbers(NumbersDialog(self._session, result.query.entry_ids, (result.query.kind,))))
            return
        outcome = result.outcome
        self._form, self._last_query = result.form, outcome
        is_plain = not (outcome.delisted or outcome.unconfirmed or outcome.incomplete)
        self.post_message(Notice(outcome.text(), Severity.GOOD if is_plain else Severity.PROBLEM))
        self.filter_by(outcome.filter_text)
        self.post_message(self.CacheChanged())

    def action_clerk_marks(self) -> None:
        self.app.push_screen(ClerkMarksDialog(self._session, self._selected_or_current()), self._marked)

    def _marked(self, message: str | None) -> None:
        if message is not None:
            self._acted()
            self.post_message(Notice(message, Severity.GOOD))
            self._filtered.read_again()

    def _older_months_chosen(self, months: int | None) -> None:
        if months is not None:
            self._acted()
            self._sync_runner.start(SyncScope.OLDER, months)

    def _sorted(self, order: Order | None) -> None:
        if order is not None:
            self._acted()
            self._filtered.sort_by(order)

    def _acted(self) -> None:
        self.post_message(self.Acted())
        self._filtered.report_invalid_filter()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self.run_worker(self._report_problem(work))

    async def _report_problem(self, work: Coroutine[None, None, None]) -> None:
        """Awaits `work` and posts the problem that it raises."""
        try:
            await work
        except Problem as problem:
            self.post_message(Notice.of(problem))

    @property
    def _missing(self) -> tuple[str, ...]:
        """The numbers in the filter that the cache does not hold."""
        view = self._filtered.view
        return view.numbers.missing if view is not None else ()

    @property
    def _narrowing(self) -> _Narrowing | None:
        """The group that is the filter, None if another filter was typed since."""
        view = self._filtered.view
        if view is None or not self._narrowings or self._narrowings[-1].after != view.filter_text:
            return None
        return self._narrowings[-1]

    @property
    def _table(self) -> DeclarationTable:
        return self._filtered.table


def _cancelling(sync: Command) -> Command:
    """The command of a sync while a sync runs: it is never dropped from the footer."""
    return replace(
        sync,
        label="停同步",
        title="取消同步",
        help="停下正在进行的同步；已取得的都在缓存里，再按一次从停下的地方接着取",
        priority=97,
    )
