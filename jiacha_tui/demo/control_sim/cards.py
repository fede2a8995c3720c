"""The cards for the simulator's reader: cards in PKCS#12 files, and an SM2 card that is created on demand."""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import pkcs12

from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.softcard import certificate_path
from jiacha_tui.clock import utc_now
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.card_issuing import Authority, Holder, issue_certificate
from jiacha_tui.demo.cards import demo_holder
from jiacha_tui.demo.control_sim.encryption import RsaPadding
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY, invented_card_number
from jiacha_tui.private_files import read_private

MAX_WRONG_PINS: Final = 3


@dataclass(frozen=True, slots=True)
class CardKeys:
    """What a card does once its PIN was verified. Signatures and ciphertexts have the form in which a card gives them.

    An SM2 card ignores the padding. `decrypt` raises ValueError for what was not encrypted to the card.
    """

    sign: Callable[[bytes], bytes] = field(repr=False)
    encrypt: Callable[[bytes, RsaPadding], bytes] = field(repr=False)
    decrypt: Callable[[bytes, RsaPadding], bytes] = field(repr=False)


_SM2_CARD_INDEX: Final = 8
_SM2_SERIAL_START: Final = 0x0300_0000_0000_0000
_BACKDATED_BY: Final = timedelta(days=1)
_WORD: Final = 32

# The SubjectPublicKeyInfo of an uncompressed point, without the point: for P-256, which cryptography can put into a
# certificate, and for sm2p256v1, which it cannot.
_P256_HEADER: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
_SM2_HEADER: Final = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")


class PinRefused(Exception):
    """The card refused the PIN. `locked` says whether it accepts no PIN any more."""

    def __init__(self, *, locked: bool) -> None:
        super().__init__()
        self.locked = locked


class Sm2Unavailable(Problem):
    """gmssl-pyx, which the SM2 card needs, is not installed. Code `control-sim.no-sm2`."""

    def __init__(self) -> None:
        super().__init__("control-sim.no-sm2", "没有 SM2 卡：这台机器没有 gmssl-pyx", "请用 x86_64 的机器，或换一张卡")


class CardKind(enum.Enum):
    """The cards. The value is the name of the card in a command."""

    CARD = "card"
    OTHER = "other"
    EXPIRED = "expired"
    SM2 = "sm2"


@dataclass(frozen=True, slots=True)
class ChangedPin:
    """A PIN that was changed after the card was created."""

    original: str = field(repr=False)
    current: str = field(repr=False)


@dataclass(slots=True)
class SimulatedCard:
    """A card with its PIN retry counter. It has one key pair, and signs and decrypts with it.

    `unlock` returns the keys if it gets the PIN that the card was created with, None otherwise.
    """

    identity: CardIdentity
    unlock: Callable[[str], CardKeys | None] = field(repr=False)
    wrong: int = 0
    changed: ChangedPin | None = field(default=None, repr=False)

    def verify(self, pin: str) -> CardKeys:
        """Verifies the PIN and returns the keys. Raises PinRefused. The right PIN resets the counter."""
        if self.wrong >= MAX_WRONG_PINS:
            raise PinRefused(locked=True)
        keys = self._unlock_with_current(pin)
        if keys is None:
            self.wrong += 1
            raise PinRefused(locked=self.wrong >= MAX_WRONG_PINS)
        self.wrong = 0
        return keys

    def change_pin(self, old: str, new: str) -> None:
        """Verifies the old PIN as `verify` does, then changes it."""
        self.verify(old)
        self.changed = ChangedPin(self.changed.original if self.changed else old, new)

    def reset(self) -> None:
        """Resets the counter and the PIN."""
        self.wrong = 0
        self.changed = None

    def _unlock_with_current(self, pin: str) -> CardKeys | None:
        if self.changed is None:
            return self.unlock(pin)
        return self.unlock(self.changed.original) if pin == self.changed.current else None


