"""Opening, sharing and closing a cache."""

import os
import shutil
import stat
import sys
import threading
import traceback
from base64 import b64encode
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from db import schema
from db.cache import Cache
from db.declarations import Declarations
from db.engine import EngineLimits, log_file, spill_folder
from db.key import CacheKey, new_key
from db.problems import (
    CacheBusy,
    CacheClosed,
    CacheDamaged,
    CacheKeyWrong,
    CacheMemoryShort,
    CacheNotOpened,
    CacheTooNew,
    EngineFailed,
    EngineIncomplete,
)
from db.schema import Migration, migrations
from jiacha_tui.private_files import FileProblem
from tests.conftest import EngineSettings
from tests.db.other_program import other_program, read_line
from tests.db.samples import declaration, entry_id, summary


def create_cache(path: Path, key: CacheKey, count: int = 1) -> None:
    """Creates a cache with `count` declarations and closes it."""
    cache = Cache.open(path, key)
    Declarations(cache).put_details([declaration(number) for number in range(count)])
    cache.close()


def test_a_cache_still_has_its_declarations_when_it_is_opened_again(cache_path: Path, key: CacheKey) -> None:
    create_cache(cache_path, key)
    cache = Cache.open(cache_path, key)
    assert Declarations(cache).get(entry_id(0)) == declaration(0)
    cache.close()


def test_only_the_owner_may_read_files_and_folders(cache_path: Path, key: CacheKey) -> None:
    cache = Cache.open(cache_path, key)
    Declarations(cache).merge_rows([summary()])
    with cache.write_cursor() as cursor:
        cursor.execute("CHECKPOINT")  # creates the log again
    Declarations(cache).merge_rows([summary(2)])
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in cache_path.parent.rglob("*")}
    assert modes == {cache_path: 0o600, log_file(cache_path): 0o600, spill_folder(cache_path): 0o700}
    assert stat.S_IMODE(cache_path.parent.stat().st_mode) == 0o700
    cache.close()


def test_a_path_with_quotes_is_not_run_as_sql(tmp_path: Path, key: CacheKey) -> None:
    path = tmp_path / "it's; DROP TABLE" / "cache'.duckdb"
    create_cache(path, key)
    assert path.exists()


