"""The screen that covers all others while the session is locked: whose session it is, why, and the PIN field."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static

from jiacha_tui.actions.lock_state import LockReason
from jiacha_tui.actions.login import check_pin
from jiacha_tui.actions.messages import Severity
from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.declaration.problem import Problem
from screens.commands.bindings import bindings
from screens.commands.command import Scope
from screens.commands.handler import CommandHandler, QuitRequested
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.dialogs.quit_dialog import QuitDialog
from screens.login.heading import Heading
from screens.login.media_texts import reading_text
from screens.login.pin_field import PinField
from screens.widgets.key_footer import KeyFooter
from screens.widgets.notice_line import NoticeLine

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session

_HELP = Section.of(
    "锁屏",
    "插着登录时的那张卡，输入它的密码，按 Enter 解锁。屏幕、光标、筛选和选择都和锁屏以前一样。",
    "锁屏期间内存里没有密码，也不签名。同步、下载等停在原处，解锁以后接着做。",
    "每按一次 Enter 只试一次密码；连续错误会锁卡。别的卡不能解锁，密码也不会交给它。",
    "F10 退出程序：已经同步的都在缓存里，下次登录后接着同步。",
)

_INSTRUCTION = "插着登录时的卡，输入密码后按 Enter 解锁。\n正在做的工作停在原处，解锁后接着做。"


class LockScreen(CommandHandler, Screen[None]):
    """Asks for the PIN and unlocks `session` with it. `jiacha_tui.session_lock` shows and removes this screen."""

    DEFAULT_CSS = """
    LockScreen { layout: vertical; overflow: hidden; }
    LockScreen > #rule { height: 1; border-top: solid ansi_default; }
    LockScreen #form { height: auto; padding: 0 1 0 2; }
    LockScreen #form > * { height: auto; margin-top: 1; }
    LockScreen #reason { text-style: bold; }
    LockScreen #holder { padding: 0 0 0 2; }
    LockScreen .label { width: 8; padding: 0 0 0 2; }
    LockScreen #pin { width: 30; margin-left: 1; }
    LockScreen #demo-pin { width: 1fr; text-align: right; color: $notable; }
    LockScreen #below { height: 1fr; padding: 1 2; }
    LockScreen #instruction { margin-bottom: 1; }
    """

    AUTO_FOCUS = "PinField"
    SCOPES = (Scope.LOCK, Scope.EVERYWHERE)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*SCOPES)

    def __init__(self, session: "Session", reason: LockReason) -> None:
        super().__init__()
        self._session = session
        self._reason = reason

    def compose(self) -> ComposeResult:
        yield Heading(demo=self._session.app_context.demo, offline=False)
        with Vertical(id="form"):
            yield Static(self._reason.value, id="reason")
            yield Static(self._holder_text(), id="holder", markup=False)
            with Horizontal():
                yield Static("密码", classes="label")
                yield PinField(id="pin")
                yield Static(self._demo_pin_text(), id="demo-pin", markup=False)
        with Vertical(id="below"):
            yield Static(_INSTRUCTION, id="instruction")
            yield NoticeLine()
        yield Static(id="rule")
        yield KeyFooter()

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    def on_notice(self, notice: Notice) -> None:
        self.query_one(NoticeLine).show(notice)

    def action_quit(self) -> None:
        self.app.push_screen(QuitDialog(()), self._quit_answered, mode=self.app.current_mode)

    @on(PinField.Submitted)
    def _pin_submitted(self) -> None:
        problem = check_pin(self._pin.reveal())
        if problem is not None:
            self.post_message(Notice.of(problem))
        elif not self._pin.disabled:
            self._pin.disabled = True
            self._show_progress("正在读卡、验证密码，请稍候")
            self.run_worker(self._unlock())

    @on(PinField.Refused)
    def _input_refused(self, refused: PinField.Refused) -> None:
        self.post_message(Notice(f"{refused.message}，{refused.hint}", Severity.PROBLEM))

    async def _unlock(self) -> None:
        try:
            await self._session.unlock(self._pin.reveal(), self._connecting)
        except Problem as problem:
            self.post_message(Notice.of(problem))
        finally:
            self._pin.empty()
            self._pin.disabled = False
            self._pin.focus()

    def _connecting(self, attempt: int, attempts: int) -> None:
        self._show_progress(reading_text(attempt, attempts))

    def _show_progress(self, text: str) -> None:
        """Shows `text` without adding it to the message log."""
        self.query_one(NoticeLine).show(Notice(text))

    def _quit_answered(self, quits: bool | None) -> None:
        if quits:
            self.post_message(QuitRequested())

    def _holder_text(self) -> str:
        card = self._session.card_summary
        return f"企业    {escape_controls(card.company)}\n卡号    {escape_controls(card.card_number)}"

    def _demo_pin_text(self) -> str:
        pin = self._session.app_context.demo_pin
        return "" if pin is None else f"演示卡密码 {pin}"

    @property
    def _pin(self) -> PinField:
        return self.query_one(PinField)
