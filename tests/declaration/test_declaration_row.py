import dataclasses

import pytest

from jiacha_tui.declaration.declaration_row import Column, DeclarationRow, Order


def test_every_attribute_of_a_line_is_a_column_and_nothing_else_is() -> None:
    assert {column.value for column in Column} == {field.name for field in dataclasses.fields(DeclarationRow)}


@pytest.mark.parametrize("column", Column)
def test_every_column_has_a_name_of_its_own(column: Column) -> None:
    assert column.label
    assert [other for other in Column if other.label == column.label] == [column]


def test_the_newest_export_comes_first() -> None:
    assert Order() == Order(Column.EXPORTED_ON, descending=True)
