"""How the text of a filter is parsed, and the position of an error in it."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.filter import Filter, FilterError, terms
from db.filter.conditions import (
    AnyNumberMatches,
    AnyTextContains,
    Condition,
    DayColumn,
    DaysWithin,
    EntryNumberContains,
    EntryNumberIs,
    GoodsNameContains,
    HasStatus,
    HsCodePrefix,
    KindIs,
    NumberColumn,
    NumberWithin,
    OriginIs,
    StatusFlag,
    Term,
    TextColumn,
    TextContains,
)
from db.filter.values import Days, Numbers
from jiacha_tui.declaration.model import Kind, Origin
from jiacha_tui.declaration.problem import Problem
from tests.filters import parse_official


def exported(first: str | None, last: str | None) -> Condition:
    return within(DayColumn.EXPORTED, first, last)


def within(column: DayColumn, first: str | None, last: str | None) -> Condition:
    return DaysWithin(column, Days(first=day(first), last=day(last)))


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def numbers(column: NumberColumn, low: str | None = None, high: str | None = None, **is_open: bool) -> Condition:
    return NumberWithin(column, Numbers(number(low), number(high), **is_open))


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


usd = partial(numbers, NumberColumn.USD)


def one(text: str) -> Condition:
    """The condition of a text that is one word with one alternative."""
    ((condition,),) = (term.alternatives for term in parse_official(text).terms)
    return condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("2025", exported("2025-01-01", "2025-12-31")),
        ("2025年", exported("2025-01-01", "2025-12-31")),
        ("2024-02", exported("2024-02-01", "2024-02-29")),
        ("2025/2", exported("2025-02-01", "2025-02-28")),
        ("2025年12月", exported("2025-12-01", "2025-12-31")),
        ("2025-06-30", exported("2025-06-30", "2025-06-30")),
        ("2025年6月3日", exported("2025-06-03", "2025-06-03")),
        ("２０２５－０６－３０", exported("2025-06-30", "2025-06-30")),
        ("2025-05..2025-06-15", exported("2025-05-01", "2025-06-15")),
        ("2025-06-30..2025-06-30", exported("2025-06-30", "2025-06-30")),
        ("1000..1000", usd(low="1000", high="1000")),
        ("2024..2025", exported("2024-01-01", "2025-12-31")),
        ("2025..", exported("2025-01-01", None)),
        ("..2025-06", exported(None, "2025-06-30")),
        ("2025。。2026", exported("2025-01-01", "2026-12-31")),
        (">1000", usd(low="1000", low_open=True)),
        (">=1,000.50", usd(low="1000.50")),
        ("<10万", usd(high="100000", high_open=True)),
        ("《＝1.5亿", usd(high="150000000")),
        ("≥1000", usd(low="1000")),
        ("≤1000", usd(high="1000")),
        ("=0", usd(low="0", high="0")),
        ("1000..2000", usd(low="1000", high="2000")),
        ("1,000..", usd(low="1000")),
        ("..2万", usd(high="20000")),
        ("8471", AnyNumberMatches("8471")),
        ("2009", AnyNumberMatches("2009")),
        ("223320250000012345", EntryNumberIs("223320250000012345")),
        ("20250630", AnyNumberMatches("20250630")),
        ("123", AnyTextContains("123")),
        ("美国", AnyTextContains("美国")),
        ("PDJC", AnyTextContains("pdjc")),
        ("ＡＢ", AnyTextContains("ab")),
        ('"2025-13"', AnyTextContains("2025-13")),
        ("合同:2025-13", TextContains(TextColumn.CONTRACT, "2025-13")),
        ("c:2025-06-31", TextContains(TextColumn.CONTRACT, "2025-06-31")),
        ("2025-130", AnyTextContains("2025-130")),
        ("1999-13", AnyTextContains("1999-13")),
        ("20250631", AnyNumberMatches("20250631")),
        ("12.5", AnyTextContains("12.5")),
        ("..", AnyTextContains("..")),
        ("a..b", AnyTextContains("a..b")),
        ("12:30", AnyTextContains("12:30")),
        ('5"管', AnyTextContains('5"管')),
        ('"2025"', AnyTextContains("2025")),
        ("“a  b|c”", AnyTextContains("a b|c")),
        ('"not yet clos', AnyTextContains("not yet clos")),
        ("已下载", HasStatus(StatusFlag.DOWNLOADED, expected=True)),
        ("未重发", HasStatus(StatusFlag.RESENT, expected=False)),
        ("重发未知", HasStatus(StatusFlag.RESEND_UNKNOWN, expected=True)),
        ("is:unknown", HasStatus(StatusFlag.RESEND_UNKNOWN, expected=True)),
        ("是:重发未知", HasStatus(StatusFlag.RESEND_UNKNOWN, expected=True)),
        ("is:printed", HasStatus(StatusFlag.PRINTED, expected=True)),
        ("是:缺详情", HasStatus(StatusFlag.DETAILED, expected=False)),
        ("号:2233", EntryNumberContains("2233")),
        ("NO：２２３３", EntryNumberContains("2233")),
        ("商:示例", TextContains(TextColumn.CONSIGNOR, "示例")),
        ('to:"美 国"', TextContains(TextColumn.COUNTRY, "美 国")),
        ("运抵国:2025", TextContains(TextColumn.COUNTRY, "2025")),
        ("货:>5", GoodsNameContains(">5")),
        ("税号:8471", HsCodePrefix("8471")),
        ("hs:８４", HsCodePrefix("84")),
        ("c:spx", TextContains(TextColumn.CONTRACT, "spx")),
        ("p:浦东", TextContains(TextColumn.EXIT_CUSTOMS, "浦东")),
        ("m:一般贸易", TextContains(TextColumn.TRADE, "一般贸易")),
        ("st:修改", TextContains(TextColumn.STATE, "修改")),
        ("日期:20250630", exported("2025-06-30", "2025-06-30")),
        ("d:202506..20250715", exported("2025-06-01", "2025-07-15")),
        ("d:1999", exported("1999-01-01", "1999-12-31")),
        ("报送:2025-07", within(DayColumn.REPORTED, "2025-07-01", "2025-07-31")),
        ("金额:1000", usd(low="1000", high="1000")),
        ("amt:1000..2000", usd(low="1000", high="2000")),
        ("条数:>20", numbers(NumberColumn.ITEMS, low="20", low_open=True)),
        ("打印:0", numbers(NumberColumn.PRINTS, low="0", high="0")),
        ("类型:结关", KindIs(Kind.CLEARED)),
        ("kind:启运港退税报关单", KindIs(Kind.DEPARTURE_PORT)),
        ("kind:departure", KindIs(Kind.DEPARTURE_PORT)),
        ("来源:文件", OriginIs(Origin.FILE)),
        ("from:port", OriginIs(Origin.PORT)),
    ],
)
def test_conditions_of_one_word(text: str, condition: Condition) -> None:
    assert one(text) == condition


def test_an_empty_filter_has_no_terms() -> None:
    assert parse_official("") == parse_official(" \u3000\t") == Filter()


def test_words_alternatives_and_negations() -> None:
    found = parse_official(" 国:美国|日本　-已下载 －hs:84|85 ")
    assert found == Filter(
        (
            Term((TextContains(TextColumn.COUNTRY, "美国"), TextContains(TextColumn.COUNTRY, "日本"))),
            Term((HasStatus(StatusFlag.DOWNLOADED, expected=True),), negated=True),
            Term((HsCodePrefix("84"), HsCodePrefix("85")), negated=True),
        )
    )


def test_each_alternative_without_a_field_is_read_separately() -> None:
    found = parse_official('2025|已打印|"2025"')
    expected = (
        exported("2025-01-01", "2025-12-31"),
        HasStatus(StatusFlag.PRINTED, expected=True),
        AnyTextContains("2025"),
    )
    assert found == Filter((Term(expected),))


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("国:", 2, "缺少内容"),
        ("美国 国:", 5, "缺少内容"),
        ("-", 1, "缺少内容"),
        ("- 美国", 1, "缺少内容"),
        ("a|", 2, "缺少内容"),
        ("|a", 0, "缺少内容"),
        ('""', 0, "缺少内容"),
        ("美国 目的:美国", 3, "没有名为「目的」的条件"),
        ("-http://x", 1, "没有名为「http」的条件"),
        (">", 0, "数字应写成"),
        ("a >1.00001", 2, "数字应写成"),
        (">1000000000000000", 0, "数字应写成"),
        ("金额:很多", 3, "数字应写成"),
        ("2..1", 0, "终点在起点之前"),
        ("2025..2024", 0, "终点在起点之前"),
        ("d:2025-06..2025-05", 2, "终点在起点之前"),
        ("日期:2025-02-30", 3, "没有这一天：2025-02-30"),
        ("d:20250631", 2, "没有这一天：20250631"),
        ("d:202513", 2, "没有这个月：202513"),
        ("报送:2025-00", 3, "没有这个月：2025-00"),
        ("2026-13", 0, "没有这个月：2026-13"),
        ("美国 2026-06-31", 3, "没有这一天：2026-06-31"),
        ("-2026/2/30", 1, "没有这一天：2026/2/30"),
        ("2026年13月", 0, "没有这个月：2026年13月"),
        ("２０２６－１３", 0, "没有这个月：2026-13"),
        ("2026-13-45", 0, "没有这个月：2026-13-45"),
        ("2025|2026-02-29", 5, "没有这一天：2026-02-29"),
        ("2026-06-01..2026-06-31", 12, "没有这一天：2026-06-31"),
        ("2026-13..2027-01", 0, "没有这个月：2026-13"),
        ("..2026-13", 2, "没有这个月：2026-13"),
        ("日期:0000", 3, "日期应写成"),
        ("税号:84a", 3, "商品编号应为数字"),
        ("类型:进口", 3, "类型只有"),
        ("来源:天上", 3, "来源只有"),
        ("是:好", 2, "这里只能是"),
        ('"a"b', 3, "引号后面应是空格"),
        ("　国:美国|", 6, "缺少内容"),
    ],
)
def test_message_and_position_of_an_error(text: str, position: int, message: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_official(text)
    assert (caught.value.position, caught.value.code) == (position, "filter.unreadable")
    assert message in caught.value.message
    assert isinstance(caught.value, Problem)


def test_the_message_for_an_impossible_month_says_how_to_search_for_a_contract() -> None:
    (proposed,) = (word for word in str(error("2026-13")).split() if word.startswith("合同:"))
    assert one(proposed) == TextContains(TextColumn.CONTRACT, "2026-13")
    for text in ("日期:2026-13", "2026-13..2027", "2026-06-31"):
        assert "合同" not in str(error(text)), "a contract number hardly looks like this"


def error(text: str) -> FilterError | None:
    try:
        parse_official(text)
    except FilterError as problem:
        return problem
    return None


PIECES = (*"“”|-－:：.。<>《》=≥ \u3000\t,/年月日万亿2018", "号:", "d:", "amt:", "..", "已下载", '"', "\ud800", "\0")
ANY_CHARACTERS = st.characters(codec=None)


@given(st.lists(st.sampled_from(PIECES) | st.text(ANY_CHARACTERS, max_size=6), max_size=12).map("".join))
def test_any_text_is_parsed_or_has_an_error_at_a_position_in_it(text: str) -> None:
    problem = error(text)
    assert problem is None or 0 <= problem.position <= len(text)


@given(st.text(st.characters(codec=None, exclude_characters='"“”„‟「」『』＂'), min_size=1, max_size=12))
def test_any_text_except_blanks_can_be_quoted(text: str) -> None:
    problem = error(f'"{text}"')
    assert (problem is not None) == (not text.strip())
    assert problem is not None or isinstance(one(f'"{text}"'), AnyTextContains)


def test_everything_in_the_help_can_be_parsed() -> None:
    for syntax, meaning in terms():
        for text in syntax.split("  "):
            assert parse_official(text).terms
        assert meaning


def test_every_field_has_a_name_in_chinese_and_one_in_latin_letters() -> None:
    named = [syntax.split("  ") for syntax, _ in terms() if ":" in syntax.partition("  ")[2]]
    assert len(named) == 27
    for chinese, latin in named:
        assert not chinese.partition(":")[0].isascii()
        assert latin.partition(":")[0].isascii()
        assert parse_official(chinese) == parse_official(latin)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("上月", "2026-10-01", "2026-10-31"),
        ("本月", "2026-11-01", "2026-11-30"),
        ("上周", "2026-11-16", "2026-11-22"),
        ("本周", "2026-11-23", "2026-11-29"),
        ("昨天", "2026-11-27", "2026-11-27"),
        ("去年", "2025-01-01", "2025-12-31"),
        ("最近30天", "2026-10-30", "2026-11-28"),
        ("9月", "2026-09-01", "2026-09-30"),
        ("１０月", "2026-10-01", "2026-10-31"),
        ("12月", "2025-12-01", "2025-12-31"),
        ("11月28日", "2026-11-28", "2026-11-28"),
        ("11月29", "2025-11-29", "2025-11-29"),
        ("12月..上月", "2025-12-01", "2026-10-31"),
        ("2026.10..2026.11", "2026-10-01", "2026-11-30"),
    ],
)
def test_days_without_a_year_are_counted_from_today(text: str, first: str, last: str) -> None:
    (term,) = parse_official(text, date(2026, 11, 28)).terms
    assert term.alternatives == (exported(first, last),)


@given(st.dates(date(2010, 1, 1), date(2099, 12, 31)), st.integers(1, 12))
def test_a_month_without_a_year_has_begun_less_than_a_year_ago(today: date, month: int) -> None:
    (term,) = parse_official(f"{month}月", today).terms
    (condition,) = term.alternatives
    assert isinstance(condition, DaysWithin)
    assert condition.days.first is not None
    assert condition.days.first.month == month
    assert 0 <= (today - condition.days.first).days <= 366


@pytest.mark.parametrize("text", ["13月", "2月30日", "0月"])
def test_a_month_or_day_without_a_year_that_does_not_exist_is_an_error(text: str) -> None:
    with pytest.raises(FilterError):
        parse_official(text, date(2026, 11, 28))
