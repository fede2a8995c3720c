"""What can be read from a cache file without its key."""

import os
from pathlib import Path

import duckdb
import pytest

from db.cache import Cache
from db.cache_inspection import CacheFileInfo, inspect_cache_file
from db.engine import HEADERS_BYTES, check_encryption, log_file
from db.key import CacheKey
from db.problems import CacheDamaged
from tests.db.other_program import other_program, read_line


def existing_cache(path: Path) -> CacheFileInfo:
    info = inspect_cache_file(path)
    assert info is not None
    return info


def test_a_closed_cache_shows_size_and_versions(cache: Cache, cache_path: Path) -> None:
    cache.close()
    info = existing_cache(cache_path)
    assert info.library == f"v{duckdb.__version__}" == f"v{check_encryption()}"
    assert info.size == cache_path.stat().st_size
    assert info.format > 0
    assert info.holder is None


def test_the_size_includes_the_log(cache_path: Path, child_environment: dict[str, str]) -> None:
    with other_program("write", cache_path, child_environment) as child:
        for _page in range(3):
            read_line(child)
    assert existing_cache(cache_path).size == cache_path.stat().st_size + log_file(cache_path).stat().st_size


def test_the_process_that_has_it_open_is_found_and_not_disturbed(
    cache_path: Path, child_environment: dict[str, str]
) -> None:
    with other_program("hold", cache_path, child_environment) as child:
        assert read_line(child) == "open"
        assert existing_cache(cache_path).holder == child.pid
        assert existing_cache(cache_path).holder == child.pid, "the first request neither took nor released a lock"
        child.communicate()
        assert child.returncode == 0
    assert existing_cache(cache_path).holder is None


def test_a_missing_or_empty_cache_is_none(tmp_path: Path) -> None:
    path = tmp_path / "cache.duckdb"
    assert inspect_cache_file(path) is None
    path.write_bytes(bytes(HEADERS_BYTES - 1))
    assert inspect_cache_file(path) is None


@pytest.mark.parametrize("content", [b"", b"DUCK", os.urandom(HEADERS_BYTES), bytes(HEADERS_BYTES)])
def test_a_file_that_is_not_a_cache_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cache.duckdb"
    path.write_bytes(content)
    log_file(path).write_bytes(b"log")
    with pytest.raises(CacheDamaged):
        inspect_cache_file(path)


def test_an_unencrypted_database_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "cache.duckdb"
    with duckdb.connect(str(path)) as plain:
        plain.execute("CREATE TABLE one AS SELECT 1")
    with pytest.raises(CacheDamaged):
        inspect_cache_file(path)


def test_opening_the_cache_does_not_change_its_format(cache: Cache, cache_path: Path, key: CacheKey) -> None:
    cache.close()
    before = existing_cache(cache_path)
    Cache.open(cache_path, key).close()
    assert existing_cache(cache_path).format == before.format
