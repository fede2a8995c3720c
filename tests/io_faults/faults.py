"""The faults: which call fails, on which file, with which error; and the places that a run without a fault has."""

import enum
import errno
import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Self

KILL: Final = -1
"""Instead of an error: the process is killed before the call."""

FILE_KINDS: Final[Mapping[str, str]] = {
    "wal": "*caches/*/cache.duckdb.wal*",
    "spill": "*caches/*/cache.duckdb.spill*",
    "cache": "*caches/*/cache.duckdb*",
    "key": "*caches/*/key.json*",
    "state": "*caches/*/state.bin*",
    "temporary": "*caches/*.jiacha-*.tmp",
    "caches": "*caches*",
    "print": "downloads/prints*",
    "download": "downloads*",
    "card": "demo/*",
    "other": "*",
}
"""Kinds of files with the paths below the home. The first that fits counts; `*` fits slashes too."""

_ERRORS: Final = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS, KILL)
_NEEDS_NO_SPACE: Final = ("remove",)


class Lasting(enum.Enum):
    """Whether only one call fails, or every call from then on that changes a file."""

    ONCE = "once"
    ON = "on"


@dataclass(frozen=True, slots=True)
class Fault:
    """The `number`-th call of a kind on files of a kind fails. `text` is its form for people."""

    call: str
    files: str
    number: int
    error: int
    lasting: Lasting = Lasting.ONCE

    @property
    def is_kill(self) -> bool:
        return self.error == KILL

    @property
    def text(self) -> str:
        name = "KILL" if self.is_kill else errno.errorcode[self.error]
        return f"{name}@{self.call}:{self.files}:{self.number}:{self.lasting.value}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The fault that `text` is the form of. Raises ValueError or AttributeError for another text."""
        name, _, place = text.partition("@")
        call, files, number, lasting = place.split(":")
        error = KILL if name == "KILL" else int(getattr(errno, name))
        return cls(call, files, int(number), error, Lasting(lasting))


Place = tuple[str, str]
"""A kind of call and a kind of file."""


def count_places(log: Iterable[str]) -> Counter[Place]:
    """How often each place comes in the log of the preloaded library."""
    places: Counter[Place] = Counter()
    for line in log:
        call, _, path = line.rstrip("\n").partition(" ")
        kind = next(kind for kind, pattern in FILE_KINDS.items() if fnmatchcase(path, pattern))
        places[call, kind] += 1
    return places


def all_faults(places: Mapping[Place, int]) -> Iterator[Fault]:
    """Each error at each place, once and lasting; a kill needs no second form."""
    for (call, files), count in sorted(places.items()):
        for number in range(1, count + 1):
            for error in _ERRORS:
                if call in _NEEDS_NO_SPACE and error in (errno.ENOSPC, errno.EDQUOT):
                    continue
                yield Fault(call, files, number, error)
                if error in (errno.ENOSPC, errno.EROFS):
                    yield Fault(call, files, number, error, Lasting.ON)


def sample(places: Mapping[Place, int], size: int, seed: str) -> list[Fault]:
    """So many faults. Each kind of place is as likely as the others."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    by_place: dict[Place, Sequence[Fault]] = {
        place: tuple(all_faults({place: count})) for place, count in sorted(places.items())
    }
    chosen: dict[Fault, None] = {}
    while len(chosen) < size:
        chosen[draw.choice(by_place[draw.choice(list(by_place))])] = None
    return list(chosen)


def error_text(error: int) -> str:
    return "killed" if error == KILL else os.strerror(error)
