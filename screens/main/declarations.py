"""Page 1 of the desk, 报关单查询下载: filter, table, and what is done with the declarations in it."""

from collections.abc import Coroutine
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message

from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.query import QueryOutcome
from jiacha_tui.actions.result_browser import ResultView, filter_help
from jiacha_tui.actions.selection import Selection
from jiacha_tui.declaration.declaration_row import Order
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import Query
from jiacha_tui.declaration.rules import MAX_BATCH
from screens.base.navigation import Navigation
from screens.commands.bindings import bindings
from screens.commands.command import Command, Scope
from screens.commands.handler import OFFLINE, CommandHandler
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.dialogs.query import QueryAnswer, QueryDialog, QueryForm
from screens.dialogs.sort import SortDialog
from screens.main.declaration_table import DeclarationTable
from screens.main.deeds import Deeds
from screens.main.detail_pane import PANE_FROM, DetailPane
from screens.main.filter_bar import FilterBar
from screens.main.sync_runner import SyncRunner

_ONLINE_ONLY = frozenset({"query", "sync", "download", "resend"})
_NEEDS_LINE = frozenset({"detail", "pick", "select_shown", "download", "resend", "print"})
_NEEDS_BATCH = frozenset({"resend", "print"})
_NEEDS_FILTER = frozenset({"select_shown", "download"})

_NOTHING_CACHED = "本机缓存里还没有报关单："
_NOTHING_FOUND = "没有符合筛选的报关单：按 Esc 清除筛选"


