"""The control at the far end of a real SSH connection, as an operator's PC carries it to the server."""

import contextlib
import getpass
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiacha_tui.card.control.link import Patience
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.control.problems import ControlMissing, ControlUnreachable
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.signature import verify
from tests.card.cards import PIN
from tests.card.control.simulator import Simulator
from tests.needs import needs

pytestmark = needs("sshd", "ssh")

SHORT = Patience(attempts=2, pause=0.5, answer=5.0)

# Where no SSH server is running, a root sshd lacks a folder that it wants; it gets one that nobody else sees.
_OWN_RUN = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /run && mkdir /run/sshd && exec "$@"', "sh")


def _key(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


@contextlib.contextmanager
def _sshd(folder: Path) -> Iterator[tuple[int, Path]]:
    """A server for the user who runs the tests: its port, and the key that opens it."""
    host_key, user_key = _key(folder / "host"), _key(folder / "user")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ListenAddress": f"127.0.0.1:{port}",
        "HostKey": host_key,
        "AuthorizedKeysFile": user_key.with_suffix(".pub"),
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "PermitRootLogin": "prohibit-password",
    }
    arguments = [argument for name, value in options.items() for argument in ("-o", f"{name}={value}")]
    program = shutil.which("sshd", path="/usr/local/sbin:/usr/sbin:/sbin")
    assert program is not None
    lacks_folder = os.geteuid() == 0 and not Path("/run/sshd").is_dir()
    command = [*(_OWN_RUN if lacks_folder else ()), program, "-D", "-e", "-f", "/dev/null", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            said = server.stderr.readline()
            assert "Server listening" in said, said
            yield port, user_key
        finally:
            server.terminate()


@contextlib.contextmanager
def _forwarding(server_port: int, key: Path, control_port: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """`ssh -R`: the address under which the far end has the control, and the connection."""
    options = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "ExitOnForwardFailure=yes")
    where = ("-p", str(server_port), "-i", str(key), f"{getpass.getuser()}@127.0.0.1")
    command = ["ssh", "-F", "none", "-N", *options, "-R", f"127.0.0.1:0:127.0.0.1:{control_port}", *where]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as client:
        try:
            assert client.stderr is not None
            said = ""
            while not (allocated := re.search(r"Allocated port (\d+)", said)):
                line = client.stderr.readline()
                assert line, f"ssh ended: {said}"
                said += line
            yield f"ws://127.0.0.1:{allocated[1]}", client
        finally:
            client.terminate()


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    with _sshd(tmp_path_factory.mktemp("ssh")) as server:
        yield server


async def test_a_card_signs_at_the_far_end(sim: Simulator, sshd: tuple[int, Path]) -> None:
    with _forwarding(*sshd, sim.url.rpartition(":")[2]) as (url, _client):
        medium = ControlMedium(url, looking=SHORT)
        assert await medium.look() is not None
        card = await medium.open(Pin(PIN))
        verify(card.identity.certificate, "text", await card.sign("text"))
        sim.order("restart")
        verify(card.identity.certificate, "text", await card.sign("text"))
        await card.close()


async def test_a_forwarded_port_without_a_control_is_told_from_none_at_all(
    sim: Simulator, sshd: tuple[int, Path]
) -> None:
    with _forwarding(*sshd, "9") as (url, _client):
        with pytest.raises(ControlUnreachable) as refused:
            await ControlMedium(url, looking=SHORT).look()
        assert "启动客户端控件" in refused.value.todo
    with pytest.raises(ControlMissing):
        await ControlMedium(url, looking=SHORT).look()


async def test_a_cut_line_is_said_and_the_next_one_carries_on(sim: Simulator, sshd: tuple[int, Path]) -> None:
    with _forwarding(*sshd, sim.url.rpartition(":")[2]) as (url, client):
        card = await ControlMedium(url, looking=SHORT, working=SHORT).open(Pin(PIN))
        client.kill()
        client.wait()
        with pytest.raises((ControlMissing, ControlUnreachable)):
            await card.sign("text")
        assert "cus-sec_SpcSignDataAsPEM" not in sim.calls()
        await card.close()
