"""批量保存打印: saves the port's print of every declaration of the list or the selection, and says what is missing."""

import asyncio
import enum
from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker

from jiacha_tui.actions.bulk_print_report import BulkPrintReport
from jiacha_tui.actions.bulk_prints import BulkPrintsPlan, plan_bulk_prints, save_bulk_prints
from jiacha_tui.actions.folders import open_folder
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.result_browser import ResultView
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.formatting import format_text
from jiacha_tui.declaration.problem import Problem
from screens.base.dialog import Dialog
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.dialogs.bulk_prints_text import bulk_plan_text, bulk_progress_text, bulk_report_lines
from screens.widgets.cells import wrap_cells
from screens.widgets.choice_list import Choice, ChoiceList
from screens.widgets.line_input import MAX_PATH_LENGTH, LineInput
from screens.widgets.notice_line import NoticeLine
from screens.widgets.pager import Pager
from screens.widgets.push_button import PushButton


class _Phase(enum.Enum):
    """The steps of the dialog. READY and DONE offer a run, DONE only if something is still missing."""

    PLANNING = enum.auto()
    READY = enum.auto()
    RUNNING = enum.auto()
    DONE = enum.auto()


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

_MAX_WIDTH, _FRAME = 80, 4
"""Cells of the whole dialog, and of its frame."""

_MIN_LINES, _OTHER_ROWS = 3, 12
"""Rows of the list, and of everything else with the empty rows between."""

_PAGING_KEYS = "PgUp PgDn 翻页"
_MAX_LOGGED = 20
"""Missing declarations that the message log names. The file in the folder names all."""

_FIRST_BUTTON = {_Phase.PLANNING: "关闭", _Phase.READY: "取消", _Phase.RUNNING: "停止", _Phase.DONE: "关闭"}


