"""What time it is at the port: China's, without a zone, as on the wire."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

Clock = Callable[[], datetime]

_CHINA: Final = timezone(timedelta(hours=8))
_NOON: Final = time(12, 0)


def china_now() -> datetime:
    return datetime.now(UTC).astimezone(_CHINA).replace(tzinfo=None)


def stopped_at(day: date) -> Clock:
    """A clock that always shows noon of `day`."""
    return lambda: datetime.combine(day, _NOON)
