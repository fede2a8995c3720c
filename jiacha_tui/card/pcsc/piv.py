"""The commands of a PIV card (NIST SP 800-73-4, part 2). Blocks the calling thread.

This module knows nothing about readers: it sends commands through a function that it is given.
"""

import enum
import zlib
from typing import Final, TypeGuard

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from jiacha_tui.card.pcsc import tlv
from jiacha_tui.card.pcsc.apdu import SUCCESS, CommandApdu, ResponseApdu, Send, exchange
from jiacha_tui.card.pcsc.problems import CardRefused, NotPiv, NotVerified
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import InvalidCard, PinBlocked, PinMalformed, WrongPin

_PIV_AID: Final = bytes.fromhex("a000000308000010000100")
_PIV_AIDS: Final = (_PIV_AID, _PIV_AID[:9], _PIV_AID[:5])
"""The AID with its version, without it, and NIST's identifier alone. No card accepts all three."""

# Instructions and their parameters
_SELECT, _VERIFY, _GENERAL_AUTHENTICATE, _GET_DATA = 0xA4, 0x20, 0x87, 0xCB
_BY_AID: Final = 0x0400
_CARD_PIN: Final = 0x0080
_DATA_OBJECT: Final = 0x3FFF
_PIN_BYTES: Final = 8
_PIN_FILLER: Final = b"\xff"

# Status words
_NOT_VERIFIED: Final = 0x6982
_LOCKED: Final = 0x6983
_MALFORMED: Final = 0x6A80
_NOT_FOUND: Final = 0x6A82
_WRONG_PIN: Final = 0x6300
_RETRIES_LEFT: Final = 0x63C0

# Tags of data objects
_TAG_LIST, _DATA, _CERTIFICATE, _CERTIFICATE_INFO = 0x5C, 0x53, 0x70, 0x71
_COMPRESSED: Final = 0x01
_GZIP: Final = 31
_MAX_CERTIFICATE_BYTES: Final = 16 * 1024

# Tags of the dynamic authentication template
_TEMPLATE, _CHALLENGE, _RESPONSE, _POINT = 0x7C, 0x81, 0x82, 0x85
_RSA_ALGORITHMS: Final = {1024: 0x06, 2048: 0x07}
_P256_ALGORITHM: Final = 0x11

Key = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class PivSlot(enum.Enum):
    """A key of the card. The value is its key reference and the data object with its certificate."""

    AUTHENTICATION = (0x9A, 0x5FC105)
    KEY_MANAGEMENT = (0x9D, 0x5FC10B)

    @property
    def reference(self) -> int:
        return self.value[0]

    @property
    def certificate_object(self) -> int:
        return self.value[1]


