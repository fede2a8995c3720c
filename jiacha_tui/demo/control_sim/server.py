"""The WebSocket server of the simulator: the greeting, one reply to each call, and the injected faults."""

import asyncio
import base64
import contextlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from jiacha_tui.demo.control_sim.cards import CardKind, CardStore, SimulatedCard
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
"""The status of every reply, also if the call failed."""

_ORIGINS: Final = (None, re.compile(r"https://(?:[0-9a-z-]+\.)*(?:chinaport\.gov|singlewindow)\.cn(?::\d+)?"))
"""The origins from which a connection is accepted: no web page, or a page of the port. Any other page is refused (403),
or a web site that the operator visits could use the card. Whether the real control checks it is not known."""

_IN_NO_ENCODING: Final = "口令".encode("gb18030")[:-1] + b"\xff\xff"

_FAILURES: Final = {Fault.RESET_FAILED: RESET_FAILED, Fault.NO_CARD: NO_CARD, Fault.NO_READER: NO_READER}

# The frames contain PINs, and websockets would log them at DEBUG.
_NO_LOG: Final = logging.Logger("jiacha.control-sim", logging.CRITICAL)
_NO_LOG.disabled = True


class ControlRequest(msgspec.Struct, frozen=True):
    """A call as it is received."""

    method: str = msgspec.field(name="_method")
    id: Any = msgspec.field(name="_id", default=None)
    args: dict[str, Any] = msgspec.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InjectedFault:
    """A fault for the next call whose method has `method_part` in its name."""

    fault: Fault
    method_part: str = ""


class SimulatedControl:
    """A control on one address. At the start `initial_card` is in its reader.

    A signature takes `signature_seconds`, a call with a key of `call_seconds` in its method the seconds that belong to
    it. The first frame of a connection, the greeting, is sent after `greeting_seconds`, never where that is None.
    Replies are in `encoding`. `called_methods` lists the methods that were called.
    """

    def __init__(self, cards: CardStore, initial_card: CardKind | None) -> None:
        self._cards = cards
        self._initial_card = initial_card
        self._server: Server | None = None
        self._serving: set[asyncio.Future[None]] = set()
        self._address = ("", 0)
        self.reset()

    def reset(self) -> None:
        """Restores the initial state. Connections stay open. A call that is still running does not delay new ones."""
        self._one_at_a_time = asyncio.Lock()
        self.reader = SimulatedReader()
        self.signature_seconds = 0.0
        self.call_seconds: dict[str, float] = {}
        self.greeting_seconds: float | None = 0.0
        self.encoding = "utf-8"
        self.faults: list[InjectedFault] = []
        self.called_methods: list[str] = []
        self._cards.reset()
        if self._initial_card is not None:
            self.insert(self._initial_card)

    def insert(self, kind: CardKind) -> None:
        """Inserts a card in place of the present one. Raises what creating the card raises."""
        self.reader.card = self.card(kind)

    def card(self, kind: CardKind) -> SimulatedCard:
        """One of the cards, inserted or not. Raises what creating the card raises."""
        return self._cards.card(kind)

    @property
    def url(self) -> str:
        host, port = self._address
        return f"ws://[{host}]:{port}" if ":" in host else f"ws://{host}:{port}"

    async def start(self, host: str, port: int) -> None:
        """Starts to listen. With `port` 0 it chooses a free port. Raises CannotListen."""
        try:
            self._server = await serve(
                self._serve,
                host,
                port,
                origins=_ORIGINS,
                compression=None,
                ping_interval=None,
                logger=_NO_LOG,
                server_header=None,
            )
        except OSError as error:
            raise CannotListen("control-sim", host, port, describe(error)) from error
        self._address = host, next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        """Stops like a program that is killed: without a closing frame and without replies to running calls."""
        if self._server is not None:
            for connection in self._server.connections:
                connection.transport.abort()
            for serving in tuple(self._serving):
                serving.cancel()
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def restart(self, seconds: float) -> None:
        """Stops for `seconds` and starts again. A reader that was unresponsive works again afterwards."""
        await self.stop()
        await asyncio.sleep(seconds)
        self.reader.unresponsive = False
        await self.start(*self._address)

    async def _serve(self, connection: ServerConnection) -> None:
        serving = asyncio.ensure_future(self._handle_calls(connection))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)
        with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
            await serving

    async def _handle_calls(self, connection: ServerConnection) -> None:
        if self.greeting_seconds is not None:
            await asyncio.sleep(self.greeting_seconds)
            await self._send(connection, 0, "open", {"Result": True, "Data": [], "Error": []})
        async for message in connection:
            await self._reply(connection, message)

    async def _reply(self, connection: ServerConnection, message: str | bytes) -> None:
        try:
            request = msgspec.json.decode(message, type=ControlRequest)
        except msgspec.MsgspecError:
            return
        self.called_methods.append(request.method)
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
            case Fault.NO_TEXT:
                await connection.send(_IN_NO_ENCODING, text=True)
                return
            case Fault.NO_RESULT:
                result = {**result, "Result": "?"}
            case Fault.BLOCK:
                block = {"Result": True, "Data": [{"next": 1}], "Error": []}
                await self._send(connection, request.id, "_nextBlock", block)
                await self._send(connection, -1, request.method, {"Result": True, "Data": ["of another"], "Error": []})
        for _ in range(2 if fault is Fault.TWICE else 1):
            await self._send(connection, request.id, request.method, result)

    def _take_fault(self, method: str) -> Fault | None:
        for position, injected in enumerate(self.faults):
            if injected.method_part in method:
                return self.faults.pop(position).fault
        return None

    async def _result(self, request: ControlRequest, fault: Fault | None) -> dict[str, Any]:
        """The `_args` of the reply."""
        if is_signing_method(request.method):
            await asyncio.sleep(self.signature_seconds)
        await asyncio.sleep(sum(seconds for part, seconds in self.call_seconds.items() if part in request.method))
        try:
            self._apply_fault(fault, request.args)
            data = self.reader.call(request.method, request.args)
        except MethodRefused as refused:
            return {"Result": False, "Data": [], "Error": list(refused.errors)}
        if fault is Fault.WRONG_SIGNATURE:
            data = _with_wrong_signature(data)
        return {"Result": True, "Data": data, "Error": []}

    def _apply_fault(self, fault: Fault | None, args: Args) -> None:
        """Applies the faults that happen while a call runs. Raises MethodRefused."""
        if fault is Fault.PULL:
            self.reader.card = None
        elif fault is Fault.FOREIGN:
            self.insert(CardKind.OTHER)
        elif fault is Fault.ECHO:
            raise MethodRefused((f"[模拟]参数错误 {dict(args)}", "Err:Custom50000"))
        elif fault in _FAILURES:
            raise MethodRefused(_FAILURES[fault])

    async def _send(self, connection: ServerConnection, call_id: Any, method: str, args: dict[str, Any]) -> None:
        frame = {"_id": call_id, "_method": method, "_status": _STATUS, "_args": args}
        await connection.send(msgspec.json.encode(frame).decode().encode(self.encoding), text=True)


def _with_wrong_signature(data: Sequence[Any]) -> list[Any]:
    def flip_last_bit(text: Any) -> Any:
        raw = base64.b64decode(text)
        # A serial is short and stays as it is.
        return base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode() if len(text) > 2 * 16 else text

    return [flip_last_bit(text) for text in data]
