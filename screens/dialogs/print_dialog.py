"""打印: prints to a printer of this machine, or saves a PDF file; the port's own print, or the form drawn here."""

import asyncio
import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text
from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker

from jiacha_tui.actions.folders import downloads_folder
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.official_prints import (
    FailedPrint,
    FetchedPrints,
    fetch_prints,
    listed_at_port,
    print_official_prints,
    save_official_prints,
)
from jiacha_tui.actions.printing import PRINT_TIME_LIMIT, Printer, SavedPdf, list_printers, print_now, save_pdf
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.formatting import format_text
from jiacha_tui.declaration.problem import Problem
from screens.base.dialog import Dialog
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.dialogs.radio_row import RadioRow
from screens.widgets.cells import fit, wrap_cells
from screens.widgets.choice_list import Choice, ChoiceList
from screens.widgets.notice_line import NoticeLine
from screens.widgets.push_button import PushButton

_WIDTH = 66
"""Cells inside the frame."""

_HELP = Section.of(
    "打印",
    "列出本机打印服务知道的打印机；“不接受任务”的不能选。",
    "单据一行选口岸打印还是本机绘制的：口岸打印要联网取来，核对过报关单号，每取一次口岸计一次打印次数。",
    "口岸没有给出的，说明原因，由您决定要不要改用本机绘制的；本机绘制的写明“仅供核对用”。",
    "打印机没有打成时，改存 PDF 并告诉文件在哪里。",
    "本机绘制的存 PDF 和打印也计入打印次数。",
)

_NAME, _STATE = 20, 28
_PDF = "存为 PDF 文件"
_SEARCHING = "正在查找打印机…"
_SOURCES = ("口岸打印", "本机绘制")

_SECONDS_TO_READ = 0.5
"""When keys were typed before the printers were listed, Enter prints nothing until the list was visible this long."""


@dataclass(frozen=True, slots=True)
class PrintDialogResult:
    """The result of a print. `files` are the saved PDFs, none if a printer printed."""

    message: str
    files: tuple[Path, ...] = ()


class _Phase(enum.Enum):
    """The steps of the dialog. Closing it while FETCHING stops that; it cannot be closed while WORKING."""

    SEARCHING = enum.auto()
    READY = enum.auto()
    FETCHING = enum.auto()
    WORKING = enum.auto()
    DONE = enum.auto()


