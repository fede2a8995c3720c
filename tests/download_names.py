"""Reads the name of a downloaded file, independently of the code that makes it."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from jiacha_tui.declaration.query import DateRange

_NAME = re.compile(
    r"(?P<card>[0-9A-Za-z]{1,32})_(?P<exported>\d{8}-\d{8})_(?P<reported>\d{8}-\d{8})"
    r"_(?P<first>\d{18})_(?P<last>\d{18})_(?P<at>\d{14})\.xml",
    re.ASCII,
)


@dataclass(frozen=True)
class DownloadName:
    """The parts of the name. `at` is local time without a time zone, to the second."""

    card_number: str
    exported: DateRange
    reported: DateRange
    first_entry_id: str
    last_entry_id: str
    at: datetime


def parse_download_name(name: str) -> DownloadName:
    """Fails unless `name` has the form that the manual gives (2.1.2)."""
    match = _NAME.fullmatch(name)
    assert match is not None, f"not the name of a downloaded file: {name!r}"
    return DownloadName(
        match["card"],
        _date_range(match["exported"]),
        _date_range(match["reported"]),
        match["first"],
        match["last"],
        datetime.fromisoformat(f"{match['at'][:8]}T{match['at'][8:]}"),
    )


def _date_range(text: str) -> DateRange:
    start, end = text.split("-")
    return DateRange(date.fromisoformat(start), date.fromisoformat(end))
