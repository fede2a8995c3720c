"""XML 文件下载: which files it will be and where they go, the download itself, and what became of each file."""

import enum
from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker

from jiacha_tui.actions.download import DownloadReport
from jiacha_tui.actions.download_plan import DownloadPlan
from jiacha_tui.actions.messages import Severity
from jiacha_tui.declaration.problem import Problem
from screens.base.dialog import Dialog
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.dialogs.download_lines import (
    SAME_CARD,
    part_lines,
    plan_notes,
    plan_said,
    report_lines,
    report_text,
    tried,
    way_text,
)
from screens.dialogs.downloading import Downloading
from screens.widgets.cells import wrap_cells
from screens.widgets.choice_list import Choice, ChoiceList
from screens.widgets.line_input import LineInput
from screens.widgets.notice_line import NoticeLine
from screens.widgets.pager import Pager
from screens.widgets.push_button import PushButton


class _Phase(enum.Enum):
    """Where the dialog stands."""

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
        ("核对", "每个文件存盘前核对：XML 是否完整，是否为登录的卡加密，签名与内容是否相符"),
    ),
)

_WIDEST, _FRAME = 80, 4
"""Cells of the whole dialog, and of its frame."""

_FEWEST_LINES = 3
_OTHER_ROWS = 12
"""Rows of frame, place, folder, notice, buttons, footer and the empty ones between them."""

_TURNING = "PgUp PgDn 翻页"

_BEFORE = 3
"""Files before the one that is coming that stay in sight."""

_FIRST_BUTTON = {_Phase.PLANNING: "关闭", _Phase.READY: "取消", _Phase.RUNNING: "停止", _Phase.DONE: "关闭"}


