"""Encrypts a secret for `RSADecrypt` of the control, by the first way that survives a round trip.

Neither the padding nor the form of the data is published, and a control may lack each of the methods. So nothing is
believed: what was encrypted is decrypted once and compared. The ways in which this program encrypts by itself come
first, because then the round trip proves that the control has the private key.

Each call sends the PIN. After an error that may have spent a try of it, no further way is tried.
"""

import base64
import binascii
from collections.abc import AsyncIterator
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from jiacha_tui.card.control.api import ControlApi
from jiacha_tui.card.control.problems import (
    ControlLost,
    ControlRefused,
    ControlTimeout,
    InvalidControlReply,
    PaddingRefused,
)
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CannotDecrypt, DecryptionFailed
from jiacha_tui.card_encryption import OAEP_SHA1, OAEP_SHA256, EncryptedSecret, SecretScheme
from jiacha_tui.certificates import load_certificate

_PADDINGS: Final[dict[SecretScheme, padding.AsymmetricPadding]] = {
    SecretScheme.CONTROL_OAEP_SHA256: OAEP_SHA256,
    SecretScheme.CONTROL_OAEP_SHA1: OAEP_SHA1,
    SecretScheme.CONTROL_PKCS1V15: padding.PKCS1v15(),
}
"""The best first."""

_SECRET_BYTES: Final = 32
_MIN_KEY_BITS: Final = 1024
_REFUSED: Final = (ControlRefused, InvalidControlReply)
_UNKNOWN: Final = (*_REFUSED, ControlLost, ControlTimeout)
"""Nobody knows whether the card has tried the PIN."""


async def encrypt_by_control(control: ControlApi, pin: Pin, secret: bytes) -> EncryptedSecret:
    """Encrypts the 32 bytes of `secret`. Raises CannotDecrypt if no way survives a round trip, NoCard, WrongPin."""
    text = base64.b64encode(secret)
    try:
        async for encrypted in _encrypted(control, pin, text):
            if await _is_decrypted(control, pin, encrypted, secret):
                return encrypted
    except _UNKNOWN:
        pass
    raise CannotDecrypt


async def decrypt_by_control(control: ControlApi, pin: Pin, encrypted: EncryptedSecret) -> bytes:
    """Raises CannotDecrypt for what another medium has to decrypt, DecryptionFailed, and as `ControlApi.decrypt`."""
    if encrypted.scheme not in (*_PADDINGS, SecretScheme.CONTROL_OWN):
        raise CannotDecrypt
    try:
        text = await control.decrypt(encrypted.ciphertext, pin)
    except _REFUSED:
        raise DecryptionFailed from None
    return _secret_in(text)


async def _encrypted(control: ControlApi, pin: Pin, text: bytes) -> AsyncIterator[EncryptedSecret]:
    """The ciphertext of every way that encrypts at all."""
    public_key = await _public_key(control)
    if public_key is not None:
        for scheme, scheme_padding in _PADDINGS.items():
            yield EncryptedSecret(scheme, public_key.encrypt(text, scheme_padding))
    own, again = [await control.encrypt(text.decode(), pin) for _ in range(2)]
    # A control that only encodes would survive the round trip. Whatever encrypts well is different each time.
    if own != again and not any(part in own for part in (text, base64.b64decode(text))):
        yield EncryptedSecret(SecretScheme.CONTROL_OWN, own)


async def _public_key(control: ControlApi) -> rsa.RSAPublicKey | None:
    """The RSA key of the card's encryption certificate, None if the control hands out none that is long enough."""
    try:
        key = load_certificate(await control.encryption_certificate()).public_key()
    except (*_REFUSED, ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _MIN_KEY_BITS else None


async def _is_decrypted(control: ControlApi, pin: Pin, encrypted: EncryptedSecret, secret: bytes) -> bool:
    """Raises `_UNKNOWN` if it is not certain that the card has accepted the PIN."""
    try:
        return _secret_in(await control.decrypt(encrypted.ciphertext, pin)) == secret
    except (PaddingRefused, DecryptionFailed):
        return False


def _secret_in(text: str) -> bytes:
    """The secret whose base64 was encrypted, from that base64 or from the base64 of it."""
    data = text.encode()
    for _ in range(2):
        try:
            data = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            break
        if len(data) == _SECRET_BYTES:
            return data
    raise DecryptionFailed
