"""A cache that is worth saving, with and without a log, and ways to damage a copy of it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db.cache import Cache
from db.declarations import Declarations
from db.engine import log_file
from db.journal import Journal
from db.key import CacheKey
from db.outbox import Outbox, ResendState
from jiacha_tui.declaration.journal import JournalKind, Outcome
from tests.db.samples import declaration, entry_id, summary

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
IN_EARLIER_FILE, IN_FILE, IN_LOG = 100, 300, 60
"""Journal entries that the last checkpoint but one and the last one have written into the file, and those that are only
in the log.
"""

UNKNOWN, UNANSWERED, RESOLVED = 7, 8, 9
"""Declarations whose resend has an unknown outcome, has no answer, and was unknown until somebody resolved it."""


@dataclass(frozen=True, slots=True)
class SampleCache:
    """The files of a cache as a killed program leaves them."""

    file: Path

    def copy_to(self, path: Path, *, with_log: bool = True) -> None:
        """Copies the file, and its log, to `path`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.file, path)
        if with_log:
            shutil.copyfile(log_file(self.file), log_file(path))


def make_sample_cache(folder: Path, key: CacheKey) -> SampleCache:
    """Fills a cache, closes it, opens it again, writes more, and copies its files while they are in use."""
    path = folder / "in-use" / "cache.duckdb"
    ticks = iter(range(100_000))

    def clock() -> datetime:
        return START + timedelta(minutes=next(ticks))

    cache = Cache.open(path, key)
    _write_journal(cache, clock, IN_EARLIER_FILE)
    cache.close()
    cache = Cache.open(path, key)
    declarations, outbox = Declarations(cache), Outbox(cache, clock)
    declarations.merge_rows([summary(number) for number in range(60)])
    declarations.put_details([declaration(number) for number in range(60)])
    _write_journal(cache, clock, IN_FILE - IN_EARLIER_FILE)
    outbox.record_answer(outbox.put([entry_id(UNKNOWN), entry_id(RESOLVED)]), ResendState.UNKNOWN, "没有\x1b[31m答复")
    outbox.mark_resolved([entry_id(RESOLVED)])
    outbox.record_answer(outbox.put([entry_id(1)]), ResendState.SENT)
    declarations.add_print([entry_id(number) for number in range(20)])
    cache.close()
    cache = Cache.open(path, key)
    _write_journal(cache, clock, IN_LOG)
    Outbox(cache, clock).put([entry_id(UNANSWERED)])
    sample = SampleCache(folder / "cache.duckdb")
    SampleCache(path).copy_to(sample.file)
    cache.close()
    return sample


def _write_journal(cache: Cache, clock: Callable[[], datetime], entries: int) -> None:
    journal = Journal(cache, clock)
    for number in range(entries):
        journal.write(JournalKind.QUERY, [entry_id(number)], Outcome.DONE, f"查询 {number}")


def flip(path: Path, at: int, bit: int = 0) -> None:
    """Flips one bit of the byte `at`; a negative place counts from the end."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << bit
    path.write_bytes(data)


def cut(path: Path, size: int) -> None:
    """Cuts `size` bytes off the end."""
    data = path.read_bytes()
    path.write_bytes(data[:-size])