class DeclarationsPage(CommandHandler, Vertical):
    """Puts together filter bar, table and detail pane, and answers the commands of the table."""

    DEFAULT_CSS = """
    DeclarationsPage { height: 1fr; }
    DeclarationsPage > #beside { height: 1fr; }
    DeclarationsPage DeclarationTable { width: 1fr; }
    """

    SCOPES = (Scope.TABLE,)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*SCOPES)

    class Picked(Message):
        """Other declarations are picked, or others of them are out of sight."""

        def __init__(self, selection: Selection, hidden: int) -> None:
            super().__init__()
            self.selection = selection
            self.hidden = hidden

    class CacheChanged(Message):
        """The table was read anew because the cache holds something new."""

    class FilterWrong(Message):
        """What is wrong with the filter, where the bar has no room to say it."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.message = what

    class Done(Message):
        """The operator did something that takes back what was said before."""

    def __init__(self, deeds: Deeds, navigation: Navigation, sync_run: SyncRunner, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._deeds = deeds
        self._navigation = navigation
        self._sync_run = sync_run
        self._filter_text = ""
        self._wrong = ""
        self._order = Order()
        self._reading_again = False
        self._again = False
        self._form = QueryForm.fresh(deeds.now().date())
        self._asked: QueryOutcome | None = None

    def compose(self) -> ComposeResult:
        yield FilterBar()
        with Horizontal(id="beside"):
            yield DeclarationTable(self._deeds.views)
            yield DetailPane(self._deeds.cached_declaration)

    def on_mount(self) -> None:
        self._show()

    def on_resize(self, event: events.Resize) -> None:
        self._pane.place(self.app.size.width)

    def help_sections(self) -> tuple[Section, ...]:
        return (Section("筛选的写法", filter_help()),)

    @property
    def selection(self) -> Selection:
        return self._table.selection

    def take_focus(self) -> None:
        self._table.focus()

    def visible_commands(self) -> tuple[Command, ...]:
        """While a sync runs its key cancels it, and is not to be dropped; in the filter bar one is in the filter."""
        offered = super().visible_commands()
        if self._sync_run.running:
            offered = tuple(_cancelling(one) if one.id == "sync" else one for one in offered)
        if self._bar.has_focus_within:
            offered = tuple(one for one in offered if one.id != "filter")
        return offered

    def disabled_reason(self, command: Command) -> str:
        picked = len(self.selection)
        reasons = (
            (command.id in _ONLINE_ONLY and not self._deeds.identity.online, OFFLINE),
            (command.id in _NEEDS_FILTER and self._wrong, "筛选的写法不对，请改好，或按 Esc 清除筛选"),
            (command.id in _NEEDS_LINE and not self._view_length, "列表里没有报关单"),
            (
                command.id in _NEEDS_BATCH and self.selection.exceeds_batch_limit,
                f"已选 {picked} 票，一次最多 {MAX_BATCH} 票",
            ),
            (command.id == "unselect" and not picked, "没有选中的报关单"),
            (command.id == "unfilter" and not self._bar.text, "没有筛选"),
            (command.id == "pane" and self.app.size.width < PANE_FROM, f"终端至少要 {PANE_FROM} 列"),
        )
        return next((why for applies, why in reasons if applies), "")

    def filter_by(self, text: str) -> None:
        """Puts a filter into the bar and shows what it leaves."""
        self._filter_text, self._wrong = text, ""
        self._bar.put(text)
        self._table.focus()
        self._show()

    def read_again(self) -> None:
        """The same filter and order on the cache as it is now; calls while one is under way become one."""
        if self._reading_again:
            self._again = True
            return
        self._reading_again = True
        self._start(self._read_again())

    # Commands

    def action_filter(self) -> None:
        self._bar.begin()

    def action_unfilter(self) -> None:
        self.filter_by("")

    def action_query(self) -> None:
        self.app.push_screen(QueryDialog(self._form, self._deeds.run_query), self._query_answered)

    def action_detail(self) -> None:
        if self._table.view is not None and (entry_id := self._table.entry_id) is not None:
            self._start(self._away(self._see_detail(self._table.view, entry_id)))

    def action_sync(self) -> None:
        self._sync_run.start_or_cancel()

    def action_download(self) -> None:
        view = self._table.view
        if view is None:
            return
        # What a query found is asked for as it was queried; the cache may hold more in its span than the port lists.
        what: ResultView | Query = view
        if self._asked is not None and self._asked.filter_text == view.filter_text:
            what = self._asked.query
        self._start(self._away(self._navigation.open_download(what, self.selection.entry_ids)))

    def action_resend(self) -> None:
        self._start(self._away(self._navigation.open_resend(self._chosen())))

    def action_print(self) -> None:
        self._start(self._away(self._navigation.open_preview(self._chosen())))

    def action_pick(self) -> None:
        if (entry_id := self._table.entry_id) is not None:
            self._pick(self.selection.toggle(entry_id))
            self._table.action_move(1)

    def action_select_shown(self) -> None:
        if self._table.view is not None:
            self._start(self._select_shown(self._table.view))

    def action_unselect(self) -> None:
        self._pick(Selection())

    def action_sort(self) -> None:
        self.app.push_screen(SortDialog(self._order), self._sorted)

    def action_pane(self) -> None:
        self._pane.turn()
        self._pane.place(self.app.size.width)

    # What the widgets tell

    @on(FilterBar.Changed)
    def _filter_changed(self, changed: FilterBar.Changed) -> None:
        self._filter_text, self._wrong = changed.text, ""
        self.post_message(self.Done())
        self._show()

    @on(FilterBar.Left)
    def _filter_left(self) -> None:
        self._table.focus()

    @on(DeclarationTable.Moved)
    def _moved(self, moved: DeclarationTable.Moved) -> None:
        if (view := self._table.view) is not None and self._filter_text == view.filter_text:
            self._show_totals(view, moved.row)
        self._pane.follow(moved.entry_id)

    # Views

    def _show(self) -> None:
        self._start(self._show_newest())

    async def _show_newest(self) -> None:
        """A view of the filter and order as they are now; a later call overtakes this one."""
        text, order = self._filter_text, self._order
        try:
            view = await self._deeds.views.show(text, order)
        except Problem as problem:
            self._cannot_show(text, problem)
            return
        if view is None:
            return
        self._table.say_empty(self._nothing(filtered=bool(text)))
        if await self._table.show(view):
            self._show_totals(view, self._table.row)
            self._start(self._count_hidden())
            self._pane.follow(self._table.entry_id)
            self.refresh_bindings()

    def _cannot_show(self, text: str, problem: Problem) -> None:
        if not text:
            self.post_message(Notice.of(problem))
        elif text == self._filter_text:
            # The table keeps the last good result, and so does whatever reads it anew.
            self._filter_text = self._table.view.filter_text if self._table.view is not None else ""
            self._wrong = problem.message
            self._say_what_is_wrong()
            self.refresh_bindings()

    def _say_what_is_wrong(self) -> None:
        if self._wrong and not self._bar.show_problem(self._wrong):
            self.post_message(self.FilterWrong(self._wrong))

    def _nothing(self, *, filtered: bool) -> str:
        """Why the table is empty, with what can be done about it here."""
        if self._deeds.identity.online:
            return (
                f"{_NOTHING_FOUND}，或按 F3 向口岸查询。"
                if filtered
                else f"{_NOTHING_CACHED}按 F5 同步，或按 F3 向口岸查询。"
            )
        return f"{_NOTHING_FOUND}。" if filtered else f"{_NOTHING_CACHED}联网登录以后按 F5 同步。"

    def _show_totals(self, view: ResultView, row: int) -> None:
        """Not beside a wrong filter: they would be taken for its own."""
        if not self._wrong:
            self._bar.show_totals(view.totals, row)

    async def _read_again(self) -> None:
        try:
            self._again = True
            while self._again:
                self._again = False
                await self._show_newest()
        finally:
            self._reading_again = False
        self.post_message(self.CacheChanged())

    def _query_answered(self, answer: QueryAnswer | None) -> None:
        if answer is None:
            return
        self._form, self._asked = answer.form, answer.outcome
        found = f"查询到 {answer.outcome.found} 票，新增 {answer.outcome.new} 票，变更 {answer.outcome.changed} 票"
        self.post_message(Notice(found, Severity.GOOD))
        self.filter_by(answer.outcome.filter_text)
        self.post_message(self.CacheChanged())

    def _sorted(self, order: Order | None) -> None:
        if order is not None:
            self._order = order
            self._done()
            self._show()

    # Picking

    def _chosen(self) -> tuple[str, ...]:
        """What a deed is for: what is picked, else the line under the cursor."""
        if self.selection.entry_ids:
            return self.selection.entry_ids
        return (self._table.entry_id,) if self._table.entry_id is not None else ()

    def _pick(self, selection: Selection) -> None:
        self._table.selection = selection
        self._done()
        self._start(self._count_hidden())
        self.refresh_bindings()

    async def _select_shown(self, view: ResultView) -> None:
        """What the filter shows, from the top, until ten are picked."""
        shown = await self._deeds.views.entry_ids(view, MAX_BATCH)
        room = max(0, MAX_BATCH - len(self.selection))
        new = [entry_id for entry_id in shown if entry_id not in self.selection][:room]
        self._pick(self.selection.add(new))
        left_out = len(view) > len(shown) or not set(shown) <= set(self.selection.entry_ids)
        if left_out:
            text = f"筛选出 {len(view):,} 票，只选中前面的：重发、打印一次最多 {MAX_BATCH} 票"
            self.post_message(Notice(text))

    async def _count_hidden(self) -> None:
        view, selection = self._table.view, self.selection
        hidden = 0
        if view is not None and view.filter_text:
            for entry_id in selection.entry_ids:
                hidden += await self._deeds.views.position_of(view, entry_id) is None
        if selection == self.selection and view is self._table.view:
            self.post_message(self.Picked(selection, hidden))

    # Away from the desk and back

    async def _away(self, way: Coroutine[None, None, object]) -> None:
        """Goes another way and, back from it, shows what has changed there."""
        self._done()
        await way
        self._table.focus()
        self.read_again()

    async def _see_detail(self, view: ResultView, entry_id: str) -> None:
        last = await self._navigation.open_detail(view, entry_id)
        await self._table.go_to(last)

    def _done(self) -> None:
        self.post_message(self.Done())
        self._say_what_is_wrong()

    def _start(self, deed: Coroutine[None, None, None]) -> None:
        self.run_worker(self._told(deed))

    async def _told(self, deed: Coroutine[None, None, None]) -> None:
        """Runs a deed; what goes wrong is told and ends nothing else."""
        try:
            await deed
        except Problem as problem:
            self.post_message(Notice.of(problem))

    @property
    def _bar(self) -> FilterBar:
        return self.query_one(FilterBar)

    @property
    def _table(self) -> DeclarationTable:
        return self.query_one(DeclarationTable)

    @property
    def _pane(self) -> DetailPane:
        return self.query_one(DetailPane)

    @property
    def _view_length(self) -> int:
        return len(self._table.view) if self._table.view is not None else 0


def _cancelling(sync: Command) -> Command:
    """The sync's command while a sync runs."""
    return replace(sync, label="停同步", title="取消同步", priority=97)
