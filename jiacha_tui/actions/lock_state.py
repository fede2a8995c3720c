"""Whether a session is locked, and a place to wait until it is not."""

import asyncio
import enum


class LockReason(enum.Enum):
    """Why a session is locked; the value is what its operator reads."""

    COMMAND = "已按命令锁屏"
    IDLE = "一段时间没有按键，已自动锁屏"
    CARD = "登录时使用的卡已拔出或不能使用，已锁屏"


class LockState:
    """Open, or shut for one reason. Work comes past it before each step that needs the card."""

    def __init__(self) -> None:
        self._reason: LockReason | None = None
        self._opened = asyncio.Event()
        self._opened.set()
        self._shut = asyncio.Event()

    @property
    def reason(self) -> LockReason | None:
        """Why it is shut; None while it is open."""
        return self._reason

    def lock(self, reason: LockReason) -> None:
        self._reason = reason
        self._opened.clear()
        self._shut.set()

    def unlock(self) -> None:
        self._reason = None
        self._shut.clear()
        self._opened.set()

    async def wait_unlocked(self) -> None:
        """Returns at once while it is open."""
        await self._opened.wait()

    async def wait_locked(self) -> LockReason:
        """Why it is shut, as soon as it is."""
        while self._reason is None:
            await self._shut.wait()
        return self._reason
