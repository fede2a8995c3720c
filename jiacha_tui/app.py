"""The Textual application. It connects the screens with the session: login, main screen, lock and exit."""

import asyncio
import signal
import sys
import threading
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate
from textual.driver import Driver
from textual.screen import Screen
from textual.worker import Worker

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.idle_timer import LoopScheduler, Scheduler
from jiacha_tui.actions.leftovers import remove_leftovers_at_home
from jiacha_tui.actions.lock_state import LockReason
from jiacha_tui.actions.messages import Severity
from jiacha_tui.composition import compose
from jiacha_tui.config import AmbiguousWidth, TerminalConfig
from jiacha_tui.crash_report import ProgramCrashed, report_crash
from jiacha_tui.options import Options
from jiacha_tui.terminal.driver import DiffDriver, ProbingDriver, WideDiffDriver
from jiacha_tui.terminal.input_driver import InputDriver
from jiacha_tui.terminal.input_parser import PasteCut, PasteEnd
from jiacha_tui.terminal.whole_characters import with_whole_characters
from screens.base.base_app import BaseApp
from screens.commands.handler import LockRequested, RedrawRequested
from screens.commands.notice import Notice
from screens.login.login_screen import LoginScreen

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session
    from jiacha_tui.session_lock import LockController

_SLOW_TO_IMPORT = ("screens.base.help", "screens.base.palette", "jiacha_tui.session_lock", "screens.main.main_screen")
"""What the first frame does not need. A thread imports it while the operator types the PIN."""

_DRIVERS: Final[Mapping[AmbiguousWidth, type[Driver]]] = {"ask": ProbingDriver, 1: DiffDriver, 2: WideDiffDriver}

_SWITCH_SECONDS: Final = 0.0005
"""After how long a thread has to give the interpreter to another one that wants it."""

_PASTE_CUT: Final[Mapping[PasteEnd, str]] = {
    PasteEnd.UNFINISHED: "粘贴的内容没有结束标记，已按收到的部分粘贴，请检查是否完整",
    PasteEnd.TOO_LONG: "粘贴的内容超过 1 MB，没有采用",
    PasteEnd.LATE: "粘贴的内容隔了一会儿才到齐，后来的部分没有采用，请检查是否完整",
}


