"""What is filled in to log in: the card, its password, the agreement, and, where a cache stays shut, a way to it."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from jiacha_tui.actions.agreement import TITLE as AGREEMENT
from jiacha_tui.actions.app_context import AppContext
from screens.login.checkbox import Checkbox
from screens.login.media_list import MediaList
from screens.login.password_field import PasswordField
from screens.widgets.push_button import PushButton


class LoginForm(Vertical):
    """The widgets and what is in them; what follows from a key in one of them is the screen's."""

    DEFAULT_CSS = """
    LoginForm { height: auto; padding: 0 1 0 2; }
    LoginForm > Horizontal { height: auto; margin-top: 1; }
    LoginForm #what { text-style: bold; }
    LoginForm .label { width: 8; padding: 0 0 0 2; }
    LoginForm #media { width: 1fr; max-height: 6; }
    LoginForm PasswordField { width: 30; margin-left: 1; }
    LoginForm .beside { width: 1fr; text-align: right; }
    LoginForm #demo-pin { color: $notable; }
    LoginForm #agreed { width: auto; margin-right: 3; }
    LoginForm #agreement-row Static { width: auto; }
    LoginForm #buttons { padding: 0 0 0 10; }
    LoginForm > #earlier-row { display: none; margin-top: 0; }
    LoginForm #new-cache { display: none; }
    LoginForm.-shut #new-cache { display: block; }
    LoginForm.-by-pin #earlier-row { display: block; }
    """

    def __init__(self, app_context: AppContext, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._offline_only = app_context.connect is None
        self._demo_pin = app_context.demo_pin

    def compose(self) -> ComposeResult:
        yield Static("离线浏览" if self._offline_only else "卡介质登录", id="what")
        with Horizontal(id="media-row"):
            yield Static("介质", classes="label")
            yield MediaList(id="media")
        with Horizontal(id="password-row"):
            yield Static("密码", classes="label")
            yield PasswordField(id="password")
            yield Static(
                f"演示卡密码 {self._demo_pin}" if self._demo_pin is not None else "",
                id="demo-pin",
                classes="beside",
                markup=False,
            )
        with Horizontal(id="earlier-row"):
            yield Static("原密码", classes="label")
            yield PasswordField(id="earlier")
            yield Static("更换前的密码，只用来打开本机缓存", classes="beside")
        if not self._offline_only:
            with Horizontal(id="agreement-row"):
                yield Checkbox(f"已阅读并同意《{AGREEMENT}》", id="agreed")
                yield Static("F4 阅读")
        with Horizontal(id="buttons"):
            if not self._offline_only:
                yield PushButton("登录", id="online")
            yield PushButton("离线浏览", id="offline")
            yield PushButton("另建缓存", id="new-cache")

    @property
    def media(self) -> MediaList:
        return self.query_one(MediaList)

    @property
    def password(self) -> PasswordField:
        return self.query_one("#password", PasswordField)

    @property
    def earlier(self) -> PasswordField:
        return self.query_one("#earlier", PasswordField)

    @property
    def agreed(self) -> bool:
        """Also where there is nothing to agree to."""
        return self._offline_only or self.query_one("#agreed", Checkbox).ticked

    def agree(self) -> None:
        """Ticks the box, and leads on to it or, while there is none, to the password."""
        box = self.query_one("#agreed", Checkbox)
        box.ticked = True
        box.focus()
        if self.password.is_empty:
            self.password.focus()

    def focus_agreement(self) -> None:
        self.query_one("#agreed").focus()

    def focus_offline(self) -> None:
        self.query_one("#offline").focus()

    def offer_ways(self, *, by_pin: bool) -> None:
        """A new cache, and `by_pin` a field for the PIN that the card had before; the focus goes there."""
        self.set_class(by_pin, "-by-pin")
        self.add_class("-shut")
        if by_pin:
            self.earlier.focus()
        else:
            self.query_one("#new-cache").focus()

    def withdraw_ways(self) -> None:
        self.earlier.empty()
        self.remove_class("-by-pin", "-shut")

    def empty_passwords(self) -> None:
        self.password.empty()
        self.earlier.empty()
