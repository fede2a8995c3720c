"""Single values as the port's wire writes them: a number as a number or a padded text, a moment in several shapes.

Each reader takes what JSON can hold. Absent (None, "", blanks) gives None, or "" for a text; what it does not
understand raises NotUnderstood.
"""

import json
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

CHINA = timezone(timedelta(hours=8))
"""The port's clock. Moments on the wire carry no zone; one that does is turned to this one."""

_MAX_WHOLE = 2**31 - 1
_MAX_AMOUNT = Decimal("1e14")
_MAX_NUMBER = Decimal("1e40")
"""Above this a JSON number is no identifier written without its quotes either."""
_AMOUNT = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|[+-]?\.\d+", re.ASCII)
_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)|(\d{4})([-/.])(\d\d?)\5(\d\d?)(?!\d)", re.ASCII)
_COMPACT_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(?:(\d\d)(\d{3})?)?)?", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4})([-/.])(\d\d?)\2(\d\d?)(?:[ T]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,6})\d*)?)?)?\s*(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_EPOCH_MILLISECONDS = re.compile(r"\d{13}", re.ASCII)


class UnparsableValue(ValueError):
    """The value is there, but is not one of its kind."""


def read_text(value: object) -> str:
    """Without the blanks around it. A number is a text too."""
    match value:
        case None:
            return ""
        case str():
            return value.strip()
        case bool():
            raise UnparsableValue
        case int() | Decimal():
            return _digits(Decimal(value))
        case _:
            raise UnparsableValue


def read_whole(value: object) -> int | None:
    """A count; "3", 3 and 3.0 are the same."""
    number = read_decimal(value)
    if number is None:
        return None
    if number != number.to_integral_value() or abs(number) > _MAX_WHOLE:
        raise UnparsableValue
    return int(number)


def read_decimal(value: object) -> Decimal | None:
    """An amount, a quantity or a rate below 10¹⁴, to the last digit sent: "1,284,330.00", "        131.00", 130.5."""
    text = read_text(value)
    if not text:
        return None
    if not _AMOUNT.fullmatch(text):
        raise UnparsableValue
    number = Decimal(text.replace(",", ""))
    if abs(number) >= _MAX_AMOUNT:
        raise UnparsableValue
    return number


def read_day(value: object) -> date | None:
    """A date at the beginning of the value: 20250630, 20250630101500, 2025-06-30 10:15:00."""
    text = read_text(value)
    if not text:
        return None
    match = _DAY.match(text)
    if match is None:
        raise UnparsableValue
    compact, separated = match.group(1, 2, 3), match.group(4, 6, 7)
    return _valid_date(compact if match[1] else separated)


def read_moment(value: object) -> datetime | None:
    """A date with or without a time, on the port's clock and without a zone; midnight where no time was sent.

    20250702101112, 2025-07-02 10:11:12, 2025-07-02T10:11:12.000+0800, 2025-07-02, milliseconds since 1970.
    """
    text = read_text(value)
    if not text:
        return None
    if _EPOCH_MILLISECONDS.fullmatch(text):
        seconds, milliseconds = divmod(int(text), 1000)
        return datetime.fromtimestamp(seconds, CHINA).replace(tzinfo=None, microsecond=milliseconds * 1000)
    zone = ""
    if match := _COMPACT_MOMENT.fullmatch(text):
        day, time, fraction = match.group(1, 2, 3), match.group(4, 5, 6), match[7]
    elif match := _MOMENT.fullmatch(text):
        day, time, fraction, zone = match.group(1, 3, 4), match.group(5, 6, 7), match[8], match[9] or ""
    else:
        raise UnparsableValue
    hour, minute, second = (int(part or 0) for part in time)
    microsecond = int((fraction or "").ljust(6, "0"))
    date_ = _valid_date(day)
    try:
        moment = datetime(date_.year, date_.month, date_.day, hour, minute, second, microsecond, _zone(zone))
        return moment.astimezone(CHINA).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise UnparsableValue from None


def as_text(value: object) -> str:
    """What was sent, to be kept though it was not understood."""
    if isinstance(value, str | Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def write_day(day: date) -> str:
    return f"{day:%Y%m%d}"


def _digits(number: Decimal) -> str:
    if abs(number) >= _MAX_NUMBER:
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
