"""What is saved of a damaged cache, for real damages of a real file and its log."""

import json
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from db.cache import Cache
from db.engine import log_file
from db.key import CacheKey
from db.log_frames import read_log_frames
from db.problems import CacheProblem, TableReaderNotStarted
from db.rescue import COLUMNS_OF_THE_PORT, TABLES_OF_THE_PORT, RescueReport, rescue
from db.table_reader import TableCondition, TableReader
from tests.db.damaged_cache import (
    IN_EARLIER_FILE,
    IN_FILE,
    IN_LOG,
    UNANSWERED,
    UNKNOWN,
    SampleCache,
    cut,
    flip,
    make_sample_cache,
)
from tests.db.samples import entry_id

SEED = 20261128
ALL = IN_FILE + IN_LOG
SAVED_MARKS = {
    "entry_id",
    "exported_on",
    "printed_here",
    "downloaded_at",
    "resent_at",
    "resend_unknown_at",
    "delisted_at",
    "printed_at",
    "file_outdated_at",
    "print_outdated_at",
    "filed_month",
    "filed_batch",
    "collected_on",
    "note",
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, key: CacheKey) -> SampleCache:
    return make_sample_cache(tmp_path_factory.mktemp("sample"), key)


@pytest.fixture
def path(tmp_path: Path, sample: SampleCache) -> Path:
    path = tmp_path / "cache" / "cache.duckdb"
    sample.copy_to(path)
    return path


def saved(folder: Path, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_bytes().splitlines()]


def unknown_ids(report: RescueReport) -> list[str]:
    return sorted(number for resend in report.unknown for number in resend.entry_ids)


def cut_file(size: int) -> Callable[[Path], None]:
    return lambda path: cut(path, size)


def cut_log(size: int) -> Callable[[Path], None]:
    return lambda path: cut(log_file(path), size)


def flip_file(at: int) -> Callable[[Path], None]:
    return lambda path: flip(path, at)


def flip_log(part: float) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        log = log_file(path)
        flip(log, int(part * (log.stat().st_size - 1)))

    return damage