class JiachaApp(BaseApp):
    """Shows the login screen, then the main screen. `end` has to be called after the app has run."""

    TITLE = "出口退税联网稽查"

    def __init__(self, app_context: AppContext, scheduler: Scheduler | None = None) -> None:
        """`scheduler` is the clock of the idle lock, by default that of this machine."""
        super().__init__()
        self._app_context = app_context
        self._scheduler = scheduler or LoopScheduler()
        self._session: Session | None = None
        self._lock_controller: LockController | None = None
        self.driver_class = _driver(app_context.config.terminal)

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        # A lost connection (SIGHUP) and a shutdown (SIGTERM) end the program as F10 does. Only the main thread can
        # handle signals, and some tests run the app in another thread.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGHUP, signal.SIGTERM):
                loop.add_signal_handler(number, self.quit)
        self._app_context.slow_call_texts.listen(self.show_waiting)
        self.push_screen(LoginScreen(self._app_context, self._begin_session), self._login_closed)

    def on_media_list_shown(self) -> None:
        self.run_worker(_import_slow_modules, thread=True)
        self.run_worker(partial(remove_leftovers_at_home, self._app_context.locations), thread=True)

    def on_notice(self, notice: Notice) -> None:
        """Adds what a screen has shown to the message log."""
        messages = self._app_context.messages
        if notice.problem is not None:
            messages.problem(notice.problem)
        elif notice.severity is Severity.GOOD:
            messages.good(notice.text)
        elif notice.severity is Severity.PROBLEM:
            messages.warning(notice.text)
        else:
            messages.note(notice.text)

    def on_redraw_requested(self, requested: RedrawRequested) -> None:
        if isinstance(self._driver, DiffDriver):
            self._driver.redraw()

    async def on_event(self, event: events.Event) -> None:
        """Reports each key to the idle lock and to the session, once: a forwarded event has been reported before."""
        is_key = isinstance(event, events.Key | events.Paste) and not event.is_forwarded
        if is_key and self._session is not None:
            self._session.operator_activity.note_key()
        if is_key and self._lock_controller is not None and not self._lock_controller.key_pressed():
            return
        await super().on_event(event)

    def on_lock_requested(self, requested: LockRequested) -> None:
        if self._lock_controller is None:
            self.screen.post_message(Notice("锁屏：还没有登录"))
        else:
            self._lock_controller.lock(LockReason.COMMAND)

    async def close_session(self) -> None:
        """Closes the session: the port, the card and the cache. A second call does nothing."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _begin_session(self, session: "Session") -> None:
        """From this moment on the session is locked when it has to be, and closed at the end, whatever is shown."""
        self._session = session
        from jiacha_tui.session_lock import LockController  # noqa: PLC0415 - see _SLOW_TO_IMPORT

        self._lock_controller = LockController(self, session, self._scheduler)
        locking = self.run_worker(self._lock_controller.run())
        self.run_worker(self._leave_failed_cache(session, locking))

    def _login_closed(self, session: "Session | None") -> None:
        if session is None:
            self.quit()
            return
        from screens.main.main_screen import MainScreen  # noqa: PLC0415 - see _SLOW_TO_IMPORT

        self.push_screen(MainScreen(session))

    async def _leave_failed_cache(self, session: "Session", locking: Worker[None]) -> None:
        """Returns to the login screen when the cache has failed, where a new cache is offered.

        Behind the lock screen it waits: whoever is in front of it has not unlocked the session.
        """
        failure = await session.wait_cache_failed()
        from screens.dialogs.cache_failed import CacheFailedDialog  # noqa: PLC0415 - see _SLOW_TO_IMPORT

        self._app_context.messages.problem(failure.problem)
        await session.lock_state.wait_unlocked()
        await self.push_screen(CacheFailedDialog(failure.problem), wait_for_dismiss=True)
        locking.cancel()
        self._lock_controller = None
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await self.close_session()
        self.push_screen(LoginScreen(self._app_context, self._begin_session, failure), self._login_closed)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if isinstance(renderable, ChopsUpdate):
            renderable = with_whole_characters(renderable)
        super()._display(screen, renderable)

    def on_paste_cut(self, cut: PasteCut) -> None:
        self.screen.post_message(Notice(_PASTE_CUT[cut.end], Severity.PROBLEM))

    @property
    def crash(self) -> Exception | None:
        """The unexpected error that ended the program."""
        return self._exception

    def _fatal_error(self) -> None:
        """Ends the program without the traceback that Textual would print: a PIN may be in its local variables."""
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """The same for errors that describe themselves. Textual's own method would keep the exit code 0."""
        self._return_code = 1
        self._close_messages_no_wait()


def run(options: Options) -> int:
    """Runs the program in this terminal until the operator quits. Returns the exit code.

    Raises `Problem`, ProgramCrashed among them.
    """
    return asyncio.run(_run(compose(options)))


async def _run(app_context: AppContext) -> int:
    # A thread that computes, such as the writer of a sync, otherwise keeps a key waiting for 5 ms each time that the
    # event loop has to get the interpreter back.
    sys.setswitchinterval(_SWITCH_SECONDS)
    app = JiachaApp(app_context)
    crashed: ProgramCrashed | None = None
    try:
        await app.run_async()
        if app.crash is not None:
            crashed = report_crash(app.crash, app_context.locations.home, app_context.clock())
    finally:
        await app.close_session()
    if crashed is not None:
        raise crashed
    return app.return_code or 0


def _driver(terminal: TerminalConfig) -> type[Driver]:
    return _DRIVERS[terminal.ambiguous_width] if terminal.changes_only else InputDriver


def _import_slow_modules() -> None:
    for name in _SLOW_TO_IMPORT:
        import_module(name)
