"""Draws that come out the same in every process: streams seeded by what they are for, and weighted choices."""

import bisect
import csv
import hashlib
import itertools
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from importlib import resources
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


def digest(*purpose: object) -> bytes:
    """32 bytes that depend on `purpose` alone. Parts are told apart: ("a", "b") is not ("ab",)."""
    return hashlib.blake2b("\x1f".join(map(str, purpose)).encode(), digest_size=32).digest()


def stream(*purpose: object) -> Random:
    """A stream of draws that depends on `purpose` alone."""
    return seeded(digest(*purpose))


def seeded(seed: bytes) -> Random:
    """A stream of draws from `seed`, never one for secrets."""
    return Random(int.from_bytes(seed))  # noqa: S311 - demonstration data


class Weighted(Generic[T]):
    """Options of which each is picked as often as its weight says."""

    __slots__ = ("_cumulative", "_options")

    def __init__(self, options: Iterable[tuple[T, float]]) -> None:
        pairs = tuple(options)
        self._options: Sequence[T] = tuple(option for option, _ in pairs)
        self._cumulative = tuple(itertools.accumulate(weight for _, weight in pairs))

    def pick(self, random: Random) -> T:
        return self.at(random.random())

    def at(self, fraction: float) -> T:
        """The option at `fraction` (0 up to 1) of all the weight."""
        return self._options[bisect.bisect_right(self._cumulative, fraction * self._cumulative[-1])]


def between(random: Random, low: float, high: float) -> float:
    """Evenly between two positive numbers on a logarithmic scale."""
    return float(low * (high / low) ** random.random())


def rounded(value: Decimal, step: Decimal) -> Decimal:
    """`value` to the decimals of `step`, halves away from zero."""
    return value.quantize(step, ROUND_HALF_UP)


def table(name: str) -> list[dict[str, str]]:
    """The rows of `tables/<name>.csv`."""
    file = resources.files("jiacha_tui.demo.sample_data").joinpath("tables", f"{name}.csv")
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
