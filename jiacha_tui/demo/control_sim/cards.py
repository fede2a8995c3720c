"""What can be inserted into the simulator's reader: cards in PKCS#12 files, and an SM2 card made on the spot."""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
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
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.card_issuing import Authority, Holder, issue_certificate
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY, card_number
from jiacha_tui.private_files import read_private

MAX_WRONG_PINS: Final = 3

SignFunction = Callable[[bytes], bytes]
"""Makes a signature in the form in which a card gives it."""

_SM2_CARD: Final = 8
_SM2_SERIAL_START: Final = 0x0300_0000_0000_0000
_LITTLE: Final = timedelta(days=1)
_WORD: Final = 32
_POINT: Final = 65

# SubjectPublicKeyInfo of an uncompressed point, up to the point: on P-256, which cryptography can make certificates
# for, and on sm2p256v1.
_ON_P256: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
_ON_SM2: Final = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")


class PinRefused(Exception):
    """The card did not take the PIN; `locked` once it takes none any more."""

    def __init__(self, *, locked: bool) -> None:
        super().__init__()
        self.locked = locked


class Sm2Unavailable(Problem):
    def __init__(self) -> None:
        super().__init__("control-sim.no-sm2", "没有 SM2 卡：这台机器没有 gmssl-pyx", "请用 x86_64 的机器，或换一张卡")


class CardKind(enum.Enum):
    """The cards by the names that the simulator's commands know them by."""

    CARD = "card"
    OTHER = "other"
    EXPIRED = "expired"
    SM2 = "sm2"


@dataclass(frozen=True, slots=True)
class ChangedPin:
    made_with: str = field(repr=False)
    now: str = field(repr=False)


@dataclass(slots=True)
class SimulatedCard:
    """A card with its own count of wrong PINs. `unlock` gives its key for the PIN it was made with, else None."""

    identity: CardIdentity
    unlock: Callable[[str], SignFunction | None] = field(repr=False)
    wrong: int = 0
    changed: ChangedPin | None = field(default=None, repr=False)

    def verify(self, pin: str) -> SignFunction:
        """Raises PinRefused; the right PIN gives all tries back."""
        if self.wrong >= MAX_WRONG_PINS:
            raise PinRefused(locked=True)
        signing = self._unlocked(pin)
        if signing is None:
            self.wrong += 1
            raise PinRefused(locked=self.wrong >= MAX_WRONG_PINS)
        self.wrong = 0
        return signing

    def change_pin(self, old: str, new: str) -> None:
        """Takes a try as `verify` does, and raises as it."""
        self.verify(old)
        self.changed = ChangedPin(self.changed.made_with if self.changed else old, new)

    def reset(self) -> None:
        """All tries, and the PIN it was made with."""
        self.wrong = 0
        self.changed = None

    def _unlocked(self, pin: str) -> SignFunction | None:
        if self.changed is None:
            return self.unlock(pin)
        return self.unlock(self.changed.made_with) if pin == self.changed.now else None


class CardStore:
    """The cards at hand, each made when it is first taken, and then the same for as long as the simulator runs."""

    def __init__(self, make: Callable[[CardKind], SimulatedCard]) -> None:
        self._make = make
        self._made: dict[CardKind, SimulatedCard] = {}

    def card(self, kind: CardKind) -> SimulatedCard:
        """Raises what making the card raises."""
        if kind not in self._made:
            self._made[kind] = self._make(kind)
        return self._made[kind]

    def reset(self) -> None:
        for card in self._made.values():
            card.reset()


def load_card(p12_path: Path) -> SimulatedCard:
    """The RSA card in a PKCS#12 file, whose password is the PIN. Raises FileProblem."""
    certificate = x509.load_pem_x509_certificate(read_private(certificate_path(p12_path)))
    p12 = read_private(p12_path)

    def unlock(pin: str) -> SignFunction | None:
        try:
            key = pkcs12.load_key_and_certificates(p12, pin.encode())[0]
        except (ValueError, UnsupportedAlgorithm):
            return None
        if not isinstance(key, rsa.RSAPrivateKey):
            return None
        # SHA-1 is what the cards sign with.
        return lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303

    return SimulatedCard(CardIdentity.from_certificate(certificate.public_bytes(serialization.Encoding.DER)), unlock)


def new_sm2_card(authority: Authority) -> SimulatedCard:
    """A new SM2 card of the demo company, its PIN `DEMO_PIN`, which no port knows yet. Raises Sm2Unavailable."""
    try:
        import gmssl_pyx  # type: ignore[import-untyped]  # noqa: PLC0415 - it comes without types, and not everywhere
    except ImportError as error:
        raise Sm2Unavailable from error
    public, private = gmssl_pyx.sm2_key_generate()
    now = datetime.now(UTC)
    holder = Holder(
        card_number=card_number(_SM2_CARD),
        name="示例操作员",
        company=DEMO_COMPANY.name,
        organisation_code=DEMO_COMPANY.organisation_code,
    )

    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(gmssl_pyx.sm2_sign(private, public, message))
        return r.to_bytes(_WORD) + s.to_bytes(_WORD)

    certificate = _sm2_certificate(authority, holder, public, now)
    return SimulatedCard(CardIdentity.from_certificate(certificate), lambda pin: sign if pin == DEMO_PIN else None)


def _sm2_certificate(authority: Authority, holder: Holder, public: bytes, now: datetime) -> bytes:
    """DER. A certificate for a P-256 key, in which the curve and the point are exchanged: both are equally long."""
    stand_in = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = stand_in.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    serial = _SM2_SERIAL_START + int.from_bytes(public[:4])
    draft = issue_certificate(authority, holder, stand_in, valid_from=now - _LITTLE, serial=serial)
    tbs = draft.tbs_certificate_bytes.replace(_ON_P256 + point, _ON_SM2 + b"\x04" + public)
    signature = authority.key.sign(tbs, padding.PKCS1v15(), hashes.SHA256())
    return (
        draft.public_bytes(serialization.Encoding.DER)
        .replace(draft.tbs_certificate_bytes, tbs)
        .replace(draft.signature, signature)
    )
