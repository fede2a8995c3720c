"""A PIV card's own language: NIST SP 800-73-4, part 2. Blocks the thread it is called in.

What is sent and what comes goes through `exchange`; nothing here knows a reader.
"""

import enum
import zlib
from typing import Final, TypeGuard

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from jiacha_tui.card.pcsc import tlv
from jiacha_tui.card.pcsc.apdu import SUCCESS, CommandApdu, ResponseApdu, Send, exchange
from jiacha_tui.card.pcsc.problems import CardRefused, NotPiv, NotVerified
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardLocked, InvalidCard, PinMalformed, WrongPin

_APPLICATION: Final = bytes.fromhex("a000000308000010000100")
_APPLICATION_NAMES: Final = (_APPLICATION, _APPLICATION[:9], _APPLICATION[:5])
"""With its version, without, and the issuer of the standard alone: no card takes all three."""

_SELECT, _VERIFY, _GENERAL_AUTHENTICATE, _GET_DATA = 0xA4, 0x20, 0x87, 0xCB
_BY_NAME: Final = 0x0400
_CARD_PIN: Final = 0x0080
_DATA_OBJECT: Final = 0x3FFF
_PIN_BYTES: Final = 8
_PIN_FILLER: Final = b"\xff"

_NOT_VERIFIED: Final = 0x6982
_LOCKED: Final = 0x6983
_MALFORMED: Final = 0x6A80
_NOT_FOUND: Final = 0x6A82
_SOMETHING_WRONG: Final = 0x6300
_TRIES_LEFT: Final = 0x63C0

_NAME, _CONTENT, _CERTIFICATE, _CERTIFICATE_INFO = 0x5C, 0x53, 0x70, 0x71
_COMPRESSED: Final = 0x01
_GZIP: Final = 31
_LARGEST_CERTIFICATE: Final = 16 * 1024

_TEMPLATE, _CHALLENGE, _RESPONSE, _POINT = 0x7C, 0x81, 0x82, 0x85
_RSA_ALGORITHMS: Final = {1024: 0x06, 2048: 0x07}
_P256_ALGORITHM: Final = 0x11

Key = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class PivSlot(enum.Enum):
    """A key of the card; the value is its reference and the data object with its certificate."""

    AUTHENTICATION = (0x9A, 0x5FC105)
    KEY_MANAGEMENT = (0x9D, 0x5FC10B)

    @property
    def reference(self) -> int:
        return self.value[0]

    @property
    def certificate_object(self) -> int:
        return self.value[1]


class PivCard:
    """A card in a reader. Every call raises InvalidCard and CardRefused too, and whatever `send` raises."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def select(self) -> None:
        """Makes the PIV application the one that is spoken to. Raises NotPiv where there is none."""
        for name in _APPLICATION_NAMES:
            answer = self._ask(CommandApdu(_SELECT, _BY_NAME, name, expected=256))
            if answer.status == SUCCESS:
                return
        raise NotPiv

    def certificate(self, slot: PivSlot) -> bytes | None:
        """The certificate of a key, DER; None if the card has none."""
        name = tlv.encode(_NAME, slot.certificate_object.to_bytes(3))
        answer = self._ask(CommandApdu(_GET_DATA, _DATA_OBJECT, name, expected=256))
        if answer.status == _NOT_FOUND:
            return None
        data = _checked(answer)
        try:
            content = tlv.find(data, _CONTENT)
            if not content:
                return None
            certificate, info = tlv.find(content, _CERTIFICATE), tlv.find(content, _CERTIFICATE_INFO)
            if certificate and info and info[0] & _COMPRESSED:
                certificate = _decompressed(certificate)
        except (ValueError, zlib.error):
            raise InvalidCard("卡内证书无法解析") from None
        return certificate

    def pin_retries_left(self) -> int | None:
        """Wrong PINs that the card still takes, 0 if it is locked; None where it does not tell. Spends none."""
        status = self._ask(CommandApdu(_VERIFY, _CARD_PIN)).status
        if status == _LOCKED:
            return 0
        return status - _TRIES_LEFT if _is_tries_left(status) else None

    def is_verified(self) -> bool:
        """Whether the PIN was verified since the card got its power. Spends no try."""
        return self._ask(CommandApdu(_VERIFY, _CARD_PIN)).status == SUCCESS

    def verify(self, pin: Pin) -> None:
        """One try of the PIN. Raises WrongPin, CardLocked, and PinMalformed if it cannot be one of this card's."""
        command = CommandApdu(_VERIFY, _CARD_PIN, pin.reveal().encode().ljust(_PIN_BYTES, _PIN_FILLER))
        status = self._ask(command).status
        if status == SUCCESS:
            return
        if status in (_LOCKED, _TRIES_LEFT):
            raise CardLocked
        if _is_tries_left(status):
            raise WrongPin(status - _TRIES_LEFT)
        if status == _SOMETHING_WRONG:
            raise WrongPin(None)
        if status == _MALFORMED:
            raise PinMalformed
        raise CardRefused(status)

    def private_key_operation(self, slot: PivSlot, key: Key, block: bytes) -> bytes:
        """What the private key makes of a padded block (RSA), or its ECDSA signature of a digest in DER (P-256)."""
        return self._authenticate(slot, key, _CHALLENGE, block)

    def ecdh(self, slot: PivSlot, key: Key, point: bytes) -> bytes:
        """The secret that the key shares with the owner of the P-256 point (uncompressed): ECDH, x alone."""
        return self._authenticate(slot, key, _POINT, point)

    def _authenticate(self, slot: PivSlot, key: Key, tag: int, value: bytes) -> bytes:
        template = tlv.encode(_TEMPLATE, tlv.encode(_RESPONSE) + tlv.encode(tag, value))
        parameters = _algorithm(key) << 8 | slot.reference
        response = _response(self._ask(CommandApdu(_GENERAL_AUTHENTICATE, parameters, template, expected=256)))
        if not response:
            raise InvalidCard("卡的应答无法识别")
        return response

    def _ask(self, command: CommandApdu) -> ResponseApdu:
        return exchange(self._send, command)


def is_usable(key: object) -> TypeGuard[Key]:
    """Whether it is a key that a PIV card can have and this program can use."""
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size in _RSA_ALGORITHMS
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)


def _algorithm(key: Key) -> int:
    """The card's name for a kind of key (SP 800-78-4)."""
    return _RSA_ALGORITHMS[key.key_size] if isinstance(key, rsa.RSAPublicKey) else _P256_ALGORITHM


def _is_tries_left(status: int) -> bool:
    return status & 0xFFF0 == _TRIES_LEFT


def _checked(answer: ResponseApdu) -> bytes:
    if answer.status == _NOT_VERIFIED:
        raise NotVerified
    if answer.status != SUCCESS:
        raise CardRefused(answer.status)
    return answer.data


def _response(answer: ResponseApdu) -> bytes | None:
    """What the key made of the block, which may be a secret and so is in no variable of whoever raises something."""
    try:
        return tlv.find(_checked(answer), _TEMPLATE, _RESPONSE)
    except ValueError:
        return None


def _decompressed(data: bytes) -> bytes:
    """Of gzip. Raises ValueError for what would become larger than any certificate."""
    reader = zlib.decompressobj(_GZIP)
    certificate = reader.decompress(data, _LARGEST_CERTIFICATE)
    if not reader.eof:
        raise ValueError("the certificate has no end")
    return certificate
