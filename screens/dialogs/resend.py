"""重新发往税务总局: which declarations, confirmed once, and what became of it."""

import enum
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text
from textual import on
from textual.widget import Widget
from textual.widgets import Static

from jiacha_tui.actions import resend
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.resend import NOTE, ResendCandidate, ResendOutcome, ResendProposal
from jiacha_tui.declaration.formatting import format_date, format_money, format_text
from jiacha_tui.declaration.journal import Outcome
from jiacha_tui.declaration.problem import Problem
from screens.base.dialog import Dialog
from screens.commands.help_sections import Section
from screens.commands.notice import Notice, join_hint
from screens.widgets.notice_line import NoticeLine
from screens.widgets.push_button import PushButton
from screens.widgets.wrapped_text import WrappedText

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session


@dataclass(frozen=True, slots=True)
class Resending:
    """What the dialog does: `propose` raises a Problem where nothing may be resent; `send` raises none once it sent.

    `settle` takes what was unknown for looked into.
    """

    propose: Callable[[], Awaitable[ResendProposal]]
    send: Callable[[ResendProposal], Awaitable[ResendOutcome]]
    settle: Callable[[ResendProposal], Awaitable[None]]

    @classmethod
    def of(cls, session: "Session", entry_ids: Sequence[str]) -> "Resending":
        return cls(
            partial(resend.propose, session, entry_ids),
            partial(resend.send, session),
            partial(resend.mark_resolved, session),
        )


_HELP = Section.of(
    "重新发往税务总局",
    "查到的数据正确、税务局的数据错误，且税务总局收到的也是错误的，才需要重发；一次最多 10 票。",
    f"{NOTE}",
    "以前重发过的在金额后面注明；“结果未知”是发出后没有收到答复，请先查询确认，不要马上再发。",
    "核对清楚以后选「已核对」，不再发送，只去掉列表里的 ? 标记；再发一次并且成功，标记也会去掉。",
)


class _Phase(enum.Enum):
    PROPOSING = enum.auto()
    READY = enum.auto()
    SENDING = enum.auto()
    DONE = enum.auto()


class ResendDialog(Dialog[ResendOutcome]):
    """Gives how the resend ended, None when nothing was sent. It cannot be closed between sending and the answer."""

    TITLE = "重新发往税务总局"

    DEFAULT_CSS = """
    ResendDialog #lines { height: auto; }
    ResendDialog #said { text-style: bold; }
    ResendDialog #said.-problem { color: $problem; }
    ResendDialog #lines { padding: 0 0 0 2; }
    """

    def __init__(self, resending: Resending) -> None:
        super().__init__()
        self._resending = resending
        self._phase = _Phase.PROPOSING
        self._proposal = ResendProposal(())
        self._outcome: ResendOutcome | None = None

    def body(self) -> Iterable[Widget]:
        yield WrappedText("正在核对要重发的报关单…", id="said")
        yield Static(id="lines", markup=False)
        yield WrappedText(id="todo")

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("取消", id="no")
        yield PushButton("重发", id="send")
        yield PushButton("已核对", id="settle")

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    def on_mount(self) -> None:
        self._show_deeds(shown=False)
        self.run_worker(self._propose())

    def action_cancel(self) -> None:
        if self._phase is _Phase.SENDING:
            self.post_message(Notice("正在发送，要等到答复，不能取消"))
        else:
            self.dismiss(self._outcome)

    @on(PushButton.Pressed, "#no")
    def _no(self) -> None:
        self.action_cancel()

    @on(PushButton.Pressed, "#send")
    def _send_pressed(self) -> None:
        if self._phase is _Phase.READY:
            self._phase = _Phase.SENDING
            self._say("正在发送，请等待答复…", "")
            self.query_one("#no", PushButton).label = "等待答复"
            self._show_deeds(shown=False)
            self.run_worker(self._send())

    @on(PushButton.Pressed, "#settle")
    def _settle_pressed(self) -> None:
        if self._phase is _Phase.READY:
            self.run_worker(self._settle(), exclusive=True)

    async def _propose(self) -> None:
        try:
            self._proposal = await self._resending.propose()
        except Problem as problem:
            self._refused(problem)
            return
        self._phase = _Phase.READY
        count = len(self._proposal.candidates)
        self._say(f"将向税务总局重发 {count} 票：", NOTE)
        self.query_one("#lines", Static).update(Text("\n").join(_lines(self._proposal.candidates)))
        self.query_one("#send", PushButton).label = f"重发 {count} 票"
        self.query_one("#settle", PushButton).label = f"已核对 {len(self._proposal.unknown_ids)} 票，不发"
        self._show_deeds(shown=True)

    async def _send(self) -> None:
        try:
            outcome = await self._resending.send(self._proposal)
        except Problem as problem:
            # Found out before anything was sent: the line was taken offline, the batch is not one.
            self._refused(problem)
            return
        self._phase = _Phase.DONE
        self._outcome = outcome
        said, weight = _verdict(outcome)
        self._say(f"{weight.value} {said}", outcome.hint, problem=weight is Severity.PROBLEM)
        self.query_one("#no", PushButton).label = "关闭"
        self.app.post_message(Notice(join_hint(said, outcome.hint, "。"), weight))

    async def _settle(self) -> None:
        try:
            await self._resending.settle(self._proposal)
        except Problem as problem:
            self.post_message(Notice.of(problem))
            return
        settled = len(self._proposal.unknown_ids)
        self.app.post_message(Notice(f"{settled} 票重发的未知结果已核对，没有再发", Severity.GOOD))
        self.dismiss(None)

    def _show_deeds(self, *, shown: bool) -> None:
        self.query_one("#send").display = shown
        self.query_one("#settle").display = shown and bool(self._proposal.unknown_ids)

    def _refused(self, problem: Problem) -> None:
        self._phase = _Phase.DONE
        self._say(f"! 没有重发：{problem.message}  {problem.code}", problem.hint, problem=True)
        self.query_one("#no", PushButton).label = "关闭"
        self.app.post_message(Notice.of(problem))

    def _say(self, said: str, hint: str, *, problem: bool = False) -> None:
        self.query_one(NoticeLine).clear()
        line = self.query_one("#said", WrappedText)
        line.set_class(problem, "-problem")
        line.update(said)
        self.query_one("#todo", WrappedText).update(hint)


def _verdict(outcome: ResendOutcome) -> tuple[str, Severity]:
    message = format_text(outcome.message)
    match outcome.outcome:
        case Outcome.DONE:
            return message, Severity.GOOD
        case Outcome.UNKNOWN:
            return f"结果未知：{message}", Severity.PROBLEM
        case _:
            return f"没有重发：{message}", Severity.PROBLEM


def _lines(lines: Sequence[ResendCandidate]) -> list[Text]:
    """The amounts under each other, and at the end, so that it is seen before it is done twice, the earlier resend."""
    amounts = [format_money(line.usd_amount) for line in lines]
    widest = max(map(cell_len, amounts), default=0)
    return [
        Text.assemble(
            f"{format_text(line.entry_id)}  {format_date(line.exported_on)}  {amount:>{widest}}",
            (f"  {line.note}".rstrip(), "bold"),
        )
        for line, amount in zip(lines, amounts, strict=True)
    ]
