"""Runs a pcscd in namespaces of its own: it sees no real reader, and no other program sees it."""

import contextlib
import importlib.util
import os
import random
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jiacha_tui.card.pcsc import scard
from jiacha_tui.card.pcsc.readers import Readers
from tests.card.cards import WAIT_SECONDS
from tests.card.pcsc.virtual_piv import VirtualPiv, VirtualReader

DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
_PORTS = range(20_000, 30_000)
_OWN_NAMESPACES = ("unshare", "-Urm")
_START_COMMAND = (
    "mount -t tmpfs tmpfs /run && mkdir /run/pcscd && exec {pcscd} --foreground --config {config} {options}"
)


class VirtualSlot:
    """A virtual reader. `insert` and `pull` return after pcscd has noticed the change."""

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self.reader = VirtualReader(port)
        self._count_with_card: int | None = None

    def insert(self, card: VirtualPiv) -> None:
        with Readers() as readers:
            before = self._change_count(readers)
            self.reader.insert(card)
            wait_until(lambda: self._change_count(readers) != before)
            self._count_with_card = self._change_count(readers)

    def pull(self) -> None:
        """Removes the card, if `reader.pull` has not done so already, and waits until pcscd has noticed.

        A card that is inserted before pcscd has noticed would not be reported as a new one.
        """
        self.reader.pull()
        count_with_card, self._count_with_card = self._count_with_card, None
        if count_with_card is not None:
            with Readers() as readers:
                wait_until(lambda: self._change_count(readers) != count_with_card)

    @contextlib.contextmanager
    def with_card(self, card: VirtualPiv) -> Iterator[VirtualPiv]:
        try:
            self.insert(card)
            yield card
        finally:
            self.pull()

    def _change_count(self, readers: Readers) -> int:
        """How many insertions and removals pcscd has counted. It reports earlier whether a card is present."""
        ((_name, state),) = readers.wait_for_change([(self.name, scard.UNAWARE)], 0)
        return (state & scard.CARD_COUNT_MASK) >> 16


@dataclass(frozen=True)
class Pcscd:
    """A running pcscd. `socket` is the value for PCSCLITE_CSOCK_NAME."""

    socket: str
    slots: tuple[VirtualSlot, VirtualSlot]
    process: "subprocess.Popen[bytes]"


def wait_until(condition: Callable[[], object], seconds: float = WAIT_SECONDS) -> None:
    """Returns as soon as the condition holds. Fails after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"still false after {seconds} s: {condition}"
        time.sleep(0.005)


def why_not_available() -> str:
    """Why a pcscd cannot be used on this machine, missing parts of `tests.needs` aside. "" if it can."""
    if importlib.util.find_spec("smartcard") is None:
        return "not installed: pyscard (make parts, as root, builds it)"
    trial = subprocess.run([*_OWN_NAMESPACES, "true"], capture_output=True, text=True, check=False)
    return f"no namespaces for a pcscd of the tests' own: {trial.stderr.strip()}" if trial.returncode else ""


@contextlib.contextmanager
def running_pcscd(folder: Path, *, readers: bool = True) -> Iterator[Pcscd]:
    """Runs a pcscd with two readers, or without any."""
    port = _two_free_ports()
    config, drivers, pcscd = folder / "reader.conf.d", folder / "drivers", _pcscd()
    config.mkdir(exist_ok=True)
    drivers.mkdir(exist_ok=True)
    if readers:
        (config / "vpcd").write_text(
            f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:{port:#x}\nLIBPATH {DRIVER}\nCHANNELID {port:#x}\n'
        )
    help_text = subprocess.run([pcscd, "--help"], capture_output=True, text=True, check=False).stdout
    options = "--disable-polkit" if "--disable-polkit" in help_text else ""
    script = _START_COMMAND.format(pcscd=pcscd, config=shlex.quote(str(config)), options=options)
    environment = {**os.environ, "PCSCLITE_HP_DROPDIR": str(drivers)}  # without drivers there is no real reader
    with (
        (folder / "pcscd.log").open("ab") as log,
        subprocess.Popen([*_OWN_NAMESPACES, "sh", "-c", script], env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            path = Path(f"/proc/{process.pid}/root/run/pcscd/pcscd.comm")
            wait_until(lambda: process.poll() is not None or (is_served(path) and (not readers or _listens(port + 1))))
            assert process.poll() is None, (folder / "pcscd.log").read_text()
            yield Pcscd(
                str(path),
                (VirtualSlot("Virtual PCD 00 00", port), VirtualSlot("Virtual PCD 00 01", port + 1)),
                process,
            )
        finally:
            process.kill()


@contextlib.contextmanager
def linked(link: Path, socket_path: str) -> Iterator[None]:
    """Makes `link` a symbolic link to a socket."""
    link.symlink_to(socket_path)
    try:
        yield
    finally:
        link.unlink()


def is_served(path: Path) -> bool:
    """Whether a server accepts connections at the socket. The file of the socket appears a moment earlier."""
    with socket.socket(socket.AF_UNIX) as trial:
        try:
            trial.connect(str(path))
        except OSError:
            return False
    return True


def _pcscd() -> str:
    return shutil.which("pcscd", path=f"{os.environ['PATH']}:/usr/sbin") or "pcscd"


def _two_free_ports() -> int:
    """The first of two free ports with consecutive numbers.

    They are outside the range from which the kernel gives ports to the servers and clients of other tests.
    """
    while True:
        port = random.choice(_PORTS)  # noqa: S311 - no secret
        with socket.socket() as first, socket.socket() as second, contextlib.suppress(OSError):
            first.bind(("127.0.0.1", port))
            second.bind(("127.0.0.1", port + 1))
            return port


def _listens(port: int) -> bool:
    """Whether a server listens at the port. Reads the tables of the kernel, because connecting would insert a card."""
    entry = f":{port:04X} 00000000:0000 0A "
    return any(
        entry in Path(table).read_text() for table in ("/proc/net/tcp", "/proc/net/tcp6") if Path(table).exists()
    )
