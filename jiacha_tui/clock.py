"""The current time, the default of every parameter that takes a clock."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The current time in UTC, with its time zone."""
    return datetime.now(UTC)


def local_now() -> datetime:
    """The current time in the time zone of this machine, which it carries."""
    return utc_now().astimezone()