class CardStore:
    """Creates each card when it is first needed and keeps it while the simulator runs."""

    def __init__(self, create: Callable[[CardKind], SimulatedCard]) -> None:
        self._create = create
        self._cards: dict[CardKind, SimulatedCard] = {}

    def card(self, kind: CardKind) -> SimulatedCard:
        """Raises what creating the card raises."""
        if kind not in self._cards:
            self._cards[kind] = self._create(kind)
        return self._cards[kind]

    def reset(self) -> None:
        """Resets every card that was created."""
        for card in self._cards.values():
            card.reset()


def load_card(p12_path: Path) -> SimulatedCard:
    """The RSA card in a PKCS#12 file. The password of the file is the PIN. Raises FileProblem."""
    certificate = x509.load_pem_x509_certificate(read_private(certificate_path(p12_path)))
    p12 = read_private(p12_path)

    def unlock(pin: str) -> CardKeys | None:
        try:
            key = pkcs12.load_key_and_certificates(p12, pin.encode())[0]
        except (ValueError, UnsupportedAlgorithm):
            return None
        if not isinstance(key, rsa.RSAPrivateKey):
            return None
        return CardKeys(
            sign=lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA1()),  # noqa: S303 - as E-Port cards
            encrypt=lambda plain, scheme: key.public_key().encrypt(plain, scheme.asymmetric_padding()),
            decrypt=lambda encrypted, scheme: key.decrypt(encrypted, scheme.asymmetric_padding()),
        )

    return SimulatedCard(CardIdentity.from_certificate(certificate.public_bytes(serialization.Encoding.DER)), unlock)


def new_sm2_card(authority: Authority) -> SimulatedCard:
    """Creates an SM2 card of the demo company with the PIN `DEMO_PIN`. No port knows it yet. Raises Sm2Unavailable."""
    try:
        import gmssl_pyx  # type: ignore[import-untyped]  # noqa: PLC0415 - it has no types, and no wheel for some machines
    except ImportError as error:
        raise Sm2Unavailable from error
    public, private = gmssl_pyx.sm2_key_generate()
    now = utc_now()
    holder = demo_holder(invented_card_number(_SM2_CARD_INDEX), DEMO_COMPANY)

    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(gmssl_pyx.sm2_sign(private, public, message))
        return r.to_bytes(_WORD) + s.to_bytes(_WORD)

    def decrypt(encrypted: bytes, _padding: RsaPadding) -> bytes:
        try:
            return bytes(gmssl_pyx.sm2_decrypt(private, encrypted))
        except gmssl_pyx.GmsslInnerError as error:
            raise ValueError from error

    keys = CardKeys(sign, lambda plain, _padding: bytes(gmssl_pyx.sm2_encrypt(public, plain)), decrypt)
    certificate = _sm2_certificate(authority, holder, public, now)
    return SimulatedCard(CardIdentity.from_certificate(certificate), lambda pin: keys if pin == DEMO_PIN else None)


def _sm2_certificate(authority: Authority, holder: Holder, public: bytes, now: datetime) -> bytes:
    """The certificate of an SM2 key (DER).

    cryptography cannot create one, so this creates one for a P-256 key, replaces curve and point by those of the SM2
    key, which have the same length, and signs it again.
    """
    placeholder = ec.generate_private_key(ec.SECP256R1()).public_key()
    placeholder_point = placeholder.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    serial = _SM2_SERIAL_START + int.from_bytes(public[:4])
    draft = issue_certificate(authority, holder, placeholder, valid_from=now - _BACKDATED_BY, serial=serial)
    tbs = draft.tbs_certificate_bytes.replace(_P256_HEADER + placeholder_point, _SM2_HEADER + b"\x04" + public)
    signature = authority.key.sign(tbs, padding.PKCS1v15(), hashes.SHA256())
    return (
        draft.public_bytes(serialization.Encoding.DER)
        .replace(draft.tbs_certificate_bytes, tbs)
        .replace(draft.signature, signature)
    )
