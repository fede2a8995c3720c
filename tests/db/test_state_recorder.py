"""When a state is recorded, and that a record that fails or is cut off leaves nothing that looks like a loss."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from db import state_recorder
from db.cache import Cache
from db.cache_state import CacheState
from db.journal import Journal
from db.key import CacheKey
from db.state_check import StateMismatch, check_state
from db.state_file import read_state_file, write_state_file
from db.state_recorder import StateRecorder
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.private_files import DiskFull

WRITE = "db.state_recorder.write_state_file"


@dataclass
class Recorded:
    """An open cache whose state is recorded, as after a login."""

    cache: Cache
    key: CacheKey
    failures: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        write_state_file(self.path, CacheState(), self.key)
        self.recorder = self.recorder_for(CacheState(), "a")
        self.recorder.record()

    @property
    def path(self) -> Path:
        return self.cache.path.with_name("state.bin")

    @property
    def state(self) -> CacheState:
        return read_state_file(self.path, self.key)

    def recorder_for(self, known: CacheState, key_file: str) -> StateRecorder:
        return StateRecorder(
            self.cache, self.path, self.key, known=known, key_file=key_file, on_failure=self.failures.append
        )

    def found(self, key_file: str = "a") -> tuple[StateMismatch, ...]:
        """What a login would find now."""
        return check_state(self.cache, self.path, self.key, key_file).mismatches

    def write(self) -> None:
        Journal(self.cache).write(JournalKind.QUERY, (), Outcome.DONE)


@pytest.fixture
def recorded(cache: Cache, key: CacheKey) -> Recorded:
    return Recorded(cache, key)


def fails_before(path: Path, _state: CacheState, _key: CacheKey) -> None:
    raise DiskFull(path)


def fails_after(path: Path, state: CacheState, key: CacheKey) -> None:
    """As if only the folder could not be flushed."""
    write_state_file(path, state, key)
    raise DiskFull(path)


def test_each_record_has_the_next_stamp(recorded: Recorded) -> None:
    first = recorded.state
    recorded.write()
    recorded.recorder.record()
    second = recorded.state
    assert (first.stamp.counter, second.stamp.counter) == (1, 2)
    assert first.stamp.mark != second.stamp.mark
    assert (first.last_journal_id, second.last_journal_id) == (0, 1)
    assert second.key_files == ("a",)


@pytest.mark.parametrize("failure", [fails_before, fails_after])
def test_records_that_fail_leave_nothing_that_looks_like_a_loss(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, failure: Callable[..., None]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(WRITE, failure)
        for _ in range(3):
            recorded.write()
            with pytest.raises(DiskFull):
                recorded.recorder.record()
            assert recorded.found() == ()
        patch.setattr(WRITE, fails_before)
        with pytest.raises(DiskFull):
            recorded.recorder.record()
        assert recorded.found() == ()
    recorded.recorder.record()
    assert recorded.found() == ()


def test_a_failure_that_nobody_waits_for_is_reported_once_in_a_row(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(WRITE, fails_before)
            for _ in range(3):
                recorded.recorder.record_if_possible()
        recorded.recorder.record_if_possible()
    assert [failure.code for failure in recorded.failures] == ["file.disk-full"] * 2


@pytest.mark.parametrize(("seconds", "records"), [(0.0, 3), (3600.0, 0)])
def test_commits_record_the_state_when_the_last_record_is_old(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, seconds: float, records: int
) -> None:
    before = recorded.state.stamp.counter
    monkeypatch.setattr(state_recorder, "RECORD_SECONDS", seconds)
    recorded.cache.on_commit(recorded.recorder.after_commit)
    for _ in range(3):
        recorded.write()
    assert recorded.state.stamp.counter - before == records


def test_many_threads_write_and_record_at_once(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_recorder, "RECORD_SECONDS", 0.0)
    recorded.cache.on_commit(recorded.recorder.after_commit)

    def work(number: int) -> None:
        for _ in range(5):
            recorded.write()
            if number % 2:
                recorded.recorder.record()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    recorded.recorder.record()
    assert recorded.found() == ()
    assert recorded.state.counts.journal_entries == 20
    assert recorded.failures == []


def test_after_a_rollback_the_next_record_is_newer_than_both(recorded: Recorded) -> None:
    old = recorded.path.read_bytes()
    for _ in range(3):
        recorded.write()
        recorded.recorder.record()
    recorded.path.write_bytes(old)
    assert recorded.found() == (StateMismatch.FILE_BEHIND,)
    recorded.recorder_for(recorded.state, "a").record()
    assert recorded.found() == ()
    assert recorded.state.stamp.counter == 5


def test_the_key_files_are_remembered_newest_last(recorded: Recorded) -> None:
    for digest in "bca":
        recorded.recorder_for(recorded.state, digest).record()
    assert recorded.state.key_files == ("b", "c", "a")
    assert recorded.found("b") == (StateMismatch.KEY_FILE_OLD,)
    assert recorded.found("new") == ()
