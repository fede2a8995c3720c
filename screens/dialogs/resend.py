"""重新发往税务总局: lists the declarations, asks for one confirmation, and shows the result."""

import enum
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.text import Text
from textual import on, work
from textual.widget import Widget
from textual.widgets import Static

from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.resend import (
    NOTE,
    ResendCandidate,
    ResendOutcome,
    ResendProposal,
    mark_resolved,
    propose,
    send,
)
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.formatting import format_date, format_money, format_text
from jiacha_tui.declaration.journal import Outcome
from jiacha_tui.declaration.problem import Problem
from screens.base.dialog import Dialog
from screens.commands.help_sections import Section
from screens.commands.notice import Notice, join_hint
from screens.widgets.notice_line import NoticeLine
from screens.widgets.push_button import PushButton
from screens.widgets.wrapped_text import WrappedText

_HELP = Section.of(
    "重新发往税务总局",
    "查到的数据正确、税务局的数据错误，且税务总局收到的也是错误的，才需要重发；一次最多 10 票。",
    NOTE,
    "以前重发过的在金额后面注明；“结果未知”是发出后没有收到答复，请先查询确认，不要马上再发。",
    "口岸不再列出的（×）不会重发。",
    "核对清楚以后选「已核对」，不再发送，只去掉列表里的 ? 标记；再发一次并且成功，标记也会去掉。",
)


class _Phase(enum.Enum):
    """The steps of the dialog. It cannot be closed while SENDING."""

    PROPOSING = enum.auto()
    READY = enum.auto()
    SENDING = enum.auto()
    DONE = enum.auto()


class ResendDialog(Dialog[ResendOutcome]):
    """Resends the declarations `entry_ids` after a confirmation, or marks unknown earlier results as checked.

    Dismisses with the outcome of the resend, with None when nothing was sent.
    """

    TITLE = "重新发往税务总局"

    DEFAULT_CSS = """
    ResendDialog #lines { height: auto; }
    ResendDialog #message { text-style: bold; }
    ResendDialog #message.-problem { color: $problem; }
    ResendDialog #lines { padding: 0 0 0 2; }
    """

    def __init__(self, session: Session, entry_ids: Sequence[str]) -> None:
        super().__init__()
        self._session = session
        self._entry_ids = tuple(entry_ids)
        self._phase = _Phase.PROPOSING
        self._proposal = ResendProposal(())
        self._outcome: ResendOutcome | None = None

    def body(self) -> Iterable[Widget]:
        yield WrappedText("正在核对要重发的报关单…", id="message")
        yield Static(id="lines", markup=False)
        yield WrappedText(id="hint")

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("取消", id="close")
        yield PushButton("重发", id="send")
        yield PushButton("已核对", id="resolve")

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    def on_mount(self) -> None:
        self._show_actions(shown=False)
        self.run_worker(self._propose())

    def action_cancel(self) -> None:
        if self._phase is _Phase.SENDING:
            self.post_message(Notice("正在发送，要等到答复，不能取消"))
        else:
            self.dismiss(self._outcome)

    @on(PushButton.Pressed, "#close")
    def _close_pressed(self) -> None:
        self.action_cancel()

    @on(PushButton.Pressed, "#send")
    def _send_pressed(self) -> None:
        if self._phase is _Phase.READY:
            self._phase = _Phase.SENDING
            self._show_message("正在发送，请等待答复…", "")
            self.query_one("#close", PushButton).label = "等待答复"
            self._show_actions(shown=False)
            self.run_worker(self._send())

    @on(PushButton.Pressed, "#resolve")
    def _resolve_pressed(self) -> None:
        if self._phase is _Phase.READY:
            self._mark_resolved()

    async def _propose(self) -> None:
        try:
            self._proposal = await propose(self._session, self._entry_ids)
        except Problem as problem:
            self._show_not_sent(problem)
            return
        self._phase = _Phase.READY
        count = len(self._proposal.entry_ids)
        message = f"将向税务总局重发 {count} 票：" if count else "口岸不再列出，没有可以重发的："
        self._show_message(message, NOTE if count else "")
        self.query_one("#lines", Static).update(Text("\n").join(_lines(self._proposal.candidates)))
        self.query_one("#send", PushButton).label = f"重发 {count} 票"
        self.query_one("#resolve", PushButton).label = f"已核对 {len(self._proposal.unknown_ids)} 票，不发"
        self._show_actions(shown=True)

    async def _send(self) -> None:
        try:
            outcome = await send(self._session, self._proposal)
        except Problem as problem:
            # Found before anything was sent: the session is offline, or the batch is empty or too large.
            self._show_not_sent(problem)
            return
        self._phase = _Phase.DONE
        self._outcome = outcome
        message, severity = _result_text(outcome)
        self._show_message(f"{severity.value} {message}", outcome.hint, problem=severity is Severity.PROBLEM)
        self.query_one("#close", PushButton).label = "关闭"
        self.app.post_message(Notice(join_hint(message, outcome.hint, "。"), severity))

    @work(exclusive=True)
    async def _mark_resolved(self) -> None:
        try:
            await mark_resolved(self._session, self._proposal)
        except Problem as problem:
            self.post_message(Notice.of(problem))
            return
        count = len(self._proposal.unknown_ids)
        self.app.post_message(Notice(f"{count} 票重发的未知结果已核对，没有再发", Severity.GOOD))
        self.dismiss(None)

    def _show_actions(self, *, shown: bool) -> None:
        self.query_one("#send").display = shown and bool(self._proposal.entry_ids)
        self.query_one("#resolve").display = shown and bool(self._proposal.unknown_ids)

    def _show_not_sent(self, problem: Problem) -> None:
        self._phase = _Phase.DONE
        self._show_message(f"! 没有重发：{problem.message}  {problem.code}", problem.hint, problem=True)
        self.query_one("#close", PushButton).label = "关闭"
        self.app.post_message(Notice.of(problem))

    def _show_message(self, message: str, hint: str, *, problem: bool = False) -> None:
        self.query_one(NoticeLine).clear()
        line = self.query_one("#message", WrappedText)
        line.set_class(problem, "-problem")
        line.update(message)
        self.query_one("#hint", WrappedText).update(hint)


def _result_text(outcome: ResendOutcome) -> tuple[str, Severity]:
    message = format_text(outcome.message)
    match outcome.outcome:
        case Outcome.DONE:
            return message, Severity.GOOD
        case Outcome.UNKNOWN:
            return f"结果未知：{message}", Severity.PROBLEM
        case _:
            return f"没有重发：{message}", Severity.PROBLEM


def _lines(lines: Sequence[ResendCandidate]) -> list[Text]:
    """A line for each declaration, the amounts right-aligned, with an earlier resend in bold at the end."""
    amounts = [format_money(line.usd_amount) for line in lines]
    widest = max(map(cell_len, amounts), default=0)
    return [
        Text.assemble(
            f"{format_text(line.entry_id)}  {format_date(line.exported_on)}  {amount:>{widest}}",
            ("  × 口岸不再列出，不发" if line.is_delisted else "", "bold"),
            (f"  {line.note}".rstrip(), "bold"),
        )
        for line, amount in zip(lines, amounts, strict=True)
    ]
