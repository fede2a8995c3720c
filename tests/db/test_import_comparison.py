"""Whether a file's declaration agrees with the cache's."""

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from db.import_comparison import agrees
from jiacha_tui.declaration.model import Declaration, Head, Origin, Summary
from tests.db.samples import declaration, entry_id, item


def from_file(**changes: Any) -> Declaration:
    """The first declaration as a file describes it: with a part of the fields."""
    row = Summary(entry_id=entry_id(1), exported_on=date(2025, 6, 30))
    part = Head(entry_id=entry_id(1), exported_on=date(2025, 6, 30), contract_no="SPX-2025-0871", trade_mode="一般贸易")
    items = tuple(dataclasses.replace(item, unit="", quantity=None, usd_value=None) for item in declaration(1).items)
    return dataclasses.replace(Declaration(row, part, items, Origin.FILE), **changes)


def test_declarations_agree_if_one_has_only_a_part_of_the_fields() -> None:
    assert agrees(declaration(1), from_file())
    assert agrees(from_file(), declaration(1))
    assert agrees(from_file(), from_file())


def test_texts_agree_if_only_width_case_or_blanks_differ() -> None:
    other = dataclasses.replace(declaration(1).head or Head(), contract_no="ｓｐｘ－２０２５－０８７１ ")
    assert agrees(declaration(1), from_file(head=other))


@pytest.mark.parametrize(
    "other",
    [
        from_file(summary=Summary(entry_id=entry_id(1), exported_on=date(2025, 6, 29))),
        from_file(head=Head(contract_no="SPX-2025-0872")),
        from_file(items=(item(1),)),
        from_file(items=(item(1), item(3))),
        from_file(items=(item(1), item(1))),
        from_file(items=(item(1), item(2, total=Decimal("18234.01")))),
    ],
)
def test_declarations_disagree_if_one_field_differs(other: Declaration) -> None:
    assert not agrees(declaration(1), other)


@pytest.mark.parametrize("other", [from_file(head=None, items=()), from_file(items=()), from_file(head=Head())])
def test_a_field_that_one_of_them_lacks_does_not_count(other: Declaration) -> None:
    assert agrees(declaration(1), other)
    assert agrees(other, declaration(1))
