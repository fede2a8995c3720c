"""The fields that a word of a filter can name, and how a word without a field is read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from db.filter.conditions import (
    AnyNumberMatches,
    AnyTextContains,
    Condition,
    DayColumn,
    DaysWithin,
    DeadlineWithin,
    DetailColumn,
    DetailContains,
    EntryNumberContains,
    EntryNumberIs,
    ExactColumn,
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
from db.filter.values import (
    RELATIVE_DAYS,
    Days,
    FilterError,
    Value,
    days_of,
    has_comparison,
    is_digits,
    is_range,
    numbers_of,
    unescaped,
)
from db.search import folded, replace_surrogates
from jiacha_tui.declaration.codes import CodeTable, name_of
from jiacha_tui.declaration.model import Kind, Origin
from jiacha_tui.declaration.number_list import is_full_number

_PASSED: Final = "已过"
_DAYS_LEFT: Final = re.compile(r"(<|<=|≤|)(\d{1,4})天?", re.ASCII)

MIN_DIGITS: Final = 4
"""A word of at least this many digits is part of a number. A shorter one is text."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field that a word can name. The first of `names` is the usual one, the last one is in Latin letters.

    `read` makes the condition of a value. It raises FilterError for a value that the field cannot have.
    """

    names: tuple[str, ...]
    example: str
    meaning: str
    read: Callable[[Value], Condition]
    takes_numbers: bool = False
    """Whether its value may be a list of full numbers with commas between them."""
    names_countries: bool = False
    """Whether ISO codes and English names mean countries."""
    read_exact: Callable[[Value], Condition] | None = None
    """Makes the condition of a value after an equals sign: the whole text."""


def field_named(name: str, position: int) -> Field:
    """The field with this name. Raises FilterError if there is none."""
    field = _FIELDS_BY_NAME.get(folded(name))
    if field is None:
        known = "、".join(field.names[0] for field in _FIELDS)
        raise FilterError(position, f"没有名为「{name}」的条件；可用：{known}")
    return field


def read_without_field(value: Value) -> Condition:
    """The condition of a word without a field: status, date, amount, number or, if it is none of these, text.

    Raises FilterError for an impossible date, and for a comparison without a number (>abc).
    """
    if not value.quoted:
        for read in (_status_word, _days_word, _amount_word, _digits_word):
            if (condition := read(value)) is not None:
                return condition
    return AnyTextContains(folded(value.raw))


def key_names() -> tuple[str, ...]:
    """The name of each field with its colon, and then the one in Latin letters."""
    return (*(f"{field.names[0]}:" for field in _FIELDS), *(f"{field.names[-1]}:" for field in _FIELDS))


def plain_words() -> tuple[str, ...]:
    """The words that mean a status or days without the name of a field."""
    return (*_STATUS_WORDS, *RELATIVE_DAYS)


def fixed_values(name: str) -> tuple[str, ...]:
    """The values of a field that has only some; empty for another one. `name` is the usual name of the field."""
    return {
        "类型": tuple(names[0] for names in _KIND_NAMES.values()),
        "来源": tuple(names[0] for names in _ORIGIN_NAMES.values()),
        "是": tuple(_STATUS_WORDS),
        "期限": ("<30天", _PASSED),
        "日期": RELATIVE_DAYS,
        "报送": RELATIVE_DAYS,
    }.get(name, ())


def terms() -> tuple[tuple[str, str], ...]:
    """Everything that can be typed, each with its meaning, in Chinese, for the help screen."""
    fields = tuple(
        (f"{field.names[0]}:{field.example}  {field.names[-1]}:{field.example}", field.meaning) for field in _FIELDS
    )
    return (*_WORDS, *fields, *_COMBINATIONS)


def _status_word(value: Value) -> Condition | None:
    return _STATUS_WORDS.get(folded(value.raw))


def _days_word(value: Value) -> Condition | None:
    days = days_of(value, named=False)
    return None if days is None else DaysWithin(DayColumn.EXPORTED, days)


def _amount_word(value: Value) -> Condition | None:
    if has_comparison(value):
        return _number_in(NumberColumn.USD)(value)
    amounts = numbers_of(value) if is_range(value) else None
    return None if amounts is None else NumberWithin(NumberColumn.USD, amounts)


def _digits_word(value: Value) -> Condition | None:
    if is_full_number(value.text):
        return EntryNumberIs(value.text)
    return AnyNumberMatches(value.text) if is_digits(value.text) and len(value.text) >= MIN_DIGITS else None


def _entry_number(value: Value) -> Condition:
    return EntryNumberIs(value.text) if is_full_number(value.text) else EntryNumberContains(folded(value.raw))


def _text_in(column: TextColumn) -> Callable[[Value], Condition]:
    return lambda value: TextContains(column, folded(value.raw))


def _detail_in(column: DetailColumn) -> Callable[[Value], Condition]:
    return lambda value: DetailContains(column, folded(value.raw))


def _exactly(column: ExactColumn) -> Callable[[Value], Condition]:
    """A currency is compared as the port gives it: `_currency` searches it in another form than the other texts."""

    def read(value: Value) -> Condition:
        text = replace_surrogates(unescaped(value.raw) if value.quoted else value.raw)
        return TextIs(column, text if column in _NOT_FOLDED else folded(text))

    return read


def _currency(value: Value) -> Condition:
    """A code (USD) means the name, which the port gives."""
    name = name_of(CodeTable.CURRENCY, value.text.upper())
    return DetailContains(DetailColumn.CURRENCY, folded(name or value.raw))


def _days_in(column: DayColumn) -> Callable[[Value], Condition]:
    def read(value: Value) -> Condition:
        days = days_of(value, named=True)
        if days is None:
            raise FilterError(value.position, "日期应写成 2025、2025-06、2025-06-30 或 2025-06-01..2025-06-30")
        return DaysWithin(column, days)

    return read


def _deadline(value: Value) -> Condition:
    text = value.text.strip()
    if text == _PASSED:
        return DeadlineWithin(None, (Days(None, value.deadlines.passed_until(value.today)),))
    match = _DAYS_LEFT.fullmatch(text)
    days = int(match[2]) - (match[1] == "<") if match is not None else -1
    if days < 0:
        raise FilterError(value.position, f"期限应写成 <30天、<=30天 或 {_PASSED}")
    ranges = value.deadlines.due_within(value.today, days)
    return DeadlineWithin(days, tuple(Days(one.start, one.end) for one in ranges))


def _number_in(column: NumberColumn) -> Callable[[Value], Condition]:
    def read(value: Value) -> Condition:
        numbers = numbers_of(value)
        if numbers is None:
            raise FilterError(value.position, "数字应写成 >1000、<=10万、1000..2000 或 1000，小数最多四位")
        return NumberWithin(column, numbers)

    return read


def _hs_code(value: Value) -> Condition:
    digits = folded(value.raw)
    if not is_digits(digits):
        raise FilterError(value.position, "商品编号应为数字")
    return HsCodePrefix(digits)


def _kind(value: Value) -> Condition:
    text = folded(value.raw)
    for kind, names in _KIND_NAMES.items():
        if any(name.startswith(text) for name in names):
            return KindIs(kind)
    raise FilterError(value.position, "类型只有：结关、启运港")


def _origin(value: Value) -> Condition:
    text = folded(value.raw)
    for origin, names in _ORIGIN_NAMES.items():
        if text in names:
            return OriginIs(origin)
    raise FilterError(value.position, "来源只有：口岸、文件")


def _status(value: Value) -> Condition:
    text = folded(value.raw)
    if text not in _STATUS_NAMES:
        raise FilterError(value.position, f"这里只能是：{'、'.join(_STATUS_NAMES)}")
    return _STATUS_NAMES[text]


_NOT_FOLDED: Final = frozenset({ExactColumn.HS_CODE, ExactColumn.CURRENCY})
_KIND_NAMES: Final = {
    Kind.CLEARED: (Kind.CLEARED.label, "cleared"),
    Kind.DEPARTURE_PORT: (Kind.DEPARTURE_PORT.label, "departure"),
}
_ORIGIN_NAMES: Final = {Origin.PORT: ("口岸", "电子口岸", "port"), Origin.FILE: ("文件", "导入", "file")}
_STATUS_WORDS: Final = {
    "已下载": HasStatus(StatusFlag.DOWNLOADED, expected=True),
    "未下载": HasStatus(StatusFlag.DOWNLOADED, expected=False),
    "已重发": HasStatus(StatusFlag.RESENT, expected=True),
    "未重发": HasStatus(StatusFlag.RESENT, expected=False),
    "重发未知": HasStatus(StatusFlag.RESEND_UNKNOWN, expected=True),
    "已打印": HasStatus(StatusFlag.PRINTED, expected=True),
    "未打印": HasStatus(StatusFlag.PRINTED, expected=False),
    "有详情": HasStatus(StatusFlag.DETAILED, expected=True),
    "缺详情": HasStatus(StatusFlag.DETAILED, expected=False),
    "不再列出": HasStatus(StatusFlag.DELISTED, expected=True),
    "口岸不再列出": HasStatus(StatusFlag.DELISTED, expected=True),
    "已申报": HasStatus(StatusFlag.FILED, expected=True),
    "未申报": HasStatus(StatusFlag.FILED, expected=False),
    "已收汇": HasStatus(StatusFlag.COLLECTED, expected=True),
    "未收汇": HasStatus(StatusFlag.COLLECTED, expected=False),
    "下载后有变": HasStatus(StatusFlag.OUTDATED, expected=True),
}
_STATUS_NAMES: Final = {**_STATUS_WORDS, **{flag.value: HasStatus(flag, expected=True) for flag in StatusFlag}}

_FIELDS: Final = (
    Field(("号", "报关单号", "no"), "2233", "报关单号中的一段", _entry_number, takes_numbers=True),
    Field(
        ("商", "收发货人", "境内收发货人", "co"),
        "示例",
        "境内收发货人的名称、拼音首字母或编码",
        _text_in(TextColumn.CONSIGNOR),
    ),
    Field(
        ("国", "运抵国", "目的国", "to"),
        "美国",
        "运抵国，也可写 USA、US（大写）或英文名",
        _text_in(TextColumn.COUNTRY),
        names_countries=True,
        read_exact=_exactly(ExactColumn.COUNTRY),
    ),
    Field(
        ("货", "商品", "品名", "商品名称", "g"),
        "T恤衫",
        "任一项的商品名称",
        lambda value: GoodsNameContains(folded(value.raw)),
        read_exact=_exactly(ExactColumn.GOODS),
    ),
    Field(
        ("税号", "商品编号", "hs"),
        "8471",
        "任一项商品编号的开头",
        _hs_code,
        read_exact=_exactly(ExactColumn.HS_CODE),
    ),
    Field(("合同", "合同号", "合同协议号", "c"), "SPX", "合同协议号", _text_in(TextColumn.CONTRACT)),
    Field(
        ("口岸", "出口口岸", "p"),
        "浦东",
        "出口口岸",
        _text_in(TextColumn.EXIT_CUSTOMS),
        read_exact=_exactly(ExactColumn.EXIT_CUSTOMS),
    ),
    Field(
        ("监管", "监管方式", "m"),
        "一般贸易",
        "监管方式",
        _text_in(TextColumn.TRADE),
        read_exact=_exactly(ExactColumn.TRADE),
    ),
    Field(("提单", "提运单号", "bl"), "COSU6", "提运单号", _detail_in(DetailColumn.BILL)),
    Field(("箱号", "集装箱号", "ctn"), "TCLU", "任一集装箱号", _detail_in(DetailColumn.CONTAINERS)),
    Field(("运输", "运输工具", "船名", "ship"), "EVER", "运输工具名称", _detail_in(DetailColumn.TRANSPORT)),
    Field(("备注", "note"), "退运", "备注", _detail_in(DetailColumn.REMARKS)),
    Field(("批注", "memo"), "已寄", "本机写的批注（Ctrl+K 标记）", _detail_in(DetailColumn.NOTE)),
    Field(("产销", "生产销售单位", "owner"), "示例", "生产销售单位的名称或编码", _detail_in(DetailColumn.OWNER)),
    Field(("申报单位", "代理", "agent"), "报关", "申报单位的名称或编码", _detail_in(DetailColumn.AGENT)),
    Field(("备案", "备案号", "手册", "manual"), "C2233", "备案号", _detail_in(DetailColumn.MANUAL)),
    Field(
        ("币制", "cur"),
        "USD",
        "任一项的币制，代码或名称",
        _currency,
        read_exact=_exactly(ExactColumn.CURRENCY),
    ),
    Field(("日期", "出口日期", "d"), "2025-06", "出口日期，也可写 20250630", _days_in(DayColumn.EXPORTED)),
    Field(("期限", "due"), "<30天", "几天内到期，按出口日期推算；都过了的写 期限:已过", _deadline),
    Field(("报送", "报送时间", "r"), "2025-07", "报送时间所在的日期", _days_in(DayColumn.REPORTED)),
    Field(("金额", "美元", "amt"), ">1000", "美元金额", _number_in(NumberColumn.USD)),
    Field(("条数", "表体条数", "n"), ">20", "表体条数", _number_in(NumberColumn.ITEMS)),
    Field(("打印", "打印次数", "prints"), "0", "打印次数", _number_in(NumberColumn.PRINTS)),
    Field(
        ("状态", "数据传输状态", "st"),
        "修改",
        "数据传输状态",
        _text_in(TextColumn.STATE),
        read_exact=_exactly(ExactColumn.STATE),
    ),
    Field(("类型", "报关单类型", "kind"), "启运港", "报关单类型：结关、启运港", _kind),
    Field(("来源", "from"), "文件", "来自口岸，或来自导入的文件", _origin),
    Field(
        ("是", "is"),
        "已下载",
        "已做过什么；字母写法：downloaded resent unknown printed detail delisted outdated filed collected",
        _status,
    ),
)
_FIELDS_BY_NAME: Final = {name: field for field in _FIELDS for name in field.names}

_WORDS: Final = (
    ("美国  mg  meiguo", "文字、拼音首字母或全拼：收发货人、运抵国、口岸、监管方式、合同号、状态、商品名称"),
    ("usa  US  United States", "运抵国的 ISO 代码（两个字母的要大写）或英文名"),
    ("8471", "四位以上数字：报关单号中的一段，或商品编号的开头"),
    ("几个完整的报关单号", "其中任何一票；空格、逗号、顿号、换行隔开都可以；也可以是 21 位的项号"),
    ("2025  2025-06  2025-06-30", "出口日期在这一年、这个月、这一天"),
    ("2025-05..2025-06-15", "出口日期从…到…；可省去一头：2025-05.."),
    ("10月  上月  本周  去年  最近30天", "出口日期；没有年份的月是最近的一个，还有 今天 昨天 上周 本月 今年"),
    (">1000  <=10万  >1千万  1000..2000", "美元金额"),
    ("已下载 未下载 已重发 未重发", "在本机做过或没有做过"),
    ("重发未知", "重发以后没有收到答复，不知道是否发到；状态后有 ? 的"),
    ("已打印 未打印 有详情 缺详情", "打印次数是否为零；详情是否在本机"),
    ("不再列出  -不再列出", "口岸不再列出的，号前有 ×；已经不在“未下载”这类条件里"),
    ("已申报 未申报 已收汇 未收汇", "在本机标记过或没有标记过（Ctrl+K）"),
    ("下载后有变", "在本机下载或打印以后口岸数据有变的，号前有 !；旧文件不要用于申报"),
)
_COMBINATIONS: Final = (
    ("国:美国 2025-06", "空格：各条件都满足"),
    ("国:美国|日本", "竖线：满足其中之一"),
    ("-国:美国", "减号：不满足这个条件的"),
    ("国:=美国", '等号：整个就是它，不是其中一段；国:="" 是没有的。口岸、监管、状态、货、税号、币制也可以'),
    ('"a b"', "引号：原样查找，可含空格"),
)
