"""The connection to the control. It makes one call at a time and sends no PIN twice.

A frame may contain the PIN. By default the websockets library would log every frame at DEBUG, follow redirects and use
a proxy from the environment; all three are turned off here.
"""

import asyncio
import contextlib
import logging
import ssl
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.protocol import State

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
from jiacha_tui.card.medium import OnAttempt, ignore_attempts
from jiacha_tui.card.problems import CardClosed

_CLOSE_SECONDS: Final = 1.0
_MAX_FRAME_BYTES: Final = 256 * 1024
"""A certificate, the longest reply that is asked for, has 2 kB."""

_NO_LOG: Final = logging.Logger("jiacha.control", logging.CRITICAL)
_NO_LOG.disabled = True


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to try to connect, the seconds between two attempts, and the seconds to wait for a reply.

    All attempts together take at most `attempts * interval` seconds, and one attempt may use all of them. The greeting
    is waited for as long as a reply. With 0 attempts only a connection that already exists is used.
    """

    attempts: int
    interval: float
    reply_timeout: float

    @property
    def connect_timeout(self) -> float:
        """Seconds for all attempts together."""
        return self.attempts * self.interval


OPERATION_POLICY: Final = RetryPolicy(attempts=10, interval=0.5, reply_timeout=30.0)
"""For a login and for using a card: the values of the official script. A signature may take long."""

SCAN_POLICY: Final = replace(OPERATION_POLICY, attempts=1, interval=OPERATION_POLICY.connect_timeout)
"""For reading whose card is inserted: the same time limits, but no second attempt.

SSH writes a line to the operator's terminal for each connection that it cannot forward.
"""


class ControlConnection:
    """A connection to the control at `url`. The first call opens it; a later call opens it again if it was closed.

    `was_reached` says that this program has reached the control before. Then a failure to connect is reported as
    ControlDisconnected.
    """

    def __init__(self, url: str, *, was_reached: bool = False, on_attempt: OnAttempt = ignore_attempts) -> None:
        """`on_attempt` is called before each attempt to connect."""
        self.url = url
        self._was_reached = was_reached
        self._on_attempt = on_attempt
        self._connection: ClientConnection | None = None
        self._one_at_a_time = asyncio.Lock()
        self._call_ids = count(1)
        self._closed = False

    async def call(self, call: ControlCall, policy: RetryPolicy) -> ControlReply:
        """Makes a call and returns the reply.

        A call with a PIN is sent only once: without a reply, nobody knows whether the card tried the PIN. A call
        without a PIN is sent once more if the connection that was already open turns out to be lost.

        Raises before the call is sent: ControlUntrusted, ControlMissing, ControlUnreachable (ControlDisconnected
        instead of the last two if the control was reached before). Raises afterwards: ControlLost, ControlTimeout,
        InvalidControlReply. Raises CardClosed if this connection was closed in the meantime.
        """
        async with self._one_at_a_time:
            was_open = self._connection is not None
            outcome = await self._try_call(call, policy)
            if isinstance(outcome, ControlLost) and was_open and not call.has_pin:
                # The control was restarted since the last call.
                outcome = await self._try_call(call, policy)
            if isinstance(outcome, ControlReply):
                return outcome
            # Raised here so that it has no exception of websockets as its context: the variables of that exception's
            # frames may contain the PIN.
            raise CardClosed if self._closed else outcome

    async def aclose(self) -> None:
        """Closes the connection and ends every call that waits for a reply. May be called more than once."""
        self._closed = True
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _try_call(self, call: ControlCall, policy: RetryPolicy) -> ControlReply | ControlProblem:
        connection = await self._open_connection(policy)
        try:
            outcome = await self._exchange(connection, call, policy.reply_timeout)
        except asyncio.CancelledError:
            self._drop(connection)
            raise
        if not isinstance(outcome, ControlReply):
            self._drop(connection)
        return outcome

    async def _open_connection(self, policy: RetryPolicy) -> ClientConnection:
        if self._connection is None or self._connection.state is not State.OPEN:
            self._check_not_closed()
            self._connection = await self._connect(policy)
            if self._closed:
                await self.aclose()
        self._check_not_closed()
        return self._connection

    def _check_not_closed(self) -> None:
        if self._closed:
            raise CardClosed

    def _drop(self, connection: ClientConnection) -> None:
        """Ends a connection after a failed or cancelled call, because a late reply may still arrive on it."""
        connection.transport.abort()
        self._connection = None

    async def _exchange(
        self, connection: ClientConnection, call: ControlCall, seconds: float
    ) -> ControlReply | ControlProblem:
        call_id = next(self._call_ids)
        try:
            async with asyncio.timeout(seconds):
                with call.encoded(call_id) as frame:
                    await connection.send(frame, text=True)
                while True:
                    message = ControlMessage.decode(await connection.recv(decode=False))
                    if message.is_reply_to(call, call_id):
                        return message.reply()
        except ConnectionClosed:
            return ControlLost(had_pin=call.has_pin)
        except TimeoutError:
            return ControlTimeout(seconds, had_pin=call.has_pin)
        except InvalidControlReply:
            return InvalidControlReply(had_pin=call.has_pin)

    async def _connect(self, policy: RetryPolicy) -> ClientConnection:
        problem: ControlProblem = ControlUnreachable(self.url)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(policy.connect_timeout) as time_limit:
                for attempt in range(1, policy.attempts + 1):
                    next_attempt = asyncio.get_running_loop().time() + policy.interval
                    self._on_attempt(attempt, policy.attempts)
                    opened = await _connect_once(self.url, policy.reply_timeout, time_limit)
                    if isinstance(opened, ClientConnection):
                        self._was_reached = True
                        return opened
                    problem = opened
                    if attempt < policy.attempts:
                        await asyncio.sleep(next_attempt - asyncio.get_running_loop().time())
        if self._was_reached and isinstance(problem, ControlMissing | ControlUnreachable):
            raise ControlDisconnected(self.url)
        raise problem


class _ConnectWithoutRedirects(connect):
    """A redirect could send the PIN to any address."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


async def _connect_once(
    url: str, greeting_timeout: float, time_limit: asyncio.Timeout
) -> ClientConnection | ControlProblem:
    """Makes one attempt. Returns a connection on which the control has sent its greeting, or why there is none.

    Once the connection is there, `greeting_timeout` (seconds) replaces what is left of `time_limit`: something that
    speaks WebSocket at this address is the control, and needs no further attempt.
    """
    try:
        connection = await _ConnectWithoutRedirects(
            url,
            proxy=None,
            compression=None,
            user_agent_header=None,
            open_timeout=None,
            ping_interval=None,  # browsers, for which the control was made, do not send pings either
            close_timeout=_CLOSE_SECONDS,
            max_size=_MAX_FRAME_BYTES,
            logger=_NO_LOG,
        )
        time_limit.reschedule(asyncio.get_running_loop().time() + greeting_timeout)
        await _read_greeting(connection)
        return connection
    except ssl.SSLCertVerificationError:
        return ControlUntrusted()
    except (ssl.SSLError, ConnectionResetError, WebSocketException, EOFError, UnicodeError, InvalidControlReply):
        return ControlUnreachable(url)
    except OSError:
        return ControlMissing(url)


async def _read_greeting(connection: ClientConnection) -> None:
    """Reads until the greeting: a server that sends none must not get a PIN. Aborts the connection on failure."""
    try:
        while not ControlMessage.decode(await connection.recv(decode=False)).is_greeting:
            pass
    except (asyncio.CancelledError, WebSocketException, InvalidControlReply):
        connection.transport.abort()
        raise
