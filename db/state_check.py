"""Compares a cache that was just opened with its state file: what is missing, and what is an old copy.

After a kill the cache may have more than the file says, and its stamp may be one ahead. Everything else is found here.
A copy of the whole folder that is put back cannot be noticed: all of it agrees.
"""

import enum
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from db.cache import Cache
from db.cache_state import CacheCounts, CacheState, Stamp, read_counts, read_stamp
from db.key import CacheKey
from db.outbox import Resend
from db.problems import StateFileInvalid
from db.state_file import read_state_file, write_state_file
from jiacha_tui.private_files import FileMissing, FileProblem, read_private


class StateMismatch(enum.Enum):
    """What does not agree between cache, state file and key file."""

    CACHE_BEHIND = enum.auto()
    """The cache has less than the state file says: parts of it are gone, or an old copy was put back."""

    CACHE_EMPTY = enum.auto()
    """The same for a cache that has nothing at all: its file is gone or was cut off, and a new one was created."""

    CACHE_GONE = enum.auto()
    """The cache is empty and has no state file, but a key file: an earlier program has used it, or was killed early."""

    FILE_BEHIND = enum.auto()
    """The state file is older than a kill can explain: an old copy was put back."""

    FILE_MISSING = enum.auto()
    """The cache had a state file, and it is gone."""

    FILE_INVALID = enum.auto()
    """The state file cannot be read, was changed, or was written with another key."""

    DIFFERENT_COPIES = enum.auto()
    """Cache and state file are from two copies of the folder, which were used apart from each other."""

    KEY_FILE_OLD = enum.auto()
    """The key file is one that another one had replaced."""


_MAY_LACK_RESENDS: Final = frozenset(
    {StateMismatch.CACHE_BEHIND, StateMismatch.CACHE_EMPTY, StateMismatch.DIFFERENT_COPIES}
)


@dataclass(frozen=True, slots=True)
class StateCheck:
    """`missing` counts what the cache lacks; `resends` are those that may be missing: put them back.

    `known` is the content of the state file, None if there is none that can be trusted.
    """

    mismatches: tuple[StateMismatch, ...] = ()
    missing: CacheCounts = field(default_factory=CacheCounts)
    resends: tuple[Resend, ...] = ()
    known: CacheState | None = None


def check_state(cache: Cache, path: Path, key: CacheKey, key_file: str) -> StateCheck:
    """Compares `cache` with the state file at `path`. `key_file` is the digest of the present key file.

    Writes nothing. Raises the problems of the cache.
    """
    with cache.read_cursor() as cursor:
        stamp, counts = read_stamp(cursor), read_counts(cursor)
    try:
        known = read_state_file(path, key)
    except FileMissing:
        return StateCheck(_without_file(stamp, counts))
    except (StateFileInvalid, FileProblem):
        return StateCheck((StateMismatch.FILE_INVALID,))
    missing = counts.lacking(known.counts)
    mismatches = _compare_stamps(known.stamp, stamp, lacks_rows=not missing.is_zero)
    if StateMismatch.CACHE_BEHIND in mismatches and counts.is_zero:
        mismatches = (StateMismatch.CACHE_EMPTY,)
    resends = known.resends if _MAY_LACK_RESENDS.intersection(mismatches) else ()
    if key_file in known.key_files[:-1]:
        mismatches = (*mismatches, StateMismatch.KEY_FILE_OLD)
    return StateCheck(mismatches, missing, resends, known)


def write_first_state(path: Path, key: CacheKey) -> None:
    """Writes the state of a cache that will be created with a new key. Raises FileProblem.

    Before the key file is written: then a key file without a state file belongs to a cache that once was used.
    """
    write_state_file(path, CacheState(), key)


def key_file_digest(path: Path) -> str:
    """Identifies the content of the key file at `path`. Raises FileProblem."""
    return sha256(read_private(path)).hexdigest()


def _without_file(stamp: Stamp, counts: CacheCounts) -> tuple[StateMismatch, ...]:
    if stamp.counter:
        return (StateMismatch.FILE_MISSING,)
    return (StateMismatch.CACHE_GONE,) if counts.is_zero else ()


def _compare_stamps(in_file: Stamp, in_cache: Stamp, *, lacks_rows: bool) -> tuple[StateMismatch, ...]:
    if in_cache.counter < in_file.counter or lacks_rows:
        return (StateMismatch.CACHE_BEHIND,)
    if in_cache.counter > in_file.counter + 1:
        return (StateMismatch.FILE_BEHIND,)
    same_as_file = in_cache.mark if in_cache.counter == in_file.counter else in_cache.previous_mark
    return () if same_as_file == in_file.mark else (StateMismatch.DIFFERENT_COPIES,)
