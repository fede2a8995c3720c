"""The cache's key: 32 random bytes in a small file that only the card or its PIN can decrypt.

If the card can decrypt, the key is encrypted for its certificate: by RSA-OAEP (SHA-256), or by HPKE (RFC 9180) for a
P-256 key. If it cannot, the key is encrypted with AES-256-GCM under a key derived from the PIN by scrypt with a random
salt. The key file is JSON. It has a version and names its card and certificate, so that the program can tell a wrong
card from a damaged file. It does not contain the PIN. A PIN is passed as a function that returns it, so that no
traceback shows it.
"""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, NoReturn

import msgspec
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from db.problems import (
    CertificateKeyUnsupported,
    KeyFileDamaged,
    KeyFileForOtherCard,
    KeyFileForOtherPin,
    KeyFileTooNew,
    KeyUnwrapFailed,
)
from jiacha_tui.card_encryption import HPKE_P256, OAEP_SHA256
from jiacha_tui.certificates import load_certificate

VERSION = 1
KEY_BYTES = 32
SALT_BYTES = 16
NONCE_BYTES = 12

SCRYPT_COST = 2**17
"""scrypt's n. With r = 8 each guess costs 128 MiB and a third of a second (recommended by OWASP)."""

SCRYPT_BLOCK = 8
_MIN_COST, _MAX_COST = 2**15, 2**20


class CacheKey:
    """The 32 bytes that a cache is encrypted with. No repr, traceback or pickle shows them."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError(f"a cache key has {KEY_BYTES} bytes")
        self._secret = secret

    def reveal(self) -> bytes:
        """The 32 bytes, for one call. Do not store them."""
        return self._secret

    def derive_subkey(self, purpose: bytes) -> bytes:
        """32 bytes that only this key gives for `purpose` (HKDF-SHA256). They do not reveal the key. Do not store them.

        `purpose` is a constant text of the caller, different for each use.
        """
        return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"jiacha cache subkey: " + purpose).derive(self._secret)

    def __repr__(self) -> str:
        return "CacheKey(********)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a cache key is not copied or pickled")


@dataclass(frozen=True, slots=True)
class KeyFileOwner:
    """The card that a key file is for: its number and the serial number of its certificate (lower-case hex)."""

    card_number: str
    certificate_serial: str


# The tag field is called `sealed_with` in the key files that exist, so it keeps its name.


class _CertificateWrapped(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="certificate", tag_field="sealed_with"
):
    """The key, encrypted for the certificate: by RSA-OAEP for an RSA key, by HPKE for a P-256 key."""

    ciphertext: bytes


class _PinWrapped(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="pin", tag_field="sealed_with"):
    """The key, encrypted with AES-256-GCM under scrypt of the PIN. `cost` has limits: no forged file stalls us."""

    cost: Annotated[int, msgspec.Meta(ge=_MIN_COST, le=_MAX_COST)]
    salt: Annotated[bytes, msgspec.Meta(min_length=SALT_BYTES, max_length=SALT_BYTES)]
    nonce: Annotated[bytes, msgspec.Meta(min_length=NONCE_BYTES, max_length=NONCE_BYTES)]
    ciphertext: bytes


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    card_number: str
    certificate_serial: str
    key: _CertificateWrapped | _PinWrapped


class _VersionOnly(msgspec.Struct):
    """The one field that every version of the file has."""

    version: int


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key file that was read. The key in it is still encrypted."""

    owner: KeyFileOwner
    _wrapped_key: _CertificateWrapped | _PinWrapped

    @property
    def needs_pin(self) -> bool:
        """Whether the PIN decrypts the key (`unwrap_with_pin`). If not, the card does (`unwrap`)."""
        return isinstance(self._wrapped_key, _PinWrapped)

    def check_card(self, card_number: str) -> None:
        """Raises KeyFileForOtherCard if the file is for another card."""
        if self.owner.card_number != card_number:
            raise KeyFileForOtherCard(self.owner.card_number)

    async def unwrap(self, decrypt: Callable[[bytes], Awaitable[bytes]]) -> CacheKey:
        """Decrypts the key with the card's `decrypt`, which handles RSA-OAEP or HPKE as its key requires.

        Raises KeyUnwrapFailed if the result is not a key, ValueError if the file needs the PIN, and any problem that
        `decrypt` raises.
        """
        if not isinstance(self._wrapped_key, _CertificateWrapped):
            raise ValueError("this key file is opened with the PIN")
        return _cache_key(await decrypt(self._wrapped_key.ciphertext))

    def unwrap_with_pin(self, reveal_pin: Callable[[], bytes]) -> CacheKey:
        """Decrypts the key with the PIN, which takes a third of a second.

        Raises KeyFileForOtherPin for another PIN or a changed file, and ValueError if the file needs the card.
        """
        if not isinstance(self._wrapped_key, _PinWrapped):
            raise ValueError("this key file is opened with the card")
        try:
            return _cache_key(
                _pin_cipher(reveal_pin, self._wrapped_key.salt, self._wrapped_key.cost).decrypt(
                    self._wrapped_key.nonce, self._wrapped_key.ciphertext, _authenticated(self.owner)
                )
            )
        except InvalidTag:
            raise KeyFileForOtherPin from None


