"""A second process that uses a cache: `python -m tests.db.other_program COMMAND CACHE`.

It flushes each line that it prints. A line tells what was committed before.
"""

import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from db.cache import Cache
from db.declarations import Declarations
from db.engine import EngineLimits
from db.journal import Journal
from db.key import CacheKey
from db.outbox import Outbox
from db.sort_keys import fill_sort_keys
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem
from tests.db.samples import declaration, entry_id

KEY = CacheKey(bytes(range(32)))
PAGE = 30


@contextmanager
def other_program(command: str, cache: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Runs the command during the block and kills it at the end if it still runs."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.db.other_program", command, str(cache)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def read_line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def hold(path: Path) -> None:
    """Opens the cache and keeps it open until standard input ends."""
    cache = Cache.open(path, KEY)
    say("open")
    sys.stdin.read()
    cache.close()


def write(path: Path) -> None:
    """Writes pages with their details and a journal entry until it is killed. Prints how many are committed."""
    cache = Cache.open(path, KEY)
    declarations, journal = Declarations(cache), Journal(cache)
    page = 0
    while True:
        numbers = range(page * PAGE, (page + 1) * PAGE)
        declarations.merge_rows([declaration(number).summary for number in numbers])
        declarations.put_details([declaration(number) for number in numbers])
        journal.write(JournalKind.QUERY, [entry_id(number) for number in numbers], Outcome.DONE, f"{page}")
        page += 1
        say(page)


def spill(path: Path) -> None:
    """Fills the engine's memory far beyond its limit and waits."""
    cache = Cache.open(path, KEY, EngineLimits(memory_mb=64))
    with cache.write_cursor() as cursor:
        cursor.execute(
            "CREATE TABLE memory.main.large AS "
            "SELECT 'spilled words' || i || repeat('x', 100) || hash(i) AS words FROM range(2000000) AS numbers(i)"
        )
    say("spilled")
    time.sleep(60)


def migrate(path: Path) -> None:
    """Opens an older cache, adds the sort keys of three rows in two transactions, and waits within the next one."""
    batches = [2, 1]

    def fill_and_wait(cursor: duckdb.DuckDBPyConnection, after: int) -> int | None:
        if not batches:
            say("waiting")
            time.sleep(60)
        patch.setattr("db.sort_keys._BATCH", batches.pop())
        return fill_sort_keys(cursor, after)

    patch = pytest.MonkeyPatch()
    patch.setattr("db.cache.fill_sort_keys", fill_and_wait)
    Cache.open(path, KEY)


def send(path: Path) -> None:
    """Writes a resend to the outbox and waits, as if it was about to send it."""
    outbox = Outbox(Cache.open(path, KEY))
    say(outbox.put([entry_id(1), entry_id(2)]))
    time.sleep(60)


def write_beyond_limit(path: Path) -> None:
    """Fills a disk on which no file may be larger than two megabytes."""
    # Without this the kernel's signal ends the program before DuckDB gets the error.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
    fill_disk(path)


def fill_disk(path: Path) -> None:
    """Writes until the disk is full. Prints the number of committed declarations and the code of the problem."""
    cache = Cache.open(path, KEY)
    declarations = Declarations(cache)
    committed = 0
    try:
        while True:
            numbers = range(committed, committed + 200)
            declarations.put_details([declaration(number, remarks=f"{number:0500}") for number in numbers])
            committed += 200
    except Problem as problem:
        say(committed)
        say(problem.code)
    cache.close()


COMMANDS: dict[str, Callable[[Path], None]] = {
    command.__name__: command for command in (hold, write, spill, migrate, send, write_beyond_limit, fill_disk)
}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](Path(sys.argv[2]))
