"""Writes key files of version 1, which the program only reads."""

import os

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from db.key import CacheKey
from db.key_file import KeyFileOwner
from jiacha_tui.card_encryption import OAEP_SHA256
from jiacha_tui.certificates import load_certificate

LOWEST_SCRYPT_COST = 2**15
"""The lowest cost that is accepted. The program used 2**17."""


def old_file_for_pin(key: CacheKey, owner: KeyFileOwner, pin: bytes) -> bytes:
    salt, nonce = os.urandom(16), os.urandom(12)
    cipher = AESGCM(Scrypt(salt=salt, length=32, n=LOWEST_SCRYPT_COST, r=8, p=1).derive(pin))
    authenticated = msgspec.json.encode([1, owner.card_number, owner.certificate_serial])
    wrapped = {
        "sealed_with": "pin",
        "cost": LOWEST_SCRYPT_COST,
        "salt": salt,
        "nonce": nonce,
        "ciphertext": cipher.encrypt(nonce, key.reveal(), authenticated),
    }
    return _file(owner, wrapped)


def old_file_for_certificate(key: CacheKey, owner: KeyFileOwner, certificate: bytes) -> bytes:
    public_key = load_certificate(certificate).public_key()
    assert isinstance(public_key, rsa.RSAPublicKey)
    return _file(owner, {"sealed_with": "certificate", "ciphertext": public_key.encrypt(key.reveal(), OAEP_SHA256)})


def _file(owner: KeyFileOwner, wrapped: dict[str, object]) -> bytes:
    fields = {"version": 1, "card_number": owner.card_number, "certificate_serial": owner.certificate_serial}
    return msgspec.json.format(msgspec.json.encode({**fields, "key": wrapped}), indent=2) + b"\n"
