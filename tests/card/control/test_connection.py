"""The connection to the control and its failures: late or missing replies, restarts, other servers, bad addresses."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.server import serve

from jiacha_tui.card.control.address import check_address
from jiacha_tui.card.control.connection import OPERATION_POLICY, SCAN_POLICY, RetryPolicy
from jiacha_tui.card.control.forwarding import ssh_forwarding
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.control.problems import (
    ControlAddressWrong,
    ControlDisconnected,
    ControlLost,
    ControlMissing,
    ControlProblem,
    ControlRefused,
    ControlRemote,
    ControlTimeout,
    ControlUnreachable,
    ControlUntrusted,
    InvalidControlReply,
    problem_for,
)
from jiacha_tui.card.medium import OpenCard
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardClosed, WrongPin
from jiacha_tui.card.signature import verify
from jiacha_tui.demo.tls import TlsFiles
from tests.card.cards import PIN, WAIT_SECONDS, WRONG_PIN
from tests.card.control.simulator import SHORT_REPLY_TIMEOUT, Simulator

SIGN, VERIFY = "cus-sec_SpcSignDataAsPEM", "cus-sec_SpcVerifyPINAll"
SHORT_POLICY = RetryPolicy(attempts=2, interval=0.2, reply_timeout=0.5)


@pytest.fixture
async def card(simulator: Simulator) -> AsyncIterator[OpenCard]:
    card = await simulator.medium().open(Pin(PIN))
    simulator.calls()
    yield card
    await card.close()


@pytest.fixture
async def card_with_short_timeout(simulator: Simulator) -> AsyncIterator[OpenCard]:
    card = await simulator.medium(SHORT_REPLY_TIMEOUT).open(Pin(PIN))
    simulator.calls()
    yield card
    await card.close()


async def sign(card: OpenCard, text: str = "text") -> None:
    verify(card.identity.certificate, text, await card.sign(text))


def test_the_retry_policy_is_that_of_the_official_script() -> None:
    assert (OPERATION_POLICY.attempts, OPERATION_POLICY.interval, OPERATION_POLICY.reply_timeout) == (10, 0.5, 30)
    assert SCAN_POLICY.attempts == 1
    assert SCAN_POLICY.connect_timeout == OPERATION_POLICY.connect_timeout
    assert SCAN_POLICY.reply_timeout == OPERATION_POLICY.reply_timeout


async def test_a_slow_control_is_waited_for_and_a_login_is_told_of_the_attempts(simulator: Simulator) -> None:
    """Slower than one attempt may take, and than the pause between two."""
    simulator.run("greeting 1.2")
    simulator.run("slow 0.7 GetCardID")
    medium = ControlMedium(simulator.url)
    assert await medium.read_identity() is not None
    attempts: list[tuple[int, int]] = []
    identity = await medium.read_identity(all_attempts=True, on_attempt=lambda *attempt: attempts.append(attempt))
    assert identity is not None
    assert attempts == [(1, 10)]
    card = await medium.open(Pin(PIN))
    await card.close()


async def test_a_greeting_is_waited_for_longer_than_the_connection(simulator: Simulator) -> None:
    simulator.run("greeting 0.6")
    policy = RetryPolicy(attempts=2, interval=0.2, reply_timeout=WAIT_SECONDS)
    assert await ControlMedium(simulator.url, scan_policy=policy).read_identity() is not None


async def test_a_reading_with_all_attempts_waits_for_a_control_that_is_starting(simulator: Simulator) -> None:
    attempts: list[tuple[int, int]] = []
    simulator.start("restart 0.7")
    await simulator.wait_until_stopped()
    medium = ControlMedium(simulator.url, scan_policy=SHORT_POLICY)
    identity = await medium.read_identity(all_attempts=True, on_attempt=lambda *attempt: attempts.append(attempt))
    assert identity is not None
    assert simulator.output() == "ok"
    assert attempts == [(number, 10) for number in range(1, len(attempts) + 1)]
    assert len(attempts) > 1


async def test_a_slow_signature_is_waited_for(simulator: Simulator, card: OpenCard) -> None:
    simulator.run("slow 0.5")
    await sign(card)


@pytest.mark.parametrize("command", ["next silent SignData", "slow 3"])
async def test_a_missing_reply_is_reported_and_the_call_is_not_repeated(
    simulator: Simulator, card_with_short_timeout: OpenCard, command: str
) -> None:
    simulator.run(command)
    with pytest.raises(ControlTimeout) as refused:
        await card_with_short_timeout.sign("text")
    assert "1 秒" in refused.value.message
    assert "没有再试" in refused.value.hint
    assert simulator.calls().count(SIGN) == 1


async def test_a_late_reply_is_not_taken_for_the_next_one(
    simulator: Simulator, card_with_short_timeout: OpenCard
) -> None:
    simulator.run("slow 1.5")
    with pytest.raises(ControlTimeout):
        await card_with_short_timeout.sign("first")
    simulator.run("slow 0")
    # The simulator makes one call at a time, so it has sent the late reply before it replies to this medium.
    await simulator.medium().read_identity()
    await sign(card_with_short_timeout, "second")


async def test_the_control_may_be_restarted_between_calls(simulator: Simulator, card: OpenCard) -> None:
    await sign(card)
    simulator.run("restart")
    await sign(card)
    simulator.start("restart 0.5")
    await simulator.wait_until_stopped()
    await sign(card)
    assert simulator.output() == "ok"
    assert simulator.calls().count(SIGN) == 3


async def test_opening_a_card_waits_for_a_control_that_is_starting(simulator: Simulator) -> None:
    simulator.start("restart 0.5")
    await simulator.wait_until_stopped()
    card = await simulator.medium().open(Pin(PIN))
    assert simulator.output() == "ok"
    await card.close()


async def test_a_pin_verification_without_a_reply_is_not_repeated(simulator: Simulator) -> None:
    simulator.run("next drop Verify")
    pin = Pin(PIN)
    with pytest.raises(ControlLost) as refused:
        await simulator.medium().open(pin)
    assert "重新启动" in refused.value.hint
    assert "没有再试" in refused.value.hint
    assert pin.cleared
    assert simulator.calls().count(VERIFY) == 1


async def test_a_signature_without_a_reply_is_not_repeated_automatically(simulator: Simulator, card: OpenCard) -> None:
    simulator.run("next drop SignData")
    with pytest.raises(ControlLost):
        await card.sign("text")
    assert simulator.calls().count(SIGN) == 1
    await sign(card)
    assert simulator.calls().count(SIGN) == 1


async def test_a_call_without_a_pin_is_repeated_once(simulator: Simulator, card: OpenCard) -> None:
    simulator.run("next drop GetCardID")
    await card.check_present()
    simulator.run("next drop GetCardID")
    simulator.run("next drop GetCardID")
    with pytest.raises(ControlLost) as refused:
        await card.check_present()
    assert "没有再试" not in refused.value.hint


UNREADABLE = ["garble", "no-text", "no-result"]
"""Replies that are cut off, are in no encoding, or do not say whether the call succeeded."""


@pytest.mark.parametrize("fault", UNREADABLE)
async def test_a_reply_that_cannot_be_read_is_reported(simulator: Simulator, card: OpenCard, fault: str) -> None:
    simulator.run(f"next {fault} SignData")
    with pytest.raises(InvalidControlReply):
        await card.sign("text")
    await sign(card)


@pytest.mark.parametrize("reader", ["ordinary", "white"])
@pytest.mark.parametrize("fault", UNREADABLE)
async def test_after_an_unreadable_reply_to_a_pin_the_operator_learns_that_a_try_may_be_spent(
    simulator: Simulator, reader: str, fault: str
) -> None:
    simulator.run(f"reader {reader}")
    simulator.run(f"next {fault} Verify")
    pin = Pin(PIN)
    with pytest.raises(InvalidControlReply) as refused:
        await simulator.medium().open(pin)
    assert "密码有没有被验证无法得知" in refused.value.message
    assert "这次输入可能已经算作一次尝试，程序没有再试" in refused.value.hint
    assert pin.cleared
    assert sum("Verify" in method for method in simulator.calls()) == 1


@pytest.mark.parametrize("fault", UNREADABLE)
async def test_an_unreadable_reply_to_a_call_without_a_pin_says_nothing_of_tries(
    simulator: Simulator, fault: str
) -> None:
    simulator.run(f"next {fault} GetCardID")
    with pytest.raises(InvalidControlReply) as refused:
        await simulator.medium().open(Pin(PIN))
    assert "尝试" not in refused.value.hint
    assert "Verify" not in "".join(simulator.calls())


async def test_an_unknown_error_of_a_pin_call_says_that_a_try_may_be_spent(simulator: Simulator) -> None:
    simulator.run("next echo Verify")
    with pytest.raises(ControlRefused) as refused:
        await simulator.medium().open(Pin(PIN))
    assert refused.value.hint.startswith("这次输入可能已经算作一次尝试")
    assert PIN not in refused.value.message
    simulator.run("next echo GetCertNo")
    with pytest.raises(ControlRefused) as refused:
        await simulator.medium().read_identity()
    assert "尝试" not in refused.value.hint


async def test_replies_in_gb18030_are_read(simulator: Simulator) -> None:
    simulator.run("encoding gb18030")
    medium = simulator.medium()
    with pytest.raises(WrongPin):
        await medium.open(Pin(WRONG_PIN))
    simulator.run("next echo GetCardID")
    with pytest.raises(ControlRefused, match="参数错误"):
        await medium.read_identity()
    card = await medium.open(Pin(PIN))
    await sign(card)
    await card.close()


@pytest.mark.parametrize("command", ["next twice GetCardID", "next block GetCertNo", "next twice SignData"])
async def test_replies_to_other_calls_are_ignored(simulator: Simulator, card: OpenCard, command: str) -> None:
    simulator.run(command)
    await sign(card, "first")
    await sign(card, "second")


async def test_concurrent_calls_are_made_one_after_the_other(simulator: Simulator, card: OpenCard) -> None:
    texts = [f"text {number}" for number in range(5)]
    await asyncio.gather(*(sign(card, text) for text in texts))
    assert simulator.calls().count(SIGN) == len(texts)


async def test_a_cancelled_signature_does_not_disturb_the_next_one(simulator: Simulator, card: OpenCard) -> None:
    simulator.run("slow 0.3")
    signing = asyncio.create_task(card.sign("cancelled"))
    await simulator.wait_for_calls(SIGN)
    signing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await signing
    await sign(card)


async def test_closing_the_card_ends_pending_signatures(simulator: Simulator, card: OpenCard) -> None:
    simulator.run("slow 20")
    signing = [asyncio.create_task(card.sign("text")) for _ in range(2)]
    await simulator.wait_for_calls(SIGN)
    await card.close()
    for task in signing:
        with pytest.raises(CardClosed):
            await task


async def test_a_control_without_a_greeting_gets_no_call(simulator: Simulator) -> None:
    simulator.run("greeting off")
    medium = ControlMedium(simulator.url, scan_policy=SHORT_POLICY, operation_policy=SHORT_POLICY)
    for call in (medium.read_identity(), medium.open(Pin(PIN))):
        with pytest.raises(ControlUnreachable) as refused:
            await call
        assert refused.value.message == "连接客户端控件服务失败,请重试."
    assert simulator.calls() == []


async def test_an_address_where_nothing_listens_is_reported_after_one_attempt() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        one_attempt = RetryPolicy(attempts=1, interval=10 * WAIT_SECONDS, reply_timeout=3.0)
        medium = ControlMedium(f"ws://127.0.0.1:{port}", scan_policy=one_attempt, operation_policy=SHORT_POLICY)
        async with asyncio.timeout(WAIT_SECONDS):
            with pytest.raises(ControlMissing) as refused:
                await medium.read_identity()
        pin = Pin(PIN)
        with pytest.raises(ControlMissing):
            await medium.open(pin)
    assert refused.value.message == "请下载安装IC卡/Key客户端控件，否则，将无法使用IC卡/Key"
    assert f"ssh -R {port}:127.0.0.1:61232" in refused.value.hint, "the hint names the configured port"
    assert pin.cleared


@pytest.mark.parametrize("url", ["ws://127.0.0.1:612320", "ws://127.0.0.1:61232:1", "ws://[::1"])
def test_what_is_no_address_has_no_ssh_forwarding(url: str) -> None:
    assert ssh_forwarding(url) == ""


@pytest.mark.parametrize(
    ("url", "command"),
    [
        ("ws://127.0.0.1:61232", "ssh -R 61232:127.0.0.1:61232"),
        ("ws://[::1]:61233", "ssh -R 61233:127.0.0.1:61232"),
        ("ws://localhost", "ssh -R 80:127.0.0.1:61232"),
        ("wss://wss.singlewindow.cn:61231", ""),
        ("ws://192.0.2.7:61232", ""),
    ],
)
def test_only_a_loopback_address_has_an_ssh_forwarding(url: str, command: str) -> None:
    assert ssh_forwarding(url) == command
    assert (command or url) in ControlMissing(url).hint, "the hint names the configured port"
    assert ("ssh" in ControlMissing(url).hint) is bool(command)


@pytest.mark.parametrize("url", ["ws://127.0.0.1:61240", "ws://[::1]:61240"])
def test_every_hint_about_a_control_that_is_not_reached_names_the_configured_port(url: str) -> None:
    for problem in (
        ControlMissing(url),
        ControlUnreachable(url),
        ControlDisconnected(url),
        problem_for(["Err:Base60408"], url, had_pin=False),
    ):
        assert "ssh -R 61240:127.0.0.1:61232" in problem.hint
    remote = ControlRemote("ws://windows-pc:61240").hint
    assert "ssh -R 61240:127.0.0.1:61232" in remote
    assert "ws://127.0.0.1:61240" in remote


@asynccontextmanager
async def _tcp_server(
    serve_client: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    server = await asyncio.start_server(serve_client, "127.0.0.1", 0)
    async with server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 404 Not Found\r\n\r\n",
        b"\x00" * 5000,
    ],
    ids=["closes", "an empty line", "SSH", "a web page", "no such page", "zeros"],
)
async def test_a_server_that_is_not_the_control_is_reported_as_unreachable(sent: bytes) -> None:
    """A forwarded port without a control at its other end closes the connection at once."""

    async def serve_client(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        writer.close()

    async with _tcp_server(serve_client) as url:
        with pytest.raises(ControlUnreachable):
            await ControlMedium(url, scan_policy=SHORT_POLICY).read_identity()


async def test_a_server_that_sends_nothing_is_reported_as_unreachable() -> None:
    async def serve_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with _tcp_server(serve_client) as url:
        async with asyncio.timeout(WAIT_SECONDS):
            with pytest.raises(ControlUnreachable):
                await ControlMedium(url, scan_policy=SHORT_POLICY).read_identity()


async def test_a_redirect_is_not_followed(simulator: Simulator) -> None:
    async def serve_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {simulator.url}\r\nContent-Length: 0\r\n\r\n".encode()
        )
        writer.close()

    async with _tcp_server(serve_client) as url:
        with pytest.raises(ControlUnreachable):
            await ControlMedium(url, scan_policy=SHORT_POLICY).read_identity()
    assert simulator.calls() == []


async def test_a_proxy_of_the_environment_is_not_used(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    assert await simulator.medium().read_identity() is not None


async def test_the_certificate_of_a_wss_address_is_checked(tmp_path: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(TlsFiles.load_or_make(tmp_path, "localhost").server)

    async def silent(_connection: object) -> None:
        return

    async with serve(silent, "127.0.0.1", 0, ssl=context) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        with pytest.raises(ControlUntrusted):
            await ControlMedium(f"wss://localhost:{port}", scan_policy=SHORT_POLICY).read_identity()


@pytest.mark.parametrize(
    "url",
    [
        "ws://127.0.0.1:61232",
        "ws://127.9.9.9",
        "ws://[::1]:61232",
        "ws://localhost:61232",
        "ws://LOCALHOST/path",
        "wss://wss.singlewindow.cn:61231",
        "wss://192.0.2.1",
    ],
)
def test_a_pin_may_be_sent_to_loopback_or_over_tls(url: str) -> None:
    check_address(url, allow_remote=False)


@pytest.mark.parametrize(
    "url",
    [
        "ws://192.0.2.1:61232",
        "ws://10.0.0.5:61232",
        "ws://0.0.0.0:61232",
        "ws://[2001:db8::1]:61232",
        "ws://[::ffff:192.0.2.1]:61232",
        "ws://windows-pc:61232",
        "ws://localhost.example.org:61232",
        "ws://127.0.0.1.example.org",
    ],
)
async def test_a_pin_is_not_sent_to_other_addresses_unencrypted(url: str) -> None:
    medium = ControlMedium(url)
    for call in (medium.read_identity(), medium.open(Pin(PIN))):
        with pytest.raises(ControlRemote) as refused:
            await call
        assert "allow_remote_control" in refused.value.hint
    check_address(url, allow_remote=True)


@pytest.mark.parametrize(
    "url",
    ["", "ws://", "ws://[::1", "ws://[]:1", "ws://127.0.0.1:65536", "ws://127.0.0.1:x", "http://127.0.0.1", "ws://:1"],
)
async def test_an_invalid_address_is_reported(url: str) -> None:
    for allowed in (False, True):
        with pytest.raises(ControlAddressWrong):
            await ControlMedium(url, allow_remote=allowed).read_identity()


@pytest.mark.parametrize("host", ["a" * 64, ".."])
async def test_an_impossible_host_name_is_reported_as_unreachable(host: str) -> None:
    with pytest.raises((ControlUnreachable, ControlMissing)):
        await ControlMedium(f"wss://{host}.localhost:1", scan_policy=SHORT_POLICY).read_identity()


async def test_a_remote_control_can_be_allowed(simulator: Simulator) -> None:
    # The address is on loopback nevertheless, because tests must not leave this machine.
    assert await ControlMedium(simulator.url, allow_remote=True).read_identity() is not None


def test_every_connection_problem_has_its_own_code_and_a_hint() -> None:
    problems = (
        *(ControlMissing(), ControlUnreachable(), ControlUntrusted(), ControlRemote("ws://h"), InvalidControlReply()),
        *(ControlLost(had_pin=True), ControlTimeout(30, had_pin=True)),
    )
    assert len({problem.code for problem in problems}) == len(problems)
    assert all(isinstance(problem, ControlProblem) and problem.hint for problem in problems)
