"""The edge cases: each lies where a clerk comes across it."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiacha_tui.declaration.model import Declaration, Head
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.population import Population
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from jiacha_tui.demo.sample_data.edge_cases import LARGE_ATTACHMENTS, LARGE_ATTACHMENTS_DAYS, MANY_ITEMS, SHOWCASE
from tests.demo.populations import make_population

NOW = datetime.fromisoformat("2026-06-17 12:00:00")


def heads(declarations: Sequence[Declaration]) -> list[Head]:
    return [declaration.head for declaration in declarations if declaration.head is not None]


@settings(max_examples=20)
@given(anchor=st.dates(date(2024, 1, 1), date(2034, 12, 31)))
def test_the_showcase_is_in_the_last_month_for_any_anchor(folder: Path, anchor: date) -> None:
    population = make_population(folder, 200, anchor)
    now = datetime.combine(anchor, datetime.min.time())
    days = DateRangeQuery(DateRange(anchor - timedelta(days=30), anchor))
    found = list(population.declarations(DEMO_COMPANY, days, now))
    counts = {len(found_one.items) for found_one in found}
    amended = {found_one.head.amendment_count for found_one in found if found_one.head}
    assert {1, 6, 7, 20, 21, 50} <= counts
    assert {0, 1, 2} <= amended


def test_one_day_has_more_than_a_thousand_items(population: Population) -> None:
    days = [population.first_day + timedelta(days=offset) for offset in range(540)]
    totals = [population.item_total(DEMO_COMPANY, DateRangeQuery(DateRange.day(day)), NOW) for day in days]
    assert max(totals) > 1000
    assert sum(total > 1000 for total in totals) == 1


def test_only_a_few_days_have_attachments(population: Population, declarations: Sequence[Declaration]) -> None:
    days = {declaration.summary.exported_on for declaration in declarations if population.attachment_bytes(declaration)}
    assert len(days) == LARGE_ATTACHMENTS_DAYS
    assert sum(
        bool(population.attachment_bytes(declaration)) for declaration in declarations
    ) == LARGE_ATTACHMENTS_DAYS * len(LARGE_ATTACHMENTS)


def test_texts_are_as_wide_as_the_fields(declarations: Sequence[Declaration]) -> None:
    (wide,) = [declaration for declaration in declarations if any(len(item.name) == 255 for item in declaration.items)]
    assert {len(item.model) for item in wide.items} == {255}
    assert wide.head is not None
    assert [len(text) for text in (wide.head.owner_name, wide.head.contract_no, wide.head.remarks)] == [70, 32, 70]
    assert len(wide.head.transport_name) == 26


def test_some_characters_are_outside_the_basic_multilingual_plane(declarations: Sequence[Declaration]) -> None:
    text = "".join(head.owner_name + head.remarks for head in heads(declarations))
    assert any(ord(character) > 0xFFFF for character in text)
    assert text.encode("gb18030").decode("gb18030") == text


def test_control_characters_and_direction_marks_are_in_a_remark(declarations: Sequence[Declaration]) -> None:
    text = "".join(head.remarks for head in heads(declarations))
    assert {"\x00", "\x07", "\x1b", "\u202e", "\u200b"} <= set(text)
    assert {unicodedata.category(character) for character in text} >= {"Cc", "Cf"}


def test_one_declaration_has_only_the_required_fields(declarations: Sequence[Declaration]) -> None:
    (empty,) = [head for head in heads(declarations) if not head.trade_mode]
    assert empty.entry_id
    assert empty.gross_weight is None
    assert empty.amendment_count is None


@pytest.mark.parametrize("total", [0, 1, 5, 23, 24, 60, 200, 600])
def test_a_small_population_has_fewer_edge_cases_and_still_its_number(folder: Path, total: int) -> None:
    population = make_population(folder, total)
    found = list(
        population.declarations(DEMO_COMPANY, DateRangeQuery(DateRange(population.first_day, NOW.date())), NOW)
    )
    assert len(found) == total - total // 50
    assert (max((len(found_one.items) for found_one in found), default=0) >= 50) == (total >= 2 * len(SHOWCASE))
    assert len(MANY_ITEMS) * 50 > 1000
