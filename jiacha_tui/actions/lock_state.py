"""Whether a session is locked. Work can wait here until it is unlocked."""

import asyncio
import enum


class LockReason(enum.Enum):
    """Why a session is locked; the value is the text for the operator."""

    COMMAND = "已按命令锁屏"
    IDLE = "一段时间没有按键，已自动锁屏"
    CARD = "登录时使用的卡已拔出或不能使用，已锁屏"


class LockState:
    """Locked for one reason, or unlocked. Work calls `wait_unlocked` before each step that needs the card."""

    def __init__(self) -> None:
        self._reason: LockReason | None = None
        self._unlocked = asyncio.Event()
        self._unlocked.set()
        self._locked = asyncio.Event()

    @property
    def reason(self) -> LockReason | None:
        """Why it is locked; None while it is not."""
        return self._reason

    def lock(self, reason: LockReason) -> None:
        """Locks for `reason`, which replaces an earlier one."""
        self._reason = reason
        self._unlocked.clear()
        self._locked.set()

    def unlock(self) -> None:
        self._reason = None
        self._locked.clear()
        self._unlocked.set()

    async def wait_unlocked(self) -> None:
        """Waits until it is unlocked; returns at once while it is."""
        await self._unlocked.wait()

    async def wait_locked(self) -> LockReason:
        """Waits until it is locked and returns the reason; returns at once while it is."""
        while self._reason is None:
            await self._locked.wait()
        return self._reason
