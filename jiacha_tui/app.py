"""The application: the one module that puts screens, deeds and session together."""

import asyncio
import signal
import threading
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

from textual import events
from textual.driver import Driver

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.idle_timer import LoopScheduler, Scheduler
from jiacha_tui.actions.lock_state import LockReason
from jiacha_tui.actions.messages import Severity
from jiacha_tui.composition import compose
from jiacha_tui.config import AmbiguousWidth, TerminalConfig
from jiacha_tui.options import Options
from jiacha_tui.session_lock import LockController
from jiacha_tui.terminal.driver import DiffDriver, ProbingDriver, WideDiffDriver
from jiacha_tui.terminal.input_driver import InputDriver
from screens.base.base_app import BaseApp
from screens.commands.handler import LockRequested, RedrawRequested
from screens.commands.notice import Notice
from screens.login.login_screen import LoginScreen

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session

_SLOW_TO_IMPORT = "jiacha_tui.navigator"
"""Everything behind the login: fetched while the operator types the password."""

_DRIVERS: Final[Mapping[AmbiguousWidth, type[Driver]]] = {"ask": ProbingDriver, 1: DiffDriver, 2: WideDiffDriver}


class JiachaApp(BaseApp):
    """Log in, then the desk; whichever way it ends, `end` closes what is open."""

    TITLE = "出口退税联网稽查"

    def __init__(self, app_context: AppContext, timer: Scheduler | None = None) -> None:
        """`timer` takes the place of this machine's time for the lock of a session that nobody uses."""
        super().__init__()
        self._workplace = app_context
        self._timer = timer or LoopScheduler()
        self._session: Session | None = None
        self._guard: LockController | None = None
        self.driver_class = _driver(app_context.config.terminal)

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        # A cut line and a shutdown end the program as F10 does. Pilot runs it outside the main thread's reach.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGHUP, signal.SIGTERM):
                loop.add_signal_handler(number, self.leave)
        self.push_screen(LoginScreen(self._workplace), self._logged_in)

    def on_media_list_seen(self) -> None:
        self.run_worker(_import_the_rest, thread=True)

    def on_notice(self, notice: Notice) -> None:
        """Keeps what a screen has told the operator."""
        messages = self._workplace.messages
        if notice.problem is not None:
            messages.problem(notice.problem)
        elif notice.weight is Severity.GOOD:
            messages.good(notice.text)
        elif notice.weight is Severity.PROBLEM:
            messages.warning(notice.text)
        else:
            messages.note(notice.text)

    def on_redraw_requested(self, wanted: RedrawRequested) -> None:
        if isinstance(self._driver, DiffDriver):
            self._driver.redraw()

    async def on_event(self, event: events.Event) -> None:
        """Lets the guard count the keys. Forwarded ones have been counted and come by a second time."""
        is_key = isinstance(event, events.Key | events.Paste) and not event.is_forwarded
        if is_key and self._guard is not None and not self._guard.key_pressed():
            return
        await super().on_event(event)

    def on_lock_requested(self, wanted: LockRequested) -> None:
        if self._guard is None:
            self.screen.post_message(Notice("锁屏：还没有登录"))
        else:
            self._guard.lock(LockReason.COMMAND)

    async def end(self) -> None:
        """Leaves the port, takes the card's leave and closes the cache; may be called again."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _logged_in(self, session: "Session | None") -> None:
        if session is None:
            self.leave()
            return
        from jiacha_tui.navigator import desk  # noqa: PLC0415 - see _SLOW_TO_IMPORT

        self._session = session
        self._guard = LockController(self, session, self._timer)
        self.push_screen(desk(self, session))
        self.run_worker(self._guard.run())

    def _fatal_error(self) -> None:
        """Textual shows the local variables of every frame, and a PIN may be among them."""
        from rich.traceback import Traceback  # noqa: PLC0415 - for a crash alone

        self.bell()
        self._exit_renderables.append(Traceback(show_locals=False))
        self._close_messages_no_wait()


def run(options: Options) -> int:
    """Runs the program in this terminal until its operator leaves; gives the exit code. Raises `Problem`."""
    return asyncio.run(_run(compose(options)))


async def _run(app_context: AppContext) -> int:
    app = JiachaApp(app_context)
    try:
        await app.run_async()
    finally:
        await app.end()
    return app.return_code or 0


def _driver(terminal: TerminalConfig) -> type[Driver]:
    return _DRIVERS[terminal.ambiguous_width] if terminal.changes_only else InputDriver


def _import_the_rest() -> None:
    import_module(_SLOW_TO_IMPORT)
