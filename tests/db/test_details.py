"""Heads and items are read as they were written. A value that its column cannot hold exactly is read as text."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.cache import Cache
from db.declarations import Declarations
from jiacha_tui.declaration.model import HEAD_FIELDS, ITEM_FIELDS, Declaration, FieldInfo, Head, Item
from tests.db.samples import declaration, entry_id, head, item, summary

TEXTS = st.text(max_size=12) | st.sampled_from(
    ["\0", "a\0b", "'\"\\", "\u2028", "\N{RIGHT-TO-LEFT OVERRIDE}", "一般贸易"]
)
NUMBERS = st.integers(-(2**63) + 1, 2**63 - 1)
DECIMALS = (
    st.decimals(allow_nan=True, allow_infinity=True)
    | st.decimals(-(10**15), 10**15, places=4)
    | st.decimals(-(10**14), 10**14, places=5)
)
VALUES: Mapping[type, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: st.none() | NUMBERS | st.integers(2**63),
    date: st.none() | st.dates(),
    Decimal: st.none() | DECIMALS,
}


def field_values(fields: Sequence[FieldInfo]) -> st.SearchStrategy[dict[str, Any]]:
    values = {info.name: VALUES[info.type] for info in fields if info.name not in ("number", "entry_id")}
    return st.fixed_dictionaries({"unparsed": st.dictionaries(TEXTS, TEXTS, max_size=3)}, optional=values)


HEADS = field_values(HEAD_FIELDS).map(lambda values: Head(**{"entry_id": entry_id(1), **values}))
ITEMS = st.builds(lambda number, values: Item(number=number, **values), NUMBERS, field_values(ITEM_FIELDS))


def expected(fields: Sequence[FieldInfo], record: Any) -> Any:
    """The record with the values that their columns cannot hold exactly as text in `unparsed`."""
    removed = {info.name: None for info in fields if not fits_exactly(info.name, getattr(record, info.name))}
    texts = {info.wire[0]: str(getattr(record, info.name)) for info in fields if info.name in removed}
    return dataclasses.replace(record, **removed, unparsed=texts | dict(record.unparsed))


def fits_exactly(name: str, value: object) -> bool:
    if isinstance(value, Decimal):
        money = ("price", "total", "usd_value", "cny_value", "freight_and_insurance")
        steps = value * (10**4 if name in money else 10**5) if value.is_finite() else value
        return value.is_finite() and steps == steps.to_integral_value() and abs(steps) < 10**19
    return not isinstance(value, int) or abs(value) < 2**63


@given(HEADS, st.lists(ITEMS, max_size=3))
def test_a_detail_is_read_as_it_was_written(shared: Cache, given_head: Head, items: list[Item]) -> None:
    whole = Declaration(summary(1), given_head, tuple(items))
    Declarations(shared).put_details([whole])
    found = Declarations(shared).get(entry_id(1))
    assert found is not None
    assert found.head == expected(HEAD_FIELDS, given_head)
    assert found.items == tuple(expected(ITEM_FIELDS, item) for item in items)


@pytest.mark.parametrize("unit", ["0.00001", "99999999999999.99999", "-99999999999999.99999", "0"])
def test_the_smallest_and_the_largest_quantity_are_exact(declarations: Declarations, unit: str) -> None:
    declarations.put_details([declaration(1, [item(quantity=Decimal(unit))])])
    found = declarations.get(entry_id(1))
    assert found is not None
    assert str(found.items[0].quantity) in (unit, "0.00000")


def test_a_number_with_too_many_decimals_is_stored_as_text(declarations: Declarations) -> None:
    declarations.put_details([declaration(1, [item(total=Decimal("0.00005"))], gross_weight=Decimal("1.000001"))])
    found = declarations.get(entry_id(1))
    assert found is not None
    assert found.head is not None
    assert (found.head.gross_weight, dict(found.head.unparsed)) == (None, {"grossWt": "1.000001"})
    assert (found.items[0].total, dict(found.items[0].unparsed)) == (None, {"declTotal": "0.00005"})


def test_the_text_that_the_port_sent_for_a_number_is_not_overwritten(declarations: Declarations) -> None:
    declarations.put_details([declaration(1, gross_weight=Decimal("1.000001"), unparsed={"grossWt": "1.000001kg"})])
    found = declarations.get(entry_id(1))
    assert found is not None
    assert found.head == dataclasses.replace(head(1), gross_weight=None, unparsed={"grossWt": "1.000001kg"})


def test_lone_surrogates_are_replaced(declarations: Declarations) -> None:
    declarations.put_details([declaration(1, [item(name="a\ud800b")], remarks="\udfff", unparsed={"\ud800": "\ud800"})])
    found = declarations.get(entry_id(1))
    assert found is not None
    assert found.head is not None
    assert (found.items[0].name, found.head.remarks, dict(found.head.unparsed)) == (
        "a\ufffdb",
        "\ufffd",
        {"\ufffd": "\ufffd"},
    )


def test_items_keep_the_order_of_the_response(declarations: Declarations) -> None:
    items = [item(3, name="三"), item(1, name="一"), item(1, name="又一")]
    declarations.put_details([declaration(1, items)])
    found = declarations.get(entry_id(1))
    assert found is not None
    assert found.items == tuple(items)


@pytest.mark.parametrize(
    ("amount", "stored"),
    [
        ("18234.5", "18234.5000"),
        ("0.00004", "0.0000"),
        ("0.00006", "0.0001"),
        ("999999999999999.9999", "999999999999999.9999"),
        ("999999999999999.99999", None),
        ("1E+30", None),
        ("NaN", None),
        ("-Infinity", None),
    ],
)
def test_the_amount_of_a_row_is_rounded_or_omitted(declarations: Declarations, amount: str, stored: str | None) -> None:
    declarations.merge_rows([summary(1, usd_amount=Decimal(amount))])
    (found,) = declarations.summaries([entry_id(1)])
    assert found.usd_amount == (None if stored is None else Decimal(stored))
    assert declarations.merge_rows([summary(1, usd_amount=Decimal(amount))]).unchanged == 1
