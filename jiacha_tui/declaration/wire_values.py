"""Reads single values of the port's JSON: numbers, which may be padded texts, and dates and times in several formats.

Each `read_…` function takes any JSON value. An absent value (None, "", blanks) gives None, or "" from `read_text`. A
value that cannot be read raises UnparsableValue.
"""

import json
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

from jiacha_tui.declaration.text_limits import CUT_MARK, cut_text

CHINA = timezone(timedelta(hours=8))
"""The port's time zone. Times in its JSON have no zone; a time that has one is converted to this zone."""

_MAX_INT = 2**31 - 1
_MAX_AMOUNT = Decimal("1e14")
_MAX_NUMBER_DIGITS = 40
"""The most digits before the point of a JSON number that is read as text. Identifiers sent as numbers have fewer."""
_MAX_NUMBER_CHARACTERS = 64
"""An amount has fewer than 30. Without this limit 1e-99999999 would become a text of a hundred million zeros."""
_AMOUNT = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|[+-]?\.\d+", re.ASCII)
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)|(\d{4})([-/.])(\d\d?)\5(\d\d?)(?!\d)", re.ASCII)
_COMPACT_DATETIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(?:(\d\d)(\d{3})?)?)?", re.ASCII)
_SEPARATED_DATETIME = re.compile(
    r"(\d{4})([-/.])(\d\d?)\2(\d\d?)(?:[ T]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,6})\d*)?)?)?\s*(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_EPOCH_MILLISECONDS = re.compile(r"\d{13}", re.ASCII)


class UnparsableValue(ValueError):
    """The value is present, but it is not of the expected type or format."""


def read_text(value: object) -> str:
    """The text without blanks around it, cut if it is too long. A number is converted to text."""
    match value:
        case None:
            return ""
        case str():
            return cut_text(value.strip())
        case bool():
            raise UnparsableValue
        case int() | Decimal():
            return _digits(Decimal(value))
        case _:
            raise UnparsableValue


def read_int(value: object) -> int | None:
    """A count. "3", 3 and 3.0 are the same."""
    number = read_decimal(value)
    if number is None:
        return None
    if number != number.to_integral_value() or number.copy_abs() > _MAX_INT:
        raise UnparsableValue
    return int(number)


def read_decimal(value: object) -> Decimal | None:
    """An amount, a quantity or a rate below 10¹⁴, with every digit that was sent.

    Examples: "1,284,330.00", "        131.00", 130.5.
    """
    text = read_text(value)
    if not text:
        return None
    if len(text) > _MAX_NUMBER_CHARACTERS or not _AMOUNT.fullmatch(text):
        raise UnparsableValue
    number = Decimal(text.replace(",", ""))
    if number.copy_abs() >= _MAX_AMOUNT:
        raise UnparsableValue
    return number


def read_date(value: object) -> date | None:
    """The date at the start of the value. Examples: 20250630, 20250630101500, 2025-06-30 10:15:00."""
    text = read_text(value)
    if not text:
        return None
    match = _DATE.match(text)
    if match is None:
        raise UnparsableValue
    compact, separated = match.group(1, 2, 3), match.group(4, 6, 7)
    return _valid_date(compact if match[1] else separated)


def read_datetime(value: object) -> datetime | None:
    """The port's local time, without a time zone. A value without a time gives midnight.

    Accepted: 20250702101112, 2025-07-02 10:11:12, 2025-07-02T10:11:12.000+0800, 2025-07-02, milliseconds since 1970.
    """
    text = read_text(value)
    if not text:
        return None
    if _EPOCH_MILLISECONDS.fullmatch(text):
        seconds, milliseconds = divmod(int(text), 1000)
        return datetime.fromtimestamp(seconds, CHINA).replace(tzinfo=None, microsecond=milliseconds * 1000)
    zone = ""
    if match := _COMPACT_DATETIME.fullmatch(text):
        day, time, fraction = match.group(1, 2, 3), match.group(4, 5, 6), match[7]
    elif match := _SEPARATED_DATETIME.fullmatch(text):
        day, time, fraction, zone = match.group(1, 3, 4), match.group(5, 6, 7), match[8], match[9] or ""
    else:
        raise UnparsableValue
    hour, minute, second = (int(part or 0) for part in time)
    microsecond = int((fraction or "").ljust(6, "0"))
    valid = _valid_date(day)
    try:
        sent = datetime(valid.year, valid.month, valid.day, hour, minute, second, microsecond, _zone(zone))
        return sent.astimezone(CHINA).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise UnparsableValue from None


def to_text(value: object) -> str:
    """Any JSON value as text, for `unparsed`. One that is nested too deeply is only a mark."""
    if isinstance(value, str | Decimal):
        return str(value)
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except RecursionError:
        return CUT_MARK


def write_date(day: date) -> str:
    """As the port writes it: yyyyMMdd."""
    return f"{day:%Y%m%d}"


def _digits(number: Decimal) -> str:
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -_MAX_NUMBER_CHARACTERS or number.adjusted() >= _MAX_NUMBER_DIGITS:
        raise UnparsableValue
    return f"{number:f}"


def _valid_date(parts: tuple[str | None, ...]) -> date:
    year, month, day = (int(part or 0) for part in parts)
    try:
        return date(year, month, day)
    except ValueError:
        raise UnparsableValue from None


def _zone(text: str) -> timezone:
    if not text:
        return CHINA
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
