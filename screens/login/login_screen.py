"""The first screen: the card, its password, and the agreement that is accepted before a login (manual, 系统登录)."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cache_recovery import CacheRecovery, NewCache, PreviousPin
from jiacha_tui.actions.cards import forwarding_command, insert_hint
from jiacha_tui.actions.login import LoginStage, check_pin
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.problems import CacheRecoveryNeeded
from screens.base.dismiss_once import DismissOnceScreen
from screens.commands.bindings import bindings
from screens.commands.command import Command, Scope
from screens.commands.handler import CommandHandler
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.login.agreement_dialog import AgreementDialog
from screens.login.checkbox import Checkbox
from screens.login.form_message import FormMessage, FormText
from screens.login.heading import Heading
from screens.login.login_attempt import LoginAttempt
from screens.login.login_form import LoginForm
from screens.login.media_list import MediaList
from screens.login.media_scanner import MediaScanner
from screens.login.media_texts import card_text, no_card_text, no_medium_problem
from screens.login.new_cache_dialog import NewCacheDialog
from screens.login.password_field import PasswordField
from screens.widgets.key_footer import KeyFooter
from screens.widgets.push_button import PushButton
from screens.widgets.wait_line import WaitLine

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session

_SCANNING = FormText("正在读卡…")

_HINTS = {
    "card.wrong-pin": "请核对密码后重新输入",
    "card.pin-missing": "请输入密码后按 Enter",
}
"""What to do on this screen about problems that have no hint of their own, by their code."""


class LoginScreen(CommandHandler, DismissOnceScreen["Session | None"]):
    """Dismisses with the session of the operator who logged in, with None if the operator leaves the program.

    A password is tried once each time the operator asks for it, because a few wrong ones lock the card.
    """

    DEFAULT_CSS = """
    LoginScreen { layout: vertical; overflow: hidden; }
    LoginScreen > #rule { height: 1; border-top: solid ansi_default; }
    LoginScreen > FormMessage { height: 1fr; padding: 1 2; }
    """

    AUTO_FOCUS = "PasswordField"
    SCOPES = (Scope.LOGIN, Scope.EVERYWHERE)
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(*SCOPES),
        Binding("escape", "cancel_login", show=False),
        Binding("up,left", "app.focus_previous", show=False),
        Binding("down,right", "app.focus_next", show=False),
    ]

    def __init__(self, app_context: AppContext) -> None:
        super().__init__()
        self._app_context = app_context
        self._form = LoginForm(app_context)
        self._message = FormMessage()
        self._scanner = MediaScanner(app_context)
        self._attempt = LoginAttempt(app_context, self._logged_in)
        self._offline = False
        """How the last login was started; a recovery of its cache continues it."""

    @property
    def _offline_only(self) -> bool:
        return self._app_context.connect is None

    def compose(self) -> ComposeResult:
        yield Heading(demo=self._app_context.demo, offline=self._offline_only)
        yield self._form
        yield self._message
        yield WaitLine()
        yield Static(id="rule")
        yield KeyFooter()
        yield self._scanner
        yield self._attempt

    def on_mount(self) -> None:
        self._message.show(_SCANNING)

    def help_sections(self) -> tuple[Section, ...]:
        return (_help(forwarding_command(self._app_context)),)

    def disabled_reason(self, command: Command) -> str:
        if self._attempt.running and command.id in ("scan_again", "agreement"):
            return "正在登录，按 Esc 取消"
        return ""

    def on_notice(self, notice: Notice) -> None:
        if notice.problem is None:
            self._message.show(FormText(notice.text, severity=notice.severity))
        else:
            code = notice.problem.code
            hint = insert_hint(self._app_context) if code == "card.none" else _HINTS.get(code, "")
            self._message.show(FormText.of(notice.problem, hint))

    # Commands

    def action_scan_again(self) -> None:
        self._form.withdraw_recovery()
        self._form.media.show_media(None)
        self._message.show(_SCANNING)
        self._scanner.scan_again()

    def action_agreement(self) -> None:
        self.app.push_screen(AgreementDialog(), self._agreement_closed)

    def action_cancel_login(self) -> None:
        """Escape only cancels a login; F10 leaves the program."""
        self._attempt.cancel()

    def action_quit(self) -> None:
        self.dismiss(None)

    def _agreement_closed(self, agreed: bool | None) -> None:
        if agreed and not self._offline_only:
            self._form.agree()

    # The card media

    @on(MediaList.Shown)
    def _first_frame_shown(self) -> None:
        # What a scan imports would delay the first frame.
        self._scanner.start()

    @on(MediaScanner.Scanned)
    def _media_scanned(self, scanned: MediaScanner.Scanned) -> None:
        media = self._form.media
        before = media.chosen
        media.show_media(scanned.media)
        if media.chosen != before:
            self._form.withdraw_recovery()
        if media.chosen is not None:
            self._message.show(card_text(media.chosen))
        elif problem := no_medium_problem(scanned.media):
            self.post_message(Notice.of(problem))
        else:
            self._message.show(no_card_text(self._app_context, scanned.media))

    @on(MediaScanner.Failed)
    def _scan_failed(self, failed: MediaScanner.Failed) -> None:
        self._form.media.show_media(())
        self.post_message(Notice.of(failed.problem))

    @on(MediaList.Moved)
    def _other_card_chosen(self) -> None:
        self._form.withdraw_recovery()
        if (chosen := self._form.media.chosen) is not None:
            self._message.show(card_text(chosen))

    @on(MediaList.Chosen)
    def _card_chosen(self) -> None:
        self._form.password.focus()

    # The form

    @on(PasswordField.Submitted, "#password")
    def _password_submitted(self) -> None:
        if self._form.agreed:
            self._start(offline=self._offline_only)
        else:
            self._form.focus_agreement()

    @on(PasswordField.Submitted, "#previous-password")
    def _previous_password_submitted(self) -> None:
        previous = self._form.previous_password.reveal()
        if problem := check_pin(previous):
            self.post_message(Notice.of(problem))
        else:
            self._start(offline=self._offline, recovery=PreviousPin(previous))

    @on(PasswordField.Refused)
    def _characters_refused(self) -> None:
        self._message.show(
            FormText("刚才输入的字符不能用作密码，没有接受", "请切换到英文输入法后再输入", Severity.PROBLEM)
        )

    @on(Checkbox.Submitted)
    def _agreement_submitted(self) -> None:
        if self._form.agreed:
            self._start(offline=False)
        else:
            self._form.agree()

    @on(PushButton.Pressed, "#online")
    def _online_pressed(self) -> None:
        self._start(offline=False)

    @on(PushButton.Pressed, "#offline")
    def _offline_pressed(self) -> None:
        self._start(offline=True)

    @on(PushButton.Pressed, "#new-cache")
    def _new_cache_pressed(self) -> None:
        self.app.push_screen(NewCacheDialog(), self._new_cache_answered)

    def _new_cache_answered(self, begin: bool | None) -> None:
        if begin:
            self._start(offline=self._offline, recovery=NewCache())

    # The login

    def _start(self, *, offline: bool, recovery: CacheRecovery | None = None) -> None:
        """Starts a login, unless it can be refused without asking the card."""
        form = self._form
        if form.media.media is None:
            self._message.show(FormText("正在读卡，请稍候"))
        elif form.media.chosen is None:
            self._message.show(no_card_text(self._app_context, form.media.media))
        elif problem := check_pin(form.password.reveal()):
            form.password.focus()
            self.post_message(Notice.of(problem))
        elif not offline and not form.agreed:
            form.focus_agreement()
            hint = "按空格勾选，再按 Enter 登录；F4 阅读协议"
            self._message.show(FormText("请先勾选“已阅读并同意”", hint, Severity.PROBLEM))
        else:
            self._offline = offline
            form.disabled = True
            self._scanner.paused = True
            self._attempt.start(form.media.chosen, form.password.reveal, offline=offline, recovery=recovery)
            self.refresh_bindings()

    @on(LoginAttempt.StageReached)
    def _stage_reached(self, reached: LoginAttempt.StageReached) -> None:
        stage = reached.stage
        text = stage.value if stage is LoginStage.PORT else f"{LoginStage.PORT.value}（{stage.value}）"
        self._message.show(FormText(text, "按 Esc 取消"))

    @on(LoginAttempt.Cancelled)
    def _login_cancelled(self) -> None:
        self._enable_form()
        self._form.password.focus()
        self._message.show(FormText("已取消登录"))

    @on(LoginAttempt.Failed)
    def _login_failed(self, failed: LoginAttempt.Failed) -> None:
        """Empties the password, unless the card accepted it and the operator can continue with it."""
        form, problem = self._form, failed.problem
        self._enable_form()
        form.previous_password.empty()
        if isinstance(problem, CacheRecoveryNeeded):
            form.offer_recovery(previous_password=problem.previous_pin_helps)
        else:
            form.withdraw_recovery()
            if problem.code.startswith("port."):
                form.focus_offline()
            else:
                form.password.empty()
                form.password.focus()
        self.post_message(Notice.of(problem))

    def _logged_in(self, session: "Session") -> None:
        self._form.empty_passwords()
        self.dismiss(session)

    def _enable_form(self) -> None:
        self._form.disabled = False
        self._scanner.paused = False
        self.refresh_bindings()


def _help(forwarding: str) -> Section:
    """`forwarding` is the ssh command that forwards the client control, "" if that is not on this machine."""
    remote = (
        f"卡插在自己的电脑上时，用 {forwarding} 连到这台机器，再按 F5"
        if forwarding
        else "客户端控件在配置 [card] control_url 写的地址，不必转发"
    )
    return Section(
        "登录",
        (
            ("介质", "每一行是一个卡介质；▸ 是要用的那一张，光标在这一栏时用 ↑↓ 选"),
            ("插卡拔卡", "演示卡和读卡器里的卡自动认出；IC卡/Key 由客户端控件读，插卡换卡后按 F5 重新读卡"),
            ("远程登录", remote),
            ("密码", "8 位，只在登录期间交给卡，不显示、不保存。每按一次 Enter 只试一次；连续错误会锁卡"),
            ("协议", "登录前须勾选“已阅读并同意”：密码填好后按 Enter 到这一格，空格勾选，再按 Enter 登录；F4 看全文"),
            ("离线浏览", "连不上口岸时也能用卡和密码打开本机缓存，查看、筛选、预览和打印；不能同步、下载和重发"),
            ("原密码", "在别处换过卡的密码以后，有的介质要再输入一次更换前的密码，才打得开本机缓存"),
            ("另建缓存", "本机缓存打不开时出现：旧的移到一旁，建一个空的，登录后重新同步"),
            ("Esc", "登录中取消登录"),
        ),
    )
