"""XML 文件下载: shows which files will be downloaded, downloads them, and shows the result of each."""

import asyncio
import enum
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker

from jiacha_tui.actions.download import DownloadReport, download_files
from jiacha_tui.actions.download_plan import (
    DownloadPlan,
    plan_entries,
    plan_query,
    plan_ranges,
    plan_selected,
    plan_view,
)
from jiacha_tui.actions.folders import downloads_folder, open_folder
from jiacha_tui.actions.list_check import ListCheck
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.problems import PlanOutdated
from jiacha_tui.actions.result_browser import ResultView
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import Query
from screens.base.dialog import Dialog
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.dialogs.download_lines import (
    SAME_CARD,
    choice_text,
    finished_count,
    part_lines,
    plan_notes,
    plan_text,
    refusal_text,
    report_lines,
    report_text,
)
from screens.widgets.cells import wrap_cells
from screens.widgets.choice_list import Choice, ChoiceList
from screens.widgets.line_input import MAX_PATH_LENGTH, LineInput
from screens.widgets.notice_line import NoticeLine
from screens.widgets.pager import Pager
from screens.widgets.push_button import PushButton


class _Phase(enum.Enum):
    """The steps of the dialog. READY and DONE offer a download, DONE only of what is still missing."""

    PLANNING = enum.auto()
    READY = enum.auto()
    RUNNING = enum.auto()
    DONE = enum.auto()


_HELP = Section(
    "XML 文件下载",
    (
        ("上限", "一个文件的出口日期最长 30 天；超过一天时最多 1000 条表体、8M。超过的自动拆成最少的几个文件"),
        ("另含", "口岸按整段出口日期下载；筛选只是其中一部分时，文件里会多出同期的其他报关单，或改为逐票下载"),
        ("保存到", "可改成别的文件夹；没有的会新建。已有的文件从不覆盖，文件只有本人可读"),
        ("↓", "以前在本机下载过；后面有数时，其中那么多票下载过"),
        ("停止", "下载中按 F10 或 Esc：已下载的保留，其余的可以接着下载"),
        ("清单", "按出口日期下载前先读口岸现在的清单；与计划不同就显示新的计划，再按一次才下载"),
        ("核对", "每个文件存盘前核对：XML 是否完整，是否为登录的卡加密，签名与内容是否相符"),
    ),
)

_MAX_WIDTH, _FRAME = 80, 4
"""Cells of the whole dialog, and of its frame."""

_MIN_LINES = 3
_OTHER_ROWS = 12
"""Rows of frame, position, folder, notice, buttons and footer, and of the empty rows between them."""

_PAGING_KEYS = "PgUp PgDn 翻页"

_LINES_BEFORE = 3
"""Lines that stay visible above the file that is being downloaded."""

_FIRST_BUTTON = {_Phase.PLANNING: "关闭", _Phase.READY: "取消", _Phase.RUNNING: "停止", _Phase.DONE: "关闭"}


