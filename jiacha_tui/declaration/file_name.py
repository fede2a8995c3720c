"""The name of a downloaded file (manual 2.1.2).

    IC卡号_最早出口日期-最晚出口日期_最早报送日期-最晚报送日期_报关单开头_报关单结尾_下载时间.xml

Dates are yyyymmdd, the time is yyyymmddhhmmss. The manual does not explain 报关单开头 and 报关单结尾. They are taken to
be the numbers of the first and the last declaration in the file.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from jiacha_tui.declaration.card_number import CARD_NUMBER_PATTERN, check_card_number
from jiacha_tui.declaration.entry_number import parse_entry_id
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRange

_DATE = r"[0-9]{8}"
_NAME = re.compile(
    rf"({CARD_NUMBER_PATTERN})_({_DATE})-({_DATE})_({_DATE})-({_DATE})_([0-9]{{18}})_([0-9]{{18}})_([0-9]{{14}})\.xml"
)


class BadFileName(Problem):
    """The name is not one that the port gives to a downloaded file; `message` says why."""

    def __init__(self, message: str) -> None:
        super().__init__("download.bad-file-name", message)


@dataclass(frozen=True, slots=True)
class DownloadName:
    """The parts of the name of a downloaded file.

    `exported` and `reported` run from the earliest to the latest 出口日期 and 报送日期 in the file. `at` is the local
    time of the download, without a time zone, to the second.
    """

    card_number: str
    exported: DateRange
    reported: DateRange
    first_entry_id: str
    last_entry_id: str
    at: datetime


def download_file_name(
    card_number: str, *, exported: DateRange, reported: DateRange, first_entry_id: str, last_entry_id: str, at: datetime
) -> str:
    """The file name made of these parts; see DownloadName.

    Raises BadEntryNumber, and BadCardNumber for a card number that could lead into another folder or be read as the
    next part of the name.
    """
    return (
        f"{check_card_number(card_number)}_{_date_range_text(exported)}_{_date_range_text(reported)}"
        f"_{parse_entry_id(first_entry_id)}_{parse_entry_id(last_entry_id)}"
        f"_{_date_text(at)}{at.hour:02d}{at.minute:02d}{at.second:02d}.xml"
    )


def parse_file_name(name: str) -> DownloadName:
    """The parts of `name`, which is a file name and not a path. Raises BadFileName unless it has the form above."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise BadFileName("不是下载文件的文件名")
    card, exported_from, exported_to, reported_from, reported_to, first, last, at = match.groups()
    try:
        return DownloadName(
            card,
            DateRange(_parse_date(exported_from), _parse_date(exported_to)),
            DateRange(_parse_date(reported_from), _parse_date(reported_to)),
            first,
            last,
            datetime.combine(_parse_date(at[:8]), time(int(at[8:10]), int(at[10:12]), int(at[12:]))),
        )
    except ValueError as error:
        raise BadFileName("文件名里的日期不正确") from error


def _date_range_text(date_range: DateRange) -> str:
    return f"{_date_text(date_range.start)}-{_date_text(date_range.end)}"


def _date_text(day: date) -> str:
    # strftime does not pad %Y to four digits on every platform.
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def _parse_date(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))
