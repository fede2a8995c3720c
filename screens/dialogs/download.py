"""XML 文件下载: shows which files will be downloaded, downloads them, and shows the result of each."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from rich.text import Text
from textual import on
from textual.widget import Widget
from textual.widgets import Static

from jiacha_tui.actions.download import DownloadReport, download_files
from jiacha_tui.actions.download_plan import (
    DownloadPlan,
    plan_entries,
    plan_query,
    plan_ranges,
    plan_selected,
    plan_view,
)
from jiacha_tui.actions.folders import downloads_folder
from jiacha_tui.actions.list_check import ListCheck
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.problems import PlanOutdated
from jiacha_tui.actions.result_browser import ResultView
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.query import Query
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
from screens.dialogs.run_dialog import RunDialog, RunPhase
from screens.widgets.cells import wrap_cells
from screens.widgets.choice_list import Choice, ChoiceList
from screens.widgets.line_input import LineInput
from screens.widgets.pager import Pager
from screens.widgets.push_button import PushButton

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

_MIN_LINES = 3
_OTHER_ROWS = 12
"""Rows of frame, position, folder, notice, buttons and footer, and of the empty rows between them."""

_LINES_BEFORE = 3
"""Lines that stay visible above the file that is being downloaded."""


class DownloadDialog(RunDialog[DownloadReport]):
    """Downloads `target`: the declarations of a view or of a query, or the one with this entry id.

    A download of just the `selected` declarations is offered first. The report has the result of every file. A download
    that is stopped ends after the current file. Files that are missing can be downloaded from here again.
    """

    TITLE = "XML 文件下载"
    PLANNING_TEXT = "正在计算要下载的文件…"

    DEFAULT_CSS = """
    DownloadDialog #body > * { margin-bottom: 1; }
    DownloadDialog #message { margin: 0; }
    DownloadDialog #hint { margin: 0; }
    DownloadDialog #plans { max-height: 4; margin: 1 0 0 0; }
    DownloadDialog #lines { margin: 1 0; }
    DownloadDialog #notes { height: auto; }
    DownloadDialog #folder-row { margin: 0; }
    """

    def __init__(self, session: Session, target: ResultView | Query | str, selected: Sequence[str] = ()) -> None:
        super().__init__(session)
        self._target = target
        self._selected = tuple(selected)
        self._plans: tuple[DownloadPlan, ...] = ()
        self._plan = DownloadPlan("", ())
        self._progress: DownloadReport | None = None
        """What the running download has done so far."""
        self._changes = ""
        """How the port's lists differ from the plan that was shown before."""

    def body(self) -> Iterable[Widget]:
        *widgets, folder_row = super().body()
        yield from widgets
        yield Static(id="notes", markup=False)
        yield folder_row

    def on_mount(self) -> None:
        self.query_one("#folder", LineInput).value = str(downloads_folder(self._session))
        super().on_mount()

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    @property
    def has_remaining(self) -> bool:
        return bool(self._plan.parts)

    @on(ChoiceList.Moved, "#plans")
    def _plan_chosen(self, moved: ChoiceList.Moved) -> None:
        self._plan = self._plans[moved.index]
        self.draw()

    def show_plans(self, plans: ChoiceList) -> None:
        plans.display = len(self._plans) > 1
        plans.show([Choice(Text(choice_text(plan))) for plan in self._plans], self._plans.index(self._plan))

    async def make_plans(self) -> None:
        self._plans = await _plans(self._session, self._target, self._selected)
        self._plan = self._plans[0]
        self.enter(RunPhase.READY)

    async def run_plan(self, folder: Path) -> None:
        self._changes = ""
        if self._plan.date_ranges:
            self.show_message("正在读取口岸现在的清单…")
        earlier = self._report
        try:
            report = await download_files(
                self._session, self._plan, folder, self._show_progress, self._show_listed_rows
            )
        except PlanOutdated as problem:
            await self._plan_again(problem)
            return
        if report.cancelled and not self._stopping:
            # The whole program is closing: nothing can be shown any more, and the journal has every file.
            return
        self._report = report if earlier is None else replace(report, files=(*earlier.files, *report.files))
        self._plan = DownloadPlan("下载其余的文件", report.remaining)
        self._log(report)
        self.enter(RunPhase.DONE)

    async def _plan_again(self, problem: PlanOutdated) -> None:
        """Shows the plan that the port's lists make, which is to be confirmed again."""
        self.app.post_message(Notice.of(problem))
        self._changes = f"! {problem.message}；还没有下载，请再确认"
        by_range, lists = bool(self._plan.queries), problem.lists
        if self._report is None:
            self._plans = await _plans(self._session, self._target, self._selected, lists)
        else:
            self._plans = (await plan_ranges(self._session, self._plan.date_ranges, lists),)
        self._plan = next((plan for plan in self._plans if bool(plan.queries) is by_range), self._plans[0])
        self.enter(RunPhase.READY)

    def _show_listed_rows(self, rows: int) -> None:
        if not self._stopping:
            self.show_message(f"正在读取口岸现在的清单，已列 {rows:,} 票…")

    def _show_progress(self, progress: DownloadReport) -> None:
        self._progress, parts, done = progress, self._plan.parts, finished_count(progress)
        if done < len(parts) and not self._stopping:
            self.show_message(f"正在下载第 {done + 1} 个文件，共 {len(parts)} 个：{parts[done].title}")
        self.draw()

    def _log(self, report: DownloadReport) -> None:
        """Writes the result to the message log. It goes to the app, because the dialog itself shows all of it."""
        if report.files:
            self.app.post_message(Notice(report_text(report), Severity.NOTE if report.remaining else Severity.GOOD))
        for _part, problem in report.failures:
            self.app.post_message(Notice.of(problem))

    def enter(self, phase: RunPhase) -> None:
        self._progress = None
        super().enter(phase)

    def draw(self) -> None:
        width = self.text_width
        lines, notes = self.query_one("#lines", Pager), ""
        match self._phase:
            case RunPhase.PLANNING:
                lines.show([])
            case RunPhase.READY:
                texts = [text for text in (self._changes, refusal_text(self._plan)) if text]
                self.show_message(*(("；".join(texts), plan_text(self._plan)) if texts else (plan_text(self._plan),)))
                lines.show(part_lines(self._plan.parts, width))
                notes = plan_notes(self._plan)
            case RunPhase.RUNNING:
                done = finished_count(self._progress) if self._progress is not None else 0
                lines.show(part_lines(self._plan.parts, width, self._progress), done - _LINES_BEFORE)
            case RunPhase.DONE if self._report is not None:
                self.show_message(report_text(self._report), problem=bool(self._report.failures))
                lines.show(report_lines(self._report, width))
                notes = SAME_CARD if self._report.files else ""
            case _:
                pass
        lines.display = bool(lines.lines)
        lines.styles.max_height = self._rows_for_lines(len(wrap_cells(notes, width)) + 1 if notes else 0)
        self.query_one("#run", PushButton).label = self._download_label()
        note = self.query_one("#notes", Static)
        note.display = bool(notes)
        note.update(Text("\n".join(wrap_cells(notes, width))))

    def _rows_for_lines(self, note_rows: int) -> int:
        """The most rows that the list of files may have, so that the buttons fit on a small terminal too."""
        plan_rows = len(self._plans) + 1 if self.query_one("#plans").display else 0
        return max(_MIN_LINES, self.size.height - _OTHER_ROWS - self._message_rows - plan_rows - note_rows)

    def _download_label(self) -> str:
        which = "其余 " if self._phase is RunPhase.DONE else " "
        return f"下载{which}{len(self._plan.parts)} 个文件"


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