class BulkPrintsDialog(Dialog[BulkPrintReport]):
    """Saves the prints of the declarations of `view`, or just of the `selected` ones, which are offered first.

    Dismisses with the last report, with None if nothing was started. Closing the dialog while it runs stops the run at
    once; what has come stays, is reported, and can be continued.
    """

    TITLE = "批量保存打印"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "turn_pages(-1)", show=False),
        Binding("pagedown", "turn_pages(1)", show=False),
    ]

    DEFAULT_CSS = """
    BulkPrintsDialog > #frame { width: 80; }
    BulkPrintsDialog #message { height: auto; }
    BulkPrintsDialog #message.-problem { color: $problem; text-style: bold; }
    BulkPrintsDialog #plans { max-height: 3; margin: 1 0 0 0; }
    BulkPrintsDialog #lines { height: auto; margin: 1 0 0 0; }
    BulkPrintsDialog #place { height: 1; text-align: right; }
    BulkPrintsDialog #folder-row { height: 1; margin: 1 0 0 0; }
    BulkPrintsDialog #folder-row Static { width: 8; }
    BulkPrintsDialog #folder-row .bracket { width: 1; }
    BulkPrintsDialog #folder { width: 1fr; }
    """

    def __init__(self, session: Session, view: ResultView, selected: Sequence[str] = ()) -> None:
        super().__init__()
        self._session = session
        self._view = view
        self._selected = tuple(selected)
        self._phase = _Phase.PLANNING
        self._plans: tuple[BulkPrintsPlan, ...] = ()
        self._plan: BulkPrintsPlan | None = None
        self._report: BulkPrintReport | None = None
        self._worker: Worker[None] | None = None
        self._stopping = False
        self._is_starting = False
        self._message_rows = 0

    def body(self) -> Iterable[Widget]:
        yield Static(id="message", markup=False)
        yield ChoiceList(id="plans")
        yield Pager(id="lines")
        yield Static(id="place", markup=False)
        yield Horizontal(
            Static("保存到"),
            Static("[", classes="bracket", markup=False),
            LineInput(id="folder", max_length=MAX_PATH_LENGTH),
            Static("]", classes="bracket", markup=False),
            id="folder-row",
        )

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton(_FIRST_BUTTON[_Phase.PLANNING], id="close")
        yield PushButton("保存", id="save")

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    def on_mount(self) -> None:
        # The dialog itself handles the paging keys, so that Tab goes straight to the buttons.
        self.query_one("#lines").can_focus = False
        self._enter(_Phase.PLANNING)
        self._show_message("正在查看要保存的报关单…")
        self.run_worker(self._make_plans())

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def action_cancel(self) -> None:
        if self._phase is _Phase.RUNNING and self._stopping:
            self.post_message(Notice("正在停止，请稍候"))  # a second cancellation would lose the report
        elif self._phase is _Phase.RUNNING and self._worker is not None:
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

    @on(PushButton.Pressed, "#save")
    def _save_pressed(self) -> None:
        if self._plan is not None and self._phase in (_Phase.READY, _Phase.DONE) and not self._is_starting:
            self._is_starting = True
            self._worker = self.run_worker(self._save(self._plan))

    @on(LineInput.Submitted, "#folder")
    @on(ChoiceList.Chosen, "#plans")
    def _focus_save(self) -> None:
        self.query_one("#save").focus()

    @on(ChoiceList.Moved, "#plans")
    def _plan_chosen(self, moved: ChoiceList.Moved) -> None:
        self._choose(self._plans[moved.index])
        self._draw()

    def _choose(self, plan: BulkPrintsPlan) -> None:
        self._plan = plan
        self.query_one("#folder", LineInput).value = str(plan.folder)

    async def _make_plans(self) -> None:
        plans: list[BulkPrintsPlan] = []
        wanted: list[ResultView | Sequence[str]] = [self._selected, self._view] if self._selected else [self._view]
        for what in wanted:
            try:
                plans.append(await plan_bulk_prints(self._session, what))
            except Problem as problem:
                if not plans:
                    self._show_problem(problem)
                    return
                # The list may be too long for one run. The selected declarations can be saved all the same.
                self.post_message(Notice.of(problem))
        self._plans = tuple(plans)
        self._choose(self._plans[0])
        self._enter(_Phase.READY)

    async def _save(self, plan: BulkPrintsPlan) -> None:
        try:
            await self._run_plan(plan)
        except asyncio.CancelledError:
            # A run that is stopped returns a report, unless the stop came right before or after it.
            if self._stopping:
                self._stopping = False
                self._enter(_Phase.READY if self._report is None else _Phase.DONE)
            raise
        finally:
            self._is_starting = False

    async def _run_plan(self, plan: BulkPrintsPlan) -> None:
        try:
            folder = await open_folder(self.query_one("#folder", LineInput).value)
        except Problem as problem:
            self.post_message(Notice.of(problem))
            self.query_one("#folder").focus()
            return
        self._stopping = False
        self._report = None
        self._enter(_Phase.RUNNING)
        try:
            report = await save_bulk_prints(self._session, plan, folder, self._show_progress)
        except Problem as problem:
            self._show_problem(problem)
            return
        if report.cancelled and not self._stopping:
            # The whole program is closing: nothing can be shown any more, and the journal has the result.
            return
        self._report = report
        self._plan = plan.after(report)
        self._log(report)
        self._enter(_Phase.DONE)

    def _show_progress(self, progress: BulkPrintReport) -> None:
        self._report = progress
        self._draw()

    def _log(self, report: BulkPrintReport) -> None:
        """Writes the result to the message log. It goes to the app, because the dialog itself shows all of it."""
        severity = Severity.GOOD if report.is_complete else Severity.PROBLEM
        self.app.post_message(Notice(format_text(report.text()), severity))
        if report.stopped_by is not None:
            self.app.post_message(Notice.of(report.stopped_by))
        for print_ in report.unsaved[:_MAX_LOGGED]:
            self.app.post_message(Notice(f"没有打印 {print_.entry_id}：{print_.reason}", Severity.PROBLEM))

    def _show_problem(self, problem: Problem) -> None:
        self.app.post_message(Notice.of(problem))
        self._enter(_Phase.PLANNING)
        self._show_message(f"! {problem.message}  {problem.code}\n{problem.hint}", problem=True)

    def _enter(self, phase: _Phase) -> None:
        """Shows the widgets of `phase`, with the focus on the list of plans or else on the first button."""
        self._phase = phase
        self.query_one(NoticeLine).clear()
        ready = phase is _Phase.READY
        may_continue = phase is _Phase.DONE and self._report is not None and not self._report.is_complete
        plans = self.query_one("#plans", ChoiceList)
        plans.display = ready and len(self._plans) > 1
        self.query_one("#folder-row").display = ready or may_continue
        close, save = self.query_one("#close", PushButton), self.query_one("#save", PushButton)
        close.label = _FIRST_BUTTON[phase]
        save.display = ready or may_continue
        save.label = "接着取" if may_continue else "保存"
        if ready:
            plans.show([Choice(Text(plan.title)) for plan in self._plans])
        (plans if plans.display else close).focus()
        self._draw()

    def _draw(self) -> None:
        width = self._width
        lines = self.query_one("#lines", Pager)
        shown: list[Text] = []
        match self._phase:
            case _Phase.READY if self._plan is not None:
                self._show_message(bulk_plan_text(self._plan))
            case _Phase.RUNNING if not self._stopping:
                self._show_message("正在准备…" if self._report is None else bulk_progress_text(self._report, width))
            case _Phase.DONE if self._report is not None:
                mark = "✓" if self._report.is_complete else "!"
                text = f"{mark} {format_text(self._report.text())}"
                self._show_message(text, problem=not self._report.is_complete)
            case _:
                pass
        if self._report is not None and self._phase in (_Phase.RUNNING, _Phase.DONE):
            shown = bulk_report_lines(self._report, width)
        lines.display = bool(shown)
        last_lines = len(shown) - _MIN_LINES if self._phase is _Phase.RUNNING else 0
        lines.show(shown, max(0, last_lines))
        lines.styles.max_height = max(_MIN_LINES, self.size.height - _OTHER_ROWS - self._message_rows)

    @property
    def _width(self) -> int:
        return min(_MAX_WIDTH, self.size.width) - _FRAME

    def _show_message(self, text: str, *, problem: bool = False) -> None:
        line = self.query_one("#message", Static)
        line.set_class(problem, "-problem")
        rows = [row for part in text.splitlines() if part for row in wrap_cells(part, self._width)]
        self._message_rows = len(rows)
        line.update(Text("\n".join(rows)))
