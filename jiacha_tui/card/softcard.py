"""A card in a PKCS#12 file, for the demo and for tests. The PIN is the password of the file, so any tool can open it.

There are two more files beside `card.p12`: `card.pem`, the certificate, which can be read without the PIN, and
`card.tries.json`, the PIN retry counter.
"""

import asyncio
import base64
import contextlib
import fcntl
import hashlib
import re
from collections.abc import AsyncGenerator, Callable, Iterator
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.medium import OnAttempt, check_on_each_change, ignore_attempts
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.pin_retry_counter import PinRetryCounter
from jiacha_tui.card.problems import (
    CardClosed,
    CardDamaged,
    CardMismatch,
    CardRemoved,
    DecryptionFailed,
    InvalidCard,
    NoCard,
    PinBlocked,
    SignatureMismatch,
    SigningFailed,
    WrongPin,
)
from jiacha_tui.card.secret_encryption import decrypt_by_certificate, encrypt_and_try
from jiacha_tui.card.signature import SIGNATURE_HASH, SIGNATURE_PADDING, verify
from jiacha_tui.card_encryption import OAEP_SHA256, EncryptedSecret
from jiacha_tui.clock import utc_now
from jiacha_tui.private_files import FileMissing, file_problems, open_regular, read_private

_PKCS12_START = re.compile(rb"\x30([\x00-\x80]|\x81.|\x82..|\x83...)\x02\x01\x03", re.DOTALL)
"""A DER SEQUENCE with its length, followed by the version of every PKCS#12 file."""

_POLL_SECONDS = 0.25
"""How often the files are checked for a change: nothing reports that a file was moved."""

_INDEFINITE_LENGTH = b"\x80"
_RESET_COMMAND = "jiacha card reset"


def certificate_path(p12_path: Path) -> Path:
    """The file with the certificate, which can be read without the PIN."""
    return p12_path.with_suffix(".pem")


def retry_counter_path(p12_path: Path) -> Path:
    """The file with the PIN retry counter."""
    return p12_path.with_suffix(".tries.json")


def fingerprint(p12: bytes) -> str:
    """The SHA-256 of a card file, hex."""
    return hashlib.sha256(p12).hexdigest()


def unlock_card_file(p12_path: Path) -> None:
    """Unlocks a card file: its PIN retry counter starts from the beginning. Raises NoCard, FileProblem."""
    with _lock(p12_path):
        PinRetryCounter(fingerprint=fingerprint(_read_card(p12_path))).write(retry_counter_path(p12_path))


class SoftCard:
    """A medium whose card counts as inserted while its file exists. Every call may also raise FileProblem.

    `reset_command` is the shell command that a message about a locked card names.
    """

    def __init__(
        self,
        p12_path: Path,
        *,
        name: str = "演示卡",
        clock: Callable[[], datetime] = utc_now,
        reset_command: str = _RESET_COMMAND,
    ) -> None:
        self._p12_path = p12_path
        self._reset_hint = f"解锁演示卡请运行 {reset_command}"
        self._name = name
        self._clock = clock

    @property
    def name(self) -> str:
        return self._name

    @property
    def medium_id(self) -> str:
        return f"softcard:{self._p12_path}"

    @property
    def p12_path(self) -> Path:
        return self._p12_path

    async def read_identity(
        self, *, all_attempts: bool = False, on_attempt: OnAttempt = ignore_attempts
    ) -> CardIdentity | None:
        return await asyncio.to_thread(self._read_identity_if_present)

    async def pin_retries_left(self) -> int | None:
        return await asyncio.to_thread(self._pin_retries_left)

    async def open(self, pin: Pin) -> "OpenSoftCard":
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(pin.clear)
            card = await asyncio.to_thread(self._open, pin)
            on_failure.pop_all()
            return card

    async def changes(self) -> AsyncGenerator[None, None]:
        reported = await asyncio.to_thread(self._file_versions)
        yield
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            current = await asyncio.to_thread(self._file_versions)
            if current != reported:
                reported = current
                yield

    def _file_versions(self) -> tuple[object, ...]:
        return _file_version(self._p12_path), _file_version(certificate_path(self._p12_path))

    def _read_identity_if_present(self) -> CardIdentity | None:
        return self._read_identity() if self._p12_path.exists() else None

    def _pin_retries_left(self) -> int | None:
        return self._retry_counter().retries_left if self._p12_path.exists() else None

    def _retry_counter(self) -> PinRetryCounter:
        return PinRetryCounter.read(retry_counter_path(self._p12_path), self._reset_hint)

    def _open(self, pin: Pin) -> "OpenSoftCard":
        with _lock(self._p12_path):
            identity = self._read_identity()
            identity.check_validity(self._clock())
            p12 = _read_card(self._p12_path)
            key, certificate = self._unlock(p12, pin)
        if certificate != identity.certificate:
            raise self._damaged(f"{certificate_path(self._p12_path).name} 不是这张卡的证书")
        return OpenSoftCard(self, identity, key, pin, fingerprint(p12))

    def _read_identity(self) -> CardIdentity:
        path = certificate_path(self._p12_path)
        try:
            certificate = x509.load_pem_x509_certificate(read_private(path))
        except (FileMissing, ValueError, x509.InvalidVersion):
            raise self._damaged(f"证书文件 {path.name} 不存在或无法读取") from None
        return CardIdentity.from_certificate(certificate.public_bytes(serialization.Encoding.DER))

    def _unlock(self, p12: bytes, pin: Pin) -> tuple[rsa.RSAPrivateKey, bytes]:
        """Tries the PIN once. Returns the key and the certificate (DER) of the file.

        The try is counted on the disk before it is made, so that killing the program does not save it. The right PIN
        resets the counter.
        """
        if not _is_pkcs12(p12):
            raise self._damaged(f"{self._p12_path.name} 不是完整的 PKCS#12 文件")
        path = retry_counter_path(self._p12_path)
        before = self._retry_counter()
        if not before.retries_left:
            raise PinBlocked(self._reset_hint)
        after = PinRetryCounter(before.wrong + 1, before.fingerprint)
        after.write(path)
        try:
            key, certificate, _others = pkcs12.load_key_and_certificates(p12, pin.reveal().encode())
        except (ValueError, UnsupportedAlgorithm):
            if before.fingerprint not in ("", fingerprint(p12)):
                # A wrong PIN and a flipped bit fail in the same way, but the file has changed since it was last opened.
                before.write(path)
                raise self._damaged(f"{self._p12_path.name} 与上次打开时不同") from None
            if not after.retries_left:
                raise PinBlocked(self._reset_hint) from None
            raise WrongPin(after.retries_left) from None
        PinRetryCounter(fingerprint=fingerprint(p12)).write(path)
        if (
            not isinstance(key, rsa.RSAPrivateKey)
            or certificate is None
            or key.public_key() != certificate.public_key()
        ):
            raise InvalidCard("卡文件里没有成对的 RSA 私钥和证书")
        return key, certificate.public_bytes(serialization.Encoding.DER)

    def _damaged(self, reason: str) -> CardDamaged:
        card, certificate = self._p12_path.name, certificate_path(self._p12_path).name
        return CardDamaged(reason, f"请放回原来的 {card} 和 {certificate}；没有的话，把它们都移走，重新启动会生成新卡")