class PivCard:
    """A PIV card. Every call may also raise InvalidCard, CardRefused, and what `send` raises."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def select(self) -> None:
        """Selects the PIV application. Raises NotPiv if the card has none."""
        for aid in _PIV_AIDS:
            response = self._exchange(CommandApdu(_SELECT, _BY_AID, aid, expected=256))
            if response.status == SUCCESS:
                return
        raise NotPiv

    def certificate(self, slot: PivSlot) -> bytes | None:
        """The certificate (DER) of a key, None if the card has none."""
        object_name = tlv.encode(_TAG_LIST, slot.certificate_object.to_bytes(3))
        response = self._exchange(CommandApdu(_GET_DATA, _DATA_OBJECT, object_name, expected=256))
        if response.status == _NOT_FOUND:
            return None
        data = _check_success(response)
        try:
            content = tlv.find(data, _DATA)
            if not content:
                return None
            certificate, info = tlv.find(content, _CERTIFICATE), tlv.find(content, _CERTIFICATE_INFO)
            if certificate and info and info[0] & _COMPRESSED:
                certificate = _decompress(certificate)
        except (ValueError, zlib.error):
            raise InvalidCard("卡内证书无法解析") from None
        return certificate

    def pin_retries_left(self) -> int | None:
        """How many wrong PINs the card still accepts, 0 if it is locked. None if it does not tell. Uses no PIN try."""
        status = self._exchange(CommandApdu(_VERIFY, _CARD_PIN)).status
        if status == _LOCKED:
            return 0
        return status - _RETRIES_LEFT if _tells_retries_left(status) else None

    def is_verified(self) -> bool:
        """Whether the PIN was verified since the card got power. Uses no PIN try."""
        return self._exchange(CommandApdu(_VERIFY, _CARD_PIN)).status == SUCCESS

    def verify(self, pin: Pin) -> None:
        """Tries the PIN once. Raises WrongPin, PinBlocked, and PinMalformed if no PIN of this card has that form."""
        command = CommandApdu(_VERIFY, _CARD_PIN, pin.reveal().encode().ljust(_PIN_BYTES, _PIN_FILLER))
        status = self._exchange(command).status
        if status == SUCCESS:
            return
        if status in (_LOCKED, _RETRIES_LEFT):
            raise PinBlocked
        if _tells_retries_left(status):
            raise WrongPin(status - _RETRIES_LEFT)
        if status == _WRONG_PIN:
            raise WrongPin(None)
        if status == _MALFORMED:
            raise PinMalformed
        raise CardRefused(status)

    def private_key_operation(self, slot: PivSlot, key: Key, block: bytes) -> bytes:
        """Applies the private key.

        `block` is a padded block for an RSA key. For a P-256 key it is a digest, and the result an ECDSA signature in
        DER.
        """
        return self._authenticate(slot, key, _CHALLENGE, block)

    def ecdh(self, slot: PivSlot, key: Key, point: bytes) -> bytes:
        """The secret (ECDH, x coordinate) that the key shares with the owner of the uncompressed P-256 point."""
        return self._authenticate(slot, key, _POINT, point)

    def _authenticate(self, slot: PivSlot, key: Key, tag: int, value: bytes) -> bytes:
        template = tlv.encode(_TEMPLATE, tlv.encode(_RESPONSE) + tlv.encode(tag, value))
        parameters = _algorithm(key) << 8 | slot.reference
        response = _find_response(
            self._exchange(CommandApdu(_GENERAL_AUTHENTICATE, parameters, template, expected=256))
        )
        if not response:
            raise InvalidCard("卡的应答无法识别")
        return response

    def _exchange(self, command: CommandApdu) -> ResponseApdu:
        return exchange(self._send, command)


def is_usable(key: object) -> TypeGuard[Key]:
    """Whether a PIV card can have this type of key and this program can use it."""
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size in _RSA_ALGORITHMS
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)


def _algorithm(key: Key) -> int:
    """The algorithm identifier of the key (SP 800-78-4)."""
    return _RSA_ALGORITHMS[key.key_size] if isinstance(key, rsa.RSAPublicKey) else _P256_ALGORITHM


def _tells_retries_left(status: int) -> bool:
    return status & 0xFFF0 == _RETRIES_LEFT


def _check_success(response: ResponseApdu) -> bytes:
    if response.status == _NOT_VERIFIED:
        raise NotVerified
    if response.status != SUCCESS:
        raise CardRefused(response.status)
    return response.data


def _find_response(response: ResponseApdu) -> bytes | None:
    """The result of the key operation, None if it is missing.

    It may be secret. A function of its own keeps it out of the variables of a function that raises an exception.
    """
    try:
        return tlv.find(_check_success(response), _TEMPLATE, _RESPONSE)
    except ValueError:
        return None


def _decompress(data: bytes) -> bytes:
    """Decompresses gzip. Raises ValueError if the result would be larger than any certificate."""
    reader = zlib.decompressobj(_GZIP)
    certificate = reader.decompress(data, _MAX_CERTIFICATE_BYTES)
    if not reader.eof:
        raise ValueError("the certificate has no end")
    return certificate
