"""Turns a filter into an SQL condition on the table `declaration`. Its texts, dates and numbers are parameters."""

from collections.abc import Iterable
from typing import assert_never

from db.filter.conditions import (
    AnyNumberMatches,
    AnyTextContains,
    Condition,
    DayColumn,
    DaysWithin,
    EntryNumberContains,
    Filter,
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
from db.statements import EVER_LISTED
from jiacha_tui.declaration.entry_number import ENTRY_ID_LENGTH
from jiacha_tui.declaration.model import Origin

Sql = tuple[str, list[object]]
"""A condition, which is never NULL, and its parameters."""


def to_sql(filter_: Filter) -> Sql:
    """The condition of the whole filter: `true` if it has no terms."""
    return _joined(" AND ", "true", map(_term, filter_.terms))


def _term(term: Term) -> Sql:
    condition, parameters = _joined(" OR ", "false", map(_condition, term.alternatives))
    return (f"NOT {condition}" if term.negated else condition), parameters


def _joined(operator: str, empty: str, parts: Iterable[Sql]) -> Sql:
    conditions: list[str] = []
    parameters: list[object] = []
    for condition, values in parts:
        conditions.append(condition)
        parameters += values
    return f"({operator.join(conditions) or empty})", parameters


def _condition(condition: Condition) -> Sql:  # noqa: PLR0911 - one for each kind of condition
    match condition:
        case TextContains(column, text):
            return f"contains({column.value}, ?)", [text]
        case EntryNumberContains(text):
            return _entry_number_contains(text)
        case GoodsNameContains(text):
            return _has_item("contains(name_search, ?)"), [text]
        case HsCodePrefix(digits):
            return _has_item("starts_with(hs_code, ?)"), [digits]
        case DaysWithin(column, days):
            return _days_within(column, days)
        case NumberWithin(column, numbers):
            return _number_within(column, numbers)
        case KindIs(kind):
            return "kind = ?", [kind.value]
        case OriginIs(origin):
            return (EVER_LISTED if origin is Origin.PORT else f"NOT {EVER_LISTED}"), []
        case HasStatus(flag, expected):
            return (_STATUS[flag] if expected else f"(NOT {_STATUS[flag]} AND delisted_at IS NULL)"), []
        case AnyTextContains(text):
            anywhere: list[Condition] = [
                *(TextContains(column, text) for column in TextColumn),
                GoodsNameContains(text),
            ]
            return _joined(" OR ", "false", map(_condition, anywhere))
        case AnyNumberMatches(digits):
            return _joined(" OR ", "false", [_entry_number_contains(digits), _condition(HsCodePrefix(digits))])
        case _:
            assert_never(condition)


_STATUS = {
    StatusFlag.DOWNLOADED: "(downloaded_at IS NOT NULL)",
    StatusFlag.RESENT: "(resent_at IS NOT NULL)",
    StatusFlag.RESEND_UNKNOWN: "(resend_unknown_at IS NOT NULL)",
    StatusFlag.PRINTED: "(print_count > 0)",
    StatusFlag.DETAILED: "has_detail",
    StatusFlag.DELISTED: "(delisted_at IS NOT NULL)",
}


def _entry_number_contains(text: str) -> Sql:
    """A complete number is looked up in the index."""
    return ("entry_id = ?" if len(text) == ENTRY_ID_LENGTH else "contains(entry_id, ?)"), [text]


def _has_item(condition: str) -> str:
    return f"id IN (SELECT declaration_id FROM item WHERE {condition})"  # noqa: S608 - one of the two texts above


def _days_within(column: DayColumn, days: Days) -> Sql:
    day = f"{column.value}::DATE" if column is DayColumn.REPORTED else column.value
    return _within(column.value, [(f"{day} >= ?", days.first), (f"{day} <= ?", days.last)])


def _number_within(column: NumberColumn, numbers: Numbers) -> Sql:
    above, below = (">" if numbers.low_open else ">="), ("<" if numbers.high_open else "<=")
    bounds = [(f"{column.value} {above} ?", numbers.low), (f"{column.value} {below} ?", numbers.high)]
    return _within(column.value, bounds)


def _within(column: str, bounds: Iterable[tuple[str, object]]) -> Sql:
    """All bounds that are not None. False, not NULL, if the column is NULL."""
    conditions: list[Sql] = [(condition, [value]) for condition, value in bounds if value is not None]
    return _joined(" AND ", "true", [(f"{column} IS NOT NULL", []), *conditions])
