"""Breakdowns, compared with groups that are counted in Python over random declarations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.breakdown import Breakdowns
from db.cache import Cache
from db.declarations import Declarations
from db.filter.values import escaped, unescaped
from db.item_groups import chapter_of
from db.key import CacheKey
from db.results import ResultReader, Results, Superseded
from db.search import folded
from jiacha_tui.declaration.breakdown import Breakdown, Figures, Grouping, Measure
from jiacha_tui.declaration.model import Declaration, Head, Item, Kind, Summary
from tests.db.older_cache import open_as_older_program
from tests.filters import parse_official

NAMES = (
    "美国",
    "美国本土",
    "ABC国",
    "ＡＢＣ国",
    'a"b',
    "“a”",
    "c\\u{62}",
    "d\x1be",
    "f\ng",
    "刚果（金）",
    "a|b c",
    "=",
    "",
)
TEXTS = st.sampled_from(NAMES) | st.text(max_size=4)
CODES = st.sampled_from(("8471300000", "8409", "84", "8", "", "８471", "AB12", "6109100021"))
AMOUNTS = st.none() | st.sampled_from((Decimal("0.0001"), Decimal("999.99"), Decimal("123456789012345.6789")))
FILTERS = ("", '"a', "2025-01|类型:结关", "-国:美国", "货:a|b", "税号:84")

ITEMS = st.builds(
    lambda name, code, currency, usd: Item(number=1, hs_code=code, name=name, currency=currency, usd_value=usd),
    TEXTS,
    CODES,
    TEXTS,
    AMOUNTS,
)
SUMMARIES = st.builds(
    Summary,
    entry_id=st.integers(1, 8).map(lambda serial: f"22332025{serial:010d}"),
    kind=st.sampled_from(Kind),
    exported_on=st.none() | st.dates(),
    exit_customs=TEXTS,
    usd_amount=AMOUNTS,
    transfer_state=TEXTS,
)
DECLARATIONS = st.builds(
    lambda row, country, trade, items: Declaration(
        row, Head(destination_country=country, trade_mode=trade), tuple(items)
    ),
    SUMMARIES,
    TEXTS,
    TEXTS,
    st.lists(ITEMS, max_size=4),
) | SUMMARIES.map(Declaration)


@dataclass(frozen=True)
class Sample:
    """A declaration, and whether the port no longer lists it."""

    declaration: Declaration
    delisted: bool


SAMPLES = st.lists(
    st.builds(Sample, DECLARATIONS, st.booleans()), max_size=8, unique_by=lambda one: one.declaration.summary.entry_id
)


def fill(cache: Cache, samples: Sequence[Sample]) -> None:
    """Replaces what the cache contains."""
    with cache.write_cursor() as cursor:
        cursor.execute("DELETE FROM item; DELETE FROM head; DELETE FROM declaration")
    store = Declarations(cache)
    store.merge_rows([sample.declaration.summary for sample in samples])
    store.put_details([sample.declaration for sample in samples if sample.declaration.head is not None])
    with cache.write_cursor() as cursor:
        for sample in samples:
            if sample.delisted:
                cursor.execute(
                    "UPDATE declaration SET delisted_at = now()::TIMESTAMP WHERE entry_id = ?",
                    [sample.declaration.summary.entry_id],
                )


def groups_of(one: Declaration, grouping: Grouping) -> dict[str, Figures]:
    """What a declaration adds to each of its groups."""
    row, head_ = one.summary, one.head or Head()
    keys: dict[Grouping, Callable[[Item], str]] = {
        Grouping.CHAPTER: lambda item_: chapter_of(item_.hs_code),
        Grouping.GOODS: lambda item_: folded(item_.name),
        Grouping.CURRENCY: lambda item_: item_.currency,
    }
    if grouping.is_of_items:
        groups: dict[str, Figures] = {}
        for one_item in one.items:
            usd = one_item.usd_value
            key = keys[grouping](one_item)
            before = groups.get(key, Figures(1, 0, Decimal(0)))
            groups[key] = Figures(1, before.items + 1, before.usd + (usd or 0), before.usd_unknown + (usd is None))
        return groups
    usd = row.usd_amount
    figures = Figures(1, len(one.items), usd or Decimal(0), int(usd is None), one.head is not None)
    key = {
        Grouping.MONTH: "" if row.exported_on is None else row.exported_on.isoformat()[:7],
        Grouping.COUNTRY: folded(head_.destination_country),
        Grouping.EXIT_CUSTOMS: folded(row.exit_customs),
        Grouping.TRADE: folded(head_.trade_mode),
        Grouping.KIND: row.kind.value,
        Grouping.STATE: folded(row.transfer_state),
    }[grouping]
    return {key: figures}


def added(first: Figures | None, second: Figures) -> Figures:
    if first is None:
        return second
    return Figures(
        first.declarations + second.declarations,
        first.items + second.items,
        first.usd + second.usd,
        first.usd_unknown + second.usd_unknown,
        first.items_known and second.items_known,
    )


def run(
    cache: Cache, text: str, grouping: Grouping, measure: Measure = Measure.DECLARATIONS, *, with_months: bool = False
) -> Breakdown:
    return Breakdowns(cache).run(parse_official(text), grouping, measure, ResultReader(), with_months=with_months)


@settings(max_examples=40)
@given(SAMPLES, st.sampled_from(FILTERS), st.sampled_from(Grouping), st.sampled_from(Measure))
def test_each_group_has_what_python_counts(
    shared: Cache, samples: list[Sample], text: str, grouping: Grouping, measure: Measure
) -> None:
    fill(shared, samples)
    found = set(Results(shared).run(text).entry_ids())
    counted = [one.declaration for one in samples if one.declaration.summary.entry_id in found and not one.delisted]
    expected: dict[str, Figures] = {}
    for one in counted:
        for key, figures in groups_of(one, grouping).items():
            expected[key] = added(expected.get(key), figures)
    breakdown = run(shared, text, grouping, measure)
    assert {line.key: line.figures for line in breakdown.lines} == expected
    assert breakdown.groups == len(breakdown.lines)
    assert breakdown.total.declarations == len(counted)
    assert breakdown.without_detail == sum(one.head is None for one in counted)
    if measure is not Measure.NAME:
        name = {Measure.DECLARATIONS: "declarations", Measure.ITEMS: "items", Measure.USD: "usd"}[measure]
        values = [getattr(line.figures, name) for line in breakdown.lines]
        assert values == sorted(values, reverse=True)


@settings(max_examples=40)
@given(SAMPLES, st.sampled_from(FILTERS), st.sampled_from(Grouping))
def test_the_word_of_a_line_finds_exactly_its_declarations(
    shared: Cache, samples: list[Sample], text: str, grouping: Grouping
) -> None:
    fill(shared, samples)
    found = set(Results(shared).run(text).entry_ids())
    listed = {one.declaration.summary.entry_id for one in samples if not one.delisted}
    for line in run(shared, text, grouping).lines:
        result = Results(shared).run(f"{line.filter_word} {text}")
        expected = {
            one.declaration.summary.entry_id for one in samples if line.key in groups_of(one.declaration, grouping)
        }
        assert set(result.entry_ids()) == expected & found, line.filter_word
        assert result.totals.declarations == line.figures.declarations == len(expected & found & listed)


@settings(max_examples=25)
@given(SAMPLES, st.sampled_from(Grouping))
def test_months_of_a_line_are_its_declarations_in_that_month(
    shared: Cache, samples: list[Sample], grouping: Grouping
) -> None:
    fill(shared, samples)
    breakdown = run(shared, "", grouping, with_months=True)
    listed = [one.declaration for one in samples if not one.delisted]
    days = {one.summary.exported_on for one in listed} - {None}
    assert list(breakdown.months) == sorted({day.isoformat()[:7] for day in days if day}, reverse=True)
    for line in breakdown.lines:
        expected: dict[str, Figures] = {}
        for one in listed:
            day = one.summary.exported_on
            if day is not None and line.key in (own := groups_of(one, grouping)):
                month = day.isoformat()[:7]
                expected[month] = added(expected.get(month), own[line.key])
        assert dict(line.months) == expected


@given(st.text())
def test_an_escaped_text_is_unescaped_to_itself(text: str) -> None:
    plain = escaped(text)
    assert unescaped(plain) == text
    assert '"' not in plain.translate({ord(one): '"' for one in "“”„‟「」『』＂"})
    assert not any(one < " " for one in plain)


def test_a_later_run_of_the_same_reader_supersedes_an_earlier_one(cache: Cache) -> None:
    reader = ResultReader()
    reader.begin(7)
    with pytest.raises(Superseded):
        Breakdowns(cache).run(parse_official(""), Grouping.MONTH, Measure.USD, reader)


@pytest.fixture
def older(cache_path: Path, key: CacheKey) -> Cache:
    """A cache of a program that did not know the columns for groups of items."""
    cache = open_as_older_program(cache_path, key, 13)
    with cache.write_cursor() as cursor:
        cursor.execute(
            "INSERT INTO item BY NAME SELECT 1 + n // 3 AS declaration_id, n AS position, n AS number, "
            "['84', '8471', '6109'][1 + n % 3] AS hs_code, '' AS hs_suffix, '' AS manual_item, 'A' AS name, "
            "'' AS model, '' AS unit, '' AS first_unit, '' AS second_unit, ['x', 'y'][1 + n % 2] AS currency, "
            "'' AS destination_country, '' AS duty_mode, '' AS producer, '{}' AS unread, 'a' AS name_search "
            "FROM range(9) AS rows(n)"
        )
    cache.close()
    return Cache.open(cache_path, key)


def test_items_of_an_older_program_get_their_groups(older: Cache) -> None:
    with older.read_cursor() as cursor:
        rows = cursor.execute(
            "SELECT declaration_id, chapter, first_of_chapter, first_of_name, first_of_currency FROM item "
            "WHERE declaration_id = 1 ORDER BY position"
        ).fetchall()
        missing = cursor.execute("SELECT count(*) FROM item WHERE chapter IS NULL").fetchall()
    assert rows == [(1, "84", True, True, True), (1, "84", False, False, True), (1, "61", True, False, False)]
    assert missing == [(0,)]
    older.close()
