"""The columns of the table: rows have the exact width at every width, and no number is cut."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from jiacha_tui.declaration.declaration_row import Column, DeclarationRow, Order
from screens.main.columns import columns_for_width, header_text, row_text, unread_row_text
from tests.screens.sample_cache import country, entry_id, item_count, summary

MANUAL = [
    Column.ENTRY_ID,
    Column.EXPORTED_ON,
    Column.EXIT_CUSTOMS,
    Column.DESTINATION_COUNTRY,
    Column.USD_AMOUNT,
    Column.REPORTED_AT,
    Column.TRANSFER_STATE,
    Column.PRINT_COUNT,
]
BARE = DeclarationRow(entry_id="223320250000012345")


def line(number: int) -> DeclarationRow:
    """A sample declaration with its detail."""
    listed = summary(number)
    return DeclarationRow(
        entry_id=entry_id(number),
        exported_on=listed.exported_on,
        exit_customs=listed.exit_customs,
        destination_country=country(number),
        usd_amount=listed.usd_amount,
        reported_at=listed.reported_at,
        transfer_state=listed.transfer_state,
        print_count=listed.print_count,
        contract_no=f"SPX-2026-{number:04d}",
        trade_mode="一般贸易",
        item_count=item_count(number),
        goods="便携式自动数据处理设备",
        has_detail=True,
    )


def text(columns_width: int, one: DeclarationRow) -> str:
    return row_text(columns_for_width(columns_width), one, cursor=False, selected=False)


@given(st.integers(80, 320))
def test_rows_and_header_have_the_same_width_and_fit(width: int) -> None:
    columns = columns_for_width(width)
    widths = {cell_len(text(width, row)) for row in (BARE, *map(line, range(7)))}
    widths.add(cell_len(header_text(columns, Order())))
    assert len(widths) == 1
    assert widths.pop() <= width


def test_at_80_columns_the_table_has_the_columns_of_the_manual_and_fills_the_row() -> None:
    assert [column.column for column in columns_for_width(80)] == MANUAL
    assert cell_len(text(80, line(1))) == 80


@given(st.integers(80, 320))
def test_a_wider_table_has_every_column_of_a_narrower_one(width: int) -> None:
    assert {column.column for column in columns_for_width(width)} <= {
        column.column for column in columns_for_width(width + 1)
    }


@pytest.mark.parametrize("width", [90, 99, 114, 127, 155])
def test_wider_terminals_have_more_columns(width: int) -> None:
    assert len(columns_for_width(width)) > len(MANUAL)


def test_the_sorted_column_shows_its_direction() -> None:
    for column in columns_for_width(80):
        assert header_text(columns_for_width(80), Order(column.column, descending=True)).count("▾") == 1
        assert header_text(columns_for_width(80), Order(column.column, descending=False)).count("▴") == 1


@given(st.decimals(0, Decimal("99999999999.99"), places=2))
def test_an_amount_is_whole_or_has_a_unit(amount: Decimal) -> None:
    column = next(column for column in columns_for_width(80) if column.column is Column.USD_AMOUNT)
    cell = column.cell(replace(BARE, usd_amount=amount)).strip()
    assert "…" not in cell
    unit = {"万": 10_000, "亿": 100_000_000}.get(cell[-1], 1)
    number = Decimal(cell.rstrip("万亿").replace(",", ""))
    assert abs(number * unit - amount) <= (0 if unit == 1 else unit // 200)


def test_the_cursor_and_the_mark_of_a_picked_row_are_side_by_side() -> None:
    assert row_text(columns_for_width(80), BARE, cursor=True, selected=True).startswith("▸✓ 2233")
    assert row_text(columns_for_width(80), BARE, cursor=False, selected=True).startswith(" ✓ 2233")
    assert unread_row_text(columns_for_width(80), cursor=True).startswith("▸  ··")


def test_what_the_port_no_longer_lists_has_a_mark_before_its_number() -> None:
    gone = replace(BARE, delisted_at=datetime(2025, 7, 1, tzinfo=UTC))
    assert row_text(columns_for_width(80), gone, cursor=True, selected=True).startswith("▸✓×2233")
    assert row_text(columns_for_width(80), gone, cursor=False, selected=False).startswith("  ×2233")
    assert cell_len(text(80, gone)) == cell_len(text(80, BARE))


def test_what_has_changed_since_a_copy_was_made_has_a_mark_before_its_number() -> None:
    at = datetime(2025, 7, 1, tzinfo=UTC)
    for outdated in (replace(BARE, file_outdated_at=at), replace(BARE, print_outdated_at=at)):
        assert row_text(columns_for_width(80), outdated, cursor=True, selected=False).startswith("▸ !2233")
        gone = replace(outdated, delisted_at=at)
        assert row_text(columns_for_width(80), gone, cursor=False, selected=False).startswith("  ×2233")


def test_marks_after_the_state_show_what_was_done_on_this_machine() -> None:
    at = datetime(2025, 7, 1, tzinfo=UTC)
    assert "新增↓" in text(80, replace(BARE, transfer_state="新增", downloaded_at=at))
    assert "修改↑" in text(80, replace(BARE, transfer_state="修改", resent_at=at))
    assert "修改↕" in text(80, replace(BARE, transfer_state="修改", downloaded_at=at, resent_at=at)), "both are shown"


def test_a_resend_with_unknown_outcome_hides_the_other_marks() -> None:
    at = datetime(2025, 7, 1, tzinfo=UTC)
    for resent, downloaded in ((None, None), (at, None), (None, at), (at, at)):
        line = replace(BARE, transfer_state="修改", resend_unknown_at=at, resent_at=resent, downloaded_at=downloaded)
        assert "修改?" in text(80, line)
        assert "结果未知" in text(200, line), "where there is a column for the time of the resend"


def test_control_characters_are_shown_as_text_and_the_width_stays() -> None:
    nasty = replace(BARE, exit_customs="a\x1b[31m[/b]", transfer_state="\u202e新增")
    shown = text(80, nasty)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert cell_len(shown) == 80