def flip_length(path: Path) -> None:
    """DuckDB would take what follows for a frame that is cut off, and drop it without a word."""
    ends = read_log_frames(log_file(path)).ends
    flip(log_file(path), ends[len(ends) // 2] + 4)


def all_zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def no_damage(path: Path) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Damage:
    """A damage, how many journal entries are saved then, and the declarations whose resend is known to be unknown."""

    name: str
    apply: Callable[[Path], None]
    journal: range
    unknown: tuple[int, ...]


EVERYTHING = range(ALL, ALL + 1)
DAMAGES = (
    Damage("none", no_damage, EVERYTHING, (UNKNOWN, UNANSWERED)),
    Damage("file cut by 1", cut_file(1), EVERYTHING, (UNKNOWN, UNANSWERED)),
    Damage("file cut by 10", cut_file(10), EVERYTHING, (UNKNOWN, UNANSWERED)),
    Damage("file cut by 4096", cut_file(4096), EVERYTHING, (UNKNOWN, UNANSWERED)),
    Damage("log cut by 1", cut_log(1), EVERYTHING, (UNKNOWN,)),
    Damage("log without its start", flip_log(0), range(IN_FILE, IN_FILE + 1), (UNKNOWN,)),
    Damage("bit in the middle of the log", flip_log(0.5), range(IN_FILE + 1, ALL), (UNKNOWN,)),
    Damage("bit near the end of the log", flip_log(0.9), range(IN_FILE + 1, ALL + 1), (UNKNOWN,)),
    Damage("length in the log", flip_length, range(IN_FILE + 1, ALL), (UNKNOWN,)),
)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_what_is_saved_after_a_damage(path: Path, key: CacheKey, tmp_path: Path, damage: Damage) -> None:
    damage.apply(path)
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    report = rescue(path, key, tmp_path / "saved")
    count = len(saved(tmp_path / "saved", "journal"))
    assert count in damage.journal
    assert report.table("journal").whole == count
    assert unknown_ids(report) == [entry_id(number) for number in damage.unknown]
    assert len(saved(tmp_path / "saved", "marks")) >= 20
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before, "the cache is not changed"
    assert report.as_of is not None
    assert report.is_newest == (count == ALL)


def test_of_a_file_with_one_bad_header_the_state_of_the_other_is_saved(
    path: Path, key: CacheKey, tmp_path: Path, sample: SampleCache
) -> None:
    """DuckDB writes its two headers in turn. With the older one damaged nothing is lost."""
    reports = []
    for header in (1, 2):
        sample.copy_to(path)
        flip(path, header * 4096 + 70)
        reports.append(rescue(path, key, tmp_path / f"saved-{header}"))
    older, newer = sorted(reports, key=lambda report: report.table("journal").whole)
    assert newer.table("journal").whole == ALL
    assert newer.is_complete
    assert IN_EARLIER_FILE <= older.table("journal").whole <= IN_FILE
    assert not older.is_complete


@pytest.mark.parametrize("damage", [all_zero, flip_file(40), flip_file(9)], ids=["zero", "main header", "magic"])
def test_a_file_of_which_nothing_can_be_read(
    path: Path, key: CacheKey, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    damage(path)
    report = rescue(path, key, tmp_path / "saved")
    assert not report.is_readable
    assert not report.is_complete
    assert not (tmp_path / "saved").exists()


def test_another_key_reads_nothing(path: Path, tmp_path: Path) -> None:
    assert not rescue(path, CacheKey(bytes(32)), tmp_path / "saved").is_readable


def test_the_files_are_private_and_show_control_characters(path: Path, key: CacheKey, tmp_path: Path) -> None:
    report = rescue(path, key, tmp_path / "saved")
    assert report.is_complete
    for file in (tmp_path / "saved").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "saved").stat().st_mode & 0o777 == 0o700
    (answer, _sent) = saved(tmp_path / "saved", "resend_answer")
    assert answer["message"] == "没有␛[31m答复"
    (first, *_) = saved(tmp_path / "saved", "journal")
    assert first["written_at"] == "2026-11-02T01:00:00"
    assert first["entry_ids"] == [entry_id(0)]


def test_one_bad_block_does_not_lose_the_rest(tmp_path: Path, key: CacheKey) -> None:
    path = tmp_path / "cache" / "cache.duckdb"
    rows = 30_000
    cache = Cache.open(path, key)
    with cache.write_cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal (written_at, kind, outcome, entry_ids, message, detail) SELECT "
            "TIMESTAMP '2026-11-02 01:00:00', 'query', 'done', ['1'], 'message ' || md5(i::VARCHAR), '{}' "
            "FROM range(?) AS numbers(i)",
            [rows],
        )
    cache.close()
    cache = Cache.open(path, key)
    with cache.read_cursor() as cursor:
        ((block, count),) = cursor.execute(
            "SELECT block_id, count FROM pragma_storage_info('journal') "
            "WHERE column_name = 'message' AND segment_type = 'VARCHAR' AND start > 0 "
            "ORDER BY row_group_id, start LIMIT 1"
        ).fetchall()
    cache.close()
    flip(path, 3 * 4096 + block * 256 * 1024 + 1000)
    report = rescue(path, key, tmp_path / "saved")
    journal = report.table("journal")
    assert journal.lost == 0
    assert journal.whole + journal.partial == rows
    assert 0 < journal.partial <= count + 2 * 2048, "the rows around the block are whole"
    lines = saved(tmp_path / "saved", "journal")
    assert sum("message" not in line for line in lines) == journal.partial
    assert all({"id", "written_at", "entry_ids"} <= line.keys() for line in lines)


def outcome_of(path: Path, key: CacheKey) -> str:
    """Opens the cache and reads everything, as the program would in the course of a day. The code of the problem."""
    try:
        cache = Cache.open(path, key)
    except CacheProblem as problem:
        return problem.code
    try:
        with cache.read_cursor() as cursor:
            for (table,) in cursor.execute(
                "SELECT table_name FROM duckdb_tables() WHERE database_name = 'cache'"
            ).fetchall():
                cursor.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - a table of the cache
            ((entries,),) = cursor.execute("SELECT count(*) FROM journal").fetchall()
        return "whole" if entries == ALL else "silently less"
    except CacheProblem as problem:
        return problem.code
    finally:
        cache.close()


def test_bits_flipped_at_64_places_are_told_and_what_can_be_read_is_saved(
    sample: SampleCache, key: CacheKey, tmp_path: Path
) -> None:
    chance = random.Random(SEED)  # noqa: S311 - places to damage, the same ones each time
    size, log_size = sample.file.stat().st_size, log_file(sample.file).stat().st_size
    outcomes: dict[str, int] = {}
    for number in range(64):
        path = tmp_path / f"{number}" / "cache.duckdb"
        sample.copy_to(path)
        in_log = number % 2 == 1
        at = chance.randrange(log_size if in_log else size)
        flip(log_file(path) if in_log else path, at, chance.randrange(8))
        again = tmp_path / f"{number}-again" / "cache.duckdb"
        SampleCache(path).copy_to(again)
        outcome = outcome_of(path, key)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        assert outcome in {"whole", "cache.damaged", "cache.log-damaged", "cache.stopped", "cache.key-wrong"}, at
        if number < 6 and outcome != "whole":
            report = rescue(again, key, tmp_path / f"{number}-saved")
            if at >= 3 * 4096 or in_log:
                assert report.is_readable or not in_log, at
    assert outcomes["cache.log-damaged"] >= 24, outcomes


def test_every_column_that_a_sync_does_not_bring_back_is_saved(cache: Cache) -> None:
    """A new column is saved unless it is named here as one of the port."""
    with cache.read_cursor() as cursor:
        columns = {
            name
            for (name,) in cursor.execute(
                "SELECT column_name FROM duckdb_columns() WHERE table_name = 'declaration'"
            ).fetchall()
        }
        tables = {
            name
            for (name,) in cursor.execute(
                "SELECT table_name FROM duckdb_tables() WHERE database_name = 'cache'"
            ).fetchall()
        }
    assert columns >= COLUMNS_OF_THE_PORT
    assert columns - COLUMNS_OF_THE_PORT >= SAVED_MARKS
    assert tables >= TABLES_OF_THE_PORT
    assert tables - TABLES_OF_THE_PORT >= {"declaration", "journal", "resend", "resend_answer"}


def test_a_reader_that_dies_costs_only_what_it_was_reading(path: Path, key: CacheKey) -> None:
    with TableReader(key) as reader:
        tables = reader.open(path)
        assert tables is not None
        (journal,) = [table for table in tables if table.name == "journal"]
        assert reader._process is not None
        reader._process.kill()
        reader._process.wait()
        condition = TableCondition("journal")
        rows = list(reader.read(journal, ("id",), condition))
    assert condition.whole + condition.partial == len(rows) == ALL


def test_a_reader_that_cannot_be_started_is_no_damage(
    path: Path, key: CacheKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-program"))
    with pytest.raises(TableReaderNotStarted, match="不存在"):
        rescue(path, key, tmp_path / "saved")
    assert not (tmp_path / "saved").exists()
