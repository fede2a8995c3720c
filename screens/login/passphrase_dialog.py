"""The passphrase of a cache whose card cannot keep the key: a new one, or the existing one."""

from collections.abc import Iterable

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from jiacha_tui.actions.cache_recovery import NewCache, Passphrase, PassphraseChoice, SessionOnly
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.passphrase import RULE, passphrase_weakness, propose_passphrase
from jiacha_tui.actions.problems import PassphraseNeeded, PassphraseWeak
from screens.base.dialog import Dialog
from screens.commands.notice import Notice
from screens.login.pin_field import PinField
from screens.widgets.push_button import PushButton
from screens.widgets.wrapped_text import WrappedText

_NEW = (
    f"这张卡不能解密，签名也每次不同，不能保管本机缓存的密钥。请为本机缓存设一个口令：{RULE}。",
    "每次登录都要输入，不交给卡，也不交给口岸。忘了没有办法找回，只能另建缓存。",
)
_EXISTING = ("本机缓存由缓存口令保护。口令只用来打开本机缓存，输错不占卡的次数。",)
_WITHOUT = "「本次不留缓存」：退出时报关单和各种记录都删掉，本机不留数据。"


class PassphraseDialog(Dialog[PassphraseChoice | NewCache]):
    """Dismisses with what the operator decides: a passphrase, no lasting cache, or a new cache in place of the old."""

    TITLE = "缓存口令"
    DEFAULT_CSS = """
    PassphraseDialog Horizontal.field { height: 1; margin-top: 1; }
    PassphraseDialog .label { width: 10; }
    PassphraseDialog PinField { width: 36; }
    PassphraseDialog #proposal { margin-top: 1; }
    """

    def __init__(self, needed: PassphraseNeeded) -> None:
        super().__init__()
        self._needed = needed

    def body(self) -> Iterable[Widget]:
        is_new = self._needed.is_new
        yield from map(WrappedText, _NEW if is_new else _EXISTING)
        if self._needed.can_skip:
            yield WrappedText(_WITHOUT)
        yield _field("缓存口令", "passphrase")
        if is_new:
            yield _field("再输一次", "again")
            yield Static(f"代拟一个：{propose_passphrase()}（用它就先抄在别处）", id="proposal", markup=False)

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("取消", id="cancel")
        yield PushButton("确定", id="confirm")
        if self._needed.can_skip:
            yield PushButton("本次不留缓存", id="session-only")
        if not self._needed.is_new:
            yield PushButton("另建缓存", id="new-cache")

    def on_mount(self) -> None:
        if self._needed.code != "passphrase.needed":
            self.post_message(Notice.of(self._needed))

    @on(PinField.Submitted, "#passphrase")
    def _passphrase_submitted(self) -> None:
        if not self._needed.is_new:
            self._confirm()
        elif not self._is_refused():
            self.query_one("#again").focus()

    @on(PinField.Submitted, "#again")
    def _again_submitted(self) -> None:
        self._confirm()

    @on(PinField.Refused)
    def _input_refused(self, refused: PinField.Refused) -> None:
        self.post_message(Notice(f"{refused.message}，{refused.hint}", Severity.PROBLEM))

    @on(PushButton.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)

    @on(PushButton.Pressed, "#confirm")
    def _confirm(self) -> None:
        if self._is_refused():
            return
        text = self.query_one("#passphrase", PinField).reveal()
        if self._needed.is_new and text != (again := self.query_one("#again", PinField)).reveal():
            self._refuse(Notice("两次输入的口令不同，请再输一次", Severity.PROBLEM), again)
        else:
            self.dismiss(Passphrase(text))

    def _is_refused(self) -> bool:
        """Whether the passphrase is none or a weak one; both fields are empty then."""
        passphrase = self.query_one("#passphrase", PinField)
        text = passphrase.reveal()
        if not text:
            notice = Notice("缓存口令不能为空", Severity.PROBLEM)
        elif self._needed.is_new and (weakness := passphrase_weakness(text, ())):
            notice = Notice.of(PassphraseWeak(weakness))
        else:
            return False
        if self._needed.is_new:
            self.query_one("#again", PinField).empty()
        self._refuse(notice, passphrase)
        return True

    @on(PushButton.Pressed, "#session-only")
    def _session_only(self) -> None:
        self.dismiss(SessionOnly())

    @on(PushButton.Pressed, "#new-cache")
    def _new_cache(self) -> None:
        self.dismiss(NewCache())

    def _refuse(self, notice: Notice, field: PinField) -> None:
        field.empty()
        field.focus()
        self.post_message(notice)


def _field(label: str, field_id: str) -> Horizontal:
    return Horizontal(Static(label, classes="label"), PinField(id=field_id), classes="field")
