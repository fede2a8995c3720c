"""Covers the screen while a session is locked, and locks the session when nobody has pressed a key for some time."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from jiacha_tui.actions.idle_timer import IdleTimer, Scheduler
from jiacha_tui.actions.lock_state import LockReason
from screens.base.base_app import BaseApp
from screens.login.lock_screen import LockScreen

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session

_SECONDS_PER_MINUTE = 60


class LockController:
    """Controls the lock of one session, from its login to its end."""

    def __init__(self, app: BaseApp, session: "Session", scheduler: Scheduler) -> None:
        self._app = app
        self._session = session
        minutes = session.app_context.config.session.lock_minutes
        self._idle_timer = IdleTimer(minutes * _SECONDS_PER_MINUTE, partial(self.lock, LockReason.IDLE), scheduler)
        self._lock_tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Covers and uncovers the screen as the session is locked and unlocked, until it is cancelled."""
        session, messages = self._session, self._session.app_context.messages
        session.enable_locking()
        try:
            while True:
                self._idle_timer.start()
                reason = await session.lock_state.wait_locked()
                self._idle_timer.stop()
                messages.note(reason.value)
                self._app.cover(partial(self._lock_screen, reason))
                await session.lock_state.wait_unlocked()
                await self._app.uncover()
                messages.note("已解锁")
        finally:
            self._idle_timer.stop()

    def lock(self, reason: LockReason) -> None:
        """Starts a lock. Work stops at once; the card is closed as soon as an operation on it has ended."""
        task = asyncio.ensure_future(self._session.lock(reason))
        self._lock_tasks.add(task)
        task.add_done_callback(self._lock_tasks.discard)

    def key_pressed(self) -> bool:
        """Restarts the idle time. False if the time was over before the key, which then must be ignored."""
        return self._idle_timer.key_pressed()

    def _lock_screen(self, reason: LockReason) -> LockScreen:
        return LockScreen(self._session, reason)
