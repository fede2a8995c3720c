"""Places to log in with a card at: one embedded port, and each medium in front of it that this machine can have."""

import contextlib
import importlib.util
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.identity import Identity
from jiacha_tui.card.issue import Holder, issue_certificate
from jiacha_tui.card.medium import Medium
from jiacha_tui.card.pcsc.medium import PcscMedium
from jiacha_tui.card.softcard import SoftCard
from jiacha_tui.config import Config
from jiacha_tui.demo.companies import DEMO_COMPANY
from jiacha_tui.demo.demo import make_demo
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.pki import IssuedCertificate, Standing, Trust
from jiacha_tui.options import Options
from tests.card.control import simulator
from tests.card.pcsc import daemon
from tests.card.pcsc.virtual_piv import KeyPair, VirtualPiv
from tests.needs import PARTS, missing
from tests.workplaces import serving

_PROJECT = Path(__file__).parent.parent
_A_DAY = timedelta(days=1)
_NOWHERE = "ws://127.0.0.1:9"
_READER_PARTS = ("pcscd", "vpcd", "libpcsclite-dev")


@dataclass(frozen=True)
class Station:
    """A medium, and the port and environment of a program to which it is the only one that has a card.

    The card is in it as long as `inserted` lasts, or until `pull`. What notices that it has gone, pcscd or a medium,
    looks every `between_looks` seconds or sooner.
    """

    name: str
    medium: Medium
    inserted: Callable[[], AbstractContextManager[object]]
    pull: Callable[[], object]
    port: Options
    environ: dict[str, str]
    between_looks: float = 0.4


@dataclass(frozen=True)
class Missing:
    """A medium that this machine lacks something for."""

    name: str
    why: str


@contextmanager
def stations(folder: Path) -> Iterator[tuple[Station | Missing, ...]]:
    """All media in front of one port, the card of each known to it.

    From then on this process, and what it starts, looks for the service of readers in `folder` alone.
    """
    way = folder / "pcscd.sock"
    os.environ["PCSCLITE_CSOCK_NAME"] = str(way)
    home = folder / "port"
    with ExitStack() as opened:
        cards = _piv_cards(home)
        url, ca = opened.enter_context(serving(home, dict(os.environ)))
        port = Options(port_url=url, ca=ca)
        control = opened.enter_context(simulator.running(home, _PROJECT))
        yield (
            _card_file(home, port),
            _client_control(folder / "control", port, control),
            *_readers(folder, way, port, cards, opened),
        )


def _card_file(home: Path, port: Options) -> Station:
    card = home / "demo" / "card.p12"
    elsewhere = card.with_name("pulled.p12")

    @contextmanager
    def inserted() -> Iterator[None]:
        yield
        with contextlib.suppress(FileNotFoundError):
            elsewhere.rename(card)

    return Station("card file", SoftCard(card), inserted, partial(card.rename, elsewhere), port, _environ(home))


def _client_control(home: Path, port: Options, control: simulator.Simulator) -> Station:
    @contextmanager
    def inserted() -> Iterator[None]:
        control.order("insert card")
        yield
        control.order("pull")

    seconds = Config().card.control_check_seconds
    medium = ControlMedium(control.url, check_seconds=seconds)
    pull = partial(control.order, "pull")
    environ = _environ(home, control_url=control.url)
    return Station("client control", medium, inserted, pull, port, environ, between_looks=seconds)


def _readers(
    folder: Path, way: Path, port: Options, cards: dict[str, VirtualPiv], opened: ExitStack
) -> Iterator[Station | Missing]:
    lacks = [
        f"{part.name} (Debian package {part.package})"
        for part in missing(part for part in PARTS if part.name in _READER_PARTS)
    ]
    if importlib.util.find_spec("smartcard") is None:
        lacks.append("pyscard (make parts, as root, builds it)")
    if lacks:
        yield from (Missing(name, f"not installed: {', '.join(lacks)}") for name in cards)
        return
    service = opened.enter_context(daemon.running(folder))
    opened.enter_context(daemon.leading(way, service.socket))
    slot = service.slots[0]
    for name, card in cards.items():
        home = folder / name
        yield Station(name, PcscMedium(), partial(slot.holding, card), slot.reader.pull, port, _environ(home))


def _piv_cards(home: Path) -> dict[str, VirtualPiv]:
    """Cards of the demo company that the port knows. One key each, which signs and opens what is sealed."""
    demo = make_demo(home)
    key, certificate, _others = pkcs12.load_key_and_certificates(demo.card.read_bytes(), DEMO_PIN.encode())
    if not isinstance(key, rsa.RSAPrivateKey) or certificate is None:
        raise TypeError("the demo card is no RSA card")
    curve_key = ec.generate_private_key(ec.SECP256R1())
    holder = Holder(
        card_number=DEMO_COMPANY.card_number,
        name="示例操作员",
        company=DEMO_COMPANY.name,
        organisation_code=DEMO_COMPANY.organisation_code,
    )
    authority = Trust.at(demo.card.parent).authority
    issued = issue_certificate(authority, holder, curve_key.public_key(), valid_from=datetime.now(UTC) - _A_DAY)
    der = issued.public_bytes(serialization.Encoding.DER)
    demo.state.register(IssuedCertificate(Identity.from_certificate(der).certificate_serial, der, Standing.GOOD))
    demo.close()
    pairs = {"reader, RSA-2048": KeyPair(key, certificate), "reader, P-256": KeyPair(curve_key, issued)}
    return {name: VirtualPiv(DEMO_PIN, {0x9A: pair, 0x9D: pair}) for name, pair in pairs.items()}


def _environ(home: Path, control_url: str = _NOWHERE) -> dict[str, str]:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(f'[card]\ncontrol_url = "{control_url}"\n')
    foreign = ("LC_ALL", "LC_CTYPE")
    environ = {name: value for name, value in os.environ.items() if name not in foreign}
    return environ | {"JIACHA_HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm-256color"}
