"""The first screen: the card, its PIN, and the agreement that is accepted before a login (manual, 系统登录)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cache_recovery import (
    CacheFailure,
    CacheRecovery,
    EarlierState,
    NewCache,
    PassphraseChoice,
    PreviousPin,
    TrustKeyFile,
)
from jiacha_tui.actions.cards import CardSummary, MediumStatus, forwarding_command, insert_hint
from jiacha_tui.actions.login import LoginStage, check_pin
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.problems import CacheRecoveryNeeded, PassphraseNeeded
from jiacha_tui.declaration.control_characters import escape_controls
from screens.base.dismiss_once import DismissOnceScreen
from screens.commands.bindings import bindings
from screens.commands.command import Command, Scope
from screens.commands.handler import CommandHandler, UnseenEffect
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.login.checkbox import Checkbox
from screens.login.form_message import FormMessage, FormText
from screens.login.heading import Heading
from screens.login.login_attempt import LoginAttempt
from screens.login.login_form import LoginForm
from screens.login.login_help import login_help
from screens.login.media_list import MediaList
from screens.login.media_scanner import MediaScanner
from screens.login.media_texts import card_text, no_card_text, no_medium_problem, progress_text, reading_text
from screens.login.pin_field import PinField
from screens.widgets.key_footer import KeyFooter
from screens.widgets.push_button import PushButton
from screens.widgets.wait_line import WaitLine

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session

_CANCEL_HINT = "按 Esc 取消"

_HINTS = {
    "card.wrong-pin": "请核对密码后重新输入",
    "card.pin-missing": "请输入密码后按 Enter",
}
"""What to do on this screen about problems that have no hint of their own, by their code."""


@dataclass(frozen=True, slots=True)
class _WaitingLogin:
    """A login that begins as soon as the card is read.

    `card_number` is that of the last card that was shown, None if there was none: another one may not be meant.
    `all_attempts` tells whether the media are being read with as many attempts as a login makes.
    """

    offline: bool
    card_number: str | None
    focused: Widget | None
    all_attempts: bool = False


class LoginScreen(CommandHandler, DismissOnceScreen["Session | None"]):
    """Dismisses with the session of the operator who logged in, with None if the operator leaves the program.

    `on_session` gets the session as soon as it exists. The screen may be covered then, and is dismissed later.
    A PIN is tried once each time the operator asks for it, because a few wrong ones lock the card. A login that
    is asked for before the card is read waits for it. It goes on only if there is exactly one card, and no other one
    than was shown before: the PIN may be meant for that one.
    """

    DEFAULT_CSS = """
    LoginScreen { layout: vertical; overflow: hidden; }
    LoginScreen > #rule { height: 1; border-top: solid ansi_default; }
    LoginScreen > FormMessage { height: 1fr; padding: 1 2; }
    """

    AUTO_FOCUS = "PinField"
    SCOPES = (Scope.LOGIN, Scope.EVERYWHERE)
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(*SCOPES),
        Binding("escape", "cancel_login", show=False),
        Binding("up,left", "app.focus_previous", show=False),
        Binding("down,right", "app.focus_next", show=False),
    ]

    def __init__(
        self,
        app_context: AppContext,
        on_session: Callable[["Session"], None],
        failure: CacheFailure | None = None,
    ) -> None:
        """`failure` is that of the cache that was open before, for which a new one is offered."""
        super().__init__()
        self._app_context = app_context
        self._on_session = on_session
        self._form = LoginForm(app_context)
        self._message = FormMessage()
        self._scanner = MediaScanner(app_context)
        self._attempt = LoginAttempt(app_context, self._logged_in)
        self._offline = False
        """How the last login was started; a recovery of its cache continues it."""
        self._recovery: CacheRecovery | None = None
        """That of the last login; one with a passphrase continues it."""
        self._earlier_state: EarlierState | None = None
        """The state that a damaged cache can return to, as the last login has found."""
        self._failure = failure
        self._waiting_login: _WaitingLogin | None = None
        self._shown_card: str | None = None
        self._settled = False
        """Whether all media have been read since the start or the last F5."""

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
        self._message.show(FormText(reading_text()))

    def help_sections(self) -> tuple[Section, ...]:
        return (login_help(forwarding_command(self._app_context)),)

    def disabled_reason(self, command: Command) -> str:
        if (self._attempt.running or self._waiting_login is not None) and command.id in ("scan_again", "agreement"):
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
        self._settled = False
        self._message.show(FormText(reading_text()))
        self._scanner.scan_again()
        self.post_message(UnseenEffect())

    def action_agreement(self) -> None:
        from screens.login.agreement_dialog import AgreementDialog  # noqa: PLC0415 - not needed for the first frame

        self.app.push_screen(AgreementDialog(), self._agreement_closed)

    def action_cancel_login(self) -> None:
        """Escape only cancels a login; F10 leaves the program."""
        if self._waiting_login is not None:
            if self._waiting_login.all_attempts:
                self._scanner.stop_scan()
                self._form.media.show_media(self._scanner.media)
            self._stop_waiting()
            self._message.show(FormText("已取消登录"))
        else:
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
        complete = not any(medium.reading for medium in scanned.media)
        if complete and media.chosen is not None and media.chosen.card is not None:
            self._shown_card = media.chosen.card.card_number
        if self._attempt.running:
            return  # what the login does stays on the screen
        if self._waiting_login is not None:
            self._show_waiting(scanned.media)
        elif media.chosen is not None:
            self._show_card(media.chosen)
        elif not complete:
            self._message.show(FormText(progress_text(scanned.media)))
        else:
            self._show_no_card(scanned.media)

    @on(MediaScanner.Finished)
    def _scan_finished(self) -> None:
        if not self._settled:
            self._settled = True
            self._form.media.choose_first()
        if self._waiting_login is not None:
            self._continue_waiting_login(self._waiting_login, self._form.media.media or ())

    @on(MediaScanner.Failed)
    def _scan_failed(self, failed: MediaScanner.Failed) -> None:
        self._form.media.show_media(())
        self._stop_waiting()
        self.post_message(Notice.of(failed.problem))

    @on(MediaList.Moved)
    def _other_card_chosen(self) -> None:
        self._form.withdraw_recovery()
        if (chosen := self._form.media.chosen) is not None:
            self._show_card(chosen)

    def _show_card(self, medium: MediumStatus) -> None:
        if self._failure is not None and self._failed_cache_chosen:
            self._form.offer_new_cache()
            self._message.show(FormText.of(self._failure.problem))
        else:
            self._message.show(card_text(medium))

    @property
    def _failed_cache_chosen(self) -> bool:
        """Whether the chosen card is the one whose cache has failed."""
        chosen = self._form.media.chosen
        if self._failure is None or chosen is None or chosen.card is None:
            return False
        return chosen.card.card_number == self._failure.card_number

    @on(MediaList.Chosen)
    def _card_chosen(self) -> None:
        self._form.pin.focus()

    # The form

    @on(PinField.Submitted, "#pin")
    def _pin_submitted(self) -> None:
        if self._form.agreed:
            self._start(offline=self._offline_only)
        else:
            self._form.focus_agreement()

    @on(PinField.Submitted, "#previous-pin")
    def _previous_pin_submitted(self) -> None:
        previous = self._form.previous_pin.reveal()
        if problem := check_pin(previous):
            self.post_message(Notice.of(problem))
        else:
            self._start(offline=self._offline, recovery=PreviousPin(previous))

    @on(PinField.Refused)
    def _input_refused(self, refused: PinField.Refused) -> None:
        self._message.show(FormText(refused.message, refused.hint, Severity.PROBLEM))

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
        from screens.login.new_cache_dialog import NewCacheDialog  # noqa: PLC0415 - not needed for the first frame

        self.app.push_screen(NewCacheDialog(), self._new_cache_answered)

    def _new_cache_answered(self, begin: bool | None) -> None:
        if begin:
            self._start(offline=self._offline, recovery=NewCache(although_it_opens=self._failed_cache_chosen))

    @on(PushButton.Pressed, "#earlier-state")
    def _earlier_state_pressed(self) -> None:
        if (state := self._earlier_state) is not None:
            from screens.login.new_cache_dialog import EarlierStateDialog  # noqa: PLC0415 - not needed for the first frame

            self.app.push_screen(EarlierStateDialog(state), self._earlier_state_answered)

    def _earlier_state_answered(self, begin: bool | None) -> None:
        if begin:
            self._start(offline=self._offline, recovery=self._earlier_state)

    @on(PushButton.Pressed, "#trust")
    def _trust_pressed(self) -> None:
        from screens.login.key_file_dialog import KeyFileDialog  # noqa: PLC0415 - not needed for the first frame

        self.app.push_screen(KeyFileDialog(), self._trust_answered)

    def _trust_answered(self, trusts: bool | None) -> None:
        if trusts:
            self._start(offline=self._offline, recovery=TrustKeyFile())

    def _passphrase_answered(self, choice: PassphraseChoice | NewCache | None) -> None:
        if isinstance(choice, NewCache):
            self._new_cache_pressed()
        elif choice is not None:
            self._start(offline=self._offline, recovery=self._recovery, passphrase=choice)

    # The login

    def _start(
        self,
        *,
        offline: bool,
        recovery: CacheRecovery | None = None,
        passphrase: PassphraseChoice | None = None,
    ) -> None:
        """Starts a login, or lets it wait for the card, unless it can be refused without asking the card."""
        form = self._form
        if problem := check_pin(form.pin.reveal()):
            form.pin.focus()
            self.post_message(Notice.of(problem))
        elif not offline and not form.agreed:
            form.focus_agreement()
            hint = "按空格勾选，再按 Enter 登录；F4 阅读协议"
            self._message.show(FormText("请先勾选“已阅读并同意”", hint, Severity.PROBLEM))
        elif (medium := self._medium_to_use) is not None:
            self._log_in(medium, offline=offline, recovery=recovery, passphrase=passphrase)
        else:
            self._wait_for_card(offline=offline)

    @property
    def _medium_to_use(self) -> MediumStatus | None:
        """Until all media have been read, only the operator's own choice: the PIN may be for a later card."""
        media = self._form.media
        return media.chosen if self._settled else media.picked

    def _log_in(
        self,
        medium: MediumStatus,
        *,
        offline: bool,
        recovery: CacheRecovery | None = None,
        passphrase: PassphraseChoice | None = None,
    ) -> None:
        self._offline, self._recovery = offline, recovery
        self._form.disabled = True
        self._scanner.paused = True
        self._attempt.start(medium, self._form.pin.reveal, offline=offline, recovery=recovery, passphrase=passphrase)
        self.refresh_bindings()

    def _wait_for_card(self, *, offline: bool) -> None:
        """Reads the media again if no scan is running that may still find the card."""
        self._waiting_login = _WaitingLogin(
            offline, self._shown_card, self.focused, all_attempts=not self._scanner.running
        )
        self._form.disabled = True
        if self._waiting_login.all_attempts:
            self._scanner.scan_with_all_attempts()
        self._show_waiting(self._form.media.media or ())
        self.refresh_bindings()

    def _show_waiting(self, media: Sequence[MediumStatus]) -> None:
        self._message.show(FormText(f"{progress_text(media)}  读到卡就登录", _CANCEL_HINT))

    def _continue_waiting_login(self, waiting: _WaitingLogin, media: Sequence[MediumStatus]) -> None:
        """Logs in if there is one card and it is the one that is meant; else says why not."""
        cards = [medium for medium in media if medium.card is not None]
        if not cards and not waiting.all_attempts and any(medium.problem is not None for medium in media):
            self._waiting_login = replace(waiting, all_attempts=True)
            self._scanner.scan_with_all_attempts()
            return
        self._stop_waiting()
        picked = self._form.media.picked
        match [picked] if picked is not None else cards:
            case []:
                self._show_no_card(media)
                self.action_redraw()  # ssh has written a line over the screen for each failed attempt
            case [MediumStatus(card=CardSummary(card_number=number)) as medium]:
                if picked is not None or waiting.card_number in (None, number):
                    self._log_in(medium, offline=waiting.offline)
                else:
                    text = f"现在读到的是另一张卡 {escape_controls(number)}，没有用它登录"
                    self._message.show(FormText(text, "请核对卡和密码，再按 Enter 登录", Severity.PROBLEM))
            case _:
                self._form.media.focus()
                text = f"读到 {len(cards)} 张卡，没有登录"
                self._message.show(FormText(text, "请用 ↑↓ 选好要用的卡，再按 Enter 登录", Severity.PROBLEM))

    def _stop_waiting(self) -> None:
        """Ends the waiting of a login; the focus is where it was."""
        waiting, self._waiting_login = self._waiting_login, None
        if waiting is not None:
            self._enable_form()
            if waiting.focused is not None:
                waiting.focused.focus()

    def _show_no_card(self, media: Sequence[MediumStatus]) -> None:
        if problem := no_medium_problem(media):
            self.post_message(Notice.of(problem))
        else:
            self._message.show(no_card_text(self._app_context, media))

    @on(LoginAttempt.StageReached)
    def _stage_reached(self, reached: LoginAttempt.StageReached) -> None:
        stage = reached.stage
        if stage is LoginStage.PORT:
            text = stage.value
        elif reached.attempt:
            text = f"{LoginStage.PORT.value}  {reading_text(reached.attempt, reached.attempts)}"
        else:
            text = f"{LoginStage.PORT.value}（{stage.value}）"
        self._message.show(FormText(text, _CANCEL_HINT))

    @on(LoginAttempt.Cancelled)
    def _login_cancelled(self) -> None:
        self._enable_form()
        self._form.pin.focus()
        self._message.show(FormText("已取消登录"))

    @on(LoginAttempt.Failed)
    def _login_failed(self, failed: LoginAttempt.Failed) -> None:
        """Empties the PIN, unless the card accepted it and the operator can continue with it."""
        form, problem = self._form, failed.problem
        self._enable_form()
        form.previous_pin.empty()
        if isinstance(problem, CacheRecoveryNeeded):
            self._earlier_state = problem.earlier_state
            chosen = form.media.chosen
            if problem.although_it_opens and chosen is not None and chosen.card is not None:
                self._failure = CacheFailure(chosen.card.card_number, problem)
            form.offer_recovery(problem)
        elif isinstance(problem, PassphraseNeeded):
            form.withdraw_recovery()
            form.pin.focus()
            from screens.login.passphrase_dialog import PassphraseDialog  # noqa: PLC0415 - not needed for the first frame

            self.app.push_screen(PassphraseDialog(problem), self._passphrase_answered)
        else:
            form.withdraw_recovery()
            if self._failed_cache_chosen:
                form.offer_new_cache()
            if problem.code.startswith("port."):
                form.focus_offline()
            else:
                form.pin.empty()
                form.pin.focus()
        self.post_message(Notice.of(problem))

    def _logged_in(self, session: "Session") -> None:
        self._on_session(session)
        self._recovery = None
        self._form.empty_pins()
        self.dismiss(session)

    def _enable_form(self) -> None:
        self._form.disabled = False
        self._scanner.paused = False
        self.refresh_bindings()
