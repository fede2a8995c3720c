"""Sets up one embedded port, and in front of it each medium that this machine can have."""

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.medium import Medium
from jiacha_tui.card.pcsc.medium import PcscMedium
from jiacha_tui.card.softcard import SoftCard
from jiacha_tui.config import Config
from jiacha_tui.demo.demo import make_demo
from jiacha_tui.options import Options
from tests.app_contexts import serve_port
from tests.card.control import simulator
from tests.card.pcsc import pcscd
from tests.card.pcsc.known_cards import demo_card, new_p256_card
from tests.card.pcsc.virtual_piv import VirtualPiv
from tests.needs import PARTS, missing

_PROJECT = Path(__file__).parent.parent
_UNREACHABLE_URL = "ws://127.0.0.1:9"
_READER_PARTS = ("pcscd", "vpcd", "libpcsclite-dev")


@dataclass(frozen=True)
class MediumSetup:
    """A medium, and the options and environment of a program for which it is the only medium with a card.

    The card is inserted during the context `inserted`, or until `pull`. pcscd or the medium notices within
    `poll_seconds` that it was removed.
    """

    name: str
    medium: Medium
    inserted: Callable[[], AbstractContextManager[object]]
    pull: Callable[[], object]
    options: Options
    environ: dict[str, str]
    poll_seconds: float = 0.4


@dataclass(frozen=True)
class MissingMedium:
    """A medium that this machine lacks a part for, and `why`."""

    name: str
    why: str


@contextmanager
def medium_setups(folder: Path) -> Iterator[tuple[MediumSetup | MissingMedium, ...]]:
    """All media in front of one port, which knows the card of each.

    From then on this process and its children look for the PC/SC service in `folder` only.
    """
    socket_link = folder / "pcscd.sock"
    os.environ["PCSCLITE_CSOCK_NAME"] = str(socket_link)
    home = folder / "port"
    with ExitStack() as opened:
        cards = _piv_cards(home)
        url, ca = opened.enter_context(serve_port(home, dict(os.environ)))
        options = Options(port_url=url, ca=ca)
        control = opened.enter_context(simulator.running_simulator(home, _PROJECT))
        yield (
            _card_file(home, options),
            _client_control(folder / "control", options, control),
            *_readers(folder, socket_link, options, cards, opened),
        )


def _card_file(home: Path, options: Options) -> MediumSetup:
    card = home / "demo" / "card.p12"
    pulled = card.with_name("pulled.p12")

    @contextmanager
    def inserted() -> Iterator[None]:
        yield
        with contextlib.suppress(FileNotFoundError):
            pulled.rename(card)

    return MediumSetup("card file", SoftCard(card), inserted, partial(card.rename, pulled), options, _environ(home))


def _client_control(home: Path, options: Options, control: simulator.Simulator) -> MediumSetup:
    @contextmanager
    def inserted() -> Iterator[None]:
        control.run("insert card")
        yield
        control.run("pull")

    seconds = Config().card.control_check_seconds
    medium = ControlMedium(control.url, check_seconds=seconds)
    pull = partial(control.run, "pull")
    environ = _environ(home, control_url=control.url)
    return MediumSetup("client control", medium, inserted, pull, options, environ, poll_seconds=seconds)


def _readers(
    folder: Path, socket_link: Path, options: Options, cards: dict[str, VirtualPiv], opened: ExitStack
) -> Iterator[MediumSetup | MissingMedium]:
    absent = missing(part for part in PARTS if part.name in _READER_PARTS)
    lacks = ", ".join(f"{part.name} (Debian package {part.package})" for part in absent)
    if why := f"not installed: {lacks}" if lacks else pcscd.why_not_available():
        yield from (MissingMedium(name, why) for name in cards)
        return
    service = opened.enter_context(pcscd.running_pcscd(folder))
    opened.enter_context(pcscd.linked(socket_link, service.socket))
    slot = service.slots[0]
    for name, card in cards.items():
        home = folder / name
        yield MediumSetup(name, PcscMedium(), partial(slot.with_card, card), slot.reader.pull, options, _environ(home))


def _piv_cards(home: Path) -> dict[str, VirtualPiv]:
    demo = make_demo(home)
    cards = {"reader, RSA-2048": demo_card(demo), "reader, P-256": new_p256_card(demo)}
    demo.close()
    return cards


def _environ(home: Path, control_url: str = _UNREACHABLE_URL) -> dict[str, str]:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(f'[card]\ncontrol_url = "{control_url}"\n[sync]\nat_login = false\n')
    dropped = ("LC_ALL", "LC_CTYPE")
    environ = {name: value for name, value in os.environ.items() if name not in dropped}
    return environ | {"JIACHA_HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm-256color"}