def test_the_engine_can_neither_read_nor_write_other_files(cache: Cache, tmp_path: Path) -> None:
    with cache.read_cursor() as cursor:
        settings = dict(cursor.execute("SELECT name, value FROM duckdb_settings()").fetchall())
        expected = {
            "temp_file_encryption": "true",
            "enable_external_access": "false",
            "lock_configuration": "true",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "threads": "2",
            "memory_limit": "488.2 MiB",
            "temp_directory": str(spill_folder(cache.path)),
        }
        assert {name: settings[name] for name in expected} == expected
        for statement in (
            f"COPY declaration TO '{tmp_path}/out.csv'",
            f"ATTACH '{tmp_path}/other.duckdb'",
            "SELECT * FROM read_text('/etc/passwd')",
            "INSTALL spatial",
            "SET enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                cursor.execute(statement)
        expected_of_python = "nothing"
        with pytest.raises(duckdb.CatalogException):
            cursor.execute("SELECT * FROM expected_of_python")
        assert expected_of_python == "nothing"


def test_parameters_do_not_make_duckdb_search_for_pandas(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []

    class Finder:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            searched.append(name)

    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    with cache.read_cursor() as cursor:
        assert cursor.execute("SELECT ?, ?", ["a", 1]).fetchall() == [("a", 1)]
    assert "pandas" not in searched


def test_the_engine_has_the_given_limits(cache_path: Path, key: CacheKey) -> None:
    cache = Cache.open(cache_path, key, EngineLimits(memory_mb=100, threads=1))
    with cache.read_cursor() as cursor:
        found = cursor.execute("SELECT current_setting('threads'), current_setting('memory_limit')").fetchall()
    assert found == [(1, "95.3 MiB")]
    cache.close()


@pytest.mark.parametrize("missing", ["the wheel", "the version"])
def test_nothing_is_opened_without_encryption(
    cache_path: Path, key: CacheKey, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    if missing == "the wheel":
        monkeypatch.setattr("db.engine.find_spec", lambda _name: None)
    else:
        monkeypatch.setattr("duckdb.__version__", "0.0.0")
    with pytest.raises(EngineIncomplete):
        Cache.open(cache_path, key)
    assert not cache_path.exists()


def test_a_changed_encryption_is_not_loaded(
    cache_path: Path, key: CacheKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, product_settings: EngineSettings
) -> None:
    spec = find_spec("duckdb_extension_httpfs")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    shutil.copytree(spec.submodule_search_locations[0], tmp_path / "wheel")
    (library,) = (tmp_path / "wheel").rglob("httpfs.duckdb_extension")
    spec.submodule_search_locations = [str(tmp_path / "wheel")]
    monkeypatch.setattr("db.engine.find_spec", lambda _name: spec)
    monkeypatch.setattr("db.engine._settings", product_settings)
    Cache.open(cache_path, key).close()

    data = bytearray(library.read_bytes())
    data[len(data) // 2] ^= 1
    library.unlink()  # this process has it mapped
    library.write_bytes(data)
    with pytest.raises(EngineIncomplete):
        Cache.open(cache_path, key)


class TestWrongKey:
    def test_opens_nothing_and_changes_nothing(self, cache_path: Path, key: CacheKey) -> None:
        create_cache(cache_path, key)
        before = cache_path.read_bytes()
        with pytest.raises(CacheKeyWrong):
            Cache.open(cache_path, new_key())
        assert cache_path.read_bytes() == before
        Cache.open(cache_path, key).close()

    def test_no_traceback_shows_it(self, cache_path: Path, key: CacheKey) -> None:
        create_cache(cache_path, key)
        wrong = new_key()
        with pytest.raises(CacheKeyWrong) as caught:
            Cache.open(cache_path, wrong)
        assert_hidden(wrong, caught.value)


def assert_hidden(key: CacheKey, error: BaseException) -> None:
    """Neither the error nor any variable in its traceback shows the key, and it has no cause that could."""
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True, lookup_lines=True).format())
    secret = key.reveal()
    for form in (repr(secret), secret.hex(), b64encode(secret).decode()):
        assert form not in shown
    assert error.__context__ is None
    assert error.__cause__ is None


def test_an_error_that_quotes_the_statement_is_replaced(
    cache_path: Path, key: CacheKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.engine.DATABASE", "two words")  # a syntax error: DuckDB repeats the line it is in
    with pytest.raises(CacheNotOpened) as caught:
        Cache.open(cache_path, key)
    assert_hidden(key, caught.value)
    assert "ParserException" in caught.value.message


def test_a_folder_at_the_path_of_the_file_is_a_problem(tmp_path: Path, key: CacheKey) -> None:
    folder = tmp_path / "cache.duckdb"
    (folder / "within").mkdir(parents=True)
    with pytest.raises(FileProblem):
        Cache.open(folder, key)
    assert (folder / "within").is_dir()


class TestDamage:
    @pytest.mark.parametrize("size", [12288, 100_000])
    def test_a_truncated_file(self, cache_path: Path, key: CacheKey, size: int) -> None:
        create_cache(cache_path, key, 2000)
        os.truncate(cache_path, size)
        with pytest.raises(CacheDamaged) as caught:
            Cache.open(cache_path, key)
        assert str(cache_path) in caught.value.message

    def test_a_changed_byte_is_never_read_as_data(self, cache_path: Path, key: CacheKey) -> None:
        create_cache(cache_path, key, 500)
        whole = cache_path.read_bytes()
        expected = declaration(499)
        for at in range(100, len(whole), len(whole) // 15):
            broken = bytearray(whole)
            broken[at] ^= 0xFF
            cache_path.write_bytes(broken)
            try:
                cache = Cache.open(cache_path, key)
            except (CacheDamaged, CacheKeyWrong):
                continue
            try:
                assert Declarations(cache).get(entry_id(499)) == expected
            except CacheDamaged:
                pass
            finally:
                cache.close()

    def test_a_file_of_another_kind(self, cache_path: Path, key: CacheKey) -> None:
        cache_path.parent.mkdir(parents=True)
        cache_path.write_bytes(b"PK\x03\x04 a zip file" * 2000)
        with pytest.raises(CacheDamaged):
            Cache.open(cache_path, key)

    def test_a_plain_duckdb_file(self, cache_path: Path, key: CacheKey) -> None:
        cache_path.parent.mkdir(parents=True)
        duckdb.connect(str(cache_path)).close()
        with pytest.raises(CacheDamaged):
            Cache.open(cache_path, key)

    def test_a_damaged_log(self, cache_path: Path, key: CacheKey, child_environment: dict[str, str]) -> None:
        with other_program("write", cache_path, child_environment) as child:
            read_line(child)
        log = bytearray(log_file(cache_path).read_bytes())
        log[len(log) // 2] ^= 0xFF
        log_file(cache_path).write_bytes(log)
        with pytest.raises(CacheDamaged):
            Cache.open(cache_path, key)

    @pytest.mark.parametrize("size", [0, 1, 4096, 12287])
    def test_a_file_that_ends_within_its_headers_is_created_again(
        self, cache_path: Path, key: CacheKey, size: int
    ) -> None:
        create_cache(cache_path, key)
        os.truncate(cache_path, size)
        cache = Cache.open(cache_path, key)
        assert Declarations(cache).count() == 0
        cache.close()


class TestSecondProgram:
    def test_gets_the_pid_of_the_first_one(
        self, cache_path: Path, key: CacheKey, child_environment: dict[str, str]
    ) -> None:
        with other_program("hold", cache_path, child_environment) as child:
            assert read_line(child) == "open"
            with pytest.raises(CacheBusy) as caught:
                Cache.open(cache_path, key)
            assert caught.value.pid == child.pid
            assert str(child.pid) in caught.value.message
            assert child.stdin is not None
            child.stdin.close()
            assert child.wait() == 0
        Cache.open(cache_path, key).close()

    def test_in_the_same_process_gets_its_pid_too(self, cache: Cache, key: CacheKey) -> None:
        with pytest.raises(CacheBusy) as caught:
            Cache.open(cache.path, key)
        assert caught.value.pid == os.getpid()
        Declarations(cache).merge_rows([summary()])

    def test_does_not_delete_the_spill_files_of_the_first_one(self, cache: Cache, key: CacheKey) -> None:
        spilled = spill_folder(cache.path) / "duckdb_temp_storage-0.tmp"
        spilled.write_bytes(b"in use")
        with pytest.raises(CacheBusy):
            Cache.open(cache.path, key)
        assert spilled.exists()


class TestMigrations:
    def test_are_numbered_without_gaps_and_recorded(self, cache: Cache) -> None:
        with cache.read_cursor() as cursor:
            done = cursor.execute("SELECT number, name FROM migration ORDER BY number").fetchall()
        assert done == [(step.number, step.name) for step in migrations()]
        assert [number for number, _ in done] == list(range(1, len(done) + 1))

    def test_a_new_one_runs_once_in_an_existing_cache(
        self, cache_path: Path, key: CacheKey, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        create_cache(cache_path, key)
        later = Migration(
            len(migrations()) + 1, "later", "ALTER TABLE declaration ADD COLUMN later VARCHAR DEFAULT 'x'"
        )
        monkeypatch.setattr("db.cache.migrations", lambda: (*schema.migrations(), later))
        for _ in range(2):
            cache = Cache.open(cache_path, key)
            with cache.read_cursor() as cursor:
                assert cursor.execute("SELECT later FROM declaration").fetchall() == [("x",)]
            cache.close()

    def test_one_that_fails_leaves_no_changes(
        self, cache_path: Path, key: CacheKey, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        create_cache(cache_path, key)
        number = len(migrations()) + 1
        failing = Migration(number, "failing", "CREATE TABLE half (i INTEGER); SELECT no_such_thing")
        with monkeypatch.context() as patch:
            patch.setattr("db.cache.migrations", lambda: (*schema.migrations(), failing))
            with pytest.raises(EngineFailed):
                Cache.open(cache_path, key)
        cache = Cache.open(cache_path, key)
        with cache.read_cursor() as cursor:
            assert cursor.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'half'").fetchall() == [(0,)]
        cache.close()

    def test_a_cache_of_a_newer_program_is_not_opened(self, cache_path: Path, key: CacheKey) -> None:
        cache = Cache.open(cache_path, key)
        with cache.write_cursor() as cursor:
            cursor.execute("INSERT INTO migration VALUES (999, 'from_the_future', now()::TIMESTAMP)")
        cache.close()
        with pytest.raises(CacheTooNew):
            Cache.open(cache_path, key)


class TestWriting:
    def test_is_rolled_back_if_it_fails(self, cache: Cache) -> None:
        def write_and_fail() -> None:
            with cache.write_cursor() as cursor:
                cursor.execute("INSERT INTO detail_failure VALUES ('1', now()::TIMESTAMP, '', '', '')")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            write_and_fail()
        with cache.read_cursor() as cursor:
            assert cursor.execute("SELECT count(*) FROM detail_failure").fetchall() == [(0,)]

    def test_only_one_thread_writes_at_a_time(self, cache: Cache) -> None:
        def count_up() -> None:
            for _ in range(25):
                with cache.write_cursor() as cursor:
                    ((most,),) = cursor.execute("SELECT coalesce(max(number), 0) FROM counted").fetchall()
                    cursor.execute("INSERT INTO counted VALUES (?)", [most + 1])

        with cache.write_cursor() as cursor:
            cursor.execute("CREATE TABLE counted (number INTEGER)")
        threads = [threading.Thread(target=count_up) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with cache.read_cursor() as cursor:
            assert cursor.execute("SELECT count(DISTINCT number) FROM counted").fetchall() == [(100,)]


class TestSnapshot:
    def test_does_not_see_later_writes(self, cache: Cache) -> None:
        declarations = Declarations(cache)
        declarations.merge_rows([summary(1)])
        with cache.snapshot() as snapshot:
            with snapshot.read_cursor() as cursor:
                assert cursor.execute("SELECT count(*) FROM declaration").fetchall() == [(1,)]
            declarations.merge_rows([summary(2)])
            with snapshot.read_cursor() as cursor:
                assert cursor.execute("SELECT count(*) FROM declaration").fetchall() == [(1,)]
        with pytest.raises(CacheClosed), snapshot.read_cursor():
            pass

    def test_may_be_closed_and_interrupted_again(self, cache: Cache) -> None:
        snapshot = cache.snapshot()
        for _ in range(2):
            snapshot.close()
            snapshot.interrupt()


class TestClose:
    def test_may_be_called_again_and_closes_everything(self, cache: Cache) -> None:
        snapshot = cache.snapshot()
        cache.close()
        cache.close()
        for use in (cache.read_cursor, cache.write_cursor, snapshot.read_cursor):
            with pytest.raises(CacheClosed), use():
                pass
        with pytest.raises(CacheClosed):
            cache.snapshot()

    def test_another_program_can_open_the_cache_at_once(self, cache: Cache, child_environment: dict[str, str]) -> None:
        cache.snapshot()
        cache.close()
        with other_program("hold", cache.path, child_environment) as child:
            assert read_line(child) == "open"

    @pytest.mark.parametrize("of_a_snapshot", [False, True])
    def test_interrupts_reads(self, cache: Cache, of_a_snapshot: bool) -> None:
        started = threading.Event()
        ended: list[BaseException] = []
        source = cache.snapshot() if of_a_snapshot else cache

        def read_forever() -> None:
            try:
                with source.read_cursor() as cursor:
                    cursor.execute("SELECT 1")
                    started.set()
                    while True:
                        cursor.execute("SELECT count(*) FROM range(100000000) AS numbers(i) WHERE hash(i) % 3 = 1")
            except CacheClosed as problem:
                ended.append(problem)

        thread = threading.Thread(target=read_forever)
        thread.start()
        started.wait()
        cache.close()
        thread.join(10)
        assert len(ended) == 1


def test_a_query_that_needs_too_much_memory_is_a_problem(cache_path: Path, key: CacheKey) -> None:
    cache = Cache.open(cache_path, key, EngineLimits(memory_mb=20))
    with pytest.raises(CacheMemoryShort), cache.read_cursor() as cursor:
        cursor.execute("SELECT list(i::VARCHAR || repeat('x', 1000)) FROM range(1000000) AS numbers(i)")
    with cache.read_cursor() as cursor:
        assert cursor.execute("SELECT 1").fetchall() == [(1,)]
    cache.close()


def test_a_fault_of_our_own_statement_is_a_problem_too(cache: Cache) -> None:
    with pytest.raises(EngineFailed) as caught, cache.read_cursor() as cursor:
        cursor.execute("SELEC 1")
    assert "ParserException" in caught.value.message
