"""The name of a downloaded file (manual 2.1.2).

    IC卡号_最早出口日期-最晚出口日期_最早报送日期-最晚报送日期_报关单开头_报关单结尾_下载时间.xml

Dates are yyyymmdd, the time is yyyymmddhhmmss. The manual does not explain 报关单开头 and 报关单结尾. They are taken to
be the numbers of the first and the last declaration in the file.
"""

from datetime import date, datetime

from jiacha_tui.declaration.card_number import check_card_number
from jiacha_tui.declaration.entry_number import parse_entry_id
from jiacha_tui.declaration.query import DateRange


def download_file_name(
    card_number: str, *, exported: DateRange, reported: DateRange, first_entry_id: str, last_entry_id: str, at: datetime
) -> str:
    """The name of a file.

    `exported` and `reported` run from the earliest to the latest 出口日期 and 报送日期 in the file. `at` is the local
    time of the download. Raises BadEntryNumber, and BadCardNumber for a card number that could lead into another
    folder or be read as the next part of the name.
    """
    return (
        f"{check_card_number(card_number)}_{_date_range_text(exported)}_{_date_range_text(reported)}"
        f"_{parse_entry_id(first_entry_id)}_{parse_entry_id(last_entry_id)}"
        f"_{_date_text(at)}{at.hour:02d}{at.minute:02d}{at.second:02d}.xml"
    )


def _date_range_text(date_range: DateRange) -> str:
    return f"{_date_text(date_range.start)}-{_date_text(date_range.end)}"


def _date_text(day: date) -> str:
    # strftime does not pad %Y to four digits on every platform.
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"
