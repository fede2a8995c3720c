"""The login screen in an app of its own, and how a person logs in there."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from jiacha_tui.card.control.connection import RetryPolicy
from jiacha_tui.demo.pin import DEMO_PIN
from screens.login.login_screen import LoginScreen
from screens.login.pin_field import PinField
from tests.screens.harness import ScreenHarness, until
from tests.screens.sample_cache import SampleSessions

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from jiacha_tui.actions.app_context import AppContext
    from jiacha_tui.actions.session import Session


WRONG = "87654321"
NEW_PIN = "Sesame88"
CARD = "JJ0G900000001"
NO_CONTROL = "请下载安装IC卡/Key客户端控件"
THREE_ATTEMPTS = RetryPolicy(attempts=3, interval=1.0, reply_timeout=1.0)
LOGIN_PAGE = "cas/login"
"""What the path of the port's login page ends in."""


class LoginApp(ScreenHarness["Session | None"]):
    """The login screen for the cards in some media."""

    def __init__(self, app_context: "AppContext") -> None:
        self.login = LoginScreen(app_context, lambda _session: None)
        super().__init__(self.login)

    @property
    def session(self) -> "Session":
        """The session of the operator who has logged in."""
        (session,) = self.results
        assert session is not None
        return session

    @property
    def pin(self) -> PinField:
        return self.login.query_one("#pin", PinField)

    @property
    def previous_pin(self) -> PinField:
        return self.login.query_one("#previous-pin", PinField)


MakeLogin = Callable[..., LoginApp]


def hold_login_page(sessions: SampleSessions) -> asyncio.Event:
    """Holds a login when it asks the port, until the event is set."""
    released = asyncio.Event()
    sessions.transport.run_at_request(LOGIN_PAGE, 1, released.wait)
    return released


async def log_in(pilot: "Pilot[int]", pin: str = DEMO_PIN) -> None:
    """PIN, Enter to the checkbox, space checks it, Enter logs in."""
    await pilot.press(*pin)
    await pilot.press("enter", "space", "enter")


async def until_logged_in(pilot: "Pilot[int]", app: LoginApp) -> None:
    await until(pilot, lambda: bool(app.results))