class OpenSoftCard:
    """The key of a card file, in memory. It is used only while the file that it came from still exists."""

    def __init__(
        self, medium: SoftCard, identity: CardIdentity, key: rsa.RSAPrivateKey, pin: Pin, fingerprint: str
    ) -> None:
        self._medium = medium
        self._identity = identity
        self._key: rsa.RSAPrivateKey | None = key
        self._pin = pin
        self._fingerprint = fingerprint

    @property
    def identity(self) -> CardIdentity:
        return self._identity

    async def sign(self, text: str) -> str:
        await self.check_present()
        return await asyncio.to_thread(self._sign, text)

    async def sign_challenge(self, nonce: str) -> str:
        return await self.sign(nonce)

    async def encrypt_secret(self, secret: bytes) -> EncryptedSecret:
        return await encrypt_and_try(secret, self._identity.certificate, self.decrypt)

    async def decrypt_secret(self, encrypted: EncryptedSecret) -> bytes:
        return await decrypt_by_certificate(encrypted, self.decrypt)

    async def decrypt(self, ciphertext: bytes) -> bytes:
        """RSA-OAEP (`OAEP_SHA256`). Raises DecryptionFailed."""
        await self.check_present()
        return await asyncio.to_thread(self._decrypt, ciphertext)

    async def check_present(self) -> None:
        await asyncio.to_thread(self._check_present)

    async def wait_until_removed(self) -> None:
        await check_on_each_change(self, self._medium)

    async def close(self) -> None:
        self._key = None
        self._pin.clear()

    def _sign(self, text: str) -> str:
        raw = self._private_key().sign(text.encode("utf-8"), SIGNATURE_PADDING, SIGNATURE_HASH)
        signature = base64.b64encode(raw).decode("ascii")
        try:
            verify(self._identity.certificate, text, signature)
        except SignatureMismatch:
            raise SigningFailed from None
        return signature

    def _decrypt(self, ciphertext: bytes) -> bytes:
        try:
            return self._private_key().decrypt(ciphertext, OAEP_SHA256)
        except ValueError:
            raise DecryptionFailed from None

    def _check_present(self) -> None:
        self._private_key()
        try:
            p12 = read_private(self._medium.p12_path)
        except FileMissing:
            raise CardRemoved from None
        if fingerprint(p12) != self._fingerprint:
            raise CardMismatch

    def _private_key(self) -> rsa.RSAPrivateKey:
        if self._key is None:
            raise CardClosed
        return self._key


def _file_version(path: Path) -> tuple[int, int, int] | None:
    """Differs between two files that follow each other at `path`. None if there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


@contextlib.contextmanager
def _lock(p12_path: Path) -> Iterator[None]:
    """Locks the card file. Two programs that try a PIN at the same time would count one try. Raises NoCard."""
    try:
        with file_problems(p12_path):
            file = open_regular(p12_path)
    except FileMissing:
        raise NoCard from None
    with file:
        with file_problems(p12_path):
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _read_card(p12_path: Path) -> bytes:
    try:
        return read_private(p12_path)
    except FileMissing:
        raise NoCard from None


def _is_pkcs12(data: bytes) -> bool:
    """Whether `data` starts like a PKCS#12 file and has the length that it claims.

    Finds most damage without using a PIN try.
    """
    start = _PKCS12_START.match(data)
    if start is None:
        return False
    length = start[1]
    if length == _INDEFINITE_LENGTH:
        return True
    body = int.from_bytes(length[1:] or length)
    return len(data) == start.end(1) + body
