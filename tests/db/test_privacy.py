"""No data of a declaration is readable on the disk: not in the file, the log or the spill files."""

from pathlib import Path

import duckdb

from db.cache import Cache
from db.declarations import Declarations
from db.engine import EngineLimits, log_file, spill_folder
from db.journal import Journal
from db.key import CacheKey
from jiacha_tui.declaration.journal import JournalKind, Outcome
from tests.db.samples import CONSIGNOR, declaration, entry_id

WORDS = (CONSIGNOR.encode(), b"SPX-2025-0871", entry_id(7).encode(), b"8471300000", b"token-7", b"told in the journal")
SPILLED_WORDS = b"spilled words"


def readable(path: Path) -> list[bytes]:
    data = path.read_bytes()
    return [word for word in (*WORDS, SPILLED_WORDS) if word in data]


def fill_memory(cursor: duckdb.DuckDBPyConnection) -> None:
    """Puts far more data into the engine's memory than its limit allows."""
    cursor.execute(
        "CREATE TABLE memory.main.large AS SELECT ? || i || repeat('x', 100) || hash(i) AS words "
        "FROM range(1500000) AS numbers(i)",
        [SPILLED_WORDS.decode()],
    )


def test_file_and_log_are_not_readable(cache_path: Path, key: CacheKey) -> None:
    cache = Cache.open(cache_path, key)
    declarations = Declarations(cache)
    declarations.put_details([declaration(number) for number in range(50)])
    Journal(cache).write(JournalKind.QUERY, [entry_id(7)], Outcome.DONE, WORDS[-1].decode())
    assert log_file(cache_path).stat().st_size > 10_000
    assert readable(log_file(cache_path)) == []
    cache.close()
    assert cache_path.stat().st_size > 100_000
    assert readable(cache_path) == []


def test_spill_files_are_not_readable(cache_path: Path, key: CacheKey) -> None:
    cache = Cache.open(cache_path, key, EngineLimits(memory_mb=64))
    with cache.write_cursor() as cursor:
        fill_memory(cursor)
        spilled = list(spill_folder(cache_path).iterdir())
        assert sum(file.stat().st_size for file in spilled) > 1_000_000
        assert [word for file in spilled for word in readable(file)] == []
    cache.close()
    assert list(spill_folder(cache_path).iterdir()) == []


def test_the_same_words_are_found_without_encryption(tmp_path: Path) -> None:
    """Proves that the tests above would find the words."""
    spill = tmp_path / "spill"
    engine = duckdb.connect(tmp_path / "plain.duckdb", config={"temp_directory": str(spill), "memory_limit": "64MB"})
    engine.execute("CREATE TABLE words AS SELECT unnest(?::VARCHAR[]) AS word", [[word.decode() for word in WORDS]])
    assert readable(tmp_path / "plain.duckdb.wal") == list(WORDS)
    engine.execute("ATTACH ':memory:' AS memory")
    fill_memory(engine)
    assert any(SPILLED_WORDS in readable(file) for file in spill.iterdir())
    engine.close()
