"""The rules that the port enforces, as the operator's manual states them.

Written from the manual a second time, apart from the program's own: a mistake in one shows against the other.
"""

import calendar
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from jiacha_tui.declaration.query import DateRange
from jiacha_tui.demo import refusals
from jiacha_tui.demo.refusals import RequestRefused, ResponseCode

MOST_IN_A_BATCH: Final = 10
MOST_DOWNLOAD_DAYS: Final = 30
MOST_DOWNLOAD_ITEMS: Final = 1000
MOST_DOWNLOAD_BYTES: Final = 8 * 1024 * 1024

_ENTRY_ID: Final = re.compile(r"[0-9]{18}")
_DATE: Final = re.compile(r"[0-9]{8}")


def checked_entry_id(text: str) -> str:
    if not _ENTRY_ID.fullmatch(text):
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.BAD_NUMBER)
    return text


def checked_span(start: str, end: str) -> DateRange:
    """Both ends are required; the same day may be both."""
    if not start or not end:
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.DATES_REQUIRED)
    first, last = _day(start), _day(end)
    if last < first:
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.DATES_REVERSED)
    return DateRange(first, last)


def check_query_span(span: DateRange) -> None:
    """A month at most: up to the same day of the next month, or the last day of a month that has no such day."""
    years, month = divmod(span.start.month, 12)
    year = span.start.year + years
    if year > date.max.year:
        return
    last_day = calendar.monthrange(year, month + 1)[1]
    if span.end > date(year, month + 1, min(span.start.day, last_day)):
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.QUERY_TOO_LONG)


def check_download_span(span: DateRange) -> None:
    if span.days > MOST_DOWNLOAD_DAYS:
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.DOWNLOAD_TOO_LONG)


def check_download_items(span: DateRange, items: int) -> None:
    """One day has no cap."""
    if span.days > 1 and items > MOST_DOWNLOAD_ITEMS:
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.too_many_items(items))


def check_download_size(span: DateRange, size: int) -> None:
    """One day has no cap."""
    if span.days > 1 and size > MOST_DOWNLOAD_BYTES:
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.DOWNLOAD_TOO_LARGE)


def checked_batch(ids: str) -> Sequence[str]:
    """The entry numbers of a resend, one to ten, each once."""
    if not ids:
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.BATCH_EMPTY)
    entry_ids = ids.split(",")
    if len(entry_ids) > MOST_IN_A_BATCH:
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.BATCH_TOO_LARGE)
    if len(set(entry_ids)) < len(entry_ids):
        raise RequestRefused(ResponseCode.MALFORMED, refusals.NOT_JSON)
    return [checked_entry_id(entry_id) for entry_id in entry_ids]


def _day(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.BAD_DATE)
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        raise RequestRefused(ResponseCode.RULE_BROKEN, refusals.BAD_DATE) from None
