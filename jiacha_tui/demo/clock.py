"""The port's clock: China's time without a time zone, as on the wire."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Final

from jiacha_tui.clock import utc_now
from jiacha_tui.declaration.wire_values import CHINA

Clock = Callable[[], datetime]

_NOON: Final = time(12, 0)


def china_now() -> datetime:
    """The present time in China, without a time zone."""
    return utc_now().astimezone(CHINA).replace(tzinfo=None)


def fixed_clock(day: date) -> Clock:
    """A clock that always shows noon of `day`."""
    return lambda: datetime.combine(day, _NOON)
