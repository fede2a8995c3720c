"""The name of a downloaded file (manual 2.1.2).

    IC卡号_最早出口日期-最晚出口日期_最早报送日期-最晚报送日期_报关单开头_报关单结尾_下载时间.xml

Dates are yyyymmdd and the time is yyyymmddhhmmss. 报关单开头 and 报关单结尾 are read as the numbers of the first and
the last declaration in the file.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from jiacha_tui.declaration.card_number import CARD_NUMBER_PATTERN, check_card_number
from jiacha_tui.declaration.entry_number import parse_entry_id
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRange

_DAY = r"[0-9]{8}"
_NAME = re.compile(
    rf"({CARD_NUMBER_PATTERN})_({_DAY})-({_DAY})_({_DAY})-({_DAY})_([0-9]{{18}})_([0-9]{{18}})_([0-9]{{14}})\.xml"
)


class BadFileName(Problem):
    def __init__(self, what: str) -> None:
        super().__init__("download.bad-file-name", what)


@dataclass(frozen=True, slots=True)
class DownloadName:
    """What the name of a downloaded file says. `at` is wall clock without a zone, to the second."""

    card_number: str
    exported: DateRange
    reported: DateRange
    first_entry_id: str
    last_entry_id: str
    at: datetime


def download_file_name(
    card_number: str, *, exported: DateRange, reported: DateRange, first_entry_id: str, last_entry_id: str, at: datetime
) -> str:
    """The name for a file with the declarations exported and reported within these days, downloaded `at`.

    Raises BadCardNumber, so that a card can neither lead into another folder nor be mistaken for the next part of
    the name, and BadEntryNumber.
    """
    return (
        f"{check_card_number(card_number)}_{_days_text(exported)}_{_days_text(reported)}"
        f"_{parse_entry_id(first_entry_id)}_{parse_entry_id(last_entry_id)}"
        f"_{_day_text(at)}{at.hour:02d}{at.minute:02d}{at.second:02d}.xml"
    )


def parse_file_name(name: str) -> DownloadName:
    """What a name says (a name, not a path). Raises BadFileName where it is not one of these names."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise BadFileName("不是下载文件的文件名")
    card, exported_from, exported_to, reported_from, reported_to, first, last, at = match.groups()
    try:
        return DownloadName(
            card,
            DateRange(_parse_day(exported_from), _parse_day(exported_to)),
            DateRange(_parse_day(reported_from), _parse_day(reported_to)),
            first,
            last,
            datetime.combine(_parse_day(at[:8]), time(int(at[8:10]), int(at[10:12]), int(at[12:]))),
        )
    except ValueError as error:
        raise BadFileName("文件名里的日期不正确") from error


def _days_text(span: DateRange) -> str:
    return f"{_day_text(span.start)}-{_day_text(span.end)}"


def _day_text(day: date) -> str:
    # Not strftime: its %Y is not padded to four digits everywhere.
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def _parse_day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))
