"""Checks the query form (manual 2.1.1): turns the typed texts into a Query, or into one error for each wrong field."""

import enum
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from jiacha_tui.declaration.entry_number import BadEntryNumber, is_import, parse_entry_id
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.number_list import entry_ids_of, read_number_list
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberListQuery, NumberQuery, Query
from jiacha_tui.declaration.rules import MAX_DOWNLOAD_DAYS, latest_query_end

FormField = Literal["number", "start", "end"]
"""The text fields of the form: 出口报关单号, and the two ends of 出口日期."""

_DATE = re.compile(
    r"(?P<year>[0-9]{4})(?P<separator>[-/.—–])(?P<month>[0-9]{1,2})(?P=separator)(?P<day>[0-9]{1,2})"
    r"|(?P<year8>[0-9]{4})(?P<month8>[0-9]{2})(?P<day8>[0-9]{2})"
    r"|(?P<year_zh>[0-9]{4})年(?P<month_zh>[0-9]{1,2})月(?P<day_zh>[0-9]{1,2})日"
)


class Criterion(enum.Enum):
    """What to query by (查询条件). The value is its Chinese name."""

    EXPORTED_ON = "出口日期"
    ENTRY_ID = "出口报关单号"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; the form shows `message` beside it."""

    field: FormField
    message: str


def parse_date(text: str) -> date | None:
    """The typed date, or None if the text is not a date. Full-width digits are accepted.

    Accepted forms: 2025-06-01, 2025/6/1, 2025.6.1, 20250601 and 2025年6月1日.
    """
    match = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part is not None and part.isdigit())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def usual_periods(today: date) -> tuple[DateRange, ...]:
    """The last month, this month up to `today`, and the last 30 days, if they differ. The form takes each."""
    before = today.replace(day=1) - timedelta(days=1)
    last_month = DateRange.month(before.year, before.month)
    this_month = DateRange(today.replace(day=1), today)
    last_days = DateRange(today - timedelta(days=MAX_DOWNLOAD_DAYS - 1), today)
    return tuple(dict.fromkeys((last_month, this_month, last_days)))


def check_query_form(
    kind: Kind, criterion: Criterion, number_text: str, start_text: str, end_text: str
) -> Query | NumberListQuery | tuple[FieldError, ...]:
    """The query or queries, or all errors in the fields that the criterion uses, in the order of the form.

    By number: required, 18 digits, no import; several numbers are queries one by one. By 出口日期: both dates are
    required; they may be the same day; the range is at most one month.
    """
    if criterion is Criterion.ENTRY_ID:
        return _number_query(kind, number_text)
    return _date_range_query(kind, start_text, end_text)


def _number_query(kind: Kind, text: str) -> Query | NumberListQuery | tuple[FieldError, ...]:
    listed = read_number_list(text)
    if listed.numbers and listed.others:
        return (FieldError("number", f"「{listed.others[0][:30]}」不是完整的报关单号"),)
    if len(entry_ids := entry_ids_of(listed.numbers)) > 1:
        return NumberListQuery(entry_ids, kind)
    if entry_ids:
        (text,) = entry_ids
    try:
        entry_id = parse_entry_id(text)
    except BadEntryNumber as problem:
        return (FieldError("number", problem.message),)
    if is_import(entry_id):
        return (FieldError("number", "第 9 位是 1：这是进口报关单号"),)
    return NumberQuery(entry_id, kind)


def _date_range_query(kind: Kind, start_text: str, end_text: str) -> Query | tuple[FieldError, ...]:
    start, end = _required_date("start", "起始日期", start_text), _required_date("end", "截止日期", end_text)
    if isinstance(start, FieldError) or isinstance(end, FieldError):
        return tuple(error for error in (start, end) if isinstance(error, FieldError))
    if end < start:
        return (FieldError("end", "截止日期不能早于起始日期"),)
    latest_end = latest_query_end(start)
    if end > latest_end:
        return (FieldError("end", f"最长不能超过一个月，最晚到 {latest_end}"),)
    return DateRangeQuery(DateRange(start, end), kind)


def _required_date(field: FormField, name: str, text: str) -> date | FieldError:
    if not text.strip():
        return FieldError(field, f"{name}为必填")
    day = parse_date(text)
    return day if day is not None else FieldError(field, f"{name}不是日期，请按 2025-06-01 录入")
