"""The base of the dialogs that show what they will store in a folder, do it, and say what has come."""

import asyncio
import enum
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, TypeVar

from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker

from jiacha_tui.actions.folders import open_folder
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.problem import Problem
from screens.base.dialog import Dialog
from screens.commands.notice import Notice
from screens.widgets.cells import wrap_cells
from screens.widgets.choice_list import ChoiceList
from screens.widgets.line_input import MAX_PATH_LENGTH, LineInput
from screens.widgets.notice_line import NoticeLine
from screens.widgets.pager import Pager
from screens.widgets.push_button import PushButton

_RunReport = TypeVar("_RunReport")

_MAX_WIDTH, _FRAME = 80, 4
"""Cells of the whole dialog, and of its frame."""

_PAGING_KEYS = "PgUp PgDn 翻页"


class RunPhase(enum.Enum):
    """The steps of the dialog. READY and DONE offer a run, DONE only if something is still missing."""

    PLANNING = enum.auto()
    READY = enum.auto()
    RUNNING = enum.auto()
    DONE = enum.auto()


_FIRST_BUTTON = {
    RunPhase.PLANNING: "关闭",
    RunPhase.READY: "取消",
    RunPhase.RUNNING: "停止",
    RunPhase.DONE: "关闭",
}


class RunDialog(Dialog[_RunReport]):
    """Makes plans, runs the one that is chosen, and shows its report; from there it can be run again.

    Dismisses with the last report, with None if nothing was started. Closing the dialog during a run stops the run;
    what has come is kept and shown before the dialog closes.

    A subclass sets `PLANNING_TEXT`, may add widgets to `body`, and overrides the five methods that follow `buttons`.
    """

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        # They page through the lines also while the list of plans, which has few rows, has the focus.
        Binding("pageup", "turn_pages(-1)", show=False, priority=True),
        Binding("pagedown", "turn_pages(1)", show=False, priority=True),
    ]

    PLANNING_TEXT: ClassVar[str] = ""
    """What is shown until the plans are there."""

    DEFAULT_CSS = """
    RunDialog > #frame { width: 80; }
    RunDialog #message { height: auto; }
    RunDialog #message.-problem { color: $problem; text-style: bold; }
    RunDialog #hint { height: auto; }
    RunDialog #lines { height: auto; }
    RunDialog #place { height: 1; text-align: right; }
    RunDialog #folder-row { height: 1; }
    RunDialog #folder-row Static { width: 8; }
    RunDialog #folder-row .bracket { width: 1; }
    RunDialog #folder { width: 1fr; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._phase = RunPhase.PLANNING
        self._report: _RunReport | None = None
        self._worker: Worker[None] | None = None
        self._is_starting = False
        """Whether a run has been asked for whose folder is not open yet."""
        self._stopping = False
        self._message_rows = 0

    def body(self) -> Iterable[Widget]:
        yield Static(id="message", markup=False)
        yield Static(id="hint", markup=False)
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
        yield PushButton(_FIRST_BUTTON[RunPhase.PLANNING], id="close")
        yield PushButton("", id="run")

    async def make_plans(self) -> None:
        """Makes the plans and enters READY. Raises `Problem` if there is nothing to plan."""
        self.enter(RunPhase.READY)

    async def run_plan(self, folder: Path) -> None:
        """Runs the chosen plan, sets the report and enters DONE. Raises `Problem` if it could not start."""
        self.enter(RunPhase.DONE)

    def show_plans(self, plans: ChoiceList) -> None:
        """Shows the plans, the chosen one selected. The list stays hidden if there is only one."""
        plans.display = False

    @property
    def has_remaining(self) -> bool:
        """Whether something is still missing after the run, so that it can be run again."""
        return False

    def draw(self) -> None:
        """Draws message and lines of the phase, with rows of `text_width`. It is called after each change."""

    def on_mount(self) -> None:
        # The dialog itself handles the paging keys, so that Tab goes straight to the buttons.
        self.query_one("#lines").can_focus = False
        self.enter(RunPhase.PLANNING)
        self.show_message(self.PLANNING_TEXT)
        self.run_worker(self._plan_first())

    def on_resize(self, event: events.Resize) -> None:
        self.draw()

    def action_cancel(self) -> None:
        if self._phase is not RunPhase.RUNNING or self._worker is None:
            self.dismiss(self._report)
        elif self._stopping:
            self.post_message(Notice("正在停止，请稍候"))  # a second cancellation would lose the report
        else:
            self.show_message("正在停止…")
            self._stopping = True
            self._worker.cancel()

    def action_turn_pages(self, pages: int) -> None:
        self.query_one("#lines", Pager).action_pages(pages)

    def enter(self, phase: RunPhase) -> None:
        """Shows the widgets of `phase`, with the focus on the list of plans or else on the first button.

        While a run is going on nothing has the focus: the second Enter of two must not stop what the first has started.
        """
        self._phase = phase
        self.query_one(NoticeLine).clear()
        may_run = phase is RunPhase.READY or (phase is RunPhase.DONE and self.has_remaining)
        plans = self.query_one("#plans", ChoiceList)
        plans.display = phase is RunPhase.READY
        if plans.display:
            self.show_plans(plans)
        self.query_one("#folder-row").display = may_run
        close = self.query_one("#close", PushButton)
        close.label = _FIRST_BUTTON[phase]
        self.query_one("#run").display = may_run
        if phase is RunPhase.RUNNING:
            self.set_focus(None)
        else:
            (plans if plans.display else close).focus()
        self.draw()

    def show_message(self, message: str, hint: str = "", *, problem: bool = False) -> None:
        """Shows a message, and below it a hint, wrapped to the width of the dialog."""
        self.query_one("#message").set_class(problem, "-problem")
        self._message_rows = 0
        for name, text in (("#message", message), ("#hint", hint)):
            line = self.query_one(name, Static)
            rows = [row for part in text.splitlines() if part for row in wrap_cells(part, self.text_width)]
            self._message_rows += len(rows)
            line.display = bool(rows)
            line.update(Text("\n".join(rows)))

    @property
    def text_width(self) -> int:
        """Cells of a row within the frame."""
        return min(_MAX_WIDTH, self.size.width) - _FRAME

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

    @on(PushButton.Pressed, "#run")
    def _run_pressed(self) -> None:
        if self._phase in (RunPhase.READY, RunPhase.DONE) and not self._is_starting:
            self._is_starting = True
            self._worker = self.run_worker(self._run_chosen())

    @on(LineInput.Submitted, "#folder")
    @on(ChoiceList.Chosen, "#plans")
    def _focus_run(self) -> None:
        self.query_one("#run").focus()

    async def _plan_first(self) -> None:
        try:
            await self.make_plans()
        except Problem as problem:
            self._show_problem(problem)

    async def _run_chosen(self) -> None:
        try:
            folder = await open_folder(self.query_one("#folder", LineInput).value)
        except Problem as problem:
            self.post_message(Notice.of(problem))
            self.query_one("#folder").focus()
            return
        finally:
            self._is_starting = False
        self._stopping = False
        self.enter(RunPhase.RUNNING)
        try:
            await self.run_plan(folder)
        except Problem as problem:
            self._show_problem(problem)
        except asyncio.CancelledError:
            # A run that is stopped reports what has come, unless the stop came right before or after it.
            if self._stopping:
                self._stopping = False
                self.enter(RunPhase.READY if self._report is None else RunPhase.DONE)
            raise

    def _show_problem(self, problem: Problem) -> None:
        self.app.post_message(Notice.of(problem))
        self.enter(RunPhase.PLANNING)
        self.show_message(f"! {problem.message}  {problem.code}", problem.hint, problem=True)
