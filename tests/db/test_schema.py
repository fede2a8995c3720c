"""The tables have the fields of the model."""

import pytest

from db.cache import Cache
from db.item_groups import ITEM_GROUP_TYPES
from db.row_mapping import DETAIL_TYPES, HEAD_TYPES, ITEM_TYPES, SUMMARY_COLUMNS, SUMMARY_TYPES, UNPARSED
from jiacha_tui.declaration.declaration_row import Column
from jiacha_tui.declaration.model import HEAD_FIELDS, ITEM_FIELDS


def columns(cache: Cache, table: str) -> dict[str, str]:
    with cache.read_cursor() as cursor:
        return dict(
            cursor.execute(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 'cache' AND table_name = ?",
                [table],
            ).fetchall()
        )


def test_every_field_of_a_head_has_a_column(cache: Cache) -> None:
    assert columns(cache, "head") == HEAD_TYPES
    assert {info.name for info in HEAD_FIELDS} | {"declaration_id", UNPARSED} == set(HEAD_TYPES)


def test_every_field_of_an_item_has_a_column(cache: Cache) -> None:
    assert columns(cache, "item") == ITEM_TYPES
    assert {info.name for info in ITEM_FIELDS} | {"declaration_id", "position", UNPARSED, "name_search"} | set(
        ITEM_GROUP_TYPES
    ) == set(ITEM_TYPES)


def test_every_field_of_a_row_and_every_column_of_the_table_has_a_column(cache: Cache) -> None:
    types = columns(cache, "declaration")
    assert (SUMMARY_TYPES | DETAIL_TYPES).items() <= types.items()
    assert set(SUMMARY_COLUMNS) <= set(types)
    assert set(SUMMARY_COLUMNS) - set(SUMMARY_TYPES) == {"print_count"}, "the sum of the port's count and ours"
    assert {column.value for column in Column} <= set(types)


@pytest.mark.parametrize("name", ["usd_value", "cny_value", "freight_and_insurance", "price", "total"])
def test_money_has_four_decimals(cache: Cache, name: str) -> None:
    assert columns(cache, "item")[name] == "DECIMAL(19,4)"
    assert columns(cache, "declaration")["usd_amount"] == "DECIMAL(19,4)"


@pytest.mark.parametrize(("table", "name"), [("item", "quantity"), ("head", "gross_weight"), ("head", "freight")])
def test_quantities_weights_and_rates_have_five_decimals(cache: Cache, table: str, name: str) -> None:
    assert columns(cache, table)[name] == "DECIMAL(19,5)"
