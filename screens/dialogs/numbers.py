"""查询号码: asks the port for many declarations by number, and says which it has, which it has not, and why not."""

import asyncio
from collections.abc import Iterable, Sequence

from rich.text import Text
from textual import events, on
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker

from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.number_queries import NumbersReport, query_numbers
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.formatting import format_text
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.problem import Problem
from screens.base.dialog import Dialog
from screens.commands.handler import OFFLINE
from screens.commands.help_sections import Section
from screens.commands.notice import Notice, join_hint
from screens.widgets.cells import wrap_cells
from screens.widgets.pager import Pager
from screens.widgets.push_button import PushButton

_HELP = Section(
    "查询号码",
    (
        ("内容", "逐个号码向口岸查询，查到的存入缓存；每 10 个停一停"),
        ("停止", "F10 或 Esc 随时停止，已经查到的都在缓存里；口岸连续出错时自动停下，并说明原因"),
        ("接着查", "停下以后可以接着查其余的和没有查成的"),
    ),
)
_MIN_LINES, _OTHER_ROWS = 3, 10
"""Rows of the list, and of everything else with the empty rows between."""

_MAX_WIDTH, _FRAME = 70, 4
_BAR_CELLS = 20


class NumbersDialog(Dialog[NumbersReport]):
    """Shows the numbers and asks the port for each, in each of `kinds` until it is found. Offline it only shows them.

    Dismisses with the last report, with None if the port was not asked. Closing the dialog during a run stops the run.
    """

    TITLE = "查询号码"
    KEYS = "PgUp PgDn 翻页 · Enter 确定"

    DEFAULT_CSS = """
    NumbersDialog #message { height: auto; }
    NumbersDialog #lines { height: auto; margin: 1 0 0 0; }
    NumbersDialog #place { height: 1; text-align: right; }
    """

    BINDINGS = [  # noqa: RUF012 - as in Textual
        Binding("pageup", "turn_pages(-1)", show=False, priority=True),
        Binding("pagedown", "turn_pages(1)", show=False, priority=True),
    ]

    def __init__(self, session: Session, entry_ids: Sequence[str], kinds: Sequence[Kind]) -> None:
        super().__init__()
        self._session = session
        self._entry_ids = tuple(entry_ids)
        self._kinds = tuple(kinds)
        self._report: NumbersReport | None = None
        self._worker: Worker[None] | None = None
        self._stopping = False

    def body(self) -> Iterable[Widget]:
        yield Static(id="message", markup=False)
        yield Pager(id="lines")
        yield Static(id="place", markup=False)

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("关闭", id="close")
        yield PushButton("接着查", id="run")

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    def on_mount(self) -> None:
        self.query_one("#lines").can_focus = False
        self._draw()
        if self._session.online:
            self._start(self._entry_ids)

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def action_cancel(self) -> None:
        if self._worker is None:
            self.dismiss(self._report)
        elif not self._stopping:
            self._stopping = True
            self._worker.cancel()

    def action_turn_pages(self, pages: int) -> None:
        self.query_one("#lines", Pager).action_pages(pages)

    @on(PushButton.Pressed, "#close")
    def _close_pressed(self) -> None:
        self.action_cancel()

    @on(PushButton.Pressed, "#run")
    def _run_pressed(self) -> None:
        if self._worker is None and self._report is not None:
            self._start(_remaining(self._report))

    @on(Pager.Moved, "#lines")
    def _show_place(self) -> None:
        self.query_one("#place", Static).update(self.query_one("#lines", Pager).position_text())

    def _start(self, entry_ids: Sequence[str]) -> None:
        self._stopping = False
        self._worker = self.run_worker(self._run(entry_ids))
        self._draw()
        self.query_one("#close").focus()

    async def _run(self, entry_ids: Sequence[str]) -> None:
        try:
            report = await query_numbers(self._session, entry_ids, self._kinds, self._show_progress)
        except Problem as problem:
            self.post_message(Notice.of(problem))
        except asyncio.CancelledError:
            if not self._stopping:
                raise
        else:
            self._report = report
            severity = Severity.GOOD if report.is_complete else Severity.PROBLEM
            self.app.post_message(Notice(report.text(), severity))
        finally:
            self._worker = None
        if self.is_mounted:
            self._draw()

    def _show_progress(self, report: NumbersReport) -> None:
        self._report = report
        self._draw()

    def _draw(self) -> None:
        running, report = self._worker is not None, self._report
        self.query_one("#close", PushButton).label = "停止" if running else "关闭"
        self.query_one("#run").display = not running and report is not None and bool(_remaining(report))
        if report is None:
            message = f"{len(self._entry_ids):,} 个号码，正在逐个向口岸查询…" if running else self._idle_text()
        else:
            message = _progress_text(report) if running else f"{'✓' if report.is_complete else '!'} {report.text()}"
        width = min(_MAX_WIDTH, self.size.width) - _FRAME
        rows = [row for line in message.splitlines() for row in wrap_cells(line, width)]
        self.query_one("#message", Static).update(Text("\n".join(rows)))
        lines = self.query_one("#lines", Pager)
        shown = _lines(report, self._entry_ids, width)
        lines.styles.max_height = max(_MIN_LINES, self.size.height - _OTHER_ROWS - len(rows))
        lines.show(shown, lines.first if not running else 0)

    def _idle_text(self) -> str:
        return f"{len(self._entry_ids):,} 个号码不在缓存。{OFFLINE}"


def _remaining(report: NumbersReport) -> tuple[str, ...]:
    """The numbers that another run can settle: the untried ones first."""
    return (*report.untried, *(failed.entry_id for failed in report.failed if failed.may_be_repeated))


def _progress_text(report: NumbersReport) -> str:
    filled = _BAR_CELLS * report.done // max(1, report.total)
    bar = "█" * filled + "░" * (_BAR_CELLS - filled)
    text = f"{bar} {report.done:,}/{report.total:,} 个号码  查到 {len(report.found):,}，没有 {len(report.not_found):,}"
    return f"{text}\n{report.waiting}" if report.waiting else text


def _lines(report: NumbersReport | None, entry_ids: Sequence[str], width: int) -> list[Text]:
    """What is to be said of the numbers, in lines of at most `width` cells: the reasons first, what was found last."""
    if report is None:
        return [Text(f"· {entry_id}") for entry_id in entry_ids]
    lines: list[Text] = []
    if report.stopped_by is not None:
        problem = report.stopped_by
        lines.append(Text(f"! 停下的原因  {problem.code}", "bold"))
        reason = join_hint(problem.message, problem.hint)
        lines += [Text(f"  {row}") for row in wrap_cells(format_text(reason), width - 2)]
    for failed in report.failed:
        lines += [Text(row) for row in wrap_cells(f"! {failed.entry_id}  {format_text(failed.reason)}", width)]
    lines += [Text(f"! {entry_id}  口岸没有") for entry_id in report.not_found]
    lines += [Text(f"· {entry_id}  还没有查") for entry_id in report.untried]
    return lines + [Text(f"✓ {entry_id}  查到，在缓存里") for entry_id in report.found]
