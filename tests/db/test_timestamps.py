"""Times are stored in UTC and have their time zone when they are read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.timestamps import from_column, to_column
from tests.db.samples import wall_clock

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
FAR_FROM_THE_ENDS = (wall_clock("1900-01-01"), wall_clock("2200-01-01"))


@given(st.datetimes(*FAR_FROM_THE_ENDS, timezones=ZONES))
def test_a_time_is_read_as_it_was_stored(time: datetime) -> None:
    assert from_column(to_column(time)) == time
    assert from_column(to_column(time)).tzinfo is UTC


def test_a_time_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_column(wall_clock("2025-07-01"))
