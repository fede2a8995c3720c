"""The dates and numbers in a filter, and the error for a filter that cannot be read."""

import calendar
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, TypeVar

from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.declaration.deadlines import DeadlineRules
from jiacha_tui.declaration.exact import EXACT
from jiacha_tui.declaration.problem import Problem


class FilterError(Problem):
    """The filter cannot be read. `position` is the index of the error in its text."""

    def __init__(self, position: int, message: str) -> None:
        super().__init__("filter.unreadable", message, "筛选的写法见帮助")
        self.position = position


@dataclass(frozen=True, slots=True)
class Value:
    """One alternative of a word: its position, its text in half-width characters and as typed (`raw`).

    `today` is the day from which 上月 and 10月 are counted, and `deadlines` are the rules for 期限.
    """

    position: int
    text: str
    raw: str
    quoted: bool
    today: date
    deadlines: DeadlineRules


@dataclass(frozen=True, slots=True)
class Days:
    """From `first` to `last`, both included. None means no bound."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """From `low` to `high`. A bound is excluded if it is `open`. None means no bound."""

    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False


_Bound = TypeVar("_Bound")

_RANGE = ".."
_DAY = r"(?:年|(?:[-/.年—–](\d{1,2})(?:月|[-/.月—–](\d{1,2})日?)?))?"
_BARE_DAYS: Final = (re.compile(rf"(20[1-9]\d){_DAY}", re.ASCII),)
_NAMED_DAYS: Final = (
    re.compile(rf"(\d{{4}}){_DAY}", re.ASCII),
    re.compile(r"(\d{4})(\d{2})(\d{2})?", re.ASCII),
)
_THIS_YEAR: Final = re.compile(r"(\d{1,2})月(?:(\d{1,2})日?)?", re.ASCII)
_LAST_DAYS: Final = re.compile(r"最近(\d{1,4})天", re.ASCII)
_COMPARISON = re.compile("[<>]=?|[=≥≤]")
_NUMBER = re.compile(r"(\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(\.\d{1,4})?([十百千]?)([万亿]?)", re.ASCII)
_UNITS: Final = {"": 1, "十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_QUOTES: Final = frozenset('"“”„‟「」『』＂\\')
"""What ends a quotation, and what begins an escape."""

_ESCAPE: Final = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
_TOO_LARGE: Final = Decimal("1E+15")
"""The first number that does not fit into DECIMAL(19,4)."""


def escaped(text: str) -> str:
    """The text as it can stand in quotation marks after an equals sign: `unescaped` gives it back.

    Quotation marks, backslashes and what a terminal obeys or hides become the number of the character: `\\u{1b}`.
    """
    return "".join(f"\\u{{{ord(one):x}}}" if one in _QUOTES or escape_controls(one) != one else one for one in text)


def unescaped(text: str) -> str:
    """The text that `escaped` was given. What is no number of a character is left as it is."""
    return _ESCAPE.sub(lambda match: chr(code) if (code := int(match[1], 16)) <= sys.maxunicode else match[0], text)


def is_digits(text: str) -> bool:
    """Whether the text consists of ASCII digits."""
    return text.isascii() and text.isdigit()


def has_comparison(value: Value) -> bool:
    """Whether the value begins with a comparison operator, so that it must be a number."""
    return _COMPARISON.match(value.text) is not None


def is_range(value: Value) -> bool:
    """Whether the value is written as a range, with two dots."""
    return _RANGE in value.text


def days_of(value: Value, *, named: bool) -> Days | None:
    """The days of a year, a month, a day or a range of these. None if the value is none of them.

    `named` tells that the word names a field: then any year is a date, and so are 20250630 and 202506. A month without
    a year (10月) is the last one that has begun; 上月, 本周 and the like are counted from `value.today`. Raises
    FilterError for a range that ends before it begins, and for a month or day that does not exist.
    """
    patterns = _NAMED_DAYS if named else _BARE_DAYS
    first_text, _, last_text = value.text.partition(_RANGE)
    # A word without a field may be another number, such as a contract number. The error says how to search for it.
    alternative = "" if named or is_range(value) else f"；查合同号请写 合同:{value.text}"
    first = _period(first_text, value.position, patterns, alternative, value.today)
    if not is_range(value):
        return first and Days(*first)
    last = _period(last_text, value.position + len(first_text) + len(_RANGE), patterns, alternative, value.today)
    if not _are_bounds(first_text, first, last_text, last):
        return None
    if first and last and last[1] < first[0]:
        raise _ends_before_it_begins(value)
    return Days(first and first[0], last and last[1])


def numbers_of(value: Value) -> Numbers | None:
    """The numbers of a comparison, a range or a single number. None if the value is none of them.

    Raises FilterError for a range that ends before it begins.
    """
    if not is_range(value):
        return _compared(value.text)
    low_text, _, high_text = value.text.partition(_RANGE)
    low, high = _decimal(low_text), _decimal(high_text)
    if not _are_bounds(low_text, low, high_text, high):
        return None
    if low is not None and high is not None and high < low:
        raise _ends_before_it_begins(value)
    return Numbers(low, high)


def _compared(text: str) -> Numbers | None:
    comparison = _COMPARISON.match(text)
    number = _decimal(text[comparison.end() if comparison else 0 :])
    if number is None:
        return None
    match comparison[0] if comparison else "=":
        case ">" | ">=" | "≥" as operator:
            return Numbers(low=number, low_open=operator == ">")
        case "<" | "<=" | "≤" as operator:
            return Numbers(high=number, high_open=operator == "<")
        case _:
            return Numbers(number, number)


def _are_bounds(first_text: str, first: _Bound | None, last_text: str, last: _Bound | None) -> bool:
    """Whether there is at least one bound, and every text that is not empty is one."""
    return (first is not None or last is not None) and all(
        bound is not None or not text for text, bound in ((first_text, first), (last_text, last))
    )


def _period(
    text: str, position: int, patterns: tuple[re.Pattern[str], ...], alternative: str, today: date
) -> tuple[date, date] | None:
    """The first and the last day of a year, a month or a day. None if the text is not written as one.

    Raises FilterError for a month or a day that does not exist. `alternative` is added to the message for a month.
    """
    if text in _RELATIVE:
        return _RELATIVE[text](today)
    if (last := _LAST_DAYS.fullmatch(text)) and int(last[1]):
        return today - timedelta(days=int(last[1]) - 1), today
    if without_year := _THIS_YEAR.fullmatch(text):
        text = _with_year(int(without_year[1]), without_year[2], today)
        patterns, alternative = _NAMED_DAYS, ""
    match = next(filter(None, (pattern.fullmatch(text) for pattern in patterns)), None)
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    if not year:
        return None
    if month not in (None, *range(1, 13)):
        raise FilterError(position, f"没有这个月：{text}{alternative}")
    first_month, last_month = (month, month) if month else (1, 12)
    if day is None:
        return date(year, first_month, 1), date(year, last_month, calendar.monthrange(year, last_month)[1])
    try:
        only = date(year, first_month, day)
    except ValueError:
        raise FilterError(position, f"没有这一天：{text}") from None
    return only, only


def _with_year(month: int, day: str | None, today: date) -> str:
    """The month, or the day of it, in the last year in which it has begun."""
    has_begun = (month, int(day or 1)) <= (today.month, today.day)
    return f"{today.year if has_begun else today.year - 1}-{month:02}" + (f"-{day}" if day else "")


def _month(day: date) -> tuple[date, date]:
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _week(day: date) -> tuple[date, date]:
    """The week from Monday to Sunday, as in GB/T 7408."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


_RELATIVE: Final[dict[str, Callable[[date], tuple[date, date]]]] = {
    "今天": lambda today: (today, today),
    "昨天": lambda today: (today - timedelta(days=1), today - timedelta(days=1)),
    "本周": _week,
    "上周": lambda today: _week(today - timedelta(days=7)),
    "本月": _month,
    "上月": lambda today: _month(today.replace(day=1) - timedelta(days=1)),
    "今年": lambda today: _year(today.year),
    "去年": lambda today: _year(today.year - 1),
}


RELATIVE_DAYS: Final = tuple(_RELATIVE)
"""The words for days that are counted from today."""


def _decimal(text: str) -> Decimal | None:
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    number = EXACT.multiply(Decimal(match[1].replace(",", "") + (match[2] or "")), _UNITS[match[3]] * _UNITS[match[4]])
    return number if number < _TOO_LARGE else None


def _ends_before_it_begins(value: Value) -> FilterError:
    return FilterError(value.position, "范围的终点在起点之前")
