"""The first screen: which card, its password, and the agreement that is ticked before a login (manual, 系统登录)."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, ClassVar, Protocol

from rich.cells import cell_len
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker

from jiacha_tui.actions import cards, login
from jiacha_tui.actions.agreement import TITLE as AGREEMENT
from jiacha_tui.actions.cards import CardFace, FoundCard
from jiacha_tui.actions.login import Stage, check_pin, warnings_of
from jiacha_tui.actions.messages import Weight
from jiacha_tui.actions.workplace import Workplace
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.shown import day
from jiacha_tui.declaration.visible import visible
from screens.agreement import AgreementScreen
from screens.commanded import Commanded, Notice
from screens.commands import Command, Scope, bindings
from screens.helpful import Section
from screens.layer import Layer
from screens.widgets.cells import fit
from screens.widgets.choice_list import Choice, ChoiceList
from screens.widgets.key_footer import KeyFooter
from screens.widgets.password_field import PasswordField
from screens.widgets.push_button import PushButton
from screens.widgets.tick import Tick

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session

NO_CARD = "请插入IC卡或者Key"
"""The official page's words where there is no card."""

_THEN = {
    "card.wrong-pin": "请核对密码后重新输入",
    "card.none": "插入后按 F5 重新读卡",
    "card.pin-missing": "请输入密码后按 Enter",
}
"""What to do next, on this screen, where the problem itself does not say."""

_HELP = Section(
    "登录",
    (
        ("介质", "每一行是一个卡介质；▸ 是要用的那一张，光标在这一栏时用 ↑↓ 选。插卡后按 F5 重新读卡"),
        ("远程登录", "卡插在自己的电脑上时，用 ssh -R 61232:127.0.0.1:61232 连到这台机器，再按 F5"),
        ("密码", "8 位，只在登录期间交给卡，不显示、不保存。每按一次 Enter 只试一次；连续错误会锁卡"),
        ("协议", "登录前须勾选“已阅读并同意”：密码填好后按 Enter 到这一格，空格勾选，再按 Enter 登录；F4 看全文"),
        ("离线浏览", "连不上口岸时也能用卡和密码打开本机缓存，查看、筛选、预览和打印；不能同步、下载和重发"),
        ("Esc", "登录中取消登录"),
    ),
)

_MEDIUM_WIDTH = 12
_CARD_WIDTH = 15

_FEW_TRIES = 2
"""From this many tries of the PIN on, what is left is said before anybody types."""

Look = Callable[[Workplace], Awaitable[tuple[FoundCard, ...]]]
Changes = Callable[[Workplace], AsyncGenerator[None, None]]


class LogIn(Protocol):
    """What `jiacha_tui.actions.login.log_in` is to this screen."""

    def __call__(
        self,
        workplace: Workplace,
        medium_id: str,
        pin_text: str,
        /,
        *,
        offline: bool,
        on_stage: Callable[[Stage], None],
        card_number: str | None,
    ) -> Awaitable["Session"]: ...


