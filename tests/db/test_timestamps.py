"""Moments are kept in UTC and come back aware."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.timestamps import from_column, to_column
from tests.db.samples import wall_clock

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
FAR_FROM_THE_ENDS = (wall_clock("1900-01-01"), wall_clock("2200-01-01"))


@given(st.datetimes(*FAR_FROM_THE_ENDS, timezones=ZONES))
def test_a_moment_comes_back(moment: datetime) -> None:
    assert from_column(to_column(moment)) == moment
    assert from_column(to_column(moment)).tzinfo is UTC


def test_a_moment_without_a_zone_could_be_any() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_column(wall_clock("2025-07-01"))
