"""批量保存打印: saves the port's print of every declaration of the list or the selection, and says what is missing."""

from collections.abc import Sequence
from pathlib import Path

from rich.text import Text
from textual import on

from jiacha_tui.actions.bulk_print_report import BulkPrintReport
from jiacha_tui.actions.bulk_prints import BulkPrintsPlan, plan_bulk_prints, save_bulk_prints
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.result_browser import ResultView
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.formatting import format_text
from jiacha_tui.declaration.problem import Problem
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.dialogs.bulk_prints_text import bulk_plan_text, bulk_progress_text, bulk_report_lines
from screens.dialogs.run_dialog import RunDialog, RunPhase
from screens.widgets.choice_list import Choice, ChoiceList
from screens.widgets.line_input import LineInput
from screens.widgets.pager import Pager
from screens.widgets.push_button import PushButton

_HELP = Section(
    "批量保存打印",
    (
        ("内容", "从口岸逐票取正式的打印（PDF），存为 报关单号.pdf；口岸每给一票计一次打印次数"),
        ("核对", "每个文件存盘前核对：PDF 完整、有页、文字里有这个报关单号；没有文字或分不清号码的照存，另外列出"),
        ("接着取", "文件夹里已有而且完整的不再取。停止、断线、关机以后，用同一个文件夹再运行一次就接着取"),
        ("不覆盖", "文件夹里同名而不是这一票的文件不动，列在缺的里面"),
        ("停止", "F10 或 Esc 随时停止；口岸连续出错时自动停下，并说明原因"),
        ("结果", "缺哪些、为什么，列在这里，也写在文件夹里的 打印结果.txt"),
    ),
)

_MIN_LINES, _OTHER_ROWS = 3, 12
"""Rows of the list, and of everything else with the empty rows between."""

_MAX_LOGGED = 20
"""Missing declarations that the message log names. The file in the folder names all."""


class BulkPrintsDialog(RunDialog[BulkPrintReport]):
    """Saves the prints of the declarations of `view`, or just of the `selected` ones, which are offered first.

    A run that is stopped ends at once, and can be continued.
    """

    TITLE = "批量保存打印"
    PLANNING_TEXT = "正在查看要保存的报关单…"

    DEFAULT_CSS = """
    BulkPrintsDialog #plans { max-height: 3; margin: 1 0 0 0; }
    BulkPrintsDialog #lines { margin: 1 0 0 0; }
    BulkPrintsDialog #folder-row { margin: 1 0 0 0; }
    """

    def __init__(self, session: Session, view: ResultView, selected: Sequence[str] = ()) -> None:
        super().__init__(session)
        self._view = view
        self._selected = tuple(selected)
        self._plans: tuple[BulkPrintsPlan, ...] = ()
        self._plan: BulkPrintsPlan | None = None

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    @property
    def has_remaining(self) -> bool:
        return self._report is not None and not self._report.is_complete

    @on(ChoiceList.Moved, "#plans")
    def _plan_chosen(self, moved: ChoiceList.Moved) -> None:
        self._choose(self._plans[moved.index])
        self.draw()

    def _choose(self, plan: BulkPrintsPlan) -> None:
        self._plan = plan
        self.query_one("#folder", LineInput).value = str(plan.folder)

    def show_plans(self, plans: ChoiceList) -> None:
        plans.display = len(self._plans) > 1
        plans.show([Choice(Text(plan.title)) for plan in self._plans])

    def enter(self, phase: RunPhase) -> None:
        if phase is RunPhase.RUNNING:
            self._report = None
        super().enter(phase)

    async def make_plans(self) -> None:
        plans: list[BulkPrintsPlan] = []
        wanted: list[ResultView | Sequence[str]] = [self._selected, self._view] if self._selected else [self._view]
        for what in wanted:
            try:
                plans.append(await plan_bulk_prints(self._session, what))
            except Problem as problem:
                if not plans:
                    raise
                # The list may be too long for one run. The selected declarations can be saved all the same.
                self.post_message(Notice.of(problem))
        self._plans = tuple(plans)
        self._choose(self._plans[0])
        self.enter(RunPhase.READY)

    async def run_plan(self, folder: Path) -> None:
        if self._plan is None:
            return
        report = await save_bulk_prints(self._session, self._plan, folder, self._show_progress)
        if report.cancelled and not self._stopping:
            # The whole program is closing: nothing can be shown any more, and the journal has the result.
            return
        self._report = report
        self._plan = self._plan.after(report)
        self._log(report)
        self.enter(RunPhase.DONE)

    def _show_progress(self, progress: BulkPrintReport) -> None:
        self._report = progress
        self.draw()

    def _log(self, report: BulkPrintReport) -> None:
        """Writes the result to the message log. It goes to the app, because the dialog itself shows all of it."""
        severity = Severity.GOOD if report.is_complete else Severity.PROBLEM
        self.app.post_message(Notice(format_text(report.text()), severity))
        if report.stopped_by is not None:
            self.app.post_message(Notice.of(report.stopped_by))
        for print_ in report.unsaved[:_MAX_LOGGED]:
            self.app.post_message(Notice(f"没有打印 {print_.entry_id}：{print_.reason}", Severity.PROBLEM))

    def draw(self) -> None:
        width = self.text_width
        self.query_one("#run", PushButton).label = "接着取" if self._phase is RunPhase.DONE else "保存"
        lines = self.query_one("#lines", Pager)
        shown: list[Text] = []
        match self._phase:
            case RunPhase.READY if self._plan is not None:
                self.show_message(bulk_plan_text(self._plan))
            case RunPhase.RUNNING if not self._stopping:
                self.show_message("正在准备…" if self._report is None else bulk_progress_text(self._report, width))
            case RunPhase.DONE if self._report is not None:
                mark = "✓" if self._report.is_complete else "!"
                text = f"{mark} {format_text(self._report.text())}"
                self.show_message(text, problem=not self._report.is_complete)
            case _:
                pass
        if self._report is not None and self._phase in (RunPhase.RUNNING, RunPhase.DONE):
            shown = bulk_report_lines(self._report, width)
        lines.display = bool(shown)
        last_lines = len(shown) - _MIN_LINES if self._phase is RunPhase.RUNNING else 0
        lines.show(shown, max(0, last_lines))
        lines.styles.max_height = max(_MIN_LINES, self.size.height - _OTHER_ROWS - self._message_rows)