class LoginScreen(Commanded, Layer["Session | None"]):
    """Gives the session of whoever logged in, or None when he leaves the program instead.

    The password goes from its field to the action and nowhere else. It is tried once for each time the operator asks,
    because a few wrong ones lock a card.
    """

    CSS_PATH = "login.tcss"
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
        workplace: Workplace,
        *,
        look: Look = cards.look,
        changes: Changes = cards.changes,
        log_in: LogIn = login.log_in,
    ) -> None:
        super().__init__()
        self._workplace = workplace
        self._look = look
        self._changes = changes
        self._log_in = log_in
        self._found: tuple[FoundCard, ...] | None = None
        self._attempt: Worker[None] | None = None
        self._stopped = False

    @property
    def _offline_only(self) -> bool:
        return self._workplace.connect is None

    def compose(self) -> ComposeResult:
        with Horizontal(id="heading"):
            yield Static("出口退税联网稽查", id="program")
            yield Static(self._surroundings(), id="surroundings")
        yield Static(classes="rule")
        with Vertical(id="form"):
            yield Static("离线浏览" if self._offline_only else "卡介质登录", id="what")
            with Horizontal(id="media-row"):
                yield Static("介质", classes="label")
                yield ChoiceList(id="media")
            with Horizontal(id="password-row"):
                yield Static("密码", classes="label")
                yield PasswordField(id="password")
                yield Static(self._demo_hint(), id="demo-pin", markup=False)
            if not self._offline_only:
                with Horizontal(id="agreement-row"):
                    yield Tick(f"已阅读并同意《{AGREEMENT}》", id="agreed")
                    yield Static("F4 阅读")
            with Horizontal(id="buttons"):
                if not self._offline_only:
                    yield PushButton("登录", id="online")
                yield PushButton("离线浏览", id="offline")
        yield Static(id="said", markup=False)
        yield Static(classes="rule")
        yield KeyFooter()

    def on_mount(self) -> None:
        self._say("正在读卡…")
        self._list_media()
        self.run_worker(self._follow_cards(), group="changes")

    def on_resize(self) -> None:
        self._list_media()

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    def why_not(self, command: Command) -> str:
        if self._attempt is not None and command.id in ("look_again", "agreement"):
            return "正在登录，按 Esc 取消"
        return ""

    def action_look_again(self) -> None:
        self._found = None
        self._list_media()
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
            self._say(problem.what, problem.todo or _THEN.get(problem.code, ""), notice.weight, problem.code)

    @on(ChoiceList.Moved, "#media")
    def _another_card(self) -> None:
        self._warn_of_card()

    @on(ChoiceList.Chosen, "#media")
    def _card_chosen(self) -> None:
        self._password.focus()

    @on(PasswordField.Submitted)
    def _password_typed(self) -> None:
        if self._offline_only or self._agreed:
            self._start(offline=self._offline_only)
        else:
            self.query_one("#agreed").focus()

    @on(PasswordField.Refused)
    def _not_a_password(self) -> None:
        self._say("刚才输入的字符不能用作密码，没有接受", "请切换到英文输入法后再输入", Weight.PROBLEM)

    @on(Tick.Submitted)
    def _box_entered(self) -> None:
        if self._agreed:
            self._start(offline=False)
        else:
            self._agree()

    @on(PushButton.Pressed, "#online")
    def _log_in_pressed(self) -> None:
        self._start(offline=False)

    @on(PushButton.Pressed, "#offline")
    def _offline_pressed(self) -> None:
        self._start(offline=True)

    def _agreement_read(self, agreed: bool | None) -> None:
        if agreed and not self._offline_only:
            self._agree()

    def _agree(self) -> None:
        box = self.query_one("#agreed", Tick)
        box.ticked = True
        box.focus()
        if self._password.is_empty:
            self._password.focus()

    @property
    def _password(self) -> PasswordField:
        return self.query_one(PasswordField)

    @property
    def _agreed(self) -> bool:
        return self.query_one("#agreed", Tick).ticked

    @property
    def _chosen(self) -> FoundCard | None:
        index = self.query_one("#media", ChoiceList).index
        return self._found[index] if self._found and index is not None else None

    def _start(self, *, offline: bool) -> None:
        """One attempt, after what can be refused without asking the card."""
        if self._found is None:
            self._say("正在读卡，请稍候")
            return
        chosen = self._chosen
        if chosen is None:
            self._say(NO_CARD, "插入后按 F5 重新读卡", Weight.PROBLEM)
            return
        if problem := check_pin(self._password.reveal()):
            self._password.focus()
            self.post_message(Notice.of(problem))
            return
        if not offline and not self._agreed:
            self.query_one("#agreed").focus()
            self._say("请先勾选“已阅读并同意”", "按空格勾选，再按 Enter 登录；F4 阅读协议", Weight.PROBLEM)
            return
        self._stopped = False
        self.query_one("#form").disabled = True
        self._attempt = self.run_worker(self._attempt_login(chosen, offline=offline), group="login")
        self.refresh_bindings()

    async def _attempt_login(self, chosen: FoundCard, *, offline: bool) -> None:
        try:
            session = await self._log_in(
                self._workplace,
                chosen.medium_id,
                self._password.reveal(),
                offline=offline,
                on_stage=self._show_stage,
                card_number=chosen.face.card_number if chosen.face else None,
            )
        except asyncio.CancelledError:
            # Else the screen itself is going away.
            if self._stopped:
                self._ended(self._password)
                self._say("已取消登录", weight=Weight.NOTE)
            raise
        except Problem as problem:
            self._failed(problem)
        else:
            self._password.empty()
            self.dismiss(session)

    def _failed(self, problem: Problem) -> None:
        if problem.code.startswith("port."):
            # The card took the password; the cache can still be opened with it.
            self._ended(self.query_one("#offline", PushButton))
        else:
            self._password.empty()
            self._ended(self._password)
        self.post_message(Notice.of(problem))

    def _ended(self, next_focus: Widget) -> None:
        self._attempt = None
        self.query_one("#form").disabled = False
        self.refresh_bindings()
        next_focus.focus()

    def _show_stage(self, stage: Stage) -> None:
        said = stage.value if stage is Stage.PORT else f"{Stage.PORT.value}（{stage.value}）"
        self._say(said, "按 Esc 取消")

    async def _read_cards(self) -> None:
        try:
            self._found = await self._look(self._workplace)
        except Problem as problem:
            self._cannot_look(problem)
        else:
            self._tell_of_cards()

    def _cannot_look(self, problem: Problem) -> None:
        self._found = ()
        self._list_media()
        self.post_message(Notice.of(problem))

    async def _follow_cards(self) -> None:
        """Looks now, and whenever a medium says that a card has come or gone; not into a login that is under way."""
        try:
            async with aclosing(self._changes(self._workplace)) as changes:
                async for _ in changes:
                    if self._attempt is None:
                        await self._read_cards()
        except Problem as problem:
            self._cannot_look(problem)

    def _tell_of_cards(self) -> None:
        self._list_media()
        if self._chosen is not None:
            self._warn_of_card()
            return
        media = self._found or ()
        problems = [found.problem for found in media if found.problem is not None]
        if problems and len(problems) == len(media):
            # There is nothing that a card could be inserted into.
            self.post_message(Notice.of(problems[0]))
        else:
            self._say(NO_CARD, "插入后按 F5 重新读卡", Weight.PROBLEM)

    def _warn_of_card(self) -> None:
        chosen = self._chosen
        warnings = [*warnings_of(chosen.face)] if chosen is not None and chosen.face is not None else []
        if chosen is not None and chosen.tries_left is not None and chosen.tries_left <= _FEW_TRIES:
            warnings.append(f"这张卡的密码还可以尝试 {chosen.tries_left} 次，连续错误会锁卡")
        self._say("；".join(warnings), weight=Weight.PROBLEM if warnings else Weight.NOTE)

    def _list_media(self) -> None:
        media = self.query_one("#media", ChoiceList)
        if self._found is None:
            media.show([Choice(Text("正在读卡…"), can_be_chosen=False)])
            return
        # Two cells go to the mark before each row.
        room = media.size.width - 2 - _MEDIUM_WIDTH
        media.show([_row(found, room) for found in self._found], media.index or 0)

    def _say(self, what: str, todo: str = "", weight: Weight = Weight.NOTE, code: str = "") -> None:
        """What happened on the first line, what to do next on the second; the code for whoever is asked for help."""
        said = self.query_one("#said", Static)
        said.set_class(weight is Weight.PROBLEM, "-problem")
        mark = f"{weight.value} " if weight is Weight.PROBLEM else ""
        first = Text(f"{mark}{what}")
        if code:
            first.append(f"  {code}", "dim not bold")
        said.update(Text("\n").join([first, Text(todo, "not bold")]))

    def _surroundings(self) -> str:
        return " · ".join(
            name for name, shown in (("演示环境", self._workplace.demo), ("离线", self._offline_only)) if shown
        )

    def _demo_hint(self) -> str:
        pin = self._workplace.demo_pin
        return f"演示卡密码 {pin}" if pin is not None else ""


def _row(found: FoundCard, room: int) -> Choice:
    name = fit(visible(found.medium_name), _MEDIUM_WIDTH)
    if found.face is not None:
        return Choice(Text(name + _face(found.face, room)))
    why = "无卡" if found.problem is None else "  ".join(filter(None, (found.problem.what, found.problem.todo)))
    return Choice(Text(name + fit(visible(why), room), "dim"), can_be_chosen=False)


def _face(face: CardFace, room: int) -> str:
    validity = _validity(face)
    company = fit(visible(face.company), room - _CARD_WIDTH - cell_len(validity) - 2)
    return f"{fit(visible(face.card_number), _CARD_WIDTH)}{company}  {validity}"


def _validity(face: CardFace) -> str:
    if face.expired:
        return f"已过期 {day(face.valid_until)}"
    return f"有效期至 {day(face.valid_until)}"
