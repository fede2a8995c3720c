"""`jiacha control-sim`: the simulated control on loopback, with commands on standard input."""

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
_AT_ONCE: Final = 4096
_DEMO_CARDS: Final = {
    CardKind.CARD: DemoCard.DEMO,
    CardKind.OTHER: DemoCard.OTHER_COMPANY,
    CardKind.EXPIRED: DemoCard.EXPIRED,
}


def serve(
    home: Path, host: str, port: int, *, slot: CardKind | None = CardKind.CARD, p12_path: Path | None = None
) -> None:
    """Serves until SIGTERM or SIGINT. Prints `ready URL` once it does; `port` 0 takes a free one.

    `slot` is the card that is inserted at the start. `p12_path` takes the place of the demo card. Raises CannotListen,
    Sm2Unavailable, FileProblem.
    """
    demo = make_demo(home)

    def make(wanted: CardKind) -> SimulatedCard:
        if wanted is CardKind.SM2:
            card = new_sm2_card(PortKeys.at(Locations(home).demo).authority)
            demo.state.register(IssuedCertificate(card.identity.certificate_serial, card.identity.certificate))
            return card
        if wanted is CardKind.CARD and p12_path is not None:
            return load_card(p12_path)
        return load_card(demo.card_of(_DEMO_CARDS[wanted]))

    try:
        asyncio.run(_run(CardStore(make), host, port, slot))
    finally:
        demo.close()


async def _run(drawer: CardStore, host: str, port: int, slot: CardKind | None) -> None:
    control = SimulatedControl(drawer, slot)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await control.start(host, port)
    _say(f"ready {control.url}")
    obeying = asyncio.create_task(_obey(ControlCommands(control), _lines_of_standard_input()))
    await stopping.wait()
    obeying.cancel()
    await control.stop()


async def _obey(commands: ControlCommands, lines: "asyncio.Queue[str]") -> None:
    while True:
        try:
            _say(await commands.run(await lines.get()))
        except Problem as problem:
            _say(f"error {problem.message}（{problem.code}）")


def _lines_of_standard_input() -> "asyncio.Queue[str]":
    """Its lines as they come. A thread reads them: asyncio would make the terminal non-blocking, its output too."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        rest = b""
        # Nothing is read from a closed standard input, and nobody waits for lines once the loop has ended.
        with contextlib.suppress(OSError, RuntimeError):
            while data := os.read(_STANDARD_INPUT, _AT_ONCE):
                *whole, rest = (rest + data).split(b"\n")
                for line in whole:
                    loop.call_soon_threadsafe(lines.put_nowait, line.decode(errors="replace"))

    threading.Thread(target=read, daemon=True).start()
    return lines


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
