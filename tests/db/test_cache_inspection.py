"""What a cache tells to whoever has no key."""

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

CARD = "JJ0G900000001"


def there(path: Path) -> CacheFileInfo:
    at_rest = inspect_cache_file(path)
    assert at_rest is not None
    return at_rest


def test_a_closed_cache(cache: Cache, cache_path: Path) -> None:
    cache.close()
    at_rest = there(cache_path)
    assert at_rest.library == f"v{duckdb.__version__}" == f"v{check_encryption()}"
    assert at_rest.size == cache_path.stat().st_size
    assert at_rest.format > 0
    assert at_rest.holder is None


def test_the_log_counts(cache_path: Path, child_environment: dict[str, str]) -> None:
    with other_program("write", cache_path, child_environment) as child:
        for _page in range(3):
            read_line(child)
    assert there(cache_path).size == cache_path.stat().st_size + log_file(cache_path).stat().st_size


def test_the_program_that_has_it_open_is_named_and_not_disturbed(
    cache_path: Path, child_environment: dict[str, str]
) -> None:
    with other_program("hold", cache_path, child_environment) as child:
        assert read_line(child) == "open"
        assert there(cache_path).holder == child.pid
        assert there(cache_path).holder == child.pid, "asking took no lock and freed none"
        child.communicate()
        assert child.returncode == 0
    assert there(cache_path).holder is None


def test_no_cache_and_one_that_was_hardly_begun_are_none(tmp_path: Path) -> None:
    path = tmp_path / "cache.duckdb"
    assert inspect_cache_file(path) is None
    path.write_bytes(bytes(HEADERS_BYTES - 1))
    assert inspect_cache_file(path) is None


@pytest.mark.parametrize("content", [b"", b"DUCK", os.urandom(HEADERS_BYTES), bytes(HEADERS_BYTES)])
def test_what_is_no_cache_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cache.duckdb"
    path.write_bytes(content)
    log_file(path).write_bytes(b"log")
    with pytest.raises(CacheDamaged):
        inspect_cache_file(path)


def test_a_cache_in_plain_text_is_none_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "cache.duckdb"
    with duckdb.connect(str(path)) as plain:
        plain.execute("CREATE TABLE one AS SELECT 1")
    with pytest.raises(CacheDamaged):
        inspect_cache_file(path)


def test_it_is_the_format_that_the_engine_opens(cache: Cache, cache_path: Path, key: CacheKey) -> None:
    cache.close()
    before = there(cache_path)
    Cache.open(cache_path, key).close()
    assert there(cache_path).format == before.format
