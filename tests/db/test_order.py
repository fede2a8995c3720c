"""Every order of a result, whatever its size, is the one that sorting in Python gives."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.cache import Cache
from db.declarations import Declarations
from db.results import Results
from jiacha_tui.declaration.declaration_row import Column, DeclarationRow, Order
from jiacha_tui.declaration.model import Declaration, Kind, Summary
from tests.db.samples import CONSIGNOR, GOODS, entry_id, head, item, summary, wall_clock

PINYIN = ("", GOODS[0], "俄罗斯", "美国", "日本", CONSIGNOR, "乌克兰", "一般贸易", "a", "B")
"""In the order that Chinese users expect. By code points 乌克兰 would be before 俄罗斯, and B before a."""

TEXTS = st.sampled_from(PINYIN)
ROWS = st.builds(
    Summary,
    entry_id=st.integers(0, 999).map(entry_id),
    kind=st.sampled_from(Kind),
    exported_on=st.none() | st.dates(date(2025, 1, 1), date(2025, 1, 3)),
    exit_customs=TEXTS,
    reported_at=st.none() | st.sampled_from([wall_clock("2025-01-01"), wall_clock("2025-01-01 00:00:01")]),
    usd_amount=st.none() | st.sampled_from(list(map(Decimal, ("0", "-1", "9", "10")))),
    print_count=st.integers(0, 2),
    transfer_state=TEXTS,
)
WITH_DETAIL = st.builds(
    lambda row, country, items: Declaration(row, head(destination_country=country), tuple(items)),
    ROWS,
    TEXTS,
    st.lists(st.just(item(1)), max_size=2),
)


@settings(max_examples=40)
@given(
    st.lists(ROWS.map(Declaration) | WITH_DETAIL, max_size=12, unique_by=lambda one: one.summary.entry_id),
    st.lists(st.sampled_from(Column), min_size=4, max_size=4),
    st.booleans(),
)
def test_every_column_sorts_as_python_does(
    shared: Cache, declarations: list[Declaration], columns: list[Column], descending: bool
) -> None:
    with shared.write_cursor() as cursor:
        for table in ("declaration", "head", "item"):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - the names above
    cached = Declarations(shared)
    cached.merge_rows([declaration.summary for declaration in declarations])
    cached.put_details([declaration for declaration in declarations if declaration.head is not None])
    for column in columns:
        rows = Results(shared).run("", Order(column, descending)).window(0, 99)
        assert list(rows) == in_order(rows, column, descending)


def in_order(rows: tuple[DeclarationRow, ...], column: Column, descending: bool) -> list[DeclarationRow]:
    """Sorts rows by a column. Missing values are last in both directions, equal ones are sorted by number."""

    def key(row: DeclarationRow) -> tuple[Any, str]:
        value = getattr(row, column.value)
        if isinstance(value, str) and column not in (Column.ENTRY_ID, Column.CONTRACT_NO):
            return PINYIN.index(value), row.entry_id
        return getattr(value, "value", value), row.entry_id

    missing = [row for row in rows if getattr(row, column.value) is None]
    present = [row for row in rows if getattr(row, column.value) is not None]
    by_number = sorted(missing, key=lambda row: row.entry_id, reverse=descending)
    return sorted(present, key=key, reverse=descending) + by_number


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (Column.DESTINATION_COUNTRY, ("阿联酋", "秘鲁", "德国", "俄罗斯", "墨西哥", "乌克兰", "越南")),
        (Column.EXIT_CUSTOMS, ("北仑海关", "长沙海关", "重庆海关", "番禺海关", "沙头角关", "厦门海关", "盐田海关")),
        (Column.GOODS, ("3D打印机", "长袖衬衫", "车床", "番茄酱", "针织T恤衫", "重型卡车", "LED灯")),
        (Column.TRADE_MODE, ("对外承包出口", "进料加工", "来料加工", "一般贸易")),
    ],
)
@pytest.mark.parametrize("descending", [False, True])
def test_chinese_text_is_sorted_by_pinyin(
    cache: Cache, declarations: Declarations, column: Column, texts: tuple[str, ...], descending: bool
) -> None:
    """By the reading that a character has in the name."""
    declarations.put_details(
        [
            Declaration(
                summary(number, exit_customs=text),
                head(number, destination_country=text, trade_mode=text),
                (item(1, name=text),),
            )
            for number, text in enumerate(sorted(texts))
        ]
    )
    rows = Results(cache).run("", Order(column, descending)).first_rows
    assert tuple(getattr(row, column.value) for row in rows) == (texts[::-1] if descending else texts)


def test_the_default_order_is_latest_export_first(cache: Cache, declarations: Declarations) -> None:
    days = [date(2025, 6, 1), date(2025, 6, 3), None, date(2025, 6, 3)]
    declarations.merge_rows([summary(number, exported_on=day) for number, day in enumerate(days)])
    assert [row.entry_id for row in Results(cache).run("").first_rows] == [entry_id(number) for number in (3, 1, 0, 2)]


def test_a_large_result_is_in_order_to_its_end(cache: Cache) -> None:
    """The engine sorts and stores it in several blocks, with several threads."""
    count = 300_000
    with cache.write_cursor() as cursor:
        cursor.execute(MANY_ROWS, [count])
    result = Results(cache).run("", Order(Column.USD_AMOUNT, descending=False))
    result.window(count - 1, 1)
    with cache.read_cursor() as cursor:
        ((table,),) = cursor.execute(TABLES).fetchall()
        assert cursor.execute(POSITIONS.format(table=table)).fetchall() == [(count, count, 0, count - 1)]
    amounts = [row.usd_amount for row in result.window(count - 50, 50)]
    assert amounts == sorted(amounts, key=lambda amount: amount or Decimal(0))
    assert result.position_of(result.window(123_456, 1)[0].entry_id) == 123_456


POSITIONS = """
    SELECT count(*), count(*) FILTER (result.rowid = expected.position), min(result.rowid), max(result.rowid)
    FROM memory.main.{table} AS result JOIN (
        SELECT id, row_number() OVER (ORDER BY usd_amount, entry_id) - 1 AS position FROM declaration
    ) AS expected USING (id)
"""
"""The number of ids, how many are at their position, and the first and last position."""

TABLES = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'memory'"
MANY_ROWS = """
    INSERT INTO declaration BY NAME
    SELECT '22332025' || lpad(i::VARCHAR, 10, '0') AS entry_id, '1' AS kind, 'port' AS origin,
        DATE '2025-06-30' - (i // 1000)::INTEGER AS exported_on, (hash(i) % 100000) / 100 AS usd_amount,
        '' AS exit_customs, 0 AS port_prints, '' AS transfer_state, '' AS dec_flag, '' AS container_flag,
        '' AS detail_token, false AS has_detail, false AS detail_due, '' AS port_search, '' AS state_search
    FROM range(?) AS numbers(i)
"""