def new_key() -> CacheKey:
    """A key from the random source of the operating system."""
    return CacheKey(os.urandom(KEY_BYTES))


def wrap_for_certificate(key: CacheKey, owner: KeyFileOwner, certificate: bytes) -> bytes:
    """The content of a key file that only the card with the key pair of the DER `certificate` can decrypt.

    A renewed certificate gets a new key file with the same key. Raises CertificateKeyUnsupported if the certificate
    cannot be read or has neither an RSA nor a P-256 key.
    """
    try:
        public_key = load_certificate(certificate).public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateKeyUnsupported from None
    if isinstance(public_key, rsa.RSAPublicKey):
        return _write(owner, _CertificateWrapped(ciphertext=public_key.encrypt(key.reveal(), OAEP_SHA256)))
    if isinstance(public_key, ec.EllipticCurvePublicKey) and isinstance(public_key.curve, ec.SECP256R1):
        return _write(owner, _CertificateWrapped(ciphertext=HPKE_P256.encrypt(key.reveal(), public_key)))
    raise CertificateKeyUnsupported


def wrap_for_pin(key: CacheKey, owner: KeyFileOwner, reveal_pin: Callable[[], bytes], cost: int = SCRYPT_COST) -> bytes:
    """The content of a key file that the PIN decrypts, for a medium that cannot decrypt."""
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    cipher = _pin_cipher(reveal_pin, salt, cost)
    ciphertext = cipher.encrypt(nonce, key.reveal(), _authenticated(owner))
    return _write(owner, _PinWrapped(cost=cost, salt=salt, nonce=nonce, ciphertext=ciphertext))


def read_key_file(data: bytes) -> KeyFile:
    """Reads the content of a key file. Raises KeyFileDamaged and KeyFileTooNew."""
    try:
        if msgspec.json.decode(data, type=_VersionOnly).version > VERSION:
            raise KeyFileTooNew
        file = msgspec.json.decode(data, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise KeyFileDamaged from None
    if file.version != VERSION:
        raise KeyFileDamaged
    if isinstance(file.key, _PinWrapped) and file.key.cost.bit_count() != 1:
        raise KeyFileDamaged
    return KeyFile(KeyFileOwner(file.card_number, file.certificate_serial), file.key)


def _write(owner: KeyFileOwner, key: _CertificateWrapped | _PinWrapped) -> bytes:
    file = _File(VERSION, owner.card_number, owner.certificate_serial, key)
    return msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n"


def _pin_cipher(reveal_pin: Callable[[], bytes], salt: bytes, cost: int) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=KEY_BYTES, n=cost, r=SCRYPT_BLOCK, p=1).derive(reveal_pin()))


def _authenticated(owner: KeyFileOwner) -> bytes:
    """What AES-GCM authenticates with the ciphertext: nobody can change the file to name another card."""
    return msgspec.json.encode([VERSION, owner.card_number, owner.certificate_serial])


def _cache_key(secret: bytes) -> CacheKey:
    if len(secret) != KEY_BYTES:
        raise KeyUnwrapFailed
    return CacheKey(secret)
