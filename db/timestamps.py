"""Moments as the cache keeps them: TIMESTAMP columns in UTC, because DuckDB reads zones only with another extension."""

from datetime import UTC, datetime


def to_column(moment: datetime) -> datetime:
    """The aware `moment` as a column takes it. Raises ValueError for a naive one, which could be any moment."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC).replace(tzinfo=None)


def from_column(column: datetime) -> datetime:
    """The moment in a column, aware."""
    return column.replace(tzinfo=UTC)
