"""The cache's key: random, kept in a small file that only the card, or its PIN, can open.

A card that decrypts gets the key sealed to its certificate: by RSA-OAEP (SHA-256), or for a P-256 key by HPKE
(RFC 9180). For a medium that cannot, the key is encrypted with one derived from the PIN: scrypt with a random salt,
then AES-256-GCM. The file is JSON with a version and names the card and certificate it is for, so that a wrong card is
told apart from a damaged file. It holds no PIN, and nothing here keeps one: a PIN comes in as a call that reveals it,
so that no traceback can show it.
"""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, NoReturn

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from db.problems import TO_NEW_CACHE, CacheProblem
from jiacha_tui.card_encryption import HPKE_P256, OAEP_SHA256

VERSION = 1
KEY_BYTES = 32
SALT_BYTES = 16
NONCE_BYTES = 12

SCRYPT_COST = 2**17
"""scrypt's n; with r = 8 a guess costs 128 MiB and a third of a second (OWASP's recommendation)."""

SCRYPT_BLOCK = 8
_CHEAPEST, _DEAREST = 2**15, 2**20


class CacheKey:
    """The 32 bytes that a cache is encrypted with. Shows itself nowhere: not in a repr, a traceback or a pickle."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError(f"a cache key has {KEY_BYTES} bytes")
        self._secret = secret

    def reveal(self) -> bytes:
        """The key itself, for one call; not to be stored."""
        return self._secret

    def __repr__(self) -> str:
        return "CacheKey(********)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a cache key is not copied or pickled")


class KeyFileDamaged(CacheProblem):
    def __init__(self) -> None:
        super().__init__("key.damaged", "本机缓存的密钥文件已损坏", TO_NEW_CACHE)


class KeyFileTooNew(CacheProblem):
    def __init__(self) -> None:
        super().__init__("key.too-new", "本机缓存的密钥文件由更新版本的程序建立", "请升级本程序")


class KeyOfOtherCard(CacheProblem):
    """The key file is for another card: `card_number` is that card's."""

    def __init__(self, card_number: str) -> None:
        super().__init__("key.other-card", f"本机缓存属于卡 {card_number}", "请插入那张卡")
        self.card_number = card_number


class KeyUnwrapFailed(CacheProblem):
    """The card's key pair is not the one that the cache's key was sealed to."""

    def __init__(self) -> None:
        super().__init__("key.not-unsealed", "这张卡打不开本机缓存：建立缓存以后，卡的密钥换过", TO_NEW_CACHE)


class KeyOfOtherPin(CacheProblem):
    """The cache's key is wrapped with another PIN, that of the card before it was changed."""

    def __init__(self) -> None:
        super().__init__("key.other-pin", "卡的密码换过，本机缓存还由更换前的密码保护", "请输入更换前的密码")


class CertificateCannotSeal(CacheProblem):
    """The card's certificate has neither an RSA nor a P-256 key (an SM2 card): the PIN has to wrap the cache's key."""

    def __init__(self) -> None:
        super().__init__("key.certificate-cannot-seal", "这张卡的证书不能保护缓存密钥", "请改用密码保护")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a key file is for: the number of the card and the serial of its certificate (lower-case hex)."""

    card_number: str
    certificate_serial: str


class _CertificateWrapped(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="certificate", tag_field="sealed_with"
):
    """The key as ciphertext, of RSA-OAEP or HPKE as the certificate's key is RSA or P-256."""

    ciphertext: bytes


class _PinWrapped(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="pin", tag_field="sealed_with"):
    """The key as AES-256-GCM ciphertext under scrypt of the PIN; `cost` is bounded so that no file can stall us."""

    cost: Annotated[int, msgspec.Meta(ge=_CHEAPEST, le=_DEAREST)]
    salt: Annotated[bytes, msgspec.Meta(min_length=SALT_BYTES, max_length=SALT_BYTES)]
    nonce: Annotated[bytes, msgspec.Meta(min_length=NONCE_BYTES, max_length=NONCE_BYTES)]
    ciphertext: bytes


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    card_number: str
    certificate_serial: str
    key: _CertificateWrapped | _PinWrapped


