"""Print: to a printer of this machine, or into a PDF file."""

import asyncio
import enum
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text
from textual import on
from textual.widget import Widget
from textual.widgets import Static

from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.printing import PRINT_TIME_LIMIT, Printer
from jiacha_tui.declaration.formatting import format_text
from jiacha_tui.declaration.problem import Problem
from screens.base.dialog import Dialog
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.dialogs.printing import Printing
from screens.widgets.cells import fit, wrap_cells
from screens.widgets.choice_list import Choice, ChoiceList
from screens.widgets.notice_line import NoticeLine
from screens.widgets.push_button import PushButton

_WIDTH = 66
"""Cells inside the frame."""

_HELP = Section.of(
    "打印",
    "列出本机打印服务知道的打印机；“不接受任务”的不能选。",
    "打印机没有打成时，改存 PDF 并告诉文件在哪里。",
    "存 PDF 和打印都计入打印次数。",
)

_NAME, _STATE = 20, 28
_PDF = "存为 PDF 文件"
_LOOKING = "正在查找打印机…"

_SECONDS_TO_LOOK = 0.5
"""After keys that were typed before the printers were listed, nothing is printed until one can have seen them."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What became of it. `pdf` is the file, None where it went on paper."""

    message: str
    pdf: Path | None


class _Phase(enum.Enum):
    LOOKING = enum.auto()
    READY = enum.auto()
    WORKING = enum.auto()
    DONE = enum.auto()