class PrintDialog(Dialog[PrintDialogResult]):
    """Prints the declarations `entry_ids`. Dismisses with the result, with None when nothing was printed.

    The cursor starts on 存为 PDF, which costs no paper; with `direct` on the printer of the configuration, or else on
    the default printer. Keys typed before the printers are listed move the cursor afterwards, but print nothing.

    Online, the port's own print can be chosen. It is chosen from the start with `direct`, and if the caller has
    fetched it (`prints`). What the port does not give is printed from the drawn form only if the operator says so.
    """

    TITLE = "打印"
    AUTO_FOCUS = ""

    DEFAULT_CSS = """
    PrintDialog Static { height: auto; }
    PrintDialog #message { text-style: bold; margin-bottom: 1; }
    PrintDialog #message.-problem { color: $problem; }
    PrintDialog #targets { max-height: 8; margin-bottom: 1; }
    PrintDialog #source-row { height: 1; margin-bottom: 1; }
    PrintDialog #source-row Static { width: 6; }
    """

    def __init__(
        self,
        session: Session,
        entry_ids: Sequence[str],
        *,
        direct: bool = False,
        prints: FetchedPrints | None = None,
    ) -> None:
        super().__init__()
        self._session = session
        self._entry_ids = tuple(entry_ids)
        self._folder = downloads_folder(session)
        self._direct = direct
        self._prints = prints
        self._has_official = False
        """Whether the port has prints of all the declarations, as far as is known."""
        self._worker: Worker[None] | None = None
        self._failures: tuple[FailedPrint, ...] = ()
        """What the port did not give, and what may be drawn here instead."""
        self._phase = _Phase.SEARCHING
        self._printers: tuple[Printer, ...] = ()
        self._printed: PrintDialogResult | None = None
        self._readable_at = 0.0
        """When the list has been visible for `_SECONDS_TO_READ`, by the clock of the event loop."""

    def body(self) -> Iterable[Widget]:
        yield Static(f"打印 {len(self._entry_ids)} 票报关单：", id="message", markup=False)
        yield Horizontal(
            Static("单据"), RadioRow(_SOURCES, 0 if self._direct or self._prints else 1, id="source"), id="source-row"
        )
        yield ChoiceList([Choice(Text(_SEARCHING), enabled=False)], awaited=True, id="targets")
        yield Static(id="hint", markup=False)

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("取消", id="close")
        yield PushButton("打印", id="print")
        yield PushButton("改用本机绘制", id="draw")

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    def on_mount(self) -> None:
        for name in ("#print", "#draw", "#hint", "#source-row"):
            self.query_one(name).display = False
        self.query_one("#targets").focus()
        self.run_worker(self._list_printers())

    def action_cancel(self) -> None:
        if self._phase is _Phase.WORKING:
            self.post_message(Notice("正在打印，请稍候"))
            return
        if self._phase is _Phase.FETCHING and self._worker is not None:
            self._worker.cancel()
        self.dismiss(self._printed)

    @on(PushButton.Pressed, "#close")
    def _close_pressed(self) -> None:
        self.action_cancel()

    @on(ChoiceList.Chosen, "#targets")
    def _target_chosen(self) -> None:
        self.query_one("#print").focus()

    @on(ChoiceList.Moved, "#targets")
    def _target_moved(self) -> None:
        self._label_print_button()

    @on(PushButton.Pressed, "#print")
    def _print_pressed(self) -> None:
        if asyncio.get_running_loop().time() < self._readable_at:
            self.post_message(Notice("打印机刚刚列出，请看清楚再按 Enter"))
        elif self._phase is _Phase.READY:
            printer = self._chosen
            for name in ("#targets", "#print", "#source-row"):
                self.query_one(name).display = False
            self._worker = self.run_worker(self._print_official(printer) if self._official else self._draw(printer))

    @on(PushButton.Pressed, "#draw")
    def _draw_pressed(self) -> None:
        if self._phase is _Phase.DONE and self._failures:
            self.query_one("#draw").display = False
            self.run_worker(self._draw(self._chosen, [failure.entry_id for failure in self._failures]))

    @property
    def _official(self) -> bool:
        """Whether the port's print is to be printed."""
        return self._has_official and self.query_one("#source", RadioRow).index == 0

    @property
    def _chosen(self) -> Printer | None:
        """The printer under the cursor, None for the PDF, which is the first row."""
        index = self.query_one("#targets", ChoiceList).index
        return self._printers[index - 1] if index else None

    async def _list_printers(self) -> None:
        try:
            self._has_official = self._prints is not None or await listed_at_port(self._session, self._entry_ids)
            self._printers = await list_printers()
        except Problem as problem:
            self.post_message(Notice.of(problem))
        self.query_one("#source-row").display = self._has_official
        self._phase = _Phase.READY
        if not self._printers:
            self._show_message(f"没有找到打印机，可把 {len(self._entry_ids)} 票报关单存为 PDF：")
        targets = self.query_one("#targets", ChoiceList)
        if targets.has_pending_keys:
            self._readable_at = asyncio.get_running_loop().time() + _SECONDS_TO_READ
        pdf = Choice(Text(fit(_PDF, _NAME) + fit(f"存到 {format_text(str(self._folder))}", _WIDTH - _NAME - 2)))
        targets.show([pdf, *map(_row, self._printers)], self._first_row())
        self.query_one("#print").display = True
        self._label_print_button()

    def _first_row(self) -> int:
        """Where the cursor starts. Row 0 is the PDF; the default printer is the first of the printers."""
        if not self._direct:
            return 0
        names = [printer.name for printer in self._printers]
        preferred = self._session.app_context.config.printing.printer
        return names.index(preferred) + 1 if preferred in names else min(1, len(names))

    def _label_print_button(self) -> None:
        printer = self._chosen
        label = "存为 PDF" if printer is None else f"打印到 {format_text(printer.name)}"
        self.query_one("#print", PushButton).label = label

    async def _print_official(self, printer: Printer | None) -> None:
        """Prints the port's prints. Offers to draw those that do not come, and never draws them automatically."""
        self._phase = _Phase.FETCHING
        self.query_one("#close", PushButton).label = "停止"
        self.set_focus(None)  # the second Enter of two must not stop what the first has started
        try:
            prints = self._prints or await fetch_prints(self._session, self._entry_ids, self._show_fetching)
        except Problem as problem:
            self._show_problem(problem)
            self._finish()
            return
        self._prints, self._failures = prints, prints.failures
        self._start_working(printer)
        try:
            printed = await self._give_out(prints, printer) if prints.prints else None
        except Problem as problem:
            self._show_problem(problem)
        else:
            self._show_printed(printed, printer)
        for failure in prints.failures:
            self.app.post_message(Notice.of(failure.problem))
        self._finish()

    async def _give_out(self, prints: FetchedPrints, printer: Printer | None) -> PrintDialogResult:
        if printer is None:
            files = await save_official_prints(self._session, prints.prints, self._folder)
            return PrintDialogResult(saved_texts(files), files)
        entry_ids = [print_.entry_id for print_ in prints.prints]
        job = await print_official_prints(self._session, prints.prints, printer, title=_job_title(entry_ids))
        return PrintDialogResult(format_text(job.message), job.saved)

    def _show_printed(self, printed: PrintDialogResult | None, printer: Printer | None) -> None:
        """Shows what was printed, and what the port did not give."""
        if printed is not None:
            self._add_printed(printed)
        if not self._failures:
            if printed is not None:
                self._show_result(printed, printer)
            return
        first, count = self._failures[0], len(self._failures)
        missing = f"{count} 票没有取到口岸的打印；{first.entry_id}：{first.problem.message}"
        done = f"{len(self._entry_ids) - count} 票：{printed.message}；" if printed is not None else ""
        self._show_message(
            f"! {done}{missing}  {first.problem.code}",
            f"没有取到的可以改用本机绘制的单据（写明“仅供核对用”）。{first.problem.hint}",
            problem=True,
        )
        if printed is not None:
            self.app.post_message(Notice(printed.message, _severity(printed, printer)))
        draw = self.query_one("#draw", PushButton)
        draw.label = f"改用本机绘制 {count} 票"
        draw.display = True

    def _show_fetching(self, done: int) -> None:
        self._show_message(f"正在从口岸取打印，第 {done + 1}/{len(self._entry_ids)} 票…")

    async def _draw(self, printer: Printer | None, entry_ids: Sequence[str] = ()) -> None:
        """Prints the form that is drawn here, of `entry_ids` or else of all."""
        self._start_working(printer)
        chosen = tuple(entry_ids) or self._entry_ids
        try:
            printed = await self._save(chosen) if printer is None else await self._send(chosen, printer)
        except Problem as problem:
            self._show_problem(problem)
        else:
            self._add_printed(printed)
            self._show_result(printed, printer)
        self._finish()

    def _start_working(self, printer: Printer | None) -> None:
        self._phase = _Phase.WORKING
        self._show_message("正在生成 PDF…" if printer is None else _waiting_text(printer))
        self.query_one("#close").display = False

    def _add_printed(self, printed: PrintDialogResult) -> None:
        earlier = self._printed
        self._printed = (
            printed if earlier is None else PrintDialogResult(printed.message, (*earlier.files, *printed.files))
        )

    def _show_result(self, printed: PrintDialogResult, printer: Printer | None) -> None:
        severity = _severity(printed, printer)
        self._show_message(f"{severity.value} {printed.message}", problem=severity is Severity.PROBLEM)
        self.app.post_message(Notice(printed.message, severity))

    def _show_problem(self, problem: Problem) -> None:
        self._show_message(f"! {problem.message}  {problem.code}", problem.hint, problem=True)
        self.app.post_message(Notice.of(problem))

    def _finish(self) -> None:
        self._phase = _Phase.DONE
        close = self.query_one("#close", PushButton)
        close.label = "关闭"
        close.display = True
        close.focus()

    async def _save(self, entry_ids: Sequence[str]) -> PrintDialogResult:
        saved = await save_pdf(self._session, entry_ids, self._folder)
        return PrintDialogResult(saved_text(saved), (saved.path,))

    async def _send(self, entry_ids: Sequence[str], printer: Printer) -> PrintDialogResult:
        report = await print_now(self._session, entry_ids, printer, title=_job_title(entry_ids))
        return PrintDialogResult(format_text(report.message), (report.saved.path,) if report.saved is not None else ())

    def _show_message(self, message: str, hint: str = "", *, problem: bool = False) -> None:
        self.query_one(NoticeLine).clear()
        message_line, hint_line = self.query_one("#message", Static), self.query_one("#hint", Static)
        message_line.set_class(problem, "-problem")
        message_line.update(Text("\n".join(wrap_cells(message, _WIDTH))))
        hint_line.display = bool(hint)
        hint_line.update(Text("\n".join(wrap_cells(hint, _WIDTH))))


