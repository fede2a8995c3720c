"""The simulator's socket: greeting, one answer for each call, and the faults that were ordered."""

import asyncio
import base64
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from jiacha_tui.demo.control_sim.cards import CardKind, CardStore
from jiacha_tui.demo.control_sim.faults import Fault
from jiacha_tui.demo.control_sim.methods import (
    NO_CARD,
    NO_READER,
    RESET_FAILED,
    Args,
    MethodRefused,
    SimulatedReader,
    is_signing_method,
)
from jiacha_tui.demo.problems import CannotListen
from jiacha_tui.os_errors import describe

_STATUS: Final = "00"
"""Also of a call that failed."""

_FAILURES: Final = {Fault.RESET_FAILED: RESET_FAILED, Fault.NO_CARD: NO_CARD, Fault.NO_READER: NO_READER}

# The frames hold PINs, which websockets would log at DEBUG.
_NO_LOG: Final = logging.Logger("jiacha.control-sim", logging.CRITICAL)
_NO_LOG.disabled = True


class ControlRequest(msgspec.Struct, frozen=True):
    method: str = msgspec.field(name="_method")
    id: Any = msgspec.field(name="_id", default=None)
    args: dict[str, Any] = msgspec.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InjectedFault:
    """A fault that befalls the next call whose method has `part` in its name."""

    fault: Fault
    method_part: str = ""


class SimulatedControl:
    """A control on one address, at the start with the card of `slot` in its reader.

    `slow` is how many seconds a signature takes; `greets` whether the control speaks first on a connection.
    """

    def __init__(self, cards: CardStore, initial_card: CardKind | None) -> None:
        self._drawer = cards
        self._slot = initial_card
        self._server: Server | None = None
        self._serving: set[asyncio.Future[None]] = set()
        self._address = ("", 0)
        self.reset()

    def reset(self) -> None:
        """Everything as at the start; what is still running holds up nobody. Connections stay."""
        self._one_at_a_time = asyncio.Lock()
        self.reader = SimulatedReader()
        self.slow = 0.0
        self.greets = True
        self.faults: list[InjectedFault] = []
        self.called: list[str] = []
        self._drawer.reset()
        if self._slot is not None:
            self.insert(self._slot)

    def insert(self, slot: CardKind) -> None:
        """Raises what making the card raises."""
        self.reader.card = self._drawer.card(slot)

    @property
    def url(self) -> str:
        host, port = self._address
        return f"ws://[{host}]:{port}" if ":" in host else f"ws://{host}:{port}"

    async def start(self, host: str, port: int) -> None:
        """`port` 0 takes a free one. Raises CannotListen."""
        try:
            self._server = await serve(
                self._serve, host, port, compression=None, ping_interval=None, logger=_NO_LOG, server_header=None
            )
        except OSError as error:
            raise CannotListen("control-sim", host, port, describe(error)) from error
        self._address = host, next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        """Ends as a program does that is killed: no closing frame, no answer to what is running."""
        if self._server is not None:
            for connection in self._server.connections:
                connection.transport.abort()
            for serving in tuple(self._serving):
                serving.cancel()
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def restart(self, seconds: float) -> None:
        """Is gone for `seconds`; the reader works again afterwards."""
        await self.stop()
        await asyncio.sleep(seconds)
        self.reader.unresponsive = False
        await self.start(*self._address)

    async def _serve(self, connection: ServerConnection) -> None:
        serving = asyncio.ensure_future(self._converse(connection))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)
        with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
            await serving

    async def _converse(self, connection: ServerConnection) -> None:
        if self.greets:
            await _send(connection, 0, "open", {"Result": True, "Data": [], "Error": []})
        async for message in connection:
            await self._answer(connection, message)

    async def _answer(self, connection: ServerConnection, message: str | bytes) -> None:
        try:
            request = msgspec.json.decode(message, type=ControlRequest)
        except msgspec.MsgspecError:
            return
        self.called.append(request.method)
        fault = self._take_fault(request.method)
        async with self._one_at_a_time:
            result = await self._result(request, fault)
        match fault:
            case Fault.SILENT:
                return
            case Fault.DROP:
                connection.transport.abort()
                return
            case Fault.GARBLE:
                whole = msgspec.json.encode({"_id": request.id, "_method": request.method, "_args": result})
                await connection.send(whole[: len(whole) // 2], text=True)
                return
            case Fault.BLOCK:
                await _send(connection, request.id, "_nextBlock", {"Result": True, "Data": [{"next": 1}], "Error": []})
                await _send(connection, -1, request.method, {"Result": True, "Data": ["of another"], "Error": []})
        for _ in range(2 if fault is Fault.TWICE else 1):
            await _send(connection, request.id, request.method, result)

    def _take_fault(self, method: str) -> Fault | None:
        for position, ordered in enumerate(self.faults):
            if ordered.method_part in method:
                return self.faults.pop(position).fault
        return None

    async def _result(self, request: ControlRequest, fault: Fault | None) -> dict[str, Any]:
        """`_args` of the answer."""
        if is_signing_method(request.method):
            await asyncio.sleep(self.slow)
        try:
            self._befall(fault, request.args)
            data = self.reader.call(request.method, request.args)
        except MethodRefused as refused:
            return {"Result": False, "Data": [], "Error": list(refused.errors)}
        if fault is Fault.WRONG_SIGNATURE:
            data = _with_wrong_signature(data)
        return {"Result": True, "Data": data, "Error": []}

    def _befall(self, fault: Fault | None, args: Args) -> None:
        """What happens to the reader while the call runs. Raises Refused."""
        if fault is Fault.PULL:
            self.reader.card = None
        elif fault is Fault.FOREIGN:
            self.insert(CardKind.OTHER)
        elif fault is Fault.ECHO:
            raise MethodRefused((f"[模拟]参数错误 {dict(args)}", "Err:Custom50000"))
        elif fault in _FAILURES:
            raise MethodRefused(_FAILURES[fault])


def _with_wrong_signature(data: Sequence[Any]) -> list[Any]:
    def changed(text: Any) -> Any:
        raw = base64.b64decode(text)
        # Serials are short; a signature is not.
        return base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode() if len(text) > 2 * 16 else text

    return [changed(text) for text in data]


async def _send(connection: ServerConnection, call_id: Any, method: str, args: dict[str, Any]) -> None:
    frame = {"_id": call_id, "_method": method, "_status": _STATUS, "_args": args}
    await connection.send(msgspec.json.encode(frame), text=True)
