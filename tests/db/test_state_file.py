"""The state file: what it says comes back, and nobody changes a byte of it unnoticed."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.cache_state import CacheCounts, CacheState, Stamp
from db.key import CacheKey, new_key
from db.outbox import Resend, ResendState
from db.problems import StateFileInvalid
from db.state_file import decrypt_state, encrypt_state, read_state_file, write_state_file

KEY = CacheKey(bytes(range(32)))
STATE = CacheState(
    Stamp(7, "a" * 32),
    CacheCounts(1_000_000, 999_999, 52, 3),
    57,
    (Resend("one", ("518020250000000001",), datetime(2025, 7, 1, 9, 30, tzinfo=UTC), ResendState.UNKNOWN, ""),),
    ("d" * 64,),
)
CONTENT = encrypt_state(STATE, KEY)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "state.bin"
    write_state_file(path, STATE, KEY)
    write_state_file(path, replace(STATE, last_journal_id=58), KEY)
    assert read_state_file(path, KEY) == replace(STATE, last_journal_id=58)
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_of_the_content_can_be_read_without_the_key() -> None:
    for secret in (b"518020250000000001", b"unknown", b"1000000", b"declarations"):
        assert secret not in CONTENT


@given(
    st.one_of(
        st.binary(max_size=200),
        st.integers(0, len(CONTENT) - 1).map(lambda end: CONTENT[:end]),
        st.binary(min_size=1, max_size=20).map(lambda more: CONTENT + more),
        st.tuples(st.integers(0, len(CONTENT) - 1), st.integers(1, 255)).map(
            lambda change: CONTENT[: change[0]] + bytes([CONTENT[change[0]] ^ change[1]]) + CONTENT[change[0] + 1 :]
        ),
    )
)
def test_any_other_bytes_are_invalid(data: bytes) -> None:
    with pytest.raises(StateFileInvalid):
        decrypt_state(data, KEY)


def test_the_file_of_another_key_is_invalid() -> None:
    with pytest.raises(StateFileInvalid):
        decrypt_state(CONTENT, new_key())
