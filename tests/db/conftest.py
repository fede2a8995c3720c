"""A real cache, in a folder of its own, for each test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.cache import Cache
from db.declarations import Declarations
from db.key import CacheKey


@pytest.fixture(autouse=True)
def restored_umask() -> Iterator[None]:
    """Opening a cache changes the umask of the process. Other tests get theirs back."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def key() -> CacheKey:
    return CacheKey(bytes(range(32)))


@pytest.fixture
def cache_path(tmp_path: Path) -> Path:
    return tmp_path / "caches" / "JJ0G900000001" / "cache.duckdb"


@pytest.fixture
def cache(cache_path: Path, key: CacheKey) -> Iterator[Cache]:
    opened = Cache.open(cache_path, key)
    yield opened
    opened.close()


@pytest.fixture
def declarations(cache: Cache) -> Declarations:
    return Declarations(cache)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, key: CacheKey) -> Iterator[Cache]:
    """A cache for all examples of the property tests in a module. Each example replaces what it contains."""
    opened = Cache.open(tmp_path_factory.mktemp("shared") / "cache.duckdb", key)
    yield opened
    opened.close()
