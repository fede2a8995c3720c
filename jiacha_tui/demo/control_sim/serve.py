"""`jiacha control-sim`: runs the simulated control on loopback and reads commands from standard input."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Final

from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.control_sim.cards import CardKind, CardStore, SimulatedCard, load_card, new_sm2_card
from jiacha_tui.demo.control_sim.commands import ControlCommands
from jiacha_tui.demo.control_sim.server import SimulatedControl
from jiacha_tui.demo.demo import make_demo
from jiacha_tui.demo.pki import IssuedCertificate, PortKeys
from jiacha_tui.locations import Locations

_STANDARD_INPUT: Final = 0
_READ_BYTES: Final = 4096
_DEMO_CARDS: Final = {
    CardKind.CARD: DemoCard.DEMO,
    CardKind.OTHER: DemoCard.OTHER_COMPANY,
    CardKind.EXPIRED: DemoCard.EXPIRED,
}


def serve(
    home: Path, host: str, port: int, *, initial_card: CardKind | None = CardKind.CARD, p12_path: Path | None = None
) -> None:
    """Serves until SIGTERM or SIGINT. Prints `ready URL` when it is ready. With `port` 0 it chooses a free port.

    `initial_card` is inserted at the start. The card file `p12_path` replaces the demo card. Raises CannotListen,
    Sm2Unavailable, FileProblem.
    """
    demo = make_demo(home)

    def create(kind: CardKind) -> SimulatedCard:
        if kind is CardKind.SM2:
            card = new_sm2_card(PortKeys.load_or_make(Locations(home).demo).authority)
            demo.store.add_certificate(IssuedCertificate(card.identity.certificate_serial, card.identity.certificate))
            return card
        if kind is CardKind.CARD and p12_path is not None:
            return load_card(p12_path)
        return load_card(demo.card_of(_DEMO_CARDS[kind]))

    try:
        asyncio.run(_run(CardStore(create), host, port, initial_card))
    finally:
        demo.close()


async def _run(cards: CardStore, host: str, port: int, initial_card: CardKind | None) -> None:
    control = SimulatedControl(cards, initial_card)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await control.start(host, port)
    _print(f"ready {control.url}")
    reading_commands = asyncio.create_task(_run_commands(ControlCommands(control), _standard_input_lines()))
    await stopping.wait()
    reading_commands.cancel()
    await control.stop()


async def _run_commands(commands: ControlCommands, lines: "asyncio.Queue[str]") -> None:
    while True:
        try:
            _print(await commands.run(await lines.get()))
        except Problem as problem:
            _print(f"error {problem.message}（{problem.code}）")


def _standard_input_lines() -> "asyncio.Queue[str]":
    """The lines of standard input as they arrive.

    A thread reads them, because asyncio would make the terminal non-blocking, for output too.
    """
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        rest = b""
        # OSError: standard input is closed. RuntimeError: the event loop has ended.
        with contextlib.suppress(OSError, RuntimeError):
            while data := os.read(_STANDARD_INPUT, _READ_BYTES):
                *whole, rest = (rest + data).split(b"\n")
                for line in whole:
                    loop.call_soon_threadsafe(lines.put_nowait, line.decode(errors="replace"))

    threading.Thread(target=read, daemon=True).start()
    return lines


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
