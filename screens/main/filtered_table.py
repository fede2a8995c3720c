"""The table of declarations with its filter bar and its detail pane: what the filter finds, in the chosen order."""

import asyncio

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from jiacha_tui.actions.completion import complete_filter
from jiacha_tui.actions.empty_result import EmptyResult, explain_empty
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.result_browser import ResultBrowser, ResultView, is_about_the_cache
from jiacha_tui.actions.saved_filters import filter_history, remember_filter
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.declaration_row import Order
from jiacha_tui.declaration.formatting import format_text
from jiacha_tui.declaration.hints import WHERE_TO_LOOK_UP
from jiacha_tui.declaration.problem import Problem
from screens.commands.notice import Notice
from screens.main.declaration_table import DeclarationTable
from screens.main.detail_pane import DetailPane
from screens.main.filter_bar import FilterBar
from screens.main.sync_runner import SyncRunner

_NOTHING_CACHED = "本机缓存里还没有报关单："
_NOTHING_FOUND = "没有符合筛选的报关单：按 Esc 清除筛选"


_EXPLAIN_AFTER_SECONDS = 0.3


class FilteredTable(Vertical):
    """Runs the filter that is in the bar and shows its result.

    While the text in the bar is no valid filter, the table keeps the result of the last valid one, also when the
    cache changes.
    """

    DEFAULT_CSS = """
    FilteredTable { height: 1fr; }
    FilteredTable > #beside { height: 1fr; }
    FilteredTable DeclarationTable { width: 1fr; }
    """

    class Shown(Message):
        """The table shows another view."""

    class Reread(Message):
        """The table shows the cache as it is, after `read_again`."""

    class Offered(Message):
        """What the word in the filter can be completed to."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class FilterInvalid(Message):
        """The text in the bar is no valid filter, and the bar has no room to say why."""

        def __init__(self, reason: str) -> None:
            super().__init__()
            self.reason = reason

    def __init__(self, session: Session, sync_runner: SyncRunner) -> None:
        super().__init__()
        self._sync_runner = sync_runner
        self.bar = FilterBar()
        self.table = DeclarationTable()
        self.pane = DetailPane(session)
        self._session = session
        self._browser = ResultBrowser(session)
        self._filter_text = ""
        """The last valid filter; until it has run, the text in the bar."""
        self._invalid_reason = ""
        self._completed_filter = self._offered = ""
        """The filter that was completed last, and what else was offered for it."""
        self._nearest = ""
        self._left_out = ""
        """What of a paste is not in the filter, until that has been said beside the result."""
        self._order = Order()
        self._filter_runs = 0
        """How many runs of a filter or order have not ended yet."""
        self._filter_runs_ended = asyncio.Event()
        self._is_reading_view = False
        self._stale = False

    def compose(self) -> ComposeResult:
        self.pane.fit_to(self.app.size.width)  # the first frame shows it only where it has room
        yield self.bar
        with Horizontal(id="beside"):
            yield self.table
            yield self.pane

    def on_mount(self) -> None:
        self._run_filter()
        self.run_worker(self._read_history())

    async def _read_history(self) -> None:
        try:
            self.bar.set_history(await filter_history(self._session))
        except Problem as problem:
            self.post_message(Notice.of(problem))

    @on(FilterBar.CompletionWanted)
    @work(group="completion", exclusive=True)
    async def _complete(self, wanted: FilterBar.CompletionWanted) -> None:
        try:
            self.bar.show_completion(wanted.text, await complete_filter(self._session, wanted.text, wanted.cursor))
        except Problem as problem:
            self.post_message(Notice.of(problem))

    @on(FilterBar.Completed)
    def _completed(self, completed: FilterBar.Completed) -> None:
        self._completed_filter, self._offered = completed.text, completed.offered
        self.post_message(self.Offered(completed.offered))

    @on(FilterBar.Used)
    def _filter_used(self, used: FilterBar.Used) -> None:
        self.run_worker(self._remember(used.text))

    async def _remember(self, text: str) -> None:
        try:
            await remember_filter(self._session, text)
        except Problem as problem:
            self.post_message(Notice.of(problem))

    def on_resize(self, event: events.Resize) -> None:
        self.pane.fit_to(self.app.size.width)

    @property
    def view(self) -> ResultView | None:
        """What the table shows; None before the first view."""
        return self.table.view

    @property
    def filter_is_invalid(self) -> bool:
        """Whether the bar holds a text that is no filter; the table then shows an earlier result."""
        return bool(self._invalid_reason)

    @property
    def order(self) -> Order:
        return self._order

    @property
    def is_filtering(self) -> bool:
        """Whether the table still shows the result of an earlier filter or order."""
        return self._filter_runs > 0

    async def wait_filtered(self) -> None:
        """Returns once the table shows the newest filter and order, or says why it cannot."""
        while self.is_filtering:
            self._filter_runs_ended.clear()
            await self._filter_runs_ended.wait()

    @property
    def nearest(self) -> str:
        """The filter that is offered in an empty table, "" if none is."""
        return self._nearest

    def filter_by(self, text: str) -> None:
        """Puts a filter into the bar, shows its result and gives the table the focus."""
        self._filter_text, self._invalid_reason = text, ""
        self.bar.set_text(text)
        self.table.focus()
        self._run_filter()

    def sort_by(self, order: Order) -> None:
        """Shows the same filter in another order."""
        self._order = order
        self._run_filter()

    def read_again(self) -> None:
        """Shows the same filter and order for the cache as it is; posts `Reread`. Calls during a reading become one."""
        self._stale = True
        if not self._is_reading_view:
            self._is_reading_view = True
            self.run_worker(self._read_again())

    def report_invalid_filter(self) -> None:
        """Says again what is wrong with the text in the bar, if anything is."""
        if self._invalid_reason and not self.bar.show_problem(self._invalid_reason):
            self.post_message(self.FilterInvalid(self._invalid_reason))

    @on(FilterBar.Changed)
    def _filter_changed(self, changed: FilterBar.Changed) -> None:
        self._filter_text, self._invalid_reason = changed.text, ""
        self._left_out = changed.left_out
        self._run_filter()

    @on(FilterBar.Exited)
    def _filter_exited(self) -> None:
        self.table.focus()

    @on(DeclarationTable.Moved)
    def _cursor_moved(self, moved: DeclarationTable.Moved) -> None:
        if self.view is not None and self._filter_text == self.view.filter_text:
            self._show_totals(self.view, moved.row)
        self.pane.follow(moved.entry_id)

    def _run_filter(self) -> None:
        self._filter_runs += 1
        self._show_filtered()

    @work
    async def _show_filtered(self) -> None:
        try:
            await self._show_newest()
        finally:
            self._filter_runs -= 1
            self._filter_runs_ended.set()

    async def _read_again(self) -> None:
        try:
            while self._stale:
                self._stale = False
                await self._show_newest()
        finally:
            self._is_reading_view = False
        self.post_message(self.Reread())

    async def _show_newest(self) -> None:
        """Shows the view for the filter and order as they are; a later call overtakes this one."""
        text = self._filter_text
        try:
            view = await self._browser.show(text, self._order)
        except Problem as problem:
            self._cannot_show(text, problem)
            return
        if view is None:
            return
        self._nearest = ""
        self.table.show_empty_text(self._why_empty(filtered=bool(text)))
        try:
            shown = await self.table.show(view)
        except Problem as problem:
            self.post_message(Notice.of(problem))
            return
        if shown:
            self._show_totals(view, self.table.row)
            self.pane.follow(self.table.entry_id)
            self.post_message(self.Shown())
            if self._offered and text == self._completed_filter:
                self.post_message(self.Offered(self._offered))
            if text and not len(view):
                self._explain_empty(view)
            if self._left_out:
                self.post_message(Notice(self._left_out, Severity.PROBLEM))
                self._left_out = ""

    @work(group="explanation", exclusive=True)
    async def _explain_empty(self, view: ResultView) -> None:
        """Says below an empty list what the filter was understood as, once no key has come for a while."""
        await asyncio.sleep(_EXPLAIN_AFTER_SECONDS)
        if view is not self.view:
            return
        try:
            explained = await explain_empty(self._session, view.filter_text)
        except Problem as problem:
            self.post_message(Notice.of(problem))
            return
        if view is self.view and explained.meaning:
            self._nearest = explained.nearest
            self.table.show_empty_text("\n".join((self._why_empty(filtered=True), "", *_empty_lines(view, explained))))

    def _cannot_show(self, text: str, problem: Problem) -> None:
        if not text:
            self.post_message(Notice.of(problem))
        elif text == self._filter_text:
            self._filter_text = self.view.filter_text if self.view is not None else ""
            self._invalid_reason = problem.message
            if is_about_the_cache(problem):
                self.post_message(Notice.of(problem))
            self.report_invalid_filter()
            self.refresh_bindings()

    def _show_totals(self, view: ResultView, row: int) -> None:
        """Not beside an invalid filter: the totals would be taken for its own."""
        if not self._invalid_reason:
            self.bar.show_totals(view.totals, row, view.numbers)

    def _why_empty(self, *, filtered: bool) -> str:
        """Why the table is empty, with what can be done about it here."""
        if self._session.online:
            if filtered:
                return f"{_NOTHING_FOUND}，或按 F3 向口岸查询。\n\n{WHERE_TO_LOOK_UP}"
            if self._sync_runner.expected:
                return f"{_NOTHING_CACHED}正在从口岸取，取到就显示。也可以按 F3 向口岸查询。"
            return f"{_NOTHING_CACHED}按 F5 同步，或按 F3 向口岸查询。"
        return f"{_NOTHING_FOUND}。\n\n{WHERE_TO_LOOK_UP}" if filtered else f"{_NOTHING_CACHED}联网登录以后按 F5 同步。"


def _empty_lines(view: ResultView, explained: EmptyResult) -> list[str]:
    """What is said below an empty list about its filter."""
    lines = [f"筛选理解为：{format_text(explained.meaning)}"]
    if view.numbers.missing:
        lines.append(f"{len(view.numbers.missing):,} 个号码不在缓存：按 Ctrl+N 逐个向口岸查询")
    if explained.nearest:
        lines.append(f"最近的：{format_text(explained.nearest)}（{explained.count:,} 票），按 Enter 改用")
    return lines
