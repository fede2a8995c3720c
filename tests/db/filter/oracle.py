"""Which declarations match a filter, decided in Python from its parsed conditions."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from db.filter.conditions import (
    AnyNumberMatches,
    AnyTextContains,
    Condition,
    CountryIs,
    DayColumn,
    DaysWithin,
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
    TextColumn,
    TextContains,
    TextIs,
)
from db.filter.values import Days, Numbers
from db.search import folded, searchable
from jiacha_tui.declaration.model import Declaration, Head


class Oracle:
    """Decides for declarations of which nothing was done and which the port lists. Their texts are folded once."""

    def __init__(self, declarations: Sequence[Declaration]) -> None:
        self._declarations = declarations
        self._texts = {one.summary.entry_id: texts_of(one) for one in declarations}
        self._goods = {one.summary.entry_id: [searchable(item.name) for item in one.items] for one in declarations}

    def matches(self, filter_: Filter, limit: int | None = None) -> set[str]:
        """报关单号 of the declarations that match, among the first `limit`."""
        return {one.summary.entry_id for one in self._declarations[:limit] if self._matches(filter_, one)}

    def having(self, condition: Callable[[str], bool]) -> set[str]:
        """报关单号 of the declarations for whose texts, joined, the condition is true."""
        return {
            number
            for number, texts in self._texts.items()
            if condition("\n".join([*texts.values(), *self._goods[number]]))
        }

    def _matches(self, filter_: Filter, one: Declaration) -> bool:
        return all(
            any(self._meets(condition, one) for condition in term.alternatives) != term.negated
            for term in filter_.terms
        )

    def _meets(self, condition: Condition, one: Declaration) -> bool:  # noqa: PLR0911, PLR0912 - one for each kind of condition
        row = one.summary
        match condition:
            case TextContains(column, text):
                return text in self._texts[row.entry_id][column]
            case DetailContains(column, text):
                return any(text in folded(value) for value in details_of(one, column))
            case TextIs(exact_column, text):
                return text in whole_texts_of(one, exact_column)
            case EntryNumberContains(text):
                return text in row.entry_id
            case EntryNumberIs(number):
                return row.entry_id == number[:18]
            case GoodsNameContains(text):
                return any(text in name for name in self._goods[row.entry_id])
            case HsCodePrefix(digits):
                return any(item.hs_code.startswith(digits) for item in one.items)
            case DaysWithin(DayColumn.EXPORTED, days):
                return row.exported_on is not None and _in_days(days, row.exported_on.isoformat())
            case DaysWithin(DayColumn.REPORTED, days):
                return row.reported_at is not None and _in_days(days, row.reported_at.date().isoformat())
            case NumberWithin(NumberColumn.USD, numbers):
                return row.usd_amount is not None and _in_numbers(numbers, row.usd_amount)
            case NumberWithin(NumberColumn.ITEMS, numbers):
                return one.head is not None and _in_numbers(numbers, Decimal(len(one.items)))
            case NumberWithin(NumberColumn.PRINTS, numbers):
                return _in_numbers(numbers, Decimal(row.print_count))
            case KindIs(kind):
                return row.kind is kind
            case OriginIs(origin):
                return one.origin is origin
            case HasStatus(flag, expected):
                done = {"printed": row.print_count > 0, "detail": one.head is not None}
                return done.get(flag.value, False) is expected
            case CountryIs(names):
                return one.head is not None and one.head.destination_country in names
            case AnyTextContains(text):
                return any(text in texts for texts in (*self._texts[row.entry_id].values(), *self._goods[row.entry_id]))
            case AnyNumberMatches(digits):
                return digits in row.entry_id or self._meets(HsCodePrefix(digits), one)
        raise AssertionError(condition)


def texts_of(one: Declaration) -> dict[TextColumn, str]:
    """The texts of a declaration that are searched, by column."""
    head, row = one.head or Head(), one.summary
    return {
        TextColumn.CONSIGNOR: searchable(head.consignor_name, head.consignor_code),
        TextColumn.COUNTRY: searchable(head.destination_country),
        TextColumn.EXIT_CUSTOMS: searchable(row.exit_customs),
        TextColumn.TRADE: searchable(head.trade_mode),
        TextColumn.CONTRACT: searchable(head.contract_no),
        TextColumn.STATE: searchable(row.transfer_state),
    }


def details_of(one: Declaration, column: DetailColumn) -> list[str]:
    """The texts of a declaration that a word finds only by the name of their field."""
    head = one.head or Head()
    return {
        DetailColumn.BILL: [head.bill_no],
        DetailColumn.CONTAINERS: [head.container_ids],
        DetailColumn.TRANSPORT: [head.transport_name],
        DetailColumn.REMARKS: [head.remarks],
        DetailColumn.OWNER: [head.owner_name, head.owner_code],
        DetailColumn.AGENT: [head.agent_name, head.agent_code],
        DetailColumn.MANUAL: [head.manual_no],
        DetailColumn.CURRENCY: [item.currency for item in one.items],
    }[column]


def whole_texts_of(one: Declaration, column: ExactColumn) -> list[str]:
    """The texts of a declaration that a word can name whole."""
    head = one.head or Head()
    return {
        ExactColumn.COUNTRY: [folded(head.destination_country)],
        ExactColumn.EXIT_CUSTOMS: [folded(one.summary.exit_customs)],
        ExactColumn.TRADE: [folded(head.trade_mode)],
        ExactColumn.STATE: [folded(one.summary.transfer_state)],
        ExactColumn.GOODS: [folded(item.name) for item in one.items],
        ExactColumn.HS_CODE: [item.hs_code for item in one.items],
        ExactColumn.CURRENCY: [item.currency for item in one.items],
    }[column]


def _in_days(days: Days, day: str) -> bool:
    return (days.first is None or days.first.isoformat() <= day) and (days.last is None or day <= days.last.isoformat())


def _in_numbers(numbers: Numbers, number: Decimal) -> bool:
    above = numbers.low is None or (number > numbers.low if numbers.low_open else number >= numbers.low)
    below = numbers.high is None or (number < numbers.high if numbers.high_open else number <= numbers.high)
    return above and below
