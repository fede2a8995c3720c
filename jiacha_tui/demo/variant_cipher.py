"""A block cipher with the structure of SM4 and tables of its own, like the one that the port's script defines.

The S-box, FK, CK and the order of the four bytes after the S-box are drawn at random, so no client can know them
beforehand (observed since 2023; GB/T 32907 defines the structure). ECB, PKCS#7, UTF-8, base64. It hides nothing: TLS
protects the connection.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Self

_BLOCK = 16
_WORD = 4
_WORD_BITS = 32
_ROUNDS = 32


@dataclass(frozen=True, slots=True)
class VariantCipher:
    """`sbox` maps byte to byte; `fk` and `ck` are 32-bit words; byte i of a word comes from place `order[i]`."""

    sbox: bytes
    fk: tuple[int, ...]
    ck: tuple[int, ...]
    order: tuple[int, ...]

    @classmethod
    def draw(cls, random: Random) -> Self:
        """A cipher with random tables."""
        return cls(
            sbox=bytes(random.sample(range(256), 256)),
            fk=tuple(random.getrandbits(_WORD_BITS) for _ in range(_WORD)),
            ck=tuple(random.getrandbits(_WORD_BITS) for _ in range(_ROUNDS)),
            order=tuple(random.sample(range(_WORD), _WORD)),
        )

    def encrypt(self, text: str, key: bytes) -> str:
        """`text` under a `key` of 16 bytes, in base64."""
        data = text.encode("utf-8")
        padding = _BLOCK - len(data) % _BLOCK
        encrypted = self._run(data + bytes([padding]) * padding, self._round_keys(key))
        return base64.b64encode(encrypted).decode("ascii")

    def decrypt(self, text: str, key: bytes) -> str:
        """The text that `encrypt` made `text` of. Raises ValueError if it did not."""
        data = base64.b64decode(text, validate=True)
        if not data or len(data) % _BLOCK:
            raise ValueError("not a whole number of blocks")
        padded = self._run(data, self._round_keys(key)[::-1])
        return padded[: len(padded) - padded[-1]].decode("utf-8")

    def _round_keys(self, key: bytes) -> list[int]:
        words = [int.from_bytes(key[i * _WORD : (i + 1) * _WORD], "big") ^ self.fk[i] for i in range(_WORD)]
        for constant in self.ck:
            mixed = self._substituted(words[-3] ^ words[-2] ^ words[-1] ^ constant, 1)
            words.append(words[-4] ^ mixed ^ _rotated(mixed, 13, 1) ^ _rotated(mixed, 23, 1))
        return words[_WORD:]

    def _run(self, data: bytes, round_keys: Sequence[int]) -> bytes:
        # ECB treats all blocks alike, and Python is slow at single words: the i-th words of all blocks are one long
        # integer, so each step of the cipher is one operation for the whole text.
        count = len(data) // _BLOCK
        words = [int.from_bytes(_every_fourth_word(data, position), "big") for position in range(_WORD)]
        for round_key in round_keys:
            mixed = self._substituted(words[1] ^ words[2] ^ words[3] ^ _repeated(round_key, count), count)
            for bits in (2, 10, 18, 24):
                words[0] ^= _rotated(mixed, bits, count)
            words = [*words[1:], words[0] ^ mixed]
        columns = [word.to_bytes(count * _WORD, "big") for word in reversed(words)]
        return b"".join(column[at : at + _WORD] for at in range(0, count * _WORD, _WORD) for column in columns)

    def _substituted(self, words: int, count: int) -> int:
        looked_up = words.to_bytes(count * _WORD, "big").translate(self.sbox)
        ordered = bytearray(len(looked_up))
        for position, source in enumerate(self.order):
            ordered[position::_WORD] = looked_up[source::_WORD]
        return int.from_bytes(ordered, "big")


def _every_fourth_word(data: bytes, position: int) -> bytes:
    return b"".join(data[at : at + _WORD] for at in range(position * _WORD, len(data), _BLOCK))


def _repeated(word: int, count: int) -> int:
    return int.from_bytes(word.to_bytes(_WORD, "big") * count, "big")


def _rotated(words: int, bits: int, count: int) -> int:
    """Each of `count` 32-bit words rotated left."""
    low = (1 << bits) - 1
    high = low ^ 0xFFFFFFFF
    return ((words << bits) & _repeated(high, count)) | ((words >> (_WORD_BITS - bits)) & _repeated(low, count))
