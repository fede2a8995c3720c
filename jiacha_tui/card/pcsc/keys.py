"""The two keys of a PIV card that this program uses: 9A signs, 9D decrypts. Blocks the calling thread."""

import base64
import hashlib
from dataclasses import dataclass, field
from functools import partial
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa

from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.pcsc.hpke import hpke_open
from jiacha_tui.card.pcsc.piv import Key, PivCard, PivSlot, is_usable
from jiacha_tui.card.pcsc.rsa_padding import oaep_unpad, pkcs1v15_sha1
from jiacha_tui.card.problems import DecryptionFailed, InvalidCard, SignatureMismatch, SigningFailed
from jiacha_tui.card.signature import verify
from jiacha_tui.certificates import load_certificate


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The authentication key (9A). Its certificate contains the card number."""

    certificate: bytes = field(repr=False)
    key: Key

    @classmethod
    def from_identity(cls, identity: CardIdentity) -> Self:
        """Raises InvalidCard if the key is of a type that a PIV card cannot have."""
        return cls(identity.certificate, _public_key(identity.certificate))

    def sign(self, piv: PivCard, text: str) -> str:
        """The signature in base64, as the E-Port takes it.

        Raises SigningFailed if the certificate does not confirm the signature.
        """
        message = text.encode("utf-8")
        if isinstance(self.key, rsa.RSAPublicKey):
            block = pkcs1v15_sha1(message, self.key.key_size // 8)
        else:
            block = hashlib.sha256(message).digest()
        signature = base64.b64encode(piv.private_key_operation(PivSlot.AUTHENTICATION, self.key, block)).decode("ascii")
        try:
            verify(self.certificate, text, signature)
        except SignatureMismatch:
            raise SigningFailed from None
        return signature


@dataclass(frozen=True, slots=True)
class KeyManagementKey:
    """The key management key (9D), to which data can be encrypted that only the card can decrypt."""

    certificate: bytes = field(repr=False)
    key: Key

    @classmethod
    def read(cls, piv: PivCard) -> Self | None:
        """None if the card has no such key, or one that this program cannot use. Such a card can still sign."""
        certificate = piv.certificate(PivSlot.KEY_MANAGEMENT)
        if certificate is None:
            return None
        try:
            return cls(certificate, _public_key(certificate))
        except InvalidCard:
            return None

    def decrypt(self, piv: PivCard, ciphertext: bytes) -> bytes:
        """Decrypts what was encrypted to this key, see `OpenCard.decrypt`. Raises DecryptionFailed."""
        if isinstance(self.key, rsa.RSAPublicKey):
            message = _decrypt_rsa(piv, self.key, ciphertext)
        else:
            message = hpke_open(ciphertext, self.key, partial(piv.ecdh, PivSlot.KEY_MANAGEMENT, self.key))
        if message is None:
            raise DecryptionFailed
        return message


def _decrypt_rsa(piv: PivCard, key: rsa.RSAPublicKey, ciphertext: bytes) -> bytes | None:
    """None if this is not a ciphertext for `key`. The card only gets what an RSA encryption can have produced."""
    if len(ciphertext) != key.key_size // 8 or int.from_bytes(ciphertext) >= key.public_numbers().n:
        return None
    return oaep_unpad(piv.private_key_operation(PivSlot.KEY_MANAGEMENT, key, ciphertext))


def _public_key(certificate: bytes) -> Key:
    """Raises InvalidCard if this is not a certificate, or has a key of a type that a PIV card cannot have."""
    try:
        key = load_certificate(certificate).public_key()
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm):
        raise InvalidCard("卡内证书无法解析") from None
    if not is_usable(key):
        raise InvalidCard("卡的密钥既不是 RSA-1024、RSA-2048，也不是 P-256")
    return key
