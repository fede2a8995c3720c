"""The calendar of offices and exports: weekends, holidays with fixed dates and the Spring Festival."""

import functools
from datetime import date, timedelta
from typing import Final

ONE_DAY: Final = timedelta(days=1)

# The first day of the lunar year. Years outside this table have no Spring Festival.
_LUNAR_NEW_YEARS = (
    (2023, 1, 22), (2024, 2, 10), (2025, 1, 29), (2026, 2, 17), (2027, 2, 6), (2028, 1, 26), (2029, 2, 13),
    (2030, 2, 3), (2031, 1, 23), (2032, 2, 11), (2033, 1, 31), (2034, 2, 19), (2035, 2, 8),
)  # fmt: skip
_SPRING_FESTIVALS = frozenset(
    date(*first) + timedelta(days=offset) for first in _LUNAR_NEW_YEARS for offset in range(-1, 7)
)
_FIXED_HOLIDAYS = frozenset(
    {(1, 1), *((5, day) for day in range(1, 6)), *((10, day) for day in range(1, 8))},
)
_SATURDAY: Final = 5
_TRAFFIC_ON_SATURDAYS: Final = 0.4
_TRAFFIC_ON_SUNDAYS: Final = 0.25
_TRAFFIC_ON_HOLIDAYS: Final = 0.15
_TRAFFIC_BY_MONTH: Final = (1.05, 0.8, 0.95, 1.0, 1.0, 1.05, 1.05, 1.1, 1.1, 0.95, 1.0, 1.05)


def is_holiday(day: date) -> bool:
    return (day.month, day.day) in _FIXED_HOLIDAYS or day in _SPRING_FESTIVALS


def is_workday(day: date) -> bool:
    return day.weekday() < _SATURDAY and not is_holiday(day)


@functools.lru_cache(maxsize=4096)
def traffic(day: date) -> float:
    """How much is exported on `day`, compared to an ordinary workday (1)."""
    by_month = _TRAFFIC_BY_MONTH[day.month - 1]
    if is_holiday(day):
        return by_month * _TRAFFIC_ON_HOLIDAYS
    if day.weekday() < _SATURDAY:
        return by_month
    return by_month * (_TRAFFIC_ON_SATURDAYS if day.weekday() == _SATURDAY else _TRAFFIC_ON_SUNDAYS)


@functools.lru_cache(maxsize=4096)
def workdays_after(day: date, count: int) -> date:
    """The `count`-th workday after `day`."""
    while count:
        day += ONE_DAY
        count -= is_workday(day)
    return day


def latest_workday(day: date) -> date:
    """`day`, or the last workday before it."""
    while not is_workday(day):
        day -= ONE_DAY
    return day


def months_before(day: date, months: int) -> date:
    """The first day of the month `months` before the month of `day`."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, 1)
