"""The frames of real logs of the engine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from db import log_frames
from db.cache import Cache
from db.engine import EngineLimits, log_file, open_engine, open_read_only
from db.journal import Journal
from db.key import CacheKey
from db.log_frames import read_log_frames
from db.problems import CacheBusy, CacheLogDamaged
from jiacha_tui.declaration.journal import JournalKind, Outcome
from tests.db.damaged_cache import IN_FILE, SampleCache, cut, flip, make_sample_cache


@pytest.fixture(scope="module")
def real_log(tmp_path_factory: pytest.TempPathFactory, key: CacheKey) -> bytes:
    sample = make_sample_cache(tmp_path_factory.mktemp("sample"), key)
    return log_file(sample.file).read_bytes()


@pytest.fixture
def log(tmp_path: Path, real_log: bytes) -> Path:
    path = tmp_path / "cache.duckdb.wal"
    path.write_bytes(real_log)
    return path


def test_the_frames_of_a_real_log_end_with_it(log: Path, real_log: bytes) -> None:
    frames = read_log_frames(log)
    assert not frames.is_damaged
    assert len(frames.ends) > 100
    assert frames.ends[-1] == len(real_log)


def test_a_log_grows_by_whole_frames(cache: Cache, cache_path: Path) -> None:
    journal = Journal(cache)
    ends: tuple[int, ...] = ()
    for number in range(3):
        journal.write(JournalKind.QUERY, (), Outcome.DONE, f"{number}")
        frames = read_log_frames(log_file(cache_path))
        assert frames.ends[: len(ends)] == ends
        assert frames.ends[-1] == log_file(cache_path).stat().st_size
        ends = frames.ends


def test_no_log_and_an_empty_one_have_no_frames(tmp_path: Path) -> None:
    path = tmp_path / "cache.duckdb.wal"
    assert read_log_frames(path).ends == ()
    path.write_bytes(b"")
    assert not read_log_frames(path).is_damaged


@pytest.mark.parametrize("size", [1, 20, 43, 1000])
def test_a_log_that_was_cut_off_as_by_a_kill_is_not_damaged(log: Path, size: int) -> None:
    cut(log, size)
    assert not read_log_frames(log).is_damaged


def test_neither_is_one_whose_first_record_was_not_finished(log: Path, real_log: bytes) -> None:
    first = read_log_frames(log).ends[0]
    for kept in range(1, first):
        log.write_bytes(real_log[:kept])
        frames = read_log_frames(log)
        assert (frames.ends, frames.is_damaged) == ((), False)


def test_a_log_that_another_program_cuts_off_meanwhile_does_not_end_this_one(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = log_frames._first_record

    def cut_after_the_first_record(data: bytes) -> int | None:
        os.truncate(log, len(data))
        return after(data)

    monkeypatch.setattr(log_frames, "_first_record", cut_after_the_first_record)
    frames = read_log_frames(log)
    assert not frames.is_damaged
    assert len(frames.ends) < 10


def test_a_log_that_looks_damaged_while_another_program_has_the_cache_is_not_called_so(
    tmp_path: Path, key: CacheKey
) -> None:
    sample = make_sample_cache(tmp_path / "sample", key)
    flip(log_file(sample.file), 0)
    program = (
        "import fcntl, sys; f = open(sys.argv[1], 'r+b'); fcntl.lockf(f, fcntl.LOCK_EX); print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(sample.file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(CacheBusy) as busy:
            open_engine(sample.file, key, EngineLimits())
        assert busy.value.pid == other.pid
        other.communicate(b"\n")
    with pytest.raises(CacheLogDamaged):
        open_engine(sample.file, key, EngineLimits())


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_another_start_is_a_damage(log: Path, at: int) -> None:
    flip(log, at)
    assert read_log_frames(log).is_damaged


@pytest.mark.parametrize("byte", range(8))
def test_a_length_that_cannot_be_is_a_damage(log: Path, byte: int) -> None:
    """One that only makes the last frames unreadable looks like a kill; the state file tells what is missing then."""
    ends = read_log_frames(log).ends
    middle = ends[len(ends) // 2]
    flip(log, middle + byte, 7)
    frames = read_log_frames(log)
    assert frames.ends[: len(ends) // 2 + 1] == ends[: len(ends) // 2 + 1]
    assert frames.is_damaged or byte in (0, 1, 2)


def test_the_engine_passes_over_such_a_damage_in_silence(tmp_path: Path, key: CacheKey) -> None:
    """That is why the frames are checked: if this fails, the engine has learned to tell it."""
    sample = make_sample_cache(tmp_path / "sample", key)
    path = tmp_path / "copy" / "cache.duckdb"
    SampleCache(sample.file).copy_to(path)
    flip(log_file(path), 0)
    with open_read_only(path, key, EngineLimits()) as engine:
        ((entries,),) = engine.execute("SELECT count(*) FROM cache.journal").fetchall()
    assert entries == IN_FILE
