from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberListQuery, NumberQuery, Query
from jiacha_tui.declaration.query_form import Criterion, FieldError, check_query_form, parse_date
from jiacha_tui.declaration.rules import latest_query_end


def check_number(text: str) -> Query | NumberListQuery | tuple[FieldError, ...]:
    return check_query_form(Kind.CLEARED, Criterion.ENTRY_ID, text, "", "")


def check_dates(start: str, end: str) -> Query | NumberListQuery | tuple[FieldError, ...]:
    return check_query_form(Kind.DEPARTURE_PORT, Criterion.EXPORTED_ON, "", start, end)


@pytest.mark.parametrize(
    "text",
    [
        "2025-06-01",
        "2025-6-1",
        "2025/6/1",
        "2025.06.01",
        "20250601",
        "2025年6月1日",
        " 2025-06-01 ",
        "２０２５－０６－０１",
        "２０２５／６／１",
    ],
)
def test_typed_dates_are_accepted(text: str) -> None:
    assert parse_date(text) == date(2025, 6, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025",
        "2025-06",
        "2025-02-30",
        "20250230",
        "2025-13-01",
        "2025/06-01",
        "01-06-2025",
        "2025-06-01x",
        "0000-01-01",
        "二〇二五年六月一日",
        "2025-٠6-01",
    ],
)
def test_a_text_that_is_not_a_date_gives_none(text: str) -> None:
    assert parse_date(text) is None


@given(st.dates(), st.sampled_from(["{:%m-%d}", "{0.month}-{0.day}"]))
def test_every_day_can_be_typed(day: date, rest: str) -> None:
    assert parse_date(f"{day.year:04d}-{rest.format(day)}") == day
    assert parse_date(f"{day.year:04d}{day.month:02d}{day.day:02d}") == day


@given(st.text())
def test_no_typed_text_raises(text: str) -> None:
    parse_date(text)
    check_number(text)
    check_dates(text, "2025-06-01")


def test_a_query_by_number() -> None:
    assert check_number(" 223320250000012345 ") == NumberQuery("223320250000012345", Kind.CLEARED)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "报关单号为必填"),
        ("12345", "报关单号为 18 位，现在是 5 位"),
        ("223320251000012345", "第 9 位是 1：这是进口报关单号"),
    ],
)
def test_a_wrong_number_is_an_error_of_its_field(text: str, message: str) -> None:
    assert check_number(text) == (FieldError("number", message),)


def test_a_query_by_number_ignores_the_dates() -> None:
    query = check_query_form(Kind.CLEARED, Criterion.ENTRY_ID, "223320250000012345", "nonsense", "")
    assert query == NumberQuery("223320250000012345", Kind.CLEARED)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2025-06-01", "2025-06-01"),
        ("2025-06-15", "2025-07-15"),
        ("2025-01-31", "2025-02-28"),
        ("2025-12-31", "2026-01-31"),
    ],
)
def test_a_query_by_date_spans_one_day_to_one_month(start: str, end: str) -> None:
    expected = DateRangeQuery(DateRange(date.fromisoformat(start), date.fromisoformat(end)), Kind.DEPARTURE_PORT)
    assert check_dates(start, end) == expected


@pytest.mark.parametrize(
    ("start", "end", "errors"),
    [
        ("", "", (FieldError("start", "起始日期为必填"), FieldError("end", "截止日期为必填"))),
        ("2025-06-01", " ", (FieldError("end", "截止日期为必填"),)),
        ("6月1日", "2025-06-01", (FieldError("start", "起始日期不是日期，请按 2025-06-01 录入"),)),
        ("2025-06-02", "2025-06-01", (FieldError("end", "截止日期不能早于起始日期"),)),
        ("2025-06-15", "2025-07-16", (FieldError("end", "最长不能超过一个月，最晚到 2025-07-15"),)),
        ("2025-01-31", "2025-03-01", (FieldError("end", "最长不能超过一个月，最晚到 2025-02-28"),)),
    ],
)
def test_wrong_dates_are_errors_of_their_fields(start: str, end: str, errors: tuple[FieldError, ...]) -> None:
    assert check_dates(start, end) == errors


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_dates_are_accepted_exactly_when_the_rules_allow_them(start: date, end: date) -> None:
    allowed = start <= end <= latest_query_end(start)
    assert isinstance(check_dates(str(start), str(end)), DateRangeQuery) == allowed


def test_several_numbers_are_queries_one_by_one() -> None:
    numbers = ("223320250000012345", "223320250000012346")
    for between in ("\n", " ", "、", "，", ",\t", "|"):
        assert check_number(between.join(numbers)) == NumberListQuery(numbers)
    assert check_number(f"{numbers[0]}001 {numbers[0]}") == NumberQuery(numbers[0])
    errors = check_number(f"{numbers[0]} 22332025000001234")
    assert errors == (FieldError("number", "「22332025000001234」不是完整的报关单号"),)