class PrintDialog(Dialog[Printed]):
    """Gives what was printed, None when nothing was.

    The cursor starts on the PDF, which costs no paper; with `direct` on the printer that is preferred, else the
    default one. Without a printer the PDF is what there is. Keys typed before the printers are known move the cursor
    once they are; what they would print has to be seen first.
    """

    TITLE = "打印"
    AUTO_FOCUS = ""

    DEFAULT_CSS = """
    PrintDialog Static { height: auto; }
    PrintDialog #said { text-style: bold; margin-bottom: 1; }
    PrintDialog #said.-problem { color: $problem; }
    PrintDialog #ways { max-height: 8; margin-bottom: 1; }
    """

    def __init__(self, printing: Printing, *, direct: bool = False) -> None:
        super().__init__()
        self._printing = printing
        self._direct = direct
        self._phase = _Phase.LOOKING
        self._printers: tuple[Printer, ...] = ()
        self._printed: Printed | None = None
        self._seen_from = 0.0
        """By the loop's clock."""

    def body(self) -> Iterable[Widget]:
        yield Static(self._question(), id="said", markup=False)
        yield ChoiceList([Choice(Text(_LOOKING), can_be_chosen=False)], awaited=True, id="ways")
        yield Static(id="more", markup=False)

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("取消", id="no")
        yield PushButton("打印", id="go")

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    def on_mount(self) -> None:
        self.query_one("#go").display = False
        self.query_one("#more").display = False
        self.query_one("#ways").focus()
        self.run_worker(self._look())

    def action_cancel(self) -> None:
        if self._phase is _Phase.WORKING:
            self.post_message(Notice("正在打印，请稍候"))
        else:
            self.dismiss(self._printed)

    @on(PushButton.Pressed, "#no")
    def _no(self) -> None:
        self.action_cancel()

    @on(ChoiceList.Chosen, "#ways")
    def _way_chosen(self) -> None:
        self.query_one("#go").focus()

    @on(ChoiceList.Moved, "#ways")
    def _way_moved(self) -> None:
        self._name_the_deed()

    @on(PushButton.Pressed, "#go")
    def _go(self) -> None:
        if asyncio.get_running_loop().time() < self._seen_from:
            self.post_message(Notice("打印机刚刚列出，请看清楚再按 Enter"))
        elif self._phase is _Phase.READY:
            self._phase = _Phase.WORKING
            printer = self._chosen
            self._say("正在生成 PDF…" if printer is None else _waiting(printer))
            self.query_one("#ways").display = False
            self.query_one("#go").display = False
            self.query_one("#no").display = False
            self.run_worker(self._print(printer))

    @property
    def _chosen(self) -> Printer | None:
        """The printer under the cursor, None for the PDF, which is the first row."""
        index = self.query_one("#ways", ChoiceList).index
        return self._printers[index - 1] if index else None

    async def _look(self) -> None:
        try:
            self._printers = await self._printing.printers()
        except Problem as problem:
            self.post_message(Notice.of(problem))
        self._phase = _Phase.READY
        if not self._printers:
            self._say(f"没有找到打印机，可把 {self._printing.count} 票报关单存为 PDF：")
        ways = self.query_one("#ways", ChoiceList)
        if ways.has_typed_ahead:
            self._seen_from = asyncio.get_running_loop().time() + _SECONDS_TO_LOOK
        pdf = Choice(
            Text(fit(_PDF, _NAME) + fit(f"存到 {format_text(str(self._printing.folder))}", _WIDTH - _NAME - 2))
        )
        ways.show([pdf, *map(_row, self._printers)], self._first())
        self.query_one("#go").display = True
        self._name_the_deed()

    def _question(self) -> str:
        return f"打印 {self._printing.count} 票报关单："

    def _first(self) -> int:
        if not self._direct:
            return 0
        # The default printer is the first of the list.
        names = [printer.name for printer in self._printers]
        preferred = self._printing.preferred
        return names.index(preferred) + 1 if preferred in names else min(1, len(names))

    def _name_the_deed(self) -> None:
        printer = self._chosen
        self.query_one("#go", PushButton).label = (
            "存为 PDF" if printer is None else f"打印到 {format_text(printer.name)}"
        )

    async def _print(self, printer: Printer | None) -> None:
        try:
            printed = await self._save() if printer is None else await self._send(printer)
        except Problem as problem:
            self._say(f"! {problem.message}  {problem.code}", problem.hint, problem=True)
            self.app.post_message(Notice.of(problem))
        else:
            self._printed = printed
            weight = Severity.PROBLEM if printer is not None and printed.pdf is not None else Severity.GOOD
            self._say(f"{weight.value} {printed.message}", problem=weight is Severity.PROBLEM)
            self.app.post_message(Notice(printed.message, weight))
        self._phase = _Phase.DONE
        no = self.query_one("#no", PushButton)
        no.label = "关闭"
        no.display = True
        no.focus()

    async def _save(self) -> Printed:
        saved = await self._printing.save_pdf(self._printing.folder)
        return Printed(f"已存为 PDF，{saved.pages} 页：{format_text(str(saved.path))}", saved.path)

    async def _send(self, printer: Printer) -> Printed:
        report = await self._printing.print_now(printer)
        return Printed(format_text(report.message), report.saved.path if report.saved is not None else None)

    def _say(self, said: str, more: str = "", *, problem: bool = False) -> None:
        self.query_one(NoticeLine).clear()
        line = self.query_one("#said", Static)
        line.set_class(problem, "-problem")
        line.update(Text("\n".join(wrap_cells(said, _WIDTH))))
        rest = self.query_one("#more", Static)
        rest.display = bool(more)
        rest.update(Text("\n".join(wrap_cells(more, _WIDTH))))


def _waiting(printer: Printer) -> str:
    return f"正在打印到 {format_text(printer.name)}，最多等 {PRINT_TIME_LIMIT:.0f} 秒；打不成时改存 PDF…"


def _row(printer: Printer) -> Choice:
    states = [printer.state.label, *printer.reasons]
    if printer.default:
        states.append("默认")
    if not printer.accepting:
        states.append("不接受任务")
    name, state = fit(format_text(printer.name), _NAME - 1), fit(format_text("，".join(states)), _STATE - 1)
    row = f"{name} {state} {format_text(printer.description)}"
    return Choice(Text(fit(row, _WIDTH - 2), "" if printer.accepting else "dim"), can_be_chosen=printer.accepting)
