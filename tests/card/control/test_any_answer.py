"""Whatever the control sends, and whenever: the result is a card, a signature or a problem, and it comes in time."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve

from jiacha_tui.card.control.connection import RetryPolicy
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardProblem
from jiacha_tui.demo.card_issuing import IssuedCard
from tests.card.cards import PIN

GREETING = json.dumps({"_method": "open"})
SHORT = RetryPolicy(attempts=1, interval=1.0, reply_timeout=0.15)

Respond = Callable[[dict[str, Any]], list[str | bytes]]
"""Returns the frames that are sent in reply to a request."""

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
LEAVES = st.none() | st.booleans() | st.integers() | TEXT | st.sampled_from(["03-JJ0G900000001", "01691f7f", "||" * 12])
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=2), max_leaves=5
)
ARGS = st.fixed_dictionaries(
    {"Result": st.booleans() | JSON},
    optional={"Data": st.lists(JSON, max_size=3) | JSON, "Error": st.lists(JSON, max_size=3) | JSON},
)


@asynccontextmanager
async def _control(respond: Respond) -> AsyncIterator[str]:
    async def serve_client(connection: ServerConnection) -> None:
        await connection.send(GREETING)
        async for request in connection:
            for frame in respond(json.loads(request)):
                await connection.send(frame)

    async with serve(serve_client, "127.0.0.1", 0, compression=None) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


async def _outcome(respond: Respond) -> CardIdentity | CardProblem | None:
    """Reads the identity, opens the card and signs. Returns the problem that this raises, else the identity."""
    async with _control(respond) as url:
        medium = ControlMedium(url, scan_policy=SHORT, operation_policy=SHORT)
        try:
            identity = await medium.read_identity()
            card = await medium.open(Pin(PIN))
            await card.sign("text")
            await card.sign_challenge("random")
        except CardProblem as problem:
            return problem
    return identity


def _reply(request: dict[str, Any], args: Any) -> str:
    return json.dumps({"_id": request["_id"], "_method": request["_method"], "_status": "00", "_args": args})


def _correct_data(issued: IssuedCard) -> dict[str, list[Any]]:
    """The correct data for each method, as far as it can be known without the key."""
    identity = issued.identity
    return {
        "cus-sec_SpcGetCardID": [f"03-{identity.card_number}"],
        "cus-sec_SpcGetCertNo": [identity.certificate_serial.upper()],
        "cus-sec_SpcGetSignCertAsPEM": [base64.encodebytes(identity.certificate).decode()],
        "ra_Is903Reader": ["0"],
        "cus-sec_SpcVerifyPINAll": [],
        "cus-sec_SpcSignDataAsPEM": ["AAAA", identity.certificate_serial],
    }


@settings(max_examples=40)
@given(args=st.lists(ARGS, min_size=1, max_size=4))
def test_any_arguments_in_every_reply(args: list[Any]) -> None:
    """Replies with the right id and method, and arbitrary arguments."""
    remaining = iter(args * 10)
    outcome = asyncio.run(_outcome(lambda request: [_reply(request, next(remaining))]))
    assert isinstance(outcome, CardProblem)


@settings(max_examples=40)
@given(method_index=st.integers(0, 5), args=ARGS)
def test_any_arguments_in_one_reply(issued: IssuedCard, method_index: int, args: Any) -> None:
    correct = _correct_data(issued)
    wrong_method = list(correct)[method_index]

    def respond(request: dict[str, Any]) -> list[str | bytes]:
        method = request["_method"]
        data = {"Result": True, "Data": correct[method], "Error": []}
        return [_reply(request, args if method == wrong_method else data)]

    assert isinstance(asyncio.run(_outcome(respond)), CardProblem)


@settings(max_examples=25)
@given(frames=st.lists(st.binary(max_size=40) | TEXT | JSON.map(json.dumps), max_size=4))
def test_any_frames(frames: list[str | bytes]) -> None:
    assert isinstance(asyncio.run(_outcome(lambda _request: frames)), CardProblem)


def test_a_reply_that_is_too_large() -> None:
    outcome = asyncio.run(_outcome(lambda request: [_reply(request, {"Result": True, "Data": ["x" * 300_000]})]))
    assert isinstance(outcome, CardProblem)
    assert outcome.code == "control.lost"


def test_endless_messages_that_are_no_reply() -> None:
    """They do not extend the timeout."""
    assert isinstance(asyncio.run(_outcome(lambda _request: [GREETING] * 500)), CardProblem)
