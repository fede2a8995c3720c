"""The first screen: which card, its password, and the agreement that is ticked before a login (manual, 系统登录)."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Container, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static
from textual.worker import Worker

from jiacha_tui.actions import cards, login
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cache_recovery import CacheRecovery, NewCache, PreviousPin
from jiacha_tui.actions.cards import MediumStatus, forwarding_command, insert_hint
from jiacha_tui.actions.login import LoginStage, check_expiry, check_pin, expiry_warnings
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.problems import CacheRecoveryNeeded
from jiacha_tui.declaration.problem import Problem
from screens.base.dismiss_once import DismissOnceScreen
from screens.commands.bindings import bindings
from screens.commands.command import Command, Scope
from screens.commands.handler import CommandHandler
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.login.agreement import AgreementScreen
from screens.login.checkbox import Checkbox
from screens.login.form_message import FormMessage
from screens.login.login_form import LoginForm
from screens.login.media_list import MediaList
from screens.login.new_cache import NewCacheDialog
from screens.login.password_field import PasswordField
from screens.widgets.key_footer import KeyFooter
from screens.widgets.push_button import PushButton

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session

NO_CARD = "请插入IC卡或者Key"
"""The official page's words where there is no card."""

_THEN = {
    "card.wrong-pin": "请核对密码后重新输入",
    "card.pin-missing": "请输入密码后按 Enter",
}
"""What to do next, on this screen, where the problem itself does not say."""

_FEW_TRIES = 2
"""From this many tries of the PIN on, what is left is said before anybody types."""


def _help(forwarding: str) -> Section:
    """`forwarding` is the SSH option that brings the client control along, "" where it is not on this machine."""
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


Changes = Callable[[AppContext], AsyncGenerator[frozenset[str], None]]


class Look(Protocol):
    """What `jiacha_tui.actions.cards.look` is to this screen."""

    def __call__(
        self, app_context: AppContext, /, *, before: Sequence[MediumStatus], only: Container[str]
    ) -> Awaitable[tuple[MediumStatus, ...]]: ...


class LogIn(Protocol):
    """What `jiacha_tui.actions.login.log_in` is to this screen."""

    def __call__(
        self,
        app_context: AppContext,
        medium_id: str,
        pin_text: str,
        /,
        *,
        offline: bool,
        on_stage: Callable[[LoginStage], None],
        card_number: str | None,
        recovery: CacheRecovery | None,
    ) -> Awaitable["Session"]: ...


