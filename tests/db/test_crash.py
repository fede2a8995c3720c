"""A killed program or a full disk loses no committed data, and the cache can be opened again."""

import subprocess
import sys
from pathlib import Path

import pytest

from db.cache import Cache
from db.declarations import Declarations
from db.engine import spill_folder
from db.journal import Journal
from db.key import CacheKey
from db.outbox import Outbox, ResendState
from tests.db.other_program import PAGE, other_program, read_line
from tests.db.samples import declaration, entry_id


@pytest.mark.parametrize("pages", [1, 2, 5, 17])
def test_a_killed_program_loses_nothing_that_was_committed(
    cache_path: Path, key: CacheKey, child_environment: dict[str, str], pages: int
) -> None:
    with other_program("write", cache_path, child_environment) as child:
        committed = max(int(read_line(child)) for _ in range(pages))
        child.kill()
        child.wait()
    cache = Cache.open(cache_path, key)
    declarations = Declarations(cache)
    numbers = [entry_id(number) for number in range(committed * PAGE)]
    assert declarations.get_many(numbers) == tuple(declaration(number) for number in range(len(numbers)))
    assert len(Journal(cache).recent(1000)) >= committed
    assert declarations.count() % PAGE == 0, "a page is complete or missing"
    cache.close()


def test_spill_files_of_a_killed_program_are_deleted_when_the_cache_is_opened(
    cache_path: Path, key: CacheKey, child_environment: dict[str, str]
) -> None:
    with other_program("spill", cache_path, child_environment) as child:
        assert read_line(child) == "spilled"
        child.kill()
        child.wait()
    assert list(spill_folder(cache_path).iterdir())
    cache = Cache.open(cache_path, key)
    assert not list(spill_folder(cache_path).iterdir())
    cache.close()


def test_a_resend_without_an_answer_becomes_unknown(
    cache_path: Path, key: CacheKey, child_environment: dict[str, str]
) -> None:
    with other_program("send", cache_path, child_environment) as child:
        resend_id = read_line(child)
        child.kill()
        child.wait()
    cache = Cache.open(cache_path, key)
    outbox = Outbox(cache)
    assert [resend.id for resend in outbox.recover()] == [resend_id]
    assert outbox.pending() == ()
    assert outbox.last_sent([entry_id(2)])[entry_id(2)].state is ResendState.UNKNOWN
    cache.close()


def test_a_limit_on_the_file_size_is_a_full_disk(
    cache_path: Path, key: CacheKey, child_environment: dict[str, str]
) -> None:
    with other_program("write_beyond_limit", cache_path, child_environment) as child:
        committed, code = int(read_line(child)), read_line(child)
        assert child.wait() == 0
    assert code == "file.disk-full"
    cache = Cache.open(cache_path, key)
    assert Declarations(cache).count() == committed > 0
    cache.close()


FILL_SMALL_DISK = """
mount -t tmpfs -o size=6m tmpfs "$1" || exit 77
"$0" -m tests.db.other_program fill_disk "$1/cache.duckdb" && cp -r "$1"/cache.duckdb* "$2"
"""
"""Runs in its own mount namespace. Exits with 77 if this machine does not allow to mount."""


def test_a_full_disk_loses_nothing_that_was_committed(
    tmp_path: Path, key: CacheKey, child_environment: dict[str, str]
) -> None:
    disk, saved = tmp_path / "disk", tmp_path / "saved"
    for folder in (disk, saved):
        folder.mkdir()
    found = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", FILL_SMALL_DISK, sys.executable, str(disk), str(saved)],
        env=child_environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode == 77 or found.stderr.startswith("unshare:"):
        pytest.skip(f"this machine does not allow to mount a small disk: {found.stderr.strip()}")
    committed, code = found.stdout.split()
    assert code == "file.disk-full"
    cache = Cache.open(saved / "cache.duckdb", key)
    assert Declarations(cache).count() == int(committed) > 0
    cache.close()
