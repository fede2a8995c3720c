"""Random draws that are the same in every process: generators seeded by their purpose, and weighted choices."""

import bisect
import hashlib
import itertools
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


def digest(*purpose: object) -> bytes:
    """32 bytes that depend on `purpose` alone. Its parts count separately: ("a", "b") differs from ("ab",)."""
    return hashlib.blake2b("\x1f".join(map(str, purpose)).encode(), digest_size=32).digest()


def random_for(*purpose: object) -> Random:
    """A generator whose draws depend on `purpose` alone."""
    return random_from(digest(*purpose))


def random_from(seed: bytes) -> Random:
    """A generator seeded with `seed`. Not for secrets."""
    return Random(int.from_bytes(seed))  # noqa: S311 - demonstration data


class WeightedChoice(Generic[T]):
    """Options, each picked with a probability proportional to its weight."""

    __slots__ = ("_cumulative", "_options")

    def __init__(self, options: Iterable[tuple[T, float]]) -> None:
        pairs = tuple(options)
        self._options: Sequence[T] = tuple(option for option, _ in pairs)
        self._cumulative = tuple(itertools.accumulate(weight for _, weight in pairs))

    def pick(self, random: Random) -> T:
        """The option that the next draw of `random` selects."""
        return self.at(random.random())

    def at(self, fraction: float) -> T:
        """The option at `fraction` (0 up to 1) of the total weight."""
        return self._options[bisect.bisect_right(self._cumulative, fraction * self._cumulative[-1])]


def log_uniform(random: Random, low: float, high: float) -> float:
    """A number between two positive ones, uniform on a logarithmic scale."""
    return float(low * (high / low) ** random.random())


def rounded(value: Decimal, step: Decimal) -> Decimal:
    """`value` with the decimals of `step`, halves rounded away from zero."""
    return value.quantize(step, ROUND_HALF_UP)