class LoginScreen(CommandHandler, DismissOnceScreen["Session | None"]):
    """Gives the session of whoever logged in, or None when he leaves the program instead.

    The password goes from its field to the action and nowhere else. It is tried once for each time the operator asks,
    because a few wrong ones lock a card.
    """

    DEFAULT_CSS = """
    LoginScreen { layout: vertical; overflow: hidden; }
    LoginScreen #heading { height: 1; padding: 0 1; }
    LoginScreen #program { width: 1fr; text-style: bold; }
    LoginScreen #surroundings { width: auto; text-style: bold; color: $notable; }
    LoginScreen .rule { height: 1; border-top: solid ansi_default; }
    LoginScreen #said { height: 1fr; padding: 1 2; }
    """

    AUTO_FOCUS = "PasswordField"
    SCOPES = (Scope.LOGIN, Scope.EVERYWHERE)
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(*SCOPES),
        Binding("escape", "stop", show=False),
        Binding("up,left", "app.focus_previous", show=False),
        Binding("down,right", "app.focus_next", show=False),
    ]

    def __init__(
        self,
        app_context: AppContext,
        *,
        look: Look = cards.scan_media,
        changes: Changes = cards.watch_media,
        log_in: LogIn = login.log_in,
    ) -> None:
        super().__init__()
        self._workplace = app_context
        self._look = look
        self._changes = changes
        self._log_in = log_in
        self._attempt: Worker[None] | None = None
        self._stopped = False
        self._offline = False
        """How the last attempt was to be; the way to a cache that stayed shut goes on so."""

    @property
    def _offline_only(self) -> bool:
        return self._workplace.connect is None

    def compose(self) -> ComposeResult:
        with Horizontal(id="heading"):
            yield Static("出口退税联网稽查", id="program")
            yield Static(self._surroundings(), id="surroundings")
        yield Static(classes="rule")
        yield LoginForm(self._workplace, id="form")
        yield FormMessage(id="said")
        yield Static(classes="rule")
        yield KeyFooter()

    def on_mount(self) -> None:
        self._say("正在读卡…")

    @on(MediaList.Seen)
    def _form_seen(self) -> None:
        # What it imports would hold up the first frame.
        self.run_worker(self._follow_cards(), group="changes", exclusive=True)

    def help_sections(self) -> tuple[Section, ...]:
        return (_help(forwarding_command(self._workplace)),)

    def disabled_reason(self, command: Command) -> str:
        if self._attempt is not None and command.id in ("look_again", "agreement"):
            return "正在登录，按 Esc 取消"
        return ""

    def action_look_again(self) -> None:
        self._form.withdraw_ways()
        self._form.media.show_found(None)
        self._say("正在读卡…")
        self.run_worker(self._read_cards(), group="cards", exclusive=True)

    def action_agreement(self) -> None:
        self.app.push_screen(AgreementScreen(), self._agreement_read)

    def action_stop(self) -> None:
        """Escape: ends a login that is under way, and only that."""
        if self._attempt is not None:
            self._stopped = True
            self._attempt.cancel()

    def action_quit(self) -> None:
        self.dismiss(None)

    def on_notice(self, notice: Notice) -> None:
        if notice.problem is None:
            self._say(notice.text, weight=notice.weight)
        else:
            problem = notice.problem
            hint = insert_hint(self._workplace) if problem.code == "card.none" else _THEN.get(problem.code, "")
            self._say(problem.message, problem.hint or hint, notice.weight, problem.code)

    @on(MediaList.Moved)
    def _another_card(self) -> None:
        self._form.withdraw_ways()
        self._warn_of_card()

    @on(MediaList.Chosen)
    def _card_chosen(self) -> None:
        self._form.password.focus()

    @on(PasswordField.Submitted, "#password")
    def _password_typed(self) -> None:
        if self._form.agreed:
            self._start(offline=self._offline_only)
        else:
            self._form.focus_agreement()

    @on(PasswordField.Submitted, "#earlier")
    def _earlier_password_typed(self) -> None:
        earlier = self._form.earlier.reveal()
        if problem := check_pin(earlier):
            self.post_message(Notice.of(problem))
        else:
            self._start(offline=self._offline, recovery=PreviousPin(earlier))

    @on(PasswordField.Refused)
    def _not_a_password(self) -> None:
        self._say("刚才输入的字符不能用作密码，没有接受", "请切换到英文输入法后再输入", Severity.PROBLEM)

    @on(Checkbox.Submitted)
    def _box_entered(self) -> None:
        if self._form.agreed:
            self._start(offline=False)
        else:
            self._form.agree()

    @on(PushButton.Pressed, "#online")
    def _log_in_pressed(self) -> None:
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

    def _agreement_read(self, agreed: bool | None) -> None:
        if agreed and not self._offline_only:
            self._form.agree()

    @property
    def _form(self) -> LoginForm:
        return self.query_one(LoginForm)

    def _start(self, *, offline: bool, recovery: CacheRecovery | None = None) -> None:
        """One attempt, after what can be refused without asking the card."""
        form = self._form
        if form.media.found is None:
            self._say("正在读卡，请稍候")
            return
        chosen = form.media.chosen
        if chosen is None:
            self._say(NO_CARD, self._how_to_get_a_card(), Severity.PROBLEM)
            return
        if problem := check_pin(form.password.reveal()):
            form.password.focus()
            self.post_message(Notice.of(problem))
            return
        if not offline and not form.agreed:
            form.focus_agreement()
            self._say("请先勾选“已阅读并同意”", "按空格勾选，再按 Enter 登录；F4 阅读协议", Severity.PROBLEM)
            return
        self._stopped = False
        self._offline = offline
        form.disabled = True
        self._attempt = self.run_worker(self._attempt_login(chosen, offline=offline, recovery=recovery), group="login")
        self.refresh_bindings()

    async def _attempt_login(self, chosen: MediumStatus, *, offline: bool, recovery: CacheRecovery | None) -> None:
        form = self._form
        try:
            session = await self._log_in(
                self._workplace,
                chosen.medium_id,
                form.password.reveal(),
                offline=offline,
                on_stage=self._show_stage,
                card_number=chosen.card.card_number if chosen.card else None,
                recovery=recovery,
            )
        except asyncio.CancelledError:
            # Else the screen itself is going away.
            if self._stopped:
                self._ended()
                form.password.focus()
                self._say("已取消登录", weight=Severity.NOTE)
            raise
        except Problem as problem:
            self._failed(problem)
        else:
            form.empty_passwords()
            self.dismiss(session)

    def _failed(self, problem: Problem) -> None:
        """The password stays where the card took it and there is a way on."""
        form = self._form
        self._ended()
        form.earlier.empty()
        if isinstance(problem, CacheRecoveryNeeded):
            form.offer_ways(by_pin=problem.previous_pin_helps)
        elif problem.code.startswith("port."):
            form.withdraw_ways()
            form.focus_offline()
        else:
            form.withdraw_ways()
            form.password.empty()
            form.password.focus()
        self.post_message(Notice.of(problem))

    def _ended(self) -> None:
        self._attempt = None
        self._form.disabled = False
        self.refresh_bindings()

    def _show_stage(self, stage: LoginStage) -> None:
        said = stage.value if stage is LoginStage.PORT else f"{LoginStage.PORT.value}（{stage.value}）"
        self._say(said, "按 Esc 取消")

    async def _read_cards(self, changed: frozenset[str] = frozenset()) -> None:
        """In the media that have changed, and in those of which nothing is known."""
        known = self._form.media.found or ()
        try:
            found = await self._look(self._workplace, before=known, only=changed)
        except Problem as problem:
            self._cannot_look(problem)
        else:
            media = self._form.media
            if found == media.found:
                return  # nor is there anything to be said, in place of what was said last
            before = media.chosen
            media.show_found(found)
            if media.chosen != before:
                self._form.withdraw_ways()
            self._tell_of_cards(found)

    def _cannot_look(self, problem: Problem) -> None:
        self._form.media.show_found(())
        self.post_message(Notice.of(problem))

    async def _follow_cards(self) -> None:
        """Looks now, and whenever a medium says that a card has come or gone; not into a login that is under way."""
        missed: frozenset[str] = frozenset()
        try:
            async with aclosing(self._changes(self._workplace)) as changes:
                async for changed in changes:
                    missed |= changed
                    if self._attempt is None:
                        await self._read_cards(missed)
                        missed = frozenset()
        except Problem as problem:
            self._cannot_look(problem)

    def _tell_of_cards(self, found: tuple[MediumStatus, ...]) -> None:
        problems = [one.problem for one in found if one.problem is not None]
        if self._form.media.chosen is not None:
            self._warn_of_card()
        elif problems and len(problems) == len(found):
            # There is nothing that a card could be inserted into.
            first = problems[0]
            everything = "；".join(self._to_put_right()) if len(problems) > 1 else first.hint
            self.post_message(Notice.of(Problem(first.code, first.message, everything)))
        else:
            self._say(NO_CARD, self._how_to_get_a_card(), Severity.PROBLEM)

    def _how_to_get_a_card(self) -> str:
        return "\n".join([insert_hint(self._workplace), *self._to_put_right()])

    def _to_put_right(self) -> list[str]:
        """What each medium that cannot be used wants: its row may have no room for that."""
        found = self._form.media.found or ()
        return [
            f"{one.medium_name}：{one.problem.hint}" for one in found if one.problem is not None and one.problem.hint
        ]

    def _warn_of_card(self) -> None:
        chosen = self._form.media.chosen
        if chosen is not None and chosen.card is not None and (problem := check_expiry(chosen.card)):
            self._say(problem.message, problem.hint, Severity.PROBLEM, problem.code)
            return
        warnings = [*expiry_warnings(chosen.card)] if chosen is not None and chosen.card is not None else []
        if chosen is not None and chosen.pin_retries_left is not None and chosen.pin_retries_left <= _FEW_TRIES:
            warnings.append(f"这张卡的密码还可以尝试 {chosen.pin_retries_left} 次，连续错误会锁卡")
        self._say("；".join(warnings), weight=Severity.PROBLEM if warnings else Severity.NOTE)

    def _say(self, what: str, hint: str = "", weight: Severity = Severity.NOTE, code: str = "") -> None:
        self.query_one(FormMessage).say(what, hint, weight, code)

    def _surroundings(self) -> str:
        return " · ".join(
            name for name, shown in (("演示环境", self._workplace.demo), ("离线", self._offline_only)) if shown
        )
