"""The totals beside the filter: which of them are left out when there is no room."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from jiacha_tui.declaration.declaration_row import Totals
from screens.main.filter_bar import totals_text


def totals(declarations: int = 128, *, known: bool = True) -> Totals:
    return Totals(declarations, 512, Decimal("1284330"), items_known=known)


@pytest.mark.parametrize(
    ("room", "text"),
    [
        (80, "3/128 票  512 条  USD 1,284,330.00"),
        (33, "128 票  512 条  USD 1,284,330.00"),
        (26, "128 票  USD 1,284,330.00"),
        (10, "128 票"),
    ],
)
def test_the_longest_form_that_fits_is_shown(room: int, text: str) -> None:
    assert totals_text(totals(), 2, room) == text


@given(st.integers(10, 120))
def test_totals_never_need_more_cells_than_there_are(room: int) -> None:
    assert cell_len(totals_text(totals(), 2, room)) <= room


def test_a_count_of_items_that_is_incomplete_has_a_plus() -> None:
    assert "512+ 条" in totals_text(totals(known=False), 0, 80)


def test_what_the_port_no_longer_lists_is_counted_apart() -> None:
    some = replace(totals(), delisted=3)
    assert totals_text(some, 130, 80) == "131/131 行  128 票  ×3  512 条  USD 1,284,330.00"
    assert totals_text(some, 130, 27) == "128 票  ×3"
    assert totals_text(some, 130, 7) == "128 票"


def test_items_are_left_out_where_none_is_known() -> None:
    assert totals_text(Totals(30, 0, Decimal(1), items_known=False), 0, 80) == "1/30 票  USD 1.00"


def test_an_empty_result_has_no_cursor_position() -> None:
    assert totals_text(Totals(0, 0, Decimal(0), items_known=True), 0, 80).startswith("0 票")
