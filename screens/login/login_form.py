"""The fields of the login: card, PIN and agreement; and, if a card does not open its cache, ways to recover."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from jiacha_tui.actions.agreement import TITLE as AGREEMENT
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.problems import CacheRecoveryNeeded
from screens.login.checkbox import Checkbox
from screens.login.media_list import MediaList
from screens.login.pin_field import PinField
from screens.widgets.push_button import PushButton


class LoginForm(Vertical):
    """The widgets and their content. The screen answers the keys that are pressed in them."""

    DEFAULT_CSS = """
    LoginForm { height: auto; padding: 0 1 0 2; }
    LoginForm > Horizontal { height: auto; margin-top: 1; }
    LoginForm #title { text-style: bold; }
    LoginForm .label { width: 8; padding: 0 0 0 2; }
    LoginForm #media { width: 1fr; max-height: 6; }
    LoginForm PinField { width: 30; margin-left: 1; }
    LoginForm .beside { width: 1fr; text-align: right; }
    LoginForm #demo-pin { color: $notable; }
    LoginForm #agreed { width: auto; margin-right: 3; }
    LoginForm #agreement-row Static { width: auto; }
    LoginForm #buttons { padding: 0 0 0 10; }
    LoginForm > #previous-row { display: none; margin-top: 0; }
    LoginForm #new-cache, LoginForm #trust, LoginForm #earlier-state { display: none; }
    LoginForm.-recovery #new-cache { display: block; }
    LoginForm.-trust #trust { display: block; }
    LoginForm.-earlier-state #earlier-state { display: block; }
    LoginForm.-previous-pin #previous-row { display: block; }
    """

    def __init__(self, app_context: AppContext) -> None:
        super().__init__()
        self._offline_only = app_context.connect is None
        self._demo_pin = app_context.demo_pin

    def compose(self) -> ComposeResult:
        yield Static("离线浏览" if self._offline_only else "卡介质登录", id="title")
        with Horizontal(id="media-row"):
            yield Static("介质", classes="label")
            yield MediaList(id="media")
        with Horizontal(id="pin-row"):
            yield Static("密码", classes="label")
            yield PinField(id="pin")
            yield Static(
                f"演示卡密码 {self._demo_pin}" if self._demo_pin is not None else "",
                id="demo-pin",
                classes="beside",
                markup=False,
            )
        with Horizontal(id="previous-row"):
            yield Static("原密码", classes="label")
            yield PinField(id="previous-pin")
            yield Static("更换前的密码，只用来打开本机缓存", classes="beside")
        if not self._offline_only:
            with Horizontal(id="agreement-row"):
                yield Checkbox(f"已阅读并同意《{AGREEMENT}》", id="agreed")
                yield Static("F4 阅读")
        with Horizontal(id="buttons"):
            if not self._offline_only:
                yield PushButton("登录", id="online")
            yield PushButton("离线浏览", id="offline")
            yield PushButton("确认密钥文件", id="trust")
            yield PushButton("打开损坏前的状态", id="earlier-state")
            yield PushButton("另建缓存", id="new-cache")

    @property
    def media(self) -> MediaList:
        return self.query_one(MediaList)

    @property
    def pin(self) -> PinField:
        return self.query_one("#pin", PinField)

    @property
    def previous_pin(self) -> PinField:
        return self.query_one("#previous-pin", PinField)

    @property
    def agreed(self) -> bool:
        """Whether the agreement is accepted; True if there is no checkbox because the port is not used."""
        return self._offline_only or self.query_one("#agreed", Checkbox).checked

    def agree(self) -> None:
        """Checks the checkbox and moves the focus to it, or to the PIN while that is empty."""
        checkbox = self.query_one("#agreed", Checkbox)
        checkbox.checked = True
        checkbox.focus()
        if self.pin.is_empty:
            self.pin.focus()

    def focus_agreement(self) -> None:
        self.query_one("#agreed").focus()

    def focus_offline(self) -> None:
        self.query_one("#offline").focus()

    def offer_recovery(self, problem: CacheRecoveryNeeded) -> None:
        """Shows the button for a new cache and, if they may help, the other ways; focuses what costs least.

        They are the field for the previous PIN, the button that confirms the key file, and the button for the state
        before the damage.
        """
        earlier_state = problem.earlier_state is not None
        self.set_class(problem.previous_pin_helps, "-previous-pin")
        self.set_class(problem.trust_helps, "-trust")
        self.set_class(earlier_state, "-earlier-state")
        self.add_class("-recovery")
        if problem.previous_pin_helps:
            self.previous_pin.focus()
        else:
            self.query_one(
                "#trust" if problem.trust_helps else "#earlier-state" if earlier_state else "#new-cache"
            ).focus()

    def offer_new_cache(self) -> None:
        """Shows the button for a new cache, and leaves the focus where it is."""
        self.add_class("-recovery")

    def withdraw_recovery(self) -> None:
        """Hides what `offer_recovery` has shown."""
        self.previous_pin.empty()
        self.remove_class("-previous-pin", "-earlier-state", "-recovery", "-trust")

    def empty_pins(self) -> None:
        self.pin.empty()
        self.previous_pin.empty()
