"""Invented exchange rates: steady, with small changes from month to month."""

import functools
from datetime import date
from decimal import Decimal
from typing import Final

from jiacha_tui.demo.sample_data.randomness import random_for, rounded

_IN_USD: Final = {"USD": 1.0, "CNY": 0.1395, "EUR": 1.095, "JPY": 0.00672, "HKD": 0.1282, "GBP": 1.275}
_MOVEMENT: Final = 0.012
_RATE_STEP: Final = Decimal("0.000001")


def usd_per(currency: str, day: date) -> Decimal:
    """US dollars for one unit of `currency` (a code), in the month of `day`."""
    return _rate(currency, day.year, day.month)


def cny_per_usd(day: date) -> Decimal:
    """Yuan for one US dollar, in the month of `day`."""
    return 1 / _rate("CNY", day.year, day.month)


@functools.cache
def _rate(currency: str, year: int, month: int) -> Decimal:
    if currency == "USD":
        return Decimal(1)
    movement = random_for("exchange rate", currency, year, month).uniform(-_MOVEMENT, _MOVEMENT)
    return rounded(Decimal(_IN_USD[currency] * (1 + movement)), _RATE_STEP)
