"""What a filter was understood as, in Chinese."""

from typing import Final, assert_never

from db.filter.conditions import (
    AnyNumberMatches,
    AnyTextContains,
    Condition,
    CountryIs,
    DayColumn,
    DaysWithin,
    DeadlineWithin,
    DetailContains,
    EntryNumberContains,
    EntryNumberIs,
    Filter,
    GoodsNameContains,
    HasStatus,
    HsCodePrefix,
    KindIs,
    NumberColumn,
    NumberWithin,
    OriginIs,
    StatusFlag,
    TextColumn,
    TextContains,
    TextIs,
)
from db.filter.values import Days, Numbers
from jiacha_tui.declaration.model import Origin

MAX_DESCRIBED: Final = 5
"""Words, and alternatives of a word, that are described. What is left is counted."""

_TEXTS: Final = {
    TextColumn.CONSIGNOR: "境内收发货人",
    TextColumn.COUNTRY: "运抵国",
    TextColumn.EXIT_CUSTOMS: "出口口岸",
    TextColumn.TRADE: "监管方式",
    TextColumn.CONTRACT: "合同协议号",
    TextColumn.STATE: "数据传输状态",
}
_DAYS: Final = {DayColumn.EXPORTED: "出口日期", DayColumn.REPORTED: "报送时间"}
_NUMBERS: Final = {NumberColumn.USD: "美元金额", NumberColumn.ITEMS: "表体条数", NumberColumn.PRINTS: "打印次数"}
_FLAGS: Final = {
    StatusFlag.DOWNLOADED: "已下载",
    StatusFlag.RESENT: "已重发",
    StatusFlag.RESEND_UNKNOWN: "重发未知",
    StatusFlag.PRINTED: "已打印",
    StatusFlag.DETAILED: "有详情",
    StatusFlag.DELISTED: "口岸不再列出",
    StatusFlag.FILED: "已申报",
    StatusFlag.COLLECTED: "已收汇",
    StatusFlag.OUTDATED: "下载或打印后口岸数据有变",
}


def describe_filter(filter_: Filter) -> str:
    """All words of the filter: `出口日期 2026-10-01 至 2026-10-31；运抵国有「美国」`."""
    terms = [
        ("不是：" if term.negated else "") + _joined(" 或 ", [_describe(one) for one in term.alternatives])
        for term in filter_.terms
    ]
    return _joined("；", terms)


def _joined(separator: str, parts: list[str]) -> str:
    shown = separator.join(parts[:MAX_DESCRIBED])
    return shown if len(parts) <= MAX_DESCRIBED else f"{shown}……（共 {len(parts):,} 项）"


def _describe(condition: Condition) -> str:  # noqa: PLR0911, PLR0912 - one for each kind of condition
    match condition:
        case AnyTextContains(text):
            return f"有文字「{text}」"
        case TextContains(column, text):
            return f"{_TEXTS[column]}有「{text}」"
        case DetailContains(detail_column, text):
            return f"{detail_column.value}有「{text}」"
        case TextIs(exact_column, text):
            return f"{exact_column.value}就是「{text}」" if text else f"没有{exact_column.value}"
        case EntryNumberContains(text):
            return f"报关单号里有「{text}」"
        case EntryNumberIs(number):
            return f"报关单号 {number}"
        case GoodsNameContains(text):
            return f"商品名称有「{text}」"
        case HsCodePrefix(digits):
            return f"商品编号以 {digits} 开头"
        case AnyNumberMatches(digits):
            return f"报关单号里有 {digits}，或商品编号以它开头"
        case CountryIs(names):
            return f"运抵国是{names[0]}"
        case DaysWithin(day_column, days):
            return f"{_DAYS[day_column]} {_days(days)}"
        case DeadlineWithin(days_left, _):
            return "期限已过（推算）" if days_left is None else f"{days_left} 天内到期（推算）"
        case NumberWithin(number_column, numbers):
            return f"{_NUMBERS[number_column]} {_numbers(numbers)}"
        case KindIs(kind):
            return kind.label
        case OriginIs(origin):
            return "来自口岸" if origin is Origin.PORT else "来自导入的文件"
        case HasStatus(flag, expected):
            return _FLAGS[flag] if expected else f"不是{_FLAGS[flag]}的"
        case _:
            assert_never(condition)


def _days(days: Days) -> str:
    if days.first == days.last:
        return f"{days.first}"
    if days.first is None or days.last is None:
        return f"到 {days.last} 为止" if days.first is None else f"从 {days.first} 起"
    return f"{days.first} 至 {days.last}"


def _numbers(numbers: Numbers) -> str:
    if numbers.low == numbers.high:
        return f"等于 {numbers.low:,}"
    low = "" if numbers.low is None else f"{'大于' if numbers.low_open else '至少'} {numbers.low:,}"
    high = "" if numbers.high is None else f"{'小于' if numbers.high_open else '至多'} {numbers.high:,}"
    return "，".join(filter(None, (low, high)))
