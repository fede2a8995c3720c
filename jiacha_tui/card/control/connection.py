"""The way to the control: one connection, one call at a time, nothing sent twice.

The websockets library would log every frame at DEBUG, follow redirects and use a proxy of the environment. A frame may
hold the PIN, so here it does none of the three.
"""

import asyncio
import contextlib
import logging
import ssl
from dataclasses import dataclass
from itertools import count
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.protocol import State

from jiacha_tui.card.control.address import ssh_forwarding
from jiacha_tui.card.control.problems import (
    ControlDisconnected,
    ControlLost,
    ControlMissing,
    ControlProblem,
    ControlTimeout,
    ControlUnreachable,
    ControlUntrusted,
    InvalidControlReply,
)
from jiacha_tui.card.control.wire import ControlCall, ControlMessage, ControlReply
from jiacha_tui.card.problems import CardClosed

_CLOSE_SECONDS: Final = 1.0
_LARGEST_FRAME: Final = 256 * 1024
"""Bytes. A certificate is 2 kB, and nothing else that is asked for is longer."""

_NO_LOG: Final = logging.Logger("jiacha.control", logging.CRITICAL)
_NO_LOG.disabled = True


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to try to connect, how many seconds apart, and how many seconds to wait for an answer.

    Without an attempt there is only the connection that stands.
    """

    attempts: int
    interval: float
    reply_timeout: float

    @property
    def connect_timeout(self) -> float:
        """Seconds that all attempts take together."""
        return self.attempts * self.interval


SCAN_POLICY: Final = RetryPolicy(attempts=1, interval=1.0, reply_timeout=3.0)
"""For a look from the login screen: one attempt."""

OPERATION_POLICY: Final = RetryPolicy(attempts=10, interval=0.5, reply_timeout=30.0)
"""That of the official script; a signature may take long."""


class ControlConnection:
    """A connection to the control at `url`, made when it is first needed, and again if it has ended since.

    `known` is whether the control is known to be there, which whoever has reached it once is told of from then on.
    """

    def __init__(self, url: str, *, known: bool = False) -> None:
        self._url = url
        self._known = known
        self._connection: ClientConnection | None = None
        self._one_at_a_time = asyncio.Lock()
        self._call_ids = count(1)
        self._closed = False

    async def call(self, call: ControlCall, patience: RetryPolicy) -> ControlReply:
        """The control's answer. A call with a PIN is sent once: unanswered, nobody knows whether the PIN was tried.

        Raises ControlMissing, ControlUnreachable, ControlUntrusted before it is sent, and in place of the first two
        ControlDisconnected where the control is known; ControlLost, ControlTimeout, InvalidControlReply after; CardClosed if this
        link was closed meanwhile.
        """
        async with self._one_at_a_time:
            kept = self._connection is not None
            outcome = await self._ask_once(call, patience)
            if isinstance(outcome, ControlLost) and kept and not call.has_pin:
                # The control was restarted since the last call. This one only reads, so it may be asked again.
                outcome = await self._ask_once(call, patience)
            if isinstance(outcome, ControlReply):
                return outcome
            # Raised here, where no exception of websockets hangs on it: its frames may have the PIN in their variables.
            raise CardClosed if self._closed else outcome

    async def aclose(self) -> None:
        """Ends the connection and every call that waits for it; may be called again."""
        self._closed = True
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _ask_once(self, call: ControlCall, patience: RetryPolicy) -> ControlReply | ControlProblem:
        connection = await self._connected(patience)
        try:
            outcome = await self._exchange(connection, call, patience.reply_timeout)
        except asyncio.CancelledError:
            self._drop(connection)
            raise
        if not isinstance(outcome, ControlReply):
            self._drop(connection)
        return outcome

    async def _connected(self, patience: RetryPolicy) -> ClientConnection:
        if self._connection is None or self._connection.state is not State.OPEN:
            self._check_open()
            self._connection = await self._connect(patience)
            if self._closed:
                await self.aclose()
        self._check_open()
        return self._connection

    def _check_open(self) -> None:
        if self._closed:
            raise CardClosed

    def _drop(self, connection: ClientConnection) -> None:
        """Never uses it again: an answer that failed, or was not waited for, may yet come on it."""
        connection.transport.abort()
        self._connection = None

    async def _exchange(
        self, connection: ClientConnection, call: ControlCall, seconds: float
    ) -> ControlReply | ControlProblem:
        call_id = next(self._call_ids)
        try:
            async with asyncio.timeout(seconds):
                await connection.send(call.encode(call_id), text=True)
                while True:
                    frame = ControlMessage.decode(await connection.recv(decode=False))
                    if frame.is_reply_to(call, call_id):
                        return frame.reply()
        except ConnectionClosed:
            return ControlLost(with_pin=call.has_pin)
        except TimeoutError:
            return ControlTimeout(seconds, with_pin=call.has_pin)
        except InvalidControlReply:
            return InvalidControlReply()

    async def _connect(self, patience: RetryPolicy) -> ClientConnection:
        problem: ControlProblem = ControlUnreachable(ssh_forwarding(self._url))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience.connect_timeout):
                for attempts_left in reversed(range(patience.attempts)):
                    next_attempt = asyncio.get_running_loop().time() + patience.interval
                    opened = await _open(self._url)
                    if isinstance(opened, ClientConnection):
                        self._known = True
                        return opened
                    problem = opened
                    if attempts_left:
                        await asyncio.sleep(next_attempt - asyncio.get_running_loop().time())
        if self._known and isinstance(problem, ControlMissing | ControlUnreachable):
            raise ControlDisconnected(ssh_forwarding(self._url))
        raise problem


class _Connect(connect):
    """A redirect could lead anywhere."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


async def _open(url: str) -> ClientConnection | ControlProblem:
    """One attempt: a connection on which the control has greeted, or why there is none."""
    try:
        connection = await _Connect(
            url,
            proxy=None,
            compression=None,
            user_agent_header=None,
            open_timeout=None,
            ping_interval=None,  # a browser, which the control was made for, sends none either
            close_timeout=_CLOSE_SECONDS,
            max_size=_LARGEST_FRAME,
            logger=_NO_LOG,
        )
        await _greeting(connection)
        return connection
    except ssl.SSLCertVerificationError:
        return ControlUntrusted()
    except (ssl.SSLError, ConnectionResetError, WebSocketException, EOFError, UnicodeError, InvalidControlReply):
        return ControlUnreachable(ssh_forwarding(url))
    except OSError:
        return ControlMissing(ssh_forwarding(url))


async def _greeting(connection: ClientConnection) -> None:
    """Reads until the control has greeted: whoever does not is not sent a PIN. Closes the connection if it fails."""
    try:
        while not ControlMessage.decode(await connection.recv(decode=False)).is_greeting:
            pass
    except (asyncio.CancelledError, WebSocketException, InvalidControlReply):
        connection.transport.abort()
        raise
