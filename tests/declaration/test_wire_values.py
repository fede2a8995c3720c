from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.wire_values import (
    UnparsableValue,
    read_date,
    read_datetime,
    read_decimal,
    read_int,
    read_text,
    to_text,
    write_date,
)

ANY_JSON: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=5,
)
MINUTE = "2025-07-02T10:11:00"
SECOND = "2025-07-02T10:11:12"
DATES = st.dates().filter(lambda day: day.year >= 1000)
DATETIMES = st.datetimes().filter(lambda time: time.year >= 1000)


@pytest.mark.parametrize("absent", [None, "", "   ", "\u3000"])
def test_absent_values_are_empty_or_none(absent: object) -> None:
    assert read_text(absent) == ""
    assert [read(absent) for read in (read_int, read_decimal, read_date, read_datetime)] == [None] * 4


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" 浦东机场 ", "浦东机场"),
        (12, "12"),
        (Decimal("1.50"), "1.50"),
        (10**20, "1" + "0" * 20),
        (Decimal("1E+3"), "1000"),
    ],
)
def test_a_text_is_stripped_and_a_number_is_converted(value: object, text: str) -> None:
    assert read_text(value) == text


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("           131.00", "131.00"),
        ("1,284,330.00", "1284330.00"),
        (Decimal("130.55"), "130.55"),
        (3908, "3908"),
        ("-12", "-12"),
        (".5", "0.5"),
        ("7.", "7"),
        ("99999999999999.99999", "99999999999999.99999"),
    ],
)
def test_amounts_keep_every_digit(value: object, amount: str) -> None:
    read = read_decimal(value)
    assert read == Decimal(amount)
    assert str(read) == str(Decimal(amount))


@pytest.mark.parametrize(
    "value",
    ["1,28", "12,34,567", "1.2.3", "--1", "1e5", "NaN", "１２", "0x10", "USD 5", 10**14, "1" * 15, True, [], {}],
)
def test_a_value_that_is_not_an_amount_is_refused(value: object) -> None:
    with pytest.raises(UnparsableValue):
        read_decimal(value)


@pytest.mark.parametrize(("value", "number"), [("3", 3), (3, 3), (Decimal("3.0"), 3), ("1,250", 1250), ("0", 0)])
def test_counts_are_read(value: object, number: int) -> None:
    assert read_int(value) == number


@pytest.mark.parametrize("value", ["3.5", Decimal("0.1"), 2**31, "三"])
def test_a_value_that_is_not_a_count_is_refused(value: object) -> None:
    with pytest.raises(UnparsableValue):
        read_int(value)


@pytest.mark.parametrize(
    "value", ["20250630", "20250630101500", "2025-06-30", "2025-06-30 10:15:00", "2025/6/30", "2025.06.30", 20250630]
)
def test_dates_are_read(value: object) -> None:
    assert read_date(value) == date(2025, 6, 30)


@pytest.mark.parametrize(
    "value", ["00000000", "20250631", "2025", "2025-6/30", "2025-06-301", "30.06.2025", "x20250630"]
)
def test_a_value_that_is_not_a_date_is_refused(value: object) -> None:
    with pytest.raises(UnparsableValue):
        read_date(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-07-02 10:11:12", SECOND),
        ("2025-07-02T10:11:12", SECOND),
        ("2025/7/2 10:11:12", SECOND),
        ("20250702101112", SECOND),
        (20250702101112, SECOND),
        ("2025-07-02T02:11:12Z", SECOND),
        ("2025-07-02T02:11:12.000+0000", SECOND),
        ("2025-07-02T10:11:12+08:00", SECOND),
        ("2025-07-01T21:11:12-05:00", SECOND),
        (1751422272000, SECOND),
        ("1751422272000", SECOND),
        ("2025-07-02 10:11", MINUTE),
        ("202507021011", MINUTE),
        ("2025-07-02", "2025-07-02T00:00:00"),
        ("20250702", "2025-07-02T00:00:00"),
        ("2025-07-02 10:11:12.5", "2025-07-02T10:11:12.500000"),
        ("20250702101112125", "2025-07-02T10:11:12.125000"),
    ],
)
def test_times_are_converted_to_the_ports_local_time(value: object, expected: str) -> None:
    assert read_datetime(value) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    "value", ["2025-07-02 25:00:00", "2025-13-01", "2025070210", "20250702101", "10:11:12", "0001-01-01T00:00:00+14:00"]
)
def test_a_value_that_is_not_a_time_is_refused(value: object) -> None:
    with pytest.raises(UnparsableValue):
        read_datetime(value)


@given(st.sampled_from([read_text, read_int, read_decimal, read_date, read_datetime]), ANY_JSON)
def test_any_json_is_read_or_refused(read: Callable[[object], object], value: object) -> None:
    try:
        read(value)
    except UnparsableValue:
        assert isinstance(to_text(value), str)


@given(DATES, DATETIMES)
def test_dates_and_times_written_and_read_are_equal(day: date, time: datetime) -> None:
    assert read_date(write_date(day)) == day
    assert read_datetime(time.isoformat()) == time


@given(st.decimals(-(10**13), 10**13, places=5))
def test_amounts_written_and_read_are_equal(amount: Decimal) -> None:
    assert read_decimal(f"{amount:,f}") == read_decimal(amount) == amount
