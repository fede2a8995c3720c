"""Formats values for the screen and the printed page. An absent value becomes NOTHING."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.declaration.exact import EXACT

NOTHING = "–"
"""Stands for an absent value."""

_SIZE_UNITS = ("B", "KB", "MB", "GB", "TB")
_SIZE_STEP = 1024


def format_money(amount: Decimal | None) -> str:
    """With at least two decimals, and as many more as the amount has: 18,234.00, 0.1375."""
    if amount is None:
        return NOTHING
    exponent = EXACT.normalize(amount).as_tuple().exponent
    decimals = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{amount:,.{decimals}f}"


def format_quantity(value: Decimal | int | None) -> str:
    """Without trailing zeros: 3,908, 16,980.25."""
    if value is None:
        return NOTHING
    if isinstance(value, int):
        return f"{value:,}"
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_date(value: date | None) -> str:
    """2025-06-30."""
    return NOTHING if value is None else f"{value:%Y-%m-%d}"


def format_minute(value: datetime | None) -> str:
    """Date and time to the minute: 2025-06-30 09:05."""
    return NOTHING if value is None else f"{value:%Y-%m-%d %H:%M}"


def format_size(byte_count: int) -> str:
    """A size in the largest unit that fits, with one decimal below ten: 812 B, 1.5 GB, 12 MB."""
    amount, power = float(byte_count), 0
    while round(amount) >= _SIZE_STEP and power < len(_SIZE_UNITS) - 1:
        amount, power = amount / _SIZE_STEP, power + 1
    digits = 1 if power and round(amount, 1) < 10 else 0  # noqa: PLR2004 - from ten on, two digits are enough
    return f"{amount:.{digits}f} {_SIZE_UNITS[power]}"


def format_text(value: str) -> str:
    """Text from outside, with control characters made visible; NOTHING if it is blank."""
    return escape_controls(value) if value.strip() else NOTHING


def format_value(value: object) -> str:
    """The value of a field of a head or an item, formatted by its type.

    A Decimal is formatted as a quantity: the fees of a head, which are decimals too, may be rates.
    """
    match value:
        case None:
            return NOTHING
        case Decimal() | int():
            return format_quantity(value)
        case datetime():
            return format_minute(value)
        case date():
            return format_date(value)
        case _:
            return format_text(str(value))


def format_some(entry_ids: Sequence[str], most: int = 3) -> str:
    """The first `most` numbers and, if there are more, how many there are."""
    names = "、".join(entry_ids[:most])
    return f"{names} 等 {len(entry_ids)} 票" if len(entry_ids) > most else names
