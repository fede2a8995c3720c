"""A pcscd with two virtual readers, and cards for them. They are shared, because creating a key takes some time."""

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
    """Issues a certificate for a key. All certificates have the same holder."""

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
    """A card with the keys of `rsa_card` exchanged, so that its signing certificate differs."""
    return VirtualPiv(PIN, {0x9A: rsa_pairs[1], 0x9D: rsa_pairs[0]})


@pytest.fixture(scope="session")
def _pcscd_available() -> None:
    """Skips every test that needs a pcscd if none can be started. In CI it fails them."""
    if not (reason := why_not_available()):
        return
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def pcscd(_pcscd_available: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pcscd]:
    """One pcscd for all tests. Only the fixture `linked_pcscd` connects this process to it."""
    with running_pcscd(tmp_path_factory.mktemp("pcscd")) as daemon:
        yield daemon


@pytest.fixture(scope="session")
def _socket_link(_pcscd_available: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("link") / "pcscd.sock"


@pytest.fixture
def socket_link(_socket_link: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path at which this process looks for pcscd. At first nothing is there.

    The path is the same in all tests, because the PC/SC library reads the variable once in the life of a process.
    """
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(_socket_link))
    return _socket_link


@pytest.fixture
def linked_pcscd(pcscd: Pcscd, socket_link: Path) -> Iterator[Pcscd]:
    with linked(socket_link, pcscd.socket):
        yield pcscd


@pytest.fixture
def slot(linked_pcscd: Pcscd) -> VirtualSlot:
    return linked_pcscd.slots[0]


@pytest.fixture
def medium() -> PcscMedium:
    return PcscMedium(clock=lambda: NOW)


@pytest.fixture
def demo(port_home: Path) -> Iterator[Demo]:
    """An embedded port with 20 declarations."""
    with embedded_port(port_home, 20) as demo:
        yield demo


@pytest.fixture
def transport(demo: Demo) -> RecordingTransport:
    return RecordingTransport(demo)


@pytest.fixture
def card(demo: Demo) -> VirtualPiv:
    return demo_card(demo)


@pytest.fixture
def app_context(demo: Demo, transport: RecordingTransport, tmp_path: Path) -> AppContext:
    return demo_context(demo, tmp_path / "home", transport=transport, medium=PcscMedium())