class DownloadDialog(Dialog[DownloadReport]):
    """Gives what became of every file, None when nothing was tried.

    Closing it while files are coming stops after the one under way; what has come is kept and reported first. What
    could not be had can be asked for again from here.
    """

    TITLE = "XML 文件下载"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "turn(-1)", show=False),
        Binding("pagedown", "turn(1)", show=False),
    ]

    DEFAULT_CSS = """
    DownloadDialog > #frame { width: 80; }
    DownloadDialog #body > * { margin-bottom: 1; }
    DownloadDialog #said { height: auto; margin: 0; }
    DownloadDialog #then { height: auto; margin: 0; }
    DownloadDialog #said.-problem { color: $problem; text-style: bold; }
    DownloadDialog #ways { max-height: 4; margin: 1 0 0 0; }
    DownloadDialog #lines { height: auto; margin: 1 0; }
    DownloadDialog #place { height: 1; text-align: right; }
    DownloadDialog #notes { height: auto; }
    DownloadDialog #folder-row { height: 1; margin: 0; }
    DownloadDialog #folder-row Static { width: 8; }
    DownloadDialog #folder-row .bracket { width: 1; }
    DownloadDialog #folder { width: 1fr; }
    """

    def __init__(self, downloading: Downloading) -> None:
        super().__init__()
        self._downloading = downloading
        self._phase = _Phase.PLANNING
        self._plans: tuple[DownloadPlan, ...] = ()
        self._plan = DownloadPlan("", ())
        self._so_far: DownloadReport | None = None
        self._report: DownloadReport | None = None
        self._work: Worker[None] | None = None
        self._stopping = False
        self._said_rows = 0

    def body(self) -> Iterable[Widget]:
        yield Static(id="said", markup=False)
        yield Static(id="then", markup=False)
        yield ChoiceList(id="ways")
        yield Pager(id="lines")
        yield Static(id="place", markup=False)
        yield Static(id="notes", markup=False)
        yield Horizontal(
            Static("保存到"),
            Static("[", classes="bracket", markup=False),
            LineInput(str(self._downloading.folder), id="folder"),
            Static("]", classes="bracket", markup=False),
            id="folder-row",
        )

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton(_FIRST_BUTTON[_Phase.PLANNING], id="no")
        yield PushButton("下载", id="go")

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    def on_mount(self) -> None:
        # Its keys are the dialog's: one thing less to step over on the way to the buttons.
        self.query_one("#lines").can_focus = False
        self._enter(_Phase.PLANNING)
        self._say("正在计算要下载的文件…")
        self.run_worker(self._make_plans())

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def action_cancel(self) -> None:
        if self._phase is _Phase.RUNNING and self._work is not None:
            self._say("正在停止…")
            self._stopping = True
            self._work.cancel()
        else:
            self.dismiss(self._report)

    def action_turn(self, pages: int) -> None:
        self.query_one("#lines", Pager).action_pages(pages)

    @on(Pager.Moved, "#lines")
    def _show_place(self) -> None:
        place = self.query_one("#place", Static)
        words = self.query_one("#lines", Pager).place()
        place.display = bool(words)
        place.update(words)
        self.query_one("#frame").border_subtitle = f"{self.KEYS} · {_TURNING}" if words else self.KEYS

    @on(PushButton.Pressed, "#no")
    def _no(self) -> None:
        self.action_cancel()

    @on(PushButton.Pressed, "#go")
    def _go(self) -> None:
        self._work = self.run_worker(self._download())

    @on(LineInput.Submitted, "#folder")
    @on(ChoiceList.Chosen, "#ways")
    def _chosen(self) -> None:
        self.query_one("#go").focus()

    @on(ChoiceList.Moved, "#ways")
    def _another_way(self, moved: ChoiceList.Moved) -> None:
        self._plan = self._plans[moved.index]
        self._draw()

    async def _make_plans(self) -> None:
        try:
            self._plans = await self._downloading.plans()
        except Problem as problem:
            self._problem(problem)
            return
        self._plan = self._plans[0]
        self._enter(_Phase.READY)

    async def _download(self) -> None:
        try:
            folder = await self._downloading.open_folder(self.query_one("#folder", LineInput).value)
        except Problem as problem:
            self.post_message(Notice.of(problem))
            self.query_one("#folder").focus()
            return
        self._stopping = False
        self._enter(_Phase.RUNNING)
        earlier = self._report
        try:
            report = await self._downloading.run(self._plan, folder, self._progress)
        except Problem as problem:
            self._problem(problem)
            return
        if report.cancelled and not self._stopping:
            # The program is ending under us: there is no screen left to report on, and the journal has it all.
            return
        self._report = report if earlier is None else replace(report, files=(*earlier.files, *report.files))
        self._plan = DownloadPlan("下载其余的文件", report.remaining)
        self._tell(report)
        self._enter(_Phase.DONE)

    def _progress(self, so_far: DownloadReport) -> None:
        self._so_far, parts, done = so_far, self._plan.parts, tried(so_far)
        if done < len(parts) and not self._stopping:
            self._say(f"正在下载第 {done + 1} 个文件，共 {len(parts)} 个：{parts[done].title}")
        self._draw()

    def _tell(self, report: DownloadReport) -> None:
        """To the message log, which keeps it when this dialog is gone; here it is all shown anyway."""
        if report.files:
            self.app.post_message(Notice(report_text(report), Severity.NOTE if report.remaining else Severity.GOOD))
        for _part, problem in report.failures:
            self.app.post_message(Notice.of(problem))

    def _problem(self, problem: Problem) -> None:
        self.app.post_message(Notice.of(problem))
        self._enter(_Phase.PLANNING)
        self._say(f"! {problem.message}  {problem.code}", problem.hint, problem=True)

    def _enter(self, phase: _Phase) -> None:
        """Shows what the phase is about, the focus on the choice of ways, else on the safe button."""
        self._phase = phase
        self._so_far = None
        self.query_one(NoticeLine).clear()
        ready, more = phase is _Phase.READY, phase is _Phase.DONE and bool(self._plan.parts)
        ways = self.query_one("#ways", ChoiceList)
        ways.display = ready and len(self._plans) > 1
        self.query_one("#folder-row").display = ready or more
        no, go = self.query_one("#no", PushButton), self.query_one("#go", PushButton)
        no.label = _FIRST_BUTTON[phase]
        go.display = ready or more
        if ready:
            ways.show([Choice(Text(way_text(plan))) for plan in self._plans])
        (ways if ways.display else no).focus()
        self._draw()

    def _draw(self) -> None:
        width = min(_WIDEST, self.size.width) - _FRAME
        lines, notes = self.query_one("#lines", Pager), ""
        match self._phase:
            case _Phase.PLANNING:
                lines.show([])
            case _Phase.READY:
                refusal = self._plan.refusal
                if refusal is None:
                    self._say(plan_said(self._plan))
                else:
                    self._say(refusal.message, plan_said(self._plan), problem=True)
                lines.show(part_lines(self._plan.parts, width))
                notes = plan_notes(self._plan)
            case _Phase.RUNNING:
                coming = tried(self._so_far) if self._so_far is not None else 0
                lines.show(part_lines(self._plan.parts, width, self._so_far), coming - _BEFORE)
            case _Phase.DONE if self._report is not None:
                self._say(report_text(self._report), problem=bool(self._report.failures))
                lines.show(report_lines(self._report, width))
                notes = SAME_CARD if self._report.files else ""
            case _:
                pass
        lines.display = bool(lines.lines)
        lines.styles.max_height = self._room_for_lines(len(wrap_cells(notes, width)) + 1 if notes else 0)
        self.query_one("#go", PushButton).label = self._go_label()
        note = self.query_one("#notes", Static)
        note.display = bool(notes)
        note.update(Text("\n".join(wrap_cells(notes, width))))

    def _room_for_lines(self, notes: int) -> int:
        """Rows that the files may take, so that the buttons are never pushed off a small terminal."""
        ways = len(self._plans) + 1 if self.query_one("#ways").display else 0
        return max(_FEWEST_LINES, self.size.height - _OTHER_ROWS - self._said_rows - ways - notes)

    def _go_label(self) -> str:
        rest = "其余 " if self._phase is _Phase.DONE else " "
        return f"下载{rest}{len(self._plan.parts)} 个文件"

    def _say(self, said: str, then: str = "", *, problem: bool = False) -> None:
        """What is the matter, and below it what can be done."""
        width = min(_WIDEST, self.size.width) - _FRAME
        self.query_one("#said").set_class(problem, "-problem")
        self._said_rows = 0
        for name, words in (("#said", said), ("#then", then)):
            line, rows = self.query_one(name, Static), wrap_cells(words, width) if words else []
            self._said_rows += len(rows)
            line.display = bool(rows)
            line.update(Text("\n".join(rows)))
