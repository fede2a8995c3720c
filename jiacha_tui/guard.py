"""Stands before a session: covers the screen while it is locked, and locks it when nobody has pressed a key."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from jiacha_tui.actions.gate import LockReason
from jiacha_tui.actions.idle import IdleClock, Timer
from screens.lock import LockScreen
from screens.shell import Shell

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session

_SECONDS = 60


class Guard:
    """Of one session, from its login to its end."""

    def __init__(self, shell: Shell, session: "Session", timer: Timer) -> None:
        self._shell = shell
        self._session = session
        minutes = session.workplace.config.session.lock_minutes
        self._idle = IdleClock(minutes * _SECONDS, partial(self.lock, LockReason.IDLE), timer)
        self._locking: set[asyncio.Task[None]] = set()

    async def stand(self) -> None:
        """Until cancelled."""
        session, messages = self._session, self._session.workplace.messages
        session.attend()
        try:
            while True:
                self._idle.start()
                reason = await session.gate.until_shut()
                self._idle.stop()
                messages.note(reason.value)
                self._shell.cover(partial(self._lock_screen, reason))
                await session.gate.until_open()
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
        return LockScreen(session.face, reason, session.unlock, self._shell.leave, session.workplace.demo_pin)