class _Versioned(msgspec.Struct):
    """What every version of the file has."""

    version: int


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key file that was read: whom it is for, and the two ways to the key."""

    owner: Owner
    _key: _CertificateWrapped | _PinWrapped

    @property
    def needs_pin(self) -> bool:
        """Whether `unwrap_with_pin` opens it, else `unwrap`."""
        return isinstance(self._key, _PinWrapped)

    def check_card(self, card_number: str) -> None:
        """Raises KeyOfOtherCard where the file is for another card."""
        if self.owner.card_number != card_number:
            raise KeyOfOtherCard(self.owner.card_number)

    async def unwrap(self, decrypt: Callable[[bytes], Awaitable[bytes]]) -> CacheKey:
        """The key, by the card's `decrypt`, which knows what is for its key (RSA-OAEP, HPKE).

        Raises KeyUnwrapFailed where the card gives something else, ValueError where the file needs the PIN, and
        whatever problem `decrypt` raises.
        """
        if not isinstance(self._key, _CertificateWrapped):
            raise ValueError("this key file is opened with the PIN")
        return _key_of(await decrypt(self._key.ciphertext))

    def unwrap_with_pin(self, reveal_pin: Callable[[], bytes]) -> CacheKey:
        """The key, by the PIN. Takes a third of a second. Raises KeyOfOtherPin for another PIN or a changed file,
        ValueError where the file needs the card.
        """
        if not isinstance(self._key, _PinWrapped):
            raise ValueError("this key file is opened with the card")
        try:
            return _key_of(
                _pin_cipher(reveal_pin, self._key.salt, self._key.cost).decrypt(
                    self._key.nonce, self._key.ciphertext, _authenticated(self.owner)
                )
            )
        except InvalidTag:
            raise KeyOfOtherPin from None


def new_key() -> CacheKey:
    """A key from the system's random source."""
    return CacheKey(os.urandom(KEY_BYTES))


def wrap_for_certificate(key: CacheKey, owner: Owner, certificate: bytes) -> bytes:
    """A key file that only the card with the key of the DER `certificate` opens. Raises CertificateCannotSeal.

    Wrapping the same key again is how a renewed certificate or a changed PIN gets its file.
    """
    try:
        public_key = x509.load_der_x509_certificate(certificate).public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateCannotSeal from None
    if isinstance(public_key, rsa.RSAPublicKey):
        return _write(owner, _CertificateWrapped(ciphertext=public_key.encrypt(key.reveal(), OAEP_SHA256)))
    if isinstance(public_key, ec.EllipticCurvePublicKey) and isinstance(public_key.curve, ec.SECP256R1):
        return _write(owner, _CertificateWrapped(ciphertext=HPKE_P256.encrypt(key.reveal(), public_key)))
    raise CertificateCannotSeal


def wrap_for_pin(key: CacheKey, owner: Owner, reveal_pin: Callable[[], bytes], cost: int = SCRYPT_COST) -> bytes:
    """A key file that the PIN opens, for a medium that cannot decrypt."""
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    cipher = _pin_cipher(reveal_pin, salt, cost)
    ciphertext = cipher.encrypt(nonce, key.reveal(), _authenticated(owner))
    return _write(owner, _PinWrapped(cost=cost, salt=salt, nonce=nonce, ciphertext=ciphertext))


def read_key_file(data: bytes) -> KeyFile:
    """The key file in `data`, its key still sealed. Raises KeyFileDamaged, KeyFileTooNew."""
    try:
        if msgspec.json.decode(data, type=_Versioned).version > VERSION:
            raise KeyFileTooNew
        file = msgspec.json.decode(data, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise KeyFileDamaged from None
    if file.version != VERSION:
        raise KeyFileDamaged
    if isinstance(file.key, _PinWrapped) and file.key.cost.bit_count() != 1:
        raise KeyFileDamaged
    return KeyFile(Owner(file.card_number, file.certificate_serial), file.key)


def _write(owner: Owner, key: _CertificateWrapped | _PinWrapped) -> bytes:
    file = _File(VERSION, owner.card_number, owner.certificate_serial, key)
    return msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n"


def _pin_cipher(reveal_pin: Callable[[], bytes], salt: bytes, cost: int) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=KEY_BYTES, n=cost, r=SCRYPT_BLOCK, p=1).derive(reveal_pin()))


def _authenticated(owner: Owner) -> bytes:
    """What the ciphertext is bound to, so that a key file cannot be passed off as another card's."""
    return msgspec.json.encode([VERSION, owner.card_number, owner.certificate_serial])


def _key_of(secret: bytes) -> CacheKey:
    if len(secret) != KEY_BYTES:
        raise KeyUnwrapFailed
    return CacheKey(secret)
