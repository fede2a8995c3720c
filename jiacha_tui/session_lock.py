"""Stands before a session: covers the screen while it is locked, and locks it when nobody has pressed a key."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from jiacha_tui.actions.idle_timer import IdleTimer, Scheduler
from jiacha_tui.actions.lock_state import LockReason
from screens.base.base_app import BaseApp
from screens.login.lock import LockScreen

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session

_SECONDS = 60


class LockController:
    """Of one session, from its login to its end."""

    def __init__(self, shell: BaseApp, session: "Session", timer: Scheduler) -> None:
        self._shell = shell
        self._session = session
        minutes = session.app_context.config.session.lock_minutes
        self._idle = IdleTimer(minutes * _SECONDS, partial(self.lock, LockReason.IDLE), timer)
        self._locking: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled."""
        session, messages = self._session, self._session.app_context.messages
        session.enable_locking()
        try:
            while True:
                self._idle.start()
                reason = await session.lock_state.wait_locked()
                self._idle.stop()
                messages.note(reason.value)
                self._shell.cover(partial(self._lock_screen, reason))
                await session.lock_state.wait_unlocked()
                await self._shell.uncover()
                messages.note("已解锁")
        finally:
            self._idle.stop()

    def lock(self, reason: LockReason) -> None:
        """Shuts the gate at once; the card is closed as soon as it lets itself be."""
        task = asyncio.ensure_future(self._session.lock(reason))
        self._locking.add(task)
        task.add_done_callback(self._locking.discard)

    def key_pressed(self) -> bool:
        """False for a key that comes after the time is over, and is for nobody."""
        return self._idle.key_pressed()

    def _lock_screen(self, reason: LockReason) -> LockScreen:
        session = self._session
        return LockScreen(session.card_summary, reason, session.unlock, self._shell.leave, session.app_context.demo_pin)
