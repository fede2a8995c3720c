import dataclasses
from datetime import date, datetime
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.card_number import BadCardNumber
from jiacha_tui.declaration.entry_number import BadEntryNumber
from jiacha_tui.declaration.file_name import BadFileName, DownloadName, download_file_name, parse_file_name
from jiacha_tui.declaration.query import DateRange

DATE_RANGES = st.builds(lambda ends: DateRange(min(ends), max(ends)), st.tuples(st.dates(), st.dates()))
ENTRY_IDS = st.text("0123456789", min_size=18, max_size=18)
CARD_NUMBERS = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz", min_size=1, max_size=32)

EXAMPLE = DownloadName(
    card_number="JJ0G900000001",
    exported=DateRange(date(2025, 6, 1), date(2025, 6, 30)),
    reported=DateRange(date(2025, 6, 3), date(2025, 7, 2)),
    first_entry_id="223320250000012345",
    last_entry_id="531620250000204411",
    at=datetime.fromisoformat("2025-07-03T09:05:07"),
)
EXAMPLE_TEXT = (
    "JJ0G900000001_20250601-20250630_20250603-20250702_223320250000012345_531620250000204411_20250703090507.xml"
)


def file_name_of(name: DownloadName) -> str:
    return download_file_name(
        name.card_number,
        exported=name.exported,
        reported=name.reported,
        first_entry_id=name.first_entry_id,
        last_entry_id=name.last_entry_id,
        at=name.at,
    )


def test_the_file_name_of_the_manual() -> None:
    assert file_name_of(EXAMPLE) == EXAMPLE_TEXT
    assert parse_file_name(EXAMPLE_TEXT) == EXAMPLE


@given(st.builds(DownloadName, CARD_NUMBERS, DATE_RANGES, DATE_RANGES, ENTRY_IDS, ENTRY_IDS, st.datetimes()))
def test_parsing_a_name_returns_its_parts(name: DownloadName) -> None:
    assert parse_file_name(file_name_of(name)) == dataclasses.replace(name, at=name.at.replace(microsecond=0))


@given(st.text())
def test_no_card_number_makes_a_path_of_the_name(card_number: str) -> None:
    try:
        name = file_name_of(dataclasses.replace(EXAMPLE, card_number=card_number))
    except BadCardNumber:
        return
    assert PurePosixPath(name).parts == (name,)
    assert PureWindowsPath(name).parts == (name,)
    assert parse_file_name(name).card_number == card_number


@pytest.mark.parametrize(
    "card_number", ["", "..", "../../etc/cron.d/x", "a/b", "a\\b", "C:", "JJ0G_1", "JJ0G9\n", "卡号", "\0", "A" * 33]
)
def test_an_unsafe_card_number_is_refused(card_number: str) -> None:
    with pytest.raises(BadCardNumber):
        file_name_of(dataclasses.replace(EXAMPLE, card_number=card_number))


def test_a_wrong_entry_number_is_refused() -> None:
    with pytest.raises(BadEntryNumber):
        file_name_of(dataclasses.replace(EXAMPLE, first_entry_id="../../etc/passwd"))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x.xml",
        EXAMPLE_TEXT.upper(),
        EXAMPLE_TEXT + "\n",
        "/" + EXAMPLE_TEXT,
        EXAMPLE_TEXT.replace("20250601", "20250631", 1),
        EXAMPLE_TEXT.replace("20250601-20250630", "20250630-20250601"),
        EXAMPLE_TEXT.replace("090507", "250507"),
        EXAMPLE_TEXT.replace("20250703090507", "20251303090507"),
    ],
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(BadFileName):
        parse_file_name(name)