def saved_text(saved: SavedPdf) -> str:
    """How many pages were saved, and in which file."""
    return f"已存为 PDF，{saved.pages} 页：{format_text(str(saved.path))}{format_text(saved.unrecorded)}"


def saved_texts(paths: Sequence[Path]) -> str:
    """How many of the port's prints were saved, and where."""
    if len(paths) == 1:
        return f"口岸打印已存为 PDF：{format_text(str(paths[0]))}"
    return f"口岸打印已存为 {len(paths)} 个 PDF，在 {format_text(str(paths[0].parent))}"


def _severity(printed: PrintDialogResult, printer: Printer | None) -> Severity:
    """A PDF instead of paper means that the printer failed."""
    return Severity.PROBLEM if printer is not None and printed.files else Severity.GOOD


def _job_title(entry_ids: Sequence[str]) -> str:
    """The title of the print job in ASCII, because print systems of all ages show it."""
    return f"jiacha {entry_ids[0]}" if len(entry_ids) == 1 else f"jiacha {len(entry_ids)} declarations"


def _waiting_text(printer: Printer) -> str:
    return f"正在打印到 {format_text(printer.name)}，最多等 {PRINT_TIME_LIMIT:.0f} 秒；打不成时改存 PDF…"


def _row(printer: Printer) -> Choice:
    states = [printer.state.label, *printer.reasons]
    if printer.default:
        states.append("默认")
    if not printer.accepting:
        states.append("不接受任务")
    name, state = fit(format_text(printer.name), _NAME - 1), fit(format_text("，".join(states)), _STATE - 1)
    row = f"{name} {state} {format_text(printer.description)}"
    return Choice(Text(fit(row, _WIDTH - 2), "" if printer.accepting else "dim"), enabled=printer.accepting)
