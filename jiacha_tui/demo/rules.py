"""The rules that the port enforces, as the operator's manual states them (docs/port.md).

Every function raises RequestRefused with the official text. Written a second time, apart from the program's own rules,
so that a test of one against the other finds mistakes in both.
"""

import calendar
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from jiacha_tui.declaration.query import DateRange
from jiacha_tui.demo import refusals
from jiacha_tui.demo.refusals import RequestRefused, ResponseCode

MAX_BATCH: Final = 10
MAX_DOWNLOAD_DAYS: Final = 30
MAX_DOWNLOAD_ITEMS: Final = 1000
MAX_DOWNLOAD_BYTES: Final = 8 * 1024 * 1024

_ENTRY_ID: Final = re.compile(r"[0-9]{18}")
_DATE: Final = re.compile(r"[0-9]{8}")


def parse_entry_id(text: str) -> str:
    """A 报关单号: exactly 18 digits."""
    if not _ENTRY_ID.fullmatch(text):
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.BAD_NUMBER)
    return text


def parse_date_range(start: str, end: str) -> DateRange:
    """A range from two YYYYMMDD texts. Both are required; they may be the same day."""
    if not start or not end:
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.DATES_REQUIRED)
    first, last = _day(start), _day(end)
    if last < first:
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.DATES_REVERSED)
    return DateRange(first, last)


def check_query_range(date_range: DateRange) -> None:
    """At most one month: up to the same day of the next month, or its last day if it has no such day."""
    years, month = divmod(date_range.start.month, 12)
    year = date_range.start.year + years
    if year > date.max.year:
        return
    last_day = calendar.monthrange(year, month + 1)[1]
    if date_range.end > date(year, month + 1, min(date_range.start.day, last_day)):
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.QUERY_TOO_LONG)


def check_download_range(date_range: DateRange) -> None:
    """At most 30 days, including the first and the last."""
    if date_range.days > MAX_DOWNLOAD_DAYS:
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.DOWNLOAD_TOO_LONG)


def check_download_items(date_range: DateRange, items: int) -> None:
    """A single day has no limit."""
    if date_range.days > 1 and items > MAX_DOWNLOAD_ITEMS:
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.too_many_items(items))


def check_download_size(date_range: DateRange, size: int) -> None:
    """A single day has no limit."""
    if date_range.days > 1 and size > MAX_DOWNLOAD_BYTES:
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.DOWNLOAD_TOO_LARGE)


def parse_batch(ids: str) -> Sequence[str]:
    """The entry numbers of a resend from a comma-separated text: one to ten, each once."""
    if not ids:
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.BATCH_EMPTY)
    entry_ids = ids.split(",")
    if len(entry_ids) > MAX_BATCH:
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.BATCH_TOO_LARGE)
    if len(set(entry_ids)) < len(entry_ids):
        raise RequestRefused(ResponseCode.MALFORMED, refusals.NOT_JSON)
    return [parse_entry_id(entry_id) for entry_id in entry_ids]


def _day(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.BAD_DATE)
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.BAD_DATE) from None
