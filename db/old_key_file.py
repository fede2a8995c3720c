"""The key files of version 1, which are only read: a login opens one for the last time and writes version 2.

The key was encrypted to the card's certificate, which anybody can do who has the certificate, or under scrypt of the
PIN, which anybody can try who has the file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from db.key import KEY_BYTES, CacheKey
from db.problems import KeyFileDamaged, KeyFileForOtherCard, KeyFileForOtherPin, KeyMemoryShort, KeyUnwrapFailed
from jiacha_tui.card_encryption import EncryptedSecret, SecretScheme

OLD_VERSION: Final = 1
SCRYPT_BLOCK: Final = 8
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_MIN_COST: Final = 2**15
_MAX_COST: Final = 2**18
"""The program used 2**17, which takes 128 MiB."""


class _CertificateWrapped(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="certificate", tag_field="sealed_with"
):
    """The key, encrypted for the certificate (`SecretScheme.CERTIFICATE`)."""

    ciphertext: bytes


class _PinWrapped(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="pin", tag_field="sealed_with"):
    """The key, encrypted with AES-256-GCM under scrypt of the PIN. `cost` has limits: no forged file stalls us."""

    cost: Annotated[int, msgspec.Meta(ge=_MIN_COST, le=_MAX_COST)]
    salt: Annotated[bytes, msgspec.Meta(min_length=_SALT_BYTES, max_length=_SALT_BYTES)]
    nonce: Annotated[bytes, msgspec.Meta(min_length=_NONCE_BYTES, max_length=_NONCE_BYTES)]
    ciphertext: bytes


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    card_number: str
    certificate_serial: str
    key: _CertificateWrapped | _PinWrapped


@dataclass(frozen=True, slots=True)
class OldKeyFile:
    """A key file of version 1. The key in it is still encrypted."""

    card_number: str
    certificate_serial: str
    _wrapped_key: _CertificateWrapped | _PinWrapped

    @property
    def needs_pin(self) -> bool:
        """Whether the PIN decrypts the key (`unwrap_with_pin`). If not, the card does (`encrypted_key`)."""
        return isinstance(self._wrapped_key, _PinWrapped)

    @property
    def encrypted_key(self) -> EncryptedSecret:
        """The key, encrypted for the card. Raises ValueError if the file needs the PIN."""
        if not isinstance(self._wrapped_key, _CertificateWrapped):
            raise ValueError("this key file is opened with the PIN")
        return EncryptedSecret(SecretScheme.CERTIFICATE, self._wrapped_key.ciphertext)

    def check_card(self, card_number: str) -> None:
        """Raises KeyFileForOtherCard if the file is for another card."""
        if self.card_number != card_number:
            raise KeyFileForOtherCard(self.card_number)

    def unwrap_with_pin(self, reveal_pin: Callable[[], bytes]) -> CacheKey:
        """Decrypts the key with the PIN, which takes a third of a second. A function, so that no traceback shows it.

        Raises KeyFileForOtherPin for another PIN or a changed file, KeyMemoryShort, and ValueError if the file needs
        the card.
        """
        wrapped = self._wrapped_key
        if not isinstance(wrapped, _PinWrapped):
            raise ValueError("this key file is opened with the card")
        derivation = Scrypt(salt=wrapped.salt, length=KEY_BYTES, n=wrapped.cost, r=SCRYPT_BLOCK, p=1)
        try:
            cipher = AESGCM(derivation.derive(reveal_pin()))
        except MemoryError:
            raise KeyMemoryShort from None
        authenticated = msgspec.json.encode([OLD_VERSION, self.card_number, self.certificate_serial])
        try:
            return decrypted_key(cipher.decrypt(wrapped.nonce, wrapped.ciphertext, authenticated))
        except InvalidTag:
            raise KeyFileForOtherPin from None


def decrypted_key(secret: bytes) -> CacheKey:
    """The key that was decrypted from an old key file. Raises KeyUnwrapFailed if it is none."""
    if len(secret) != KEY_BYTES:
        raise KeyUnwrapFailed
    return CacheKey(secret)


def read_old_key_file(data: bytes) -> OldKeyFile:
    """Reads a key file of version 1. Raises KeyFileDamaged, msgspec.DecodeError, UnicodeDecodeError."""
    file = msgspec.json.decode(data, type=_File)
    if isinstance(file.key, _PinWrapped) and file.key.cost.bit_count() != 1:
        raise KeyFileDamaged
    return OldKeyFile(file.card_number, file.certificate_serial, file.key)
