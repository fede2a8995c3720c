"""How long the table waits for the cache, compared with the same queries on plain DuckDB.

`python -m bench.window [ROWS]`. Plain DuckDB has its default settings and an unencrypted file with the same rows, and
answers each query with one statement. The ratio shows what encryption, limits, exact totals and the table of ids cost
or save.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import duckdb

from db.cache import Cache
from db.declarations import Declarations
from db.key import new_key
from db.results import FIRST_ROWS, Result, Results
from db.row_mapping import DECLARATION_ROW_COLUMNS
from db.schema import migrations
from db.sort_keys import fill_sort_keys
from jiacha_tui.declaration.declaration_row import Column, Order
from tests.db.samples import declaration

ROWS = 200_000
WINDOW = 40
RUNS = 7
PAGE = 30
PAGES = 20

_Page = TypeVar("_Page")

_ROWS = """
    INSERT INTO declaration BY NAME
    SELECT (2200 + hash(i) % 90)::VARCHAR || '2025' || lpad(i::VARCHAR, 10, '0') AS entry_id,
        '1' AS kind, 'port' AS origin, DATE '2026-11-01' - (i * 900 // $rows)::INTEGER AS exported_on,
        ['浦东机场', '北仑海关', '大鹏海关'][1 + i % 3] AS exit_customs,
        ['浦东机场\npdjc', '北仑海关\nblhg', '大鹏海关\ndphg'][1 + i % 3] AS port_search,
        TIMESTAMP '2026-11-02' - to_seconds(i * 80) AS reported_at, (hash(i + 1) % 100000000) / 100 AS usd_amount,
        hash(i) % 4 AS port_prints, '新增' AS transfer_state, '新增\nxz' AS state_search,
        '1' AS dec_flag, '0' AS container_flag, hash(i)::VARCHAR AS detail_token,
        ['美国', '日本', '德国'][1 + i % 3] AS destination_country,
        ['美国\nmg', '日本\nrb', '德国\ndg'][1 + i % 3] AS country_search,
        '示例进出口有限公司' AS consignor_name, '示例进出口有限公司\nsljckyxgs' AS consignor_search,
        'SPX-' || hash(i) % 1000000 AS contract_no, 'spx-' || hash(i) % 1000000 AS contract_search,
        '一般贸易' AS trade_mode, '一般贸易\nybmy' AS trade_search, 5 AS item_count,
        '货物' || hash(i) % 2000 AS goods, true AS has_detail, false AS detail_due
    FROM range($rows) AS numbers(i)
"""
_ITEMS = """
    INSERT INTO item BY NAME
    SELECT id AS declaration_id, k AS position, k AS number, kind AS name, kind || '\nhw' || kind AS name_search,
        (1000000000 + hash(id * 10 + k) % 5000 * 1700000)::VARCHAR AS hs_code, '' AS hs_suffix, '' AS manual_item,
        '' AS model, 10 AS quantity, '台' AS unit, '' AS first_unit, '' AS second_unit, 12.5 AS total,
        'USD' AS currency, '' AS destination_country, '' AS duty_mode, '' AS producer, '{}' AS unread
    FROM (SELECT id, k, '货物' || hash(id * 10 + k) % 2000 AS kind FROM declaration, range(1, 6) AS numbers(k))
"""
_SELECT = f"SELECT {', '.join(DECLARATION_ROW_COLUMNS)} FROM declaration"  # noqa: S608 - names of our own columns
_ORDER = "ORDER BY exported_on DESC, entry_id DESC"


def figures(rows: int = ROWS) -> Iterator[str]:
    """One line for each figure: the median of the cache, the median of plain DuckDB, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cache.duckdb"
        key = new_key()
        cache = Cache.open(path, key)
        with cache.write_cursor() as cursor:
            fill(cursor, rows)
        cache.close()
        plain = duckdb.connect(Path(folder) / "plain.duckdb")
        for step in migrations():
            plain.execute(step.sql)
        fill(plain, rows)
        began = time.perf_counter()
        cache = Cache.open(path, key)
        yield f"{rows:,} declarations, {rows * 5:,} items, {path.stat().st_size / 1e6:.0f} MB"
        yield _figure("open the cache", time.perf_counter() - began)
        yield from _reading(Results(cache), plain, rows)
        yield from _writing(Declarations(cache))
        plain.close()
        cache.close()


def _reading(results: Results, plain: duckdb.DuckDBPyConnection, rows: int) -> Iterator[str]:
    def query(statement: str, *parameters: object) -> Callable[[], object]:
        return lambda: plain.execute(statement, parameters).fetchall()

    first = f"{_SELECT} {_ORDER} LIMIT {FIRST_ROWS}"
    window = f"{_SELECT} {_ORDER} LIMIT {WINDOW} OFFSET ?"
    position = "SELECT count(*) FROM declaration WHERE (exported_on, entry_id) > (?, ?)"
    by_contract = f"{_SELECT} WHERE contract_no ILIKE ? {_ORDER} LIMIT {FIRST_ROWS}"
    with_goods = "WHERE id IN (SELECT declaration_id FROM item WHERE name ILIKE ?)"
    by_goods = f"{_SELECT} {with_goods} {_ORDER} LIMIT {FIRST_ROWS}"
    middle = rows // 2
    yield _compared("first page and totals, no filter", lambda: results.run(""), query(first))
    yield _compared(
        "first page and totals, filter by contract", lambda: results.run("合同:777"), query(by_contract, "%777%")
    )
    yield _compared("first page and totals, filter by goods", lambda: results.run("货:77"), query(by_goods, "%77%"))
    by_country = f"{_SELECT} ORDER BY destination_country, entry_id LIMIT {FIRST_ROWS}"
    by_pinyin = Order(Column.DESTINATION_COUNTRY, descending=False)
    yield _compared("first page and totals, by country", lambda: results.run("", by_pinyin), query(by_country))
    result = results.run("")
    yield _figure("first window in the middle, sorts all rows", seconds(lambda: result.window(middle, WINDOW)))
    yield _compared(
        f"window of {WINDOW} rows in the middle", lambda: result.window(middle, WINDOW), query(window, middle)
    )
    (row,) = result.window(middle, 1)
    yield _compared(
        "position of a declaration",
        lambda: _check_position(result, row.entry_id, middle),
        query(position, row.exported_on, row.entry_id),
    )


def _writing(declarations: Declarations) -> Iterator[str]:
    """Each page is a transaction, which is on the disk before the next one starts."""
    pages = [[declaration(page * PAGE + row) for row in range(PAGE)] for page in range(PAGES)]
    pages_of_rows = [[declaration.summary for declaration in page] for page in pages]
    yield _median(f"write a page of {PAGE} new rows", declarations.merge_rows, pages_of_rows)
    yield _median("merge the same page again", declarations.merge_rows, pages_of_rows)
    yield _median(f"write {PAGE} details", declarations.put_details, pages)


def fill(engine: duckdb.DuckDBPyConnection, rows: int) -> None:
    """Inserts `rows` invented declarations with five items each."""
    engine.execute(_ROWS, {"rows": rows})
    engine.execute(_ITEMS)
    last: int | None = 0
    while last is not None:
        last = fill_sort_keys(engine, last)


def _median(name: str, write: Callable[[_Page], object], pages: Iterable[_Page]) -> str:
    return _figure(name, statistics.median(seconds(partial(write, page)) for page in pages))


def _figure(name: str, seconds: float) -> str:
    return f"{name:<44} {seconds * 1000:8.1f} ms"


def _check_position(result: Result, entry_id: str, position: int) -> None:
    if result.position_of(entry_id) != position:
        raise AssertionError(f"{entry_id} is not at position {position}")


def _compared(name: str, cache: Callable[[], object], plain: Callable[[], object]) -> str:
    taken, plain_taken = (statistics.median(seconds(run) for _ in range(RUNS)) for run in (cache, plain))
    return f"{_figure(name, taken)}   plain {plain_taken * 1000:8.1f} ms   ratio {taken / plain_taken:.2f}"


def seconds(run: Callable[[], object]) -> float:
    """How long the call takes."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in figures(*map(int, sys.argv[1:2])))