class DownloadDialog(Dialog[DownloadReport]):
    """Downloads `target`: the declarations of a view or of a query, or the one with this entry id.

    A download of just the `selected` declarations is offered first. Dismisses with the result of every file, with None
    when no download was started. Closing the dialog while files are coming stops the download after the current file;
    what has come is kept and shown before the dialog closes. Files that are missing can be downloaded from here again.
    """

    TITLE = "XML 文件下载"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        # They page through the files also while the list of plans, which has few rows, has the focus.
        Binding("pageup", "turn_pages(-1)", show=False, priority=True),
        Binding("pagedown", "turn_pages(1)", show=False, priority=True),
    ]

    DEFAULT_CSS = """
    DownloadDialog > #frame { width: 80; }
    DownloadDialog #body > * { margin-bottom: 1; }
    DownloadDialog #message { height: auto; margin: 0; }
    DownloadDialog #hint { height: auto; margin: 0; }
    DownloadDialog #message.-problem { color: $problem; text-style: bold; }
    DownloadDialog #plans { max-height: 4; margin: 1 0 0 0; }
    DownloadDialog #lines { height: auto; margin: 1 0; }
    DownloadDialog #place { height: 1; text-align: right; }
    DownloadDialog #notes { height: auto; }
    DownloadDialog #folder-row { height: 1; margin: 0; }
    DownloadDialog #folder-row Static { width: 8; }
    DownloadDialog #folder-row .bracket { width: 1; }
    DownloadDialog #folder { width: 1fr; }
    """

    def __init__(self, session: Session, target: ResultView | Query | str, selected: Sequence[str] = ()) -> None:
        super().__init__()
        self._session = session
        self._target = target
        self._selected = tuple(selected)
        self._phase = _Phase.PLANNING
        self._plans: tuple[DownloadPlan, ...] = ()
        self._plan = DownloadPlan("", ())
        self._progress: DownloadReport | None = None
        """What the running download has done so far."""
        self._report: DownloadReport | None = None
        """The files of all downloads of this dialog, with the failures of the last one."""
        self._worker: Worker[None] | None = None
        self._stopping = False
        self._is_starting = False
        self._changes = ""
        """How the port's lists differ from the plan that was shown before."""
        self._message_rows = 0

    def body(self) -> Iterable[Widget]:
        yield Static(id="message", markup=False)
        yield Static(id="hint", markup=False)
        yield ChoiceList(id="plans")
        yield Pager(id="lines")
        yield Static(id="place", markup=False)
        yield Static(id="notes", markup=False)
        yield Horizontal(
            Static("保存到"),
            Static("[", classes="bracket", markup=False),
            LineInput(str(downloads_folder(self._session)), max_length=MAX_PATH_LENGTH, id="folder"),
            Static("]", classes="bracket", markup=False),
            id="folder-row",
        )

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton(_FIRST_BUTTON[_Phase.PLANNING], id="close")
        yield PushButton("下载", id="download")

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    def on_mount(self) -> None:
        # The dialog itself handles the paging keys, so that Tab goes straight to the buttons.
        self.query_one("#lines").can_focus = False
        self._enter(_Phase.PLANNING)
        self._show_message("正在计算要下载的文件…")
        self.run_worker(self._make_plans())

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def action_cancel(self) -> None:
        if self._phase is _Phase.RUNNING and self._worker is not None:
            self._show_message("正在停止…")
            self._stopping = True
            self._worker.cancel()
        else:
            self.dismiss(self._report)

    def action_turn_pages(self, pages: int) -> None:
        self.query_one("#lines", Pager).action_pages(pages)

    @on(Pager.Moved, "#lines")
    def _show_place(self) -> None:
        line = self.query_one("#place", Static)
        place = self.query_one("#lines", Pager).position_text()
        line.display = bool(place)
        line.update(place)
        self.query_one("#frame").border_subtitle = f"{self.KEYS} · {_PAGING_KEYS}" if place else self.KEYS

    @on(PushButton.Pressed, "#close")
    def _close_pressed(self) -> None:
        self.action_cancel()

    @on(PushButton.Pressed, "#download")
    def _download_pressed(self) -> None:
        if self._phase in (_Phase.READY, _Phase.DONE) and not self._is_starting:
            self._is_starting = True
            self._worker = self.run_worker(self._download())

    @on(LineInput.Submitted, "#folder")
    @on(ChoiceList.Chosen, "#plans")
    def _focus_download(self) -> None:
        self.query_one("#download").focus()

    @on(ChoiceList.Moved, "#plans")
    def _plan_chosen(self, moved: ChoiceList.Moved) -> None:
        self._plan = self._plans[moved.index]
        self._draw()

    async def _make_plans(self) -> None:
        try:
            self._plans = await _plans(self._session, self._target, self._selected)
        except Problem as problem:
            self._show_problem(problem)
            return
        self._plan = self._plans[0]
        self._enter(_Phase.READY)

    async def _download(self) -> None:
        try:
            await self._run_plan()
        except asyncio.CancelledError:
            # A run that is stopped returns a report, unless the stop came right before or after it.
            if self._stopping:
                self._stopping = False
                self._enter(_Phase.READY if self._report is None else _Phase.DONE)
            raise
        finally:
            self._is_starting = False

    async def _run_plan(self) -> None:
        try:
            folder = await open_folder(self.query_one("#folder", LineInput).value)
        except Problem as problem:
            self.post_message(Notice.of(problem))
            self.query_one("#folder").focus()
            return
        self._stopping, self._changes = False, ""
        self._enter(_Phase.RUNNING)
        if self._plan.date_ranges:
            self._show_message("正在读取口岸现在的清单…")
        earlier = self._report
        try:
            report = await download_files(
                self._session, self._plan, folder, self._show_progress, self._show_listed_rows
            )
        except PlanOutdated as problem:
            await self._plan_again(problem)
            return
        except Problem as problem:
            self._show_problem(problem)
            return
        if report.cancelled and not self._stopping:
            # The whole program is closing: nothing can be shown any more, and the journal has every file.
            return
        self._report = report if earlier is None else replace(report, files=(*earlier.files, *report.files))
        self._plan = DownloadPlan("下载其余的文件", report.remaining)
        self._log(report)
        self._enter(_Phase.DONE)

    async def _plan_again(self, problem: PlanOutdated) -> None:
        """Shows the plan that the port's lists make, which is to be confirmed again."""
        self.app.post_message(Notice.of(problem))
        self._changes = f"! {problem.message}；还没有下载，请再确认"
        by_range, lists = bool(self._plan.queries), problem.lists
        try:
            if self._report is None:
                self._plans = await _plans(self._session, self._target, self._selected, lists)
            else:
                self._plans = (await plan_ranges(self._session, self._plan.date_ranges, lists),)
        except Problem as nothing_left:
            self._show_problem(nothing_left)
            return
        self._plan = next((plan for plan in self._plans if bool(plan.queries) is by_range), self._plans[0])
        self._enter(_Phase.READY)

    def _show_listed_rows(self, rows: int) -> None:
        if not self._stopping:
            self._show_message(f"正在读取口岸现在的清单，已列 {rows:,} 票…")

    def _show_progress(self, progress: DownloadReport) -> None:
        self._progress, parts, done = progress, self._plan.parts, finished_count(progress)
        if done < len(parts) and not self._stopping:
            self._show_message(f"正在下载第 {done + 1} 个文件，共 {len(parts)} 个：{parts[done].title}")
        self._draw()

    def _log(self, report: DownloadReport) -> None:
        """Writes the result to the message log. It goes to the app, because the dialog itself shows all of it."""
        if report.files:
            self.app.post_message(Notice(report_text(report), Severity.NOTE if report.remaining else Severity.GOOD))
        for _part, problem in report.failures:
            self.app.post_message(Notice.of(problem))

    def _show_problem(self, problem: Problem) -> None:
        self.app.post_message(Notice.of(problem))
        self._enter(_Phase.PLANNING)
        self._show_message(f"! {problem.message}  {problem.code}", problem.hint, problem=True)

    def _enter(self, phase: _Phase) -> None:
        """Shows the widgets of `phase`, with the focus on the list of plans or else on the first button."""
        self._phase = phase
        self._progress = None
        self.query_one(NoticeLine).clear()
        ready, has_remaining = phase is _Phase.READY, phase is _Phase.DONE and bool(self._plan.parts)
        plans = self.query_one("#plans", ChoiceList)
        plans.display = ready and len(self._plans) > 1
        self.query_one("#folder-row").display = ready or has_remaining
        close, download = self.query_one("#close", PushButton), self.query_one("#download", PushButton)
        close.label = _FIRST_BUTTON[phase]
        download.display = ready or has_remaining
        if ready:
            plans.show([Choice(Text(choice_text(plan))) for plan in self._plans], self._plans.index(self._plan))
        (plans if plans.display else close).focus()
        self._draw()

    def _draw(self) -> None:
        width = min(_MAX_WIDTH, self.size.width) - _FRAME
        lines, notes = self.query_one("#lines", Pager), ""
        match self._phase:
            case _Phase.PLANNING:
                lines.show([])
            case _Phase.READY:
                texts = [text for text in (self._changes, refusal_text(self._plan)) if text]
                self._show_message(*(("；".join(texts), plan_text(self._plan)) if texts else (plan_text(self._plan),)))
                lines.show(part_lines(self._plan.parts, width))
                notes = plan_notes(self._plan)
            case _Phase.RUNNING:
                done = finished_count(self._progress) if self._progress is not None else 0
                lines.show(part_lines(self._plan.parts, width, self._progress), done - _LINES_BEFORE)
            case _Phase.DONE if self._report is not None:
                self._show_message(report_text(self._report), problem=bool(self._report.failures))
                lines.show(report_lines(self._report, width))
                notes = SAME_CARD if self._report.files else ""
            case _:
                pass
        lines.display = bool(lines.lines)
        lines.styles.max_height = self._rows_for_lines(len(wrap_cells(notes, width)) + 1 if notes else 0)
        self.query_one("#download", PushButton).label = self._download_label()
        note = self.query_one("#notes", Static)
        note.display = bool(notes)
        note.update(Text("\n".join(wrap_cells(notes, width))))

    def _rows_for_lines(self, note_rows: int) -> int:
        """The most rows that the list of files may have, so that the buttons fit on a small terminal too."""
        plan_rows = len(self._plans) + 1 if self.query_one("#plans").display else 0
        return max(_MIN_LINES, self.size.height - _OTHER_ROWS - self._message_rows - plan_rows - note_rows)

    def _download_label(self) -> str:
        which = "其余 " if self._phase is _Phase.DONE else " "
        return f"下载{which}{len(self._plan.parts)} 个文件"

    def _show_message(self, message: str, hint: str = "", *, problem: bool = False) -> None:
        width = min(_MAX_WIDTH, self.size.width) - _FRAME
        self.query_one("#message").set_class(problem, "-problem")
        self._message_rows = 0
        for name, text in (("#message", message), ("#hint", hint)):
            line, rows = self.query_one(name, Static), wrap_cells(text, width) if text else []
            self._message_rows += len(rows)
            line.display = bool(rows)
            line.update(Text("\n".join(rows)))


async def _plans(
    session: Session, target: ResultView | Query | str, selected: Sequence[str], lists: ListCheck | None = None
) -> tuple[DownloadPlan, ...]:
    """The ways to download, the best first; what is selected comes before everything else. Raises `Problem`."""
    plans = (await plan_selected(session, selected),) if selected else ()
    if isinstance(target, ResultView):
        return (*plans, *await plan_view(session, target, lists))
    if isinstance(target, str):
        return (*plans, await plan_entries(session, [target]))
    return (*plans, await plan_query(session, target, lists))
