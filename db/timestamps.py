"""Times in the cache: columns hold UTC without a time zone, because DuckDB needs another extension for time zones."""

from datetime import UTC, datetime


def to_column(time: datetime) -> datetime:
    """The value of a TIMESTAMP column for `time`. Raises ValueError if `time` has no time zone."""
    if time.tzinfo is None:
        raise ValueError("a time for the cache needs its time zone")
    return time.astimezone(UTC).replace(tzinfo=None)


def from_column(value: datetime) -> datetime:
    """The time in a TIMESTAMP column, in UTC with its time zone."""
    return value.replace(tzinfo=UTC)
