import dataclasses

import pytest

from jiacha_tui.declaration.declaration_row import Column, DeclarationRow, Order


def test_the_columns_are_the_attributes_of_a_row() -> None:
    assert {column.value for column in Column} == {field.name for field in dataclasses.fields(DeclarationRow)}


@pytest.mark.parametrize("column", Column)
def test_every_column_has_a_different_title(column: Column) -> None:
    assert column.label
    assert [other for other in Column if other.label == column.label] == [column]


def test_the_default_order_is_newest_export_first() -> None:
    assert Order() == Order(Column.EXPORTED_ON, descending=True)
