"""The cache's key: 32 random bytes. `db.key_file` keeps it in a file, encrypted."""

import os
from typing import NoReturn

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


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


def new_key() -> CacheKey:
    """A key from the random source of the operating system."""
    return CacheKey(os.urandom(KEY_BYTES))
