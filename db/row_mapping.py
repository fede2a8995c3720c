"""The model's values as rows of the cache, and back.

A row to write is a dict of columns, which goes to the engine as JSON. A row that was read is a tuple in the order of
the column names below. A value that its column cannot hold exactly is not rounded. It is written as text to the column
of the unparsed values.

The names of some columns differ from the words of the code, because caches that exist have them: `unread` and
`row_unread` hold the unparsed values (`unparsed` in the model), `port_prints` the prints that the E-Port counted,
`port_search` and `port_sort` belong to `exit_customs` (出口口岸). Constants below name them.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import msgspec

from db.item_groups import ITEM_GROUP_TYPES, group_columns
from db.search import replace_surrogates, searchable
from db.sort_keys import sort_key
from db.timestamps import from_column
from jiacha_tui.declaration.declaration_row import Column, DeclarationRow
from jiacha_tui.declaration.exact import EXACT
from jiacha_tui.declaration.model import (
    HEAD_FIELDS,
    ITEM_FIELDS,
    Declaration,
    FieldInfo,
    Head,
    Item,
    Kind,
    Origin,
    Summary,
)

MONEY_SCALE: Final = 4
QUANTITY_SCALE: Final = 5
PRECISION: Final = 19
"""DECIMAL(19,4) for money and DECIMAL(19,5) for quantities, weights and rates."""

MONEY: Final = frozenset({"usd_amount", *(info.name for info in ITEM_FIELDS if info.is_money)})
"""The fields that are money."""

UNPARSED: Final = "unread"
ROW_UNPARSED: Final = "row_unread"
EPORT_PRINTS: Final = "port_prints"
EXIT_CUSTOMS_SEARCH: Final = "port_search"
EXIT_CUSTOMS_SORT: Final = "port_sort"

OUTDATED_COLUMNS: Final = ("file_outdated_at", "print_outdated_at")

_MAX_BIGINT = 2**63 - 1
MAX_PRINT_COUNT: Final = 2**31 - 1

SUMMARY_COLUMNS: Final = (
    *(field.name for field in dataclasses.fields(Summary) if field.name != "unparsed"),
    ROW_UNPARSED,
)
HEAD_COLUMNS: Final = (*(info.name for info in HEAD_FIELDS), UNPARSED)
ITEM_COLUMNS: Final = (*(info.name for info in ITEM_FIELDS), UNPARSED)
DECLARATION_ROW_COLUMNS: Final = tuple(column.value for column in Column)


def sql_type(info: FieldInfo) -> str:
    """The column type of a field of the model."""
    return _decimal_type(info.name) if info.type is Decimal else _SQL_TYPES[info.type]


_SQL_TYPES: Mapping[type, str] = {str: "VARCHAR", int: "BIGINT", date: "DATE"}


def _decimal_type(name: str) -> str:
    return f"DECIMAL({PRECISION},{_scale(name)})"


def _scale(name: str) -> int:
    return MONEY_SCALE if name in MONEY else QUANTITY_SCALE


SUMMARY_TYPES: Final = {
    "entry_id": "VARCHAR",
    "kind": "VARCHAR",
    "exported_on": "DATE",
    "exit_customs": "VARCHAR",
    "reported_at": "TIMESTAMP",
    "usd_amount": _decimal_type("usd_amount"),
    EPORT_PRINTS: "BIGINT",
    "transfer_state": "VARCHAR",
    "dec_flag": "VARCHAR",
    "container_flag": "VARCHAR",
    "detail_token": "VARCHAR",
    EXIT_CUSTOMS_SEARCH: "VARCHAR",
    "state_search": "VARCHAR",
    EXIT_CUSTOMS_SORT: "VARCHAR",
    "state_sort": "VARCHAR",
    ROW_UNPARSED: "VARCHAR",
}
DETAIL_TYPES: Final = {
    "destination_country": "VARCHAR",
    "consignor_name": "VARCHAR",
    "contract_no": "VARCHAR",
    "trade_mode": "VARCHAR",
    "item_count": "INTEGER",
    "goods": "VARCHAR",
    "country_search": "VARCHAR",
    "consignor_search": "VARCHAR",
    "contract_search": "VARCHAR",
    "trade_search": "VARCHAR",
    "country_sort": "VARCHAR",
    "consignor_sort": "VARCHAR",
    "trade_sort": "VARCHAR",
    "goods_sort": "VARCHAR",
}
HEAD_TYPES: Final = {
    "declaration_id": "INTEGER",
    **{info.name: sql_type(info) for info in HEAD_FIELDS},
    UNPARSED: "VARCHAR",
}
ITEM_TYPES: Final = {
    "declaration_id": "INTEGER",
    "position": "INTEGER",
    **{info.name: sql_type(info) for info in ITEM_FIELDS},
    UNPARSED: "VARCHAR",
    "name_search": "VARCHAR",
    **ITEM_GROUP_TYPES,
}


def normalized(summary: Summary) -> Summary:
    """The summary as the cache returns it.

    An amount with more decimals than the column has is rounded. One that is too large becomes None and is kept as
    unparsed. Lone surrogates are replaced and the print count is limited to its column.
    """
    amount = _rounded(summary.usd_amount)
    too_large = {"usdPrices": str(summary.usd_amount)} if summary.usd_amount is not None and amount is None else {}
    return dataclasses.replace(
        summary,
        exit_customs=replace_surrogates(summary.exit_customs),
        usd_amount=amount,
        print_count=max(0, min(summary.print_count, MAX_PRINT_COUNT)),
        transfer_state=replace_surrogates(summary.transfer_state),
        dec_flag=replace_surrogates(summary.dec_flag),
        container_flag=replace_surrogates(summary.container_flag),
        detail_token=replace_surrogates(summary.detail_token),
        unparsed=MappingProxyType(_without_surrogates(too_large | dict(summary.unparsed))),
    )


def _without_surrogates(unparsed: Mapping[str, str]) -> dict[str, str]:
    return {replace_surrogates(name): replace_surrogates(text) for name, text in unparsed.items()}


def unparsed_json(unparsed: Mapping[str, str]) -> str:
    """The values that could not be parsed, as JSON."""
    return msgspec.json.encode(dict(unparsed)).decode()


def summary_row(summary: Summary) -> dict[str, object]:
    """The columns of SUMMARY_TYPES for a summary that is `normalized`."""
    row: dict[str, object] = {name: getattr(summary, name) for name in SUMMARY_COLUMNS if name != ROW_UNPARSED}
    row[ROW_UNPARSED] = unparsed_json(summary.unparsed)
    row[EPORT_PRINTS] = row.pop("print_count")
    row["kind"] = summary.kind.value
    row[EXIT_CUSTOMS_SEARCH] = searchable(summary.exit_customs)
    row["state_search"] = searchable(summary.transfer_state)
    row[EXIT_CUSTOMS_SORT] = sort_key(summary.exit_customs)
    row["state_sort"] = sort_key(summary.transfer_state)
    return row


def detail_row(head: Head, items: Sequence[Item], items_left_out: int = 0) -> dict[str, object]:
    """The columns of DETAIL_TYPES: the values of a detail that the table shows or the filters search.

    The number of items includes those that were left out: the port counts them for its cap on downloads.
    """
    goods = items[0].name if items else ""
    return {
        "destination_country": replace_surrogates(head.destination_country),
        "consignor_name": replace_surrogates(head.consignor_name),
        "contract_no": replace_surrogates(head.contract_no),
        "trade_mode": replace_surrogates(head.trade_mode),
        "item_count": len(items) + items_left_out,
        "goods": replace_surrogates(goods),
        "country_search": searchable(head.destination_country),
        "consignor_search": searchable(head.consignor_name, head.consignor_code),
        "contract_search": searchable(head.contract_no),
        "trade_search": searchable(head.trade_mode),
        "country_sort": sort_key(head.destination_country),
        "consignor_sort": sort_key(head.consignor_name),
        "trade_sort": sort_key(head.trade_mode),
        "goods_sort": sort_key(goods),
    }


def head_row(declaration_id: int, head: Head) -> dict[str, object]:
    """The columns of HEAD_TYPES."""
    return {"declaration_id": declaration_id, **_field_columns(HEAD_FIELDS, head)}


def item_rows(declaration_id: int, items: Sequence[Item]) -> list[dict[str, object]]:
    """The columns of ITEM_TYPES, one row for each item."""
    return [
        {
            "declaration_id": declaration_id,
            "position": position,
            **_field_columns(ITEM_FIELDS, item),
            "name_search": searchable(item.name),
            **groups,
        }
        for position, (item, groups) in enumerate(zip(items, group_columns(items), strict=True))
    ]


def is_same_detail(stored: Declaration, fetched: Declaration) -> bool:
    """Whether head and items are the same as the cache would store them, unparsed values aside."""
    return _detail_values(stored) == _detail_values(fetched)


def _detail_values(declaration: Declaration) -> list[dict[str, object]]:
    rows = [] if declaration.head is None else [head_row(0, declaration.head)]
    return [
        {name: value for name, value in row.items() if name != UNPARSED}
        for row in (*rows, *item_rows(0, declaration.items))
    ]


def _field_columns(fields: Sequence[FieldInfo], record: Head | Item) -> dict[str, object]:
    unparsed = _without_surrogates(record.unparsed)
    row: dict[str, object] = {}
    for info in fields:
        value = getattr(record, info.name)
        if isinstance(value, str):
            value = replace_surrogates(value)
        elif not _fits(info.name, value):
            unparsed.setdefault(info.wire[0], str(value))
            value = None
        row[info.name] = value
    row[UNPARSED] = unparsed_json(unparsed)
    return row


def _fits(name: str, value: Decimal | int | date | None) -> bool:
    """Whether the column can hold `value` exactly."""
    if isinstance(value, Decimal):
        return _in_range(value, _scale(name)) and value == _rounded_to(value, _scale(name))
    return not isinstance(value, int) or -_MAX_BIGINT <= value <= _MAX_BIGINT


def _in_range(value: Decimal, scale: int) -> bool:
    return value.is_finite() and (not value or value.adjusted() < PRECISION - scale)


def _rounded_to(value: Decimal, scale: int) -> Decimal:
    """The nearest number with `scale` decimals, the even one of two."""
    return EXACT.quantize(value, Decimal(1).scaleb(-scale))


def _rounded(amount: Decimal | None) -> Decimal | None:
    if amount is None or not _in_range(amount, MONEY_SCALE):
        return None
    nearest = _rounded_to(amount, MONEY_SCALE)
    return nearest if _in_range(nearest, MONEY_SCALE) else None


def summary_of(row: Sequence[Any]) -> Summary:
    """A summary from a row of SUMMARY_COLUMNS."""
    values = dict(zip(SUMMARY_COLUMNS, row, strict=True))
    values["kind"] = Kind(values["kind"])
    values["unparsed"] = _unparsed(values.pop(ROW_UNPARSED))
    return Summary(**values)


def head_of(row: Sequence[Any]) -> Head:
    """A head from a row of HEAD_COLUMNS."""
    return Head(**_values(HEAD_COLUMNS, row))


def item_of(row: Sequence[Any]) -> Item:
    """An item from a row of ITEM_COLUMNS."""
    return Item(**_values(ITEM_COLUMNS, row))


def declaration_row_of(row: Sequence[Any]) -> DeclarationRow:
    """A row of the table from a row of DECLARATION_ROW_COLUMNS."""
    values = dict(zip(DECLARATION_ROW_COLUMNS, row, strict=True))
    values["kind"] = Kind(values["kind"])
    values["origin"] = Origin(values["origin"])
    for name in ("downloaded_at", "resent_at", "resend_unknown_at", "delisted_at", *OUTDATED_COLUMNS):
        time: datetime | None = values[name]
        values[name] = time and from_column(time)
    return DeclarationRow(**values)


def _values(columns: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    values = dict(zip(columns, row, strict=True))
    values["unparsed"] = _unparsed(values.pop(UNPARSED))
    return values


def _unparsed(column: str) -> Mapping[str, str]:
    return MappingProxyType(msgspec.json.decode(column, type=dict[str, str]))
