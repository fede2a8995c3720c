"""A pcscd of the tests' own with two virtual readers, and cards to put into them; making a key takes a while."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.card.pcsc.medium import PcscMedium
from jiacha_tui.demo.card_issuing import Authority, Holder, issue_certificate
from jiacha_tui.demo.demo import Demo
from tests.app_contexts import demo_context, embedded_port
from tests.card.cards import NOW, PIN
from tests.card.pcsc.known_cards import demo_card
from tests.card.pcsc.pcscd import Pcscd, VirtualSlot, linked, running_pcscd, why_not_available
from tests.card.pcsc.virtual_piv import KeyPair, PrivateKey, VirtualPiv
from tests.recording_transport import RecordingTransport

IssueKeyPair = Callable[[PrivateKey], KeyPair]


@pytest.fixture(scope="session")
def issue(authority: Authority, holder: Holder) -> IssueKeyPair:
    """Makes the certificate of a key; all of them are made out to one holder."""

    def pair(key: PrivateKey) -> KeyPair:
        certificate = issue_certificate(authority, holder, key.public_key(), valid_from=NOW - timedelta(days=10))
        return KeyPair(key, certificate)

    return pair


@pytest.fixture(scope="session")
def rsa_pairs(issue: IssueKeyPair) -> tuple[KeyPair, KeyPair]:
    one, other = (issue(rsa.generate_private_key(public_exponent=65537, key_size=2048)) for _ in range(2))
    return one, other


@pytest.fixture(scope="session")
def p256_pairs(issue: IssueKeyPair) -> tuple[KeyPair, KeyPair]:
    one, other = (issue(ec.generate_private_key(ec.SECP256R1())) for _ in range(2))
    return one, other


@pytest.fixture
def rsa_card(rsa_pairs: tuple[KeyPair, KeyPair]) -> VirtualPiv:
    return VirtualPiv(PIN, {0x9A: rsa_pairs[0], 0x9D: rsa_pairs[1]})


@pytest.fixture
def p256_card(p256_pairs: tuple[KeyPair, KeyPair]) -> VirtualPiv:
    return VirtualPiv(PIN, {0x9A: p256_pairs[0], 0x9D: p256_pairs[1]})


@pytest.fixture
def other_card(rsa_pairs: tuple[KeyPair, KeyPair]) -> VirtualPiv:
    """The keys of `rsa_card` the other way round, so another certificate signs."""
    return VirtualPiv(PIN, {0x9A: rsa_pairs[1], 0x9D: rsa_pairs[0]})


@pytest.fixture(scope="session")
def _startable() -> None:
    """Leaves out, by name, whatever would start a pcscd where that cannot be; in CI it fails."""
    if not (why := why_not_available()):
        return
    if os.environ.get("CI") == "true":
        pytest.fail(why, pytrace=False)
    pytest.skip(why)


@pytest.fixture(scope="session")
def pcscd(_startable: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pcscd]:
    """One for all tests; `daemon` is the same where this process has a way to it."""
    with running_pcscd(tmp_path_factory.mktemp("pcscd")) as daemon:
        yield daemon


@pytest.fixture(scope="session")
def _way(_startable: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("way") / "pcscd.sock"


@pytest.fixture
def way(_way: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this process looks for pcscd, and nothing is; the library asks for it once in the life of a process."""
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(_way))
    return _way


@pytest.fixture
def daemon(pcscd: Pcscd, way: Path) -> Iterator[Pcscd]:
    with linked(way, pcscd.socket):
        yield pcscd


@pytest.fixture
def slot(daemon: Pcscd) -> VirtualSlot:
    return daemon.slots[0]


@pytest.fixture
def medium() -> PcscMedium:
    return PcscMedium(clock=lambda: NOW)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """An embedded port of 60 declarations."""
    with embedded_port(tmp_path / "home", 60) as demo:
        yield demo


@pytest.fixture
def line(demo: Demo) -> RecordingTransport:
    return RecordingTransport(demo)


@pytest.fixture
def card(demo: Demo) -> VirtualPiv:
    return demo_card(demo)


@pytest.fixture
def app_context(demo: Demo, line: RecordingTransport, tmp_path: Path) -> AppContext:
    return demo_context(demo, tmp_path / "home", transport=line, medium=PcscMedium())
