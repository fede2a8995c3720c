# ruff: noqa: S608 - statements are composed of our own names of columns; values are parameters
"""Makes an SQL condition on `declaration` of a filter. Every text, date and number in it is a parameter.

The condition does not grow with the filter. What one kind of condition is about becomes one list: words that must all
be there, the alternatives of a word, and everything that must not be there. The number of lists is limited by `parse`.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, TypeVar, assert_never

from db.filter.conditions import (
    AnyNumberMatches,
    AnyTextContains,
    Condition,
    CountryIs,
    DayColumn,
    DaysWithin,
    DeadlineWithin,
    DetailColumn,
    DetailContains,
    EntryNumberContains,
    EntryNumberIs,
    ExactColumn,
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
from db.filter.intervals import days_intersection, days_union, numbers_intersection, numbers_union
from db.filter.values import Days, Numbers
from db.filter.word_search import AT_ONCE, SearchedColumn, Sql, has_all, has_any, joined
from db.statements import EVER_LISTED
from jiacha_tui.declaration.entry_number import ENTRY_ID_LENGTH
from jiacha_tui.declaration.model import Origin

_Condition = TypeVar("_Condition")

_ENTRY_NUMBER: Final = SearchedColumn("entry_id")
_GOODS_NAME: Final = SearchedColumn("name_search", table="item", id="declaration_id", pinyin=True)
_HS_CODE: Final = SearchedColumn("hs_code", table="item", id="declaration_id", prefix=True)
_TEXTS: Final = {column: SearchedColumn(column.value, pinyin=True) for column in TextColumn}

_FULL_WIDTH: Final = "".join(map(chr, range(0xFF01, 0xFF5F)))
_HALF_WIDTH: Final = "".join(map(chr, range(0x21, 0x7F))).replace("'", "''")


def _detail(text: str, table: str = "head", id: str = "declaration_id") -> SearchedColumn:
    """A text that is not stored in the form in which texts are compared: it is made of it for each search."""
    return SearchedColumn(f"lower(translate({text}, '{_FULL_WIDTH}', '{_HALF_WIDTH}'))", table=table, id=id)


_DETAILS: Final = {
    DetailColumn.BILL: _detail("bill_no"),
    DetailColumn.CONTAINERS: _detail("container_ids"),
    DetailColumn.TRANSPORT: _detail("transport_name"),
    DetailColumn.REMARKS: _detail("remarks"),
    DetailColumn.OWNER: _detail("owner_name || chr(10) || owner_code"),
    DetailColumn.AGENT: _detail("agent_name || chr(10) || agent_code"),
    DetailColumn.MANUAL: _detail("manual_no"),
    DetailColumn.CURRENCY: _detail("currency", table="item"),
    DetailColumn.NOTE: _detail("coalesce(note, '')", table="declaration", id="id"),
}

_FIRST_LINE: Final = "split_part({}, chr(10), 1)"
"""The folded text of a column that is searched; its initials are on the lines below."""

_EXACT: Final = {
    ExactColumn.COUNTRY: ("", _FIRST_LINE.format("country_search")),
    ExactColumn.EXIT_CUSTOMS: ("", _FIRST_LINE.format("port_search")),
    ExactColumn.TRADE: ("", _FIRST_LINE.format("trade_search")),
    ExactColumn.STATE: ("", _FIRST_LINE.format("state_search")),
    ExactColumn.GOODS: ("item", _FIRST_LINE.format("name_search")),
    ExactColumn.HS_CODE: ("item", "hs_code"),
    ExactColumn.CURRENCY: ("item", "currency"),
}
"""Where the whole text of a column is: "item" for the items of a declaration, and its SQL."""

_FIRST_ITEM: Final = {ExactColumn.GOODS: "first_of_name", ExactColumn.CURRENCY: "first_of_currency"}
"""True for the first item of a declaration that has its text: fewer ids to compare."""

_FIRST_DAY, _LAST_DAY = date.min, date.max
_LOWEST, _HIGHEST = Decimal("-1E+30"), Decimal("1E+30")
"""Bounds beyond every value of a column, for ranges without a bound."""


def to_sql(filter_: Filter) -> Sql:
    """The condition of the whole filter: `true` if it has no terms."""
    single: list[Condition] = []
    parts: list[Sql] = []
    rejected: list[Condition] = []
    for term in dict.fromkeys(filter_.terms):
        alternatives = tuple(dict.fromkeys(term.alternatives))
        if term.negated:
            rejected += alternatives
        elif len(alternatives) == 1:
            single += alternatives
        else:
            parts.append(_any_of(alternatives))
    if rejected:
        condition, parameters = _any_of(dict.fromkeys(rejected))
        parts.append((f"NOT {condition}", parameters))
    return joined(" AND ", "true", [*_all_of(dict.fromkeys(single)), *parts])


def text_has(column: TextColumn, word: str) -> Sql:
    """The condition that the text, its initials or its pinyin contain the folded word."""
    return has_any(_TEXTS[column], [word])


def _all_of(conditions: Iterable[Condition]) -> list[Sql]:
    """The conditions that are true together if all of `conditions` are met."""
    wanted = list(conditions)
    parts = [
        *_all_words([*_TEXTS.values(), _GOODS_NAME], [one.text for one in _of(wanted, AnyTextContains)]),
        *_all_words([_ENTRY_NUMBER, _HS_CODE], [one.digits for one in _of(wanted, AnyNumberMatches)]),
        *_all_words([_ENTRY_NUMBER], _entry_numbers(wanted)),
        *_all_words([_GOODS_NAME], [one.text for one in _of(wanted, GoodsNameContains)]),
        *_all_words([_HS_CODE], [one.digits for one in _of(wanted, HsCodePrefix)]),
    ]
    for column, searched in _TEXTS.items():
        parts += _all_words([searched], [one.text for one in _of(wanted, TextContains) if one.column is column])
    parts += [_country_is(one.names) for one in _of(wanted, CountryIs)]
    for exact_column in ExactColumn:
        if whole_texts := [one.text for one in _of(wanted, TextIs) if one.column is exact_column]:
            parts.append(_has_texts(exact_column, whole_texts, len(whole_texts)))
    for detail_column, searched in _DETAILS.items():
        parts += _all_words(
            [searched], [one.text for one in _of(wanted, DetailContains) if one.column is detail_column]
        )
    for day_column in DayColumn:
        if days := [one.days for one in _of(wanted, DaysWithin) if one.column is day_column]:
            common_days = days_intersection(days)
            parts.append(("false", []) if common_days is None else _days_within(day_column, common_days))
    for deadline in _narrowest(_of(wanted, DeadlineWithin)):
        parts.append(joined(" OR ", "false", _any_days(DayColumn.EXPORTED, deadline.exported)))
    for number_column in NumberColumn:
        if numbers := [one.numbers for one in _of(wanted, NumberWithin) if one.column is number_column]:
            common = numbers_intersection(numbers)
            parts.append(("false", []) if common is None else _number_within(number_column, common))
    return [*parts, *_plain(wanted)]


def _any_of(conditions: Iterable[Condition]) -> Sql:
    """The condition that at least one of `conditions` is met."""
    wanted = list(conditions)
    texts = [one.text for one in _of(wanted, AnyTextContains)]
    digits = [one.digits for one in _of(wanted, AnyNumberMatches)]
    parts: list[Sql] = []
    for column, searched in _TEXTS.items():
        parts += _any_words(
            searched, [*texts, *(one.text for one in _of(wanted, TextContains) if one.column is column)]
        )
    parts += _any_words(_GOODS_NAME, [*texts, *(one.text for one in _of(wanted, GoodsNameContains))])
    parts += _any_words(_HS_CODE, [*digits, *(one.digits for one in _of(wanted, HsCodePrefix))])
    parts += _any_words(_ENTRY_NUMBER, [*digits, *_entry_numbers(wanted)])
    for detail_column, searched in _DETAILS.items():
        texts_of_detail = [one.text for one in _of(wanted, DetailContains) if one.column is detail_column]
        parts += _any_words(searched, texts_of_detail)
    if names := [name for one in _of(wanted, CountryIs) for name in one.names]:
        parts.append(_country_is(names))
    for exact_column in ExactColumn:
        if whole_texts := [one.text for one in _of(wanted, TextIs) if one.column is exact_column]:
            parts.append(_has_texts(exact_column, whole_texts, 1))
    for day_column in DayColumn:
        parts += _any_days(day_column, [one.days for one in _of(wanted, DaysWithin) if one.column is day_column])
    parts += _any_days(DayColumn.EXPORTED, [days for one in _of(wanted, DeadlineWithin) for days in one.exported])
    for number_column in NumberColumn:
        numbers = [one.numbers for one in _of(wanted, NumberWithin) if one.column is number_column]
        parts += _any_numbers(number_column, numbers)
    return joined(" OR ", "false", [*parts, *_plain(wanted)])


def _narrowest(deadlines: Sequence[DeadlineWithin]) -> list[DeadlineWithin]:
    """Those that imply the others: what is due within some days is due within more."""
    near = sorted((one for one in deadlines if one.days is not None), key=lambda one: one.days or 0)
    return [*near[:1], *(one for one in deadlines if one.days is None)]


def _entry_numbers(conditions: Iterable[Condition]) -> list[str]:
    wanted = list(conditions)
    return [
        *(one.text for one in _of(wanted, EntryNumberContains)),
        *(one.entry_id for one in _of(wanted, EntryNumberIs)),
    ]


def _of(conditions: Iterable[Condition], kind: type[_Condition]) -> list[_Condition]:
    return [one for one in conditions if isinstance(one, kind)]


def _all_words(columns: Sequence[SearchedColumn], words: Sequence[str]) -> list[Sql]:
    """One condition for each of a few words, one condition for many."""
    if len(words) > AT_ONCE:
        return [has_all(columns, words)]
    return [joined(" OR ", "false", [part for one in columns for part in _any_words(one, [word])]) for word in words]


def _any_words(column: SearchedColumn, words: Iterable[str]) -> list[Sql]:
    """Complete 报关单号 are looked up, in the index if they are few. All other words are searched."""
    different = list(dict.fromkeys(words))
    complete = [word for word in different if column is _ENTRY_NUMBER and len(word) == ENTRY_ID_LENGTH]
    searched = different if not complete else [word for word in different if len(word) != ENTRY_ID_LENGTH]
    parts = [has_any(column, searched)] if searched else []
    if len(complete) > AT_ONCE:
        parts.append(("entry_id IN (SELECT unnest(?::VARCHAR[]))", [complete]))
    else:
        parts += [("entry_id = ?", [word]) for word in complete]
    return parts


def _country_is(names: Sequence[str]) -> Sql:
    return "destination_country IN (SELECT unnest(?::VARCHAR[]))", [list(dict.fromkeys(names))]


def _has_texts(column: ExactColumn, texts: Sequence[str], count: int) -> Sql:
    """The condition that the declaration has at least `count` of the different `texts` in the column."""
    table, text = _EXACT[column]
    condition = f"{text} = ?" if len(texts) == 1 else f"{text} IN (SELECT unnest(?::VARCHAR[]))"
    parameters: list[object] = [texts[0] if len(texts) == 1 else list(texts)]
    if column in _FIRST_ITEM:
        condition += f" AND {_FIRST_ITEM[column]}"
    if table:
        having = f" GROUP BY declaration_id HAVING count(DISTINCT {text}) >= {count}" if count > 1 else ""
        return f"id IN (SELECT declaration_id FROM {table} WHERE {condition}{having})", parameters
    return (condition, parameters) if count == 1 else ("false", [])


def _any_days(column: DayColumn, ranges: Sequence[Days]) -> list[Sql]:
    different = days_union(ranges)
    if len(different) <= AT_ONCE:
        return [_days_within(column, days) for days in different] or _nothing(ranges)
    bounds = [(days.first or _FIRST_DAY, days.last or _LAST_DAY) for days in different]
    return [_in_ranges(column.value, _day(column), "DATE", bounds)]


def _any_numbers(column: NumberColumn, ranges: Sequence[Numbers]) -> list[Sql]:
    different = numbers_union(ranges)
    if len(different) <= AT_ONCE:
        return [_number_within(column, numbers) for numbers in different] or _nothing(ranges)
    bounds = [
        (_LOWEST if numbers.low is None else numbers.low, _HIGHEST if numbers.high is None else numbers.high)
        for numbers in different
    ]
    return [_in_ranges(column.value, column.value, "DECIMAL(38, 4)", bounds)]


def _nothing(ranges: Sequence[object]) -> list[Sql]:
    """The condition of ranges that contain no value."""
    return [("false", [])] if ranges else []


def _in_ranges(column: str, value: str, kind: str, bounds: Sequence[tuple[object, object]]) -> Sql:
    """The condition that a value is in one of many ranges, which do not overlap."""
    condition = (
        f"({column} IS NOT NULL AND {value} IN ("
        f"SELECT value FROM (SELECT DISTINCT {value} AS value FROM declaration WHERE {column} IS NOT NULL) "
        f"ASOF JOIN (SELECT unnest(?::VARCHAR[])::{kind} AS low, unnest(?::VARCHAR[])::{kind} AS high) "
        "ON value >= low WHERE value <= high))"
    )
    return condition, [[str(low) for low, _ in bounds], [str(high) for _, high in bounds]]


def _plain(conditions: Iterable[Condition]) -> list[Sql]:
    """The conditions of which there are only a few different ones."""
    parts: list[Sql] = []
    for condition in conditions:
        match condition:
            case KindIs(kind):
                parts.append(("kind = ?", [kind.value]))
            case OriginIs(origin):
                parts.append((EVER_LISTED if origin is Origin.PORT else f"NOT {EVER_LISTED}", []))
            case HasStatus(flag, expected):
                status = _STATUS[flag] if expected else f"(NOT {_STATUS[flag]} AND delisted_at IS NULL)"
                parts.append((status, []))
            case (
                TextContains()
                | DetailContains()
                | TextIs()
                | EntryNumberContains()
                | EntryNumberIs()
                | GoodsNameContains()
                | HsCodePrefix()
                | DaysWithin()
                | DeadlineWithin()
                | NumberWithin()
                | CountryIs()
                | AnyTextContains()
                | AnyNumberMatches()
            ):
                pass  # these come in lists
            case _:
                assert_never(condition)
    return parts


_STATUS = {
    StatusFlag.DOWNLOADED: "(downloaded_at IS NOT NULL)",
    StatusFlag.RESENT: "(resent_at IS NOT NULL)",
    StatusFlag.RESEND_UNKNOWN: "(resend_unknown_at IS NOT NULL)",
    StatusFlag.PRINTED: "(print_count > 0)",
    StatusFlag.DETAILED: "has_detail",
    StatusFlag.DELISTED: "(delisted_at IS NOT NULL)",
    StatusFlag.FILED: "(filed_month IS NOT NULL)",
    StatusFlag.COLLECTED: "(collected_on IS NOT NULL)",
    StatusFlag.OUTDATED: "(file_outdated_at IS NOT NULL OR print_outdated_at IS NOT NULL)",
}


def _day(column: DayColumn) -> str:
    return f"{column.value}::DATE" if column is DayColumn.REPORTED else column.value


def _days_within(column: DayColumn, days: Days) -> Sql:
    day = _day(column)
    return _within(column.value, [(f"{day} >= ?", days.first), (f"{day} <= ?", days.last)])


def _number_within(column: NumberColumn, numbers: Numbers) -> Sql:
    """`numbers` has no open bounds."""
    return _within(column.value, [(f"{column.value} >= ?", numbers.low), (f"{column.value} <= ?", numbers.high)])


def _within(column: str, bounds: Iterable[tuple[str, object]]) -> Sql:
    """All bounds that are not None. False, not NULL, if the column is NULL."""
    conditions: list[Sql] = [(condition, [value]) for condition, value in bounds if value is not None]
    return joined(" AND ", "true", [(f"{column} IS NOT NULL", []), *conditions])
