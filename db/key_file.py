"""The key file `key.json`: the key of a cache, encrypted under a secret of 32 bytes that the file itself does not give.

Three ways lead to the secret (`KeyProtection`): the card decrypts it, the card's signature gives it, or a passphrase
gives it. None of them uses the PIN: whoever has the file could try all PINs without the card.

The key is encrypted with AES-256-GCM, which authenticates everything else in the file. Only whoever has the secret can
make such a file. A secret that is encrypted to a public key can be chosen by anybody, so a file with one also needs the
card's signature over its whole content (`KeyFile.signed_text`).
"""

import enum
import hashlib
import os
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from db.key import KEY_BYTES, CacheKey
from db.old_key_file import OLD_VERSION, OldKeyFile, read_old_key_file
from db.problems import KeyFileDamaged, KeyFileForOtherCard, KeyFileTooNew, KeyMemoryShort, KeyUnwrapFailed
from jiacha_tui.card_encryption import EncryptedSecret, SecretScheme

VERSION: Final = 2
SALT_BYTES: Final = 32
NONCE_BYTES: Final = 12
WRAPPED_BYTES: Final = KEY_BYTES + 16
SECRET_BYTES: Final = 32

_DOMAIN: Final = "jiacha-key-file||"
"""How every text begins that a card signs for a key file. No port can ask for such a signature: a nonce of its login
page may not contain 「||」, and an authorisation begins with a card number."""

_Salt = Annotated[bytes, msgspec.Meta(min_length=SALT_BYTES, max_length=SALT_BYTES)]


class CardProtection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="card", tag_field="protected_by"):
    """The card decrypts the secret. `signature` is the card's, in base64, over `KeyFile.signed_text`."""

    scheme: SecretScheme
    ciphertext: bytes
    signature: str

    @property
    def encrypted_secret(self) -> EncryptedSecret:
        return EncryptedSecret(self.scheme, self.ciphertext)


class SignatureProtection(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="signature", tag_field="protected_by"
):
    """The secret is derived from the card's signature over a text with this salt (`text_for_secret`)."""

    salt: _Salt


class PassphraseProtection(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="passphrase", tag_field="protected_by"
):
    """The secret is derived from a passphrase by Argon2id (RFC 9106). Limits: no forged file stalls us."""

    memory_kib: Annotated[int, msgspec.Meta(ge=8 * 1024, le=512 * 1024)]
    iterations: Annotated[int, msgspec.Meta(ge=1, le=16)]
    lanes: Annotated[int, msgspec.Meta(ge=1, le=4)]
    salt: _Salt

    def secret(self, passphrase: str) -> bytes:
        """Takes about a second and `memory_kib` of memory with `PASSPHRASE_COST`. Raises KeyMemoryShort."""
        try:
            derivation = Argon2id(
                salt=self.salt,
                length=SECRET_BYTES,
                iterations=self.iterations,
                lanes=self.lanes,
                memory_cost=self.memory_kib,
            )
            return derivation.derive(passphrase.encode())
        except MemoryError:
            raise KeyMemoryShort from None


KeyProtection = CardProtection | SignatureProtection | PassphraseProtection


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """What one guess of a passphrase costs: memory in KiB, passes over it, and lanes."""

    memory_kib: int
    iterations: int
    lanes: int = 1


PASSPHRASE_COST: Final = Argon2Cost(memory_kib=256 * 1024, iterations=3)
"""256 MiB and about a second; `python -m bench.passphrase` measures it. One lane: more would only help an attacker, who
computes lanes at the same time."""


@dataclass(frozen=True, slots=True)
class KeyFileOwner:
    """The card that a key file is for: its number and the serial number of its certificate (lower-case hex)."""

    card_number: str
    certificate_serial: str


class UpgradedFrom(enum.Enum):
    """Which key file of version 1 a key file has replaced, until the operator was told. The value is in the files."""

    PIN_UNCONFIRMED = "pin-unconfirmed"
    """One that the PIN opened. The operator has not confirmed yet that it is the own one."""

    PIN = "pin"
    """One that the PIN opened, and that the operator confirmed."""

    CERTIFICATE = "certificate"
    """One that the card opened, and that the operator confirmed."""


class KeyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The content of a key file. The key in it is encrypted."""

    version: Literal[2]
    card_number: str
    certificate_serial: str
    protection: KeyProtection
    nonce: Annotated[bytes, msgspec.Meta(min_length=NONCE_BYTES, max_length=NONCE_BYTES)]
    wrapped_key: Annotated[bytes, msgspec.Meta(min_length=WRAPPED_BYTES, max_length=WRAPPED_BYTES)]
    upgraded_from: UpgradedFrom | None = None

    @property
    def owner(self) -> KeyFileOwner:
        return KeyFileOwner(self.card_number, self.certificate_serial)

    def check_card(self, card_number: str) -> None:
        """Raises KeyFileForOtherCard if the file is for another card."""
        if self.card_number != card_number:
            raise KeyFileForOtherCard(self.card_number)

    def unwrap(self, secret: bytes) -> CacheKey:
        """Raises KeyUnwrapFailed if the secret is not that of this file, or the file was changed."""
        try:
            return CacheKey(_cipher(secret).decrypt(self.nonce, self.wrapped_key, self._authenticated()))
        except InvalidTag:
            raise KeyUnwrapFailed from None

    @property
    def signed_text(self) -> str:
        """What the card signs: a hash of the whole file without the signature.

        It is a hash because RSA cards sign with SHA-1: in a text of this form nobody can hide the blocks that a
        collision needs.
        """
        return f"{_DOMAIN}content||{hashlib.sha256(msgspec.json.encode(self._unsigned())).hexdigest()}"

    def signed(self, signature: str) -> "KeyFile":
        """The same file with the card's signature over `signed_text`. Only for a file that the card protects."""
        if not isinstance(self.protection, CardProtection):
            raise TypeError("only a file that the card protects is signed")
        return msgspec.structs.replace(self, protection=msgspec.structs.replace(self.protection, signature=signature))

    def encode(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"

    def _unsigned(self) -> "KeyFile":
        return self.signed("") if isinstance(self.protection, CardProtection) else self

    def _authenticated(self) -> bytes:
        return msgspec.json.encode(msgspec.structs.replace(self._unsigned(), wrapped_key=b""))


def wrap_key(
    key: CacheKey,
    owner: KeyFileOwner,
    protection: KeyProtection,
    secret: bytes,
    upgraded_from: UpgradedFrom | None = None,
) -> KeyFile:
    """The key file for `secret`, to which `protection` is the way. One that the card protects is not signed yet."""
    nonce = os.urandom(NONCE_BYTES)
    file = KeyFile(VERSION, owner.card_number, owner.certificate_serial, protection, nonce, b"", upgraded_from)
    wrapped = _cipher(secret).encrypt(nonce, key.reveal(), file._authenticated())
    return msgspec.structs.replace(file, wrapped_key=wrapped)


def new_secret() -> bytes:
    """A secret from the random source of the operating system."""
    return os.urandom(SECRET_BYTES)


def new_signature_protection() -> SignatureProtection:
    """With a random salt."""
    return SignatureProtection(os.urandom(SALT_BYTES))


def new_passphrase_protection(cost: Argon2Cost = PASSPHRASE_COST) -> PassphraseProtection:
    """With a random salt."""
    return PassphraseProtection(cost.memory_kib, cost.iterations, cost.lanes, os.urandom(SALT_BYTES))


def text_for_secret(card_number: str, protection: SignatureProtection) -> str:
    """The text whose signature gives the secret. It is never signed for anything else."""
    return f"{_DOMAIN}secret||{card_number}||{protection.salt.hex()}"


def secret_from_signature(signature: bytes, protection: SignatureProtection) -> bytes:
    """The secret that follows from the card's signature over `text_for_secret`. Store and send neither."""
    return HKDF(hashes.SHA256(), SECRET_BYTES, salt=protection.salt, info=b"jiacha key file: signature").derive(
        signature
    )


def read_key_file(data: bytes) -> KeyFile | OldKeyFile:
    """Reads the content of a key file. Raises KeyFileDamaged and KeyFileTooNew."""
    try:
        version = msgspec.json.decode(data, type=_VersionOnly).version
        if version > VERSION:
            raise KeyFileTooNew
        if version == OLD_VERSION:
            return read_old_key_file(data)
        return msgspec.json.decode(data, type=KeyFile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise KeyFileDamaged from None


class _VersionOnly(msgspec.Struct):
    """The one field that every version of the file has."""

    version: int


def _cipher(secret: bytes) -> AESGCM:
    key = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"jiacha key file: wrapping").derive(secret)
    return AESGCM(key)
