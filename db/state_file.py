"""The state file: a `CacheState` beside the cache, encrypted and authenticated under a key that the cache's key gives.

Whoever lacks the cache's key can neither read nor change it; an old copy that is put back shows its old stamp. The file
is replaced as a whole, flushed to the disk.
"""

import os
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from db.cache_state import CacheState
from db.key import CacheKey
from db.problems import StateFileInvalid
from jiacha_tui.private_files import read_private, replace_private

_HEADER: Final = b"jiacha cache state 1\n"
_NONCE_BYTES: Final = 12
_PURPOSE: Final = b"state file"


def read_state_file(path: Path, key: CacheKey) -> CacheState:
    """Raises StateFileInvalid if the file is not what this program wrote with `key`, and FileProblem."""
    return decrypt_state(read_private(path), key)


def write_state_file(path: Path, state: CacheState, key: CacheKey) -> None:
    """Replaces the file; it is on the disk when this returns. Raises FileProblem."""
    replace_private(path, encrypt_state(state, key))


def encrypt_state(state: CacheState, key: CacheKey) -> bytes:
    """The content of a state file."""
    nonce = os.urandom(_NONCE_BYTES)
    return _HEADER + nonce + _cipher(key).encrypt(nonce, msgspec.json.encode(state), _HEADER)


def decrypt_state(data: bytes, key: CacheKey) -> CacheState:
    """The state in the content of a state file. Raises StateFileInvalid."""
    nonce, ciphertext = data[len(_HEADER) :][:_NONCE_BYTES], data[len(_HEADER) + _NONCE_BYTES :]
    if not data.startswith(_HEADER) or len(nonce) != _NONCE_BYTES:
        raise StateFileInvalid
    try:
        return msgspec.json.decode(_cipher(key).decrypt(nonce, ciphertext, _HEADER), type=CacheState)
    except (InvalidTag, msgspec.DecodeError, UnicodeDecodeError):
        raise StateFileInvalid from None


def _cipher(key: CacheKey) -> AESGCM:
    return AESGCM(key.derive_subkey(_PURPOSE))
