"""The control through a real SSH connection, as an operator forwards it from the PC to the server."""

import asyncio
import contextlib
import re
import subprocess
from collections.abc import Iterator

import pytest

from jiacha_tui.card.control.connection import RetryPolicy
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.control.problems import ControlMissing, ControlUnreachable
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.signature import verify
from tests.card.cards import PIN, WAIT_SECONDS
from tests.card.control.relay import relaying
from tests.card.control.simulator import Simulator
from tests.card.sshd import SshServer, forwarding
from tests.needs import needs

pytestmark = needs("sshd", "ssh")

SHORT_POLICY = RetryPolicy(attempts=2, interval=0.5, reply_timeout=5.0)


@contextlib.contextmanager
def _forwarding_port(server: SshServer, control_port: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The address of the control on the server, and the SSH client."""
    with forwarding(server, f"127.0.0.1:0:127.0.0.1:{control_port}") as client:
        assert client.stderr is not None
        output = ""
        while not (allocated := re.search(r"Allocated port (\d+)", output)):
            line = client.stderr.readline()
            assert line, f"ssh ended: {output}"
            output += line
        yield f"ws://127.0.0.1:{allocated[1]}", client


async def test_a_card_signs_over_ssh(simulator: Simulator, sshd: SshServer) -> None:
    with _forwarding_port(sshd, simulator.url.rpartition(":")[2]) as (url, _client):
        medium = ControlMedium(url, scan_policy=SHORT_POLICY)
        assert await medium.read_identity() is not None
        card = await medium.open(Pin(PIN))
        verify(card.identity.certificate, "text", await card.sign("text"))
        simulator.run("restart")
        verify(card.identity.certificate, "text", await card.sign("text"))
        await card.close()


async def test_a_forwarded_port_without_a_control_differs_from_a_port_that_is_not_forwarded(
    simulator: Simulator, sshd: SshServer
) -> None:
    with _forwarding_port(sshd, "9") as (url, _client):
        with pytest.raises(ControlUnreachable) as refused:
            await ControlMedium(url, scan_policy=SHORT_POLICY).read_identity()
        assert "启动客户端控件" in refused.value.hint
    with pytest.raises(ControlMissing):
        await ControlMedium(url, scan_policy=SHORT_POLICY).read_identity()


async def test_a_broken_connection_is_reported_and_no_signature_is_requested(
    simulator: Simulator, sshd: SshServer
) -> None:
    with _forwarding_port(sshd, simulator.url.rpartition(":")[2]) as (url, client):
        card = await ControlMedium(url, scan_policy=SHORT_POLICY, operation_policy=SHORT_POLICY).open(Pin(PIN))
        client.kill()
        client.wait()
        with pytest.raises((ControlMissing, ControlUnreachable)):
            await card.sign("text")
        assert "cus-sec_SpcSignDataAsPEM" not in simulator.calls()
        await card.close()


async def test_polling_over_ssh_survives_a_restart_of_the_control_but_not_the_end_of_the_connection(
    simulator: Simulator, sshd: SshServer
) -> None:
    with _forwarding_port(sshd, simulator.url.rpartition(":")[2]) as (url, client):
        card = await ControlMedium(
            url, check_seconds=0.1, scan_policy=SHORT_POLICY, operation_policy=SHORT_POLICY
        ).open(Pin(PIN))
        polling = asyncio.create_task(card.wait_until_removed())
        simulator.run("restart 0.3")
        simulator.calls()
        await simulator.wait_for_calls("cus-sec_SpcGetCertNo")
        assert not polling.done()
        client.kill()
        client.wait()
        with pytest.raises((ControlMissing, ControlUnreachable)):
            await asyncio.wait_for(polling, WAIT_SECONDS)
        await card.close()


async def test_ssh_writes_only_one_line_about_a_control_that_has_ended(simulator: Simulator, sshd: SshServer) -> None:
    async with relaying(simulator.url) as (relay_url, relay):
        with _forwarding_port(sshd, relay_url.rpartition(":")[2]) as (url, client):
            card = await ControlMedium(
                url, check_seconds=0.1, scan_policy=SHORT_POLICY, operation_policy=SHORT_POLICY
            ).open(Pin(PIN))
            relay.stop()
            with pytest.raises(ControlUnreachable):
                await asyncio.wait_for(card.wait_until_removed(), WAIT_SECONDS)
            await card.close()
            client.terminate()
            assert client.stderr is not None
            assert client.stderr.read().count("connect_to") == 1
