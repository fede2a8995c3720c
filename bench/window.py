"""How long the table waits for the cache, beside the same questions put to a bare engine.

`python -m bench.window [ROWS]`. The bare engine is DuckDB with its defaults on a plain file with the same rows, asked
with one statement each: what encryption, limits, and exact totals and windows on top cost, or save.
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
_LINES = f"SELECT {', '.join(DECLARATION_ROW_COLUMNS)} FROM declaration"  # noqa: S608 - names of our own columns
_ORDER = "ORDER BY exported_on DESC, entry_id DESC"


def figures(rows: int = ROWS) -> Iterator[str]:
    """One line for each figure: the median of some runs in the cache, on the bare engine, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cache.duckdb"
        key = new_key()
        cache = Cache.open(path, key)
        with cache.writing() as cursor:
            _fill(cursor, rows)
        cache.close()
        bare = duckdb.connect(Path(folder) / "bare.duckdb")
        for step in migrations():
            bare.execute(step.sql)
        _fill(bare, rows)
        began = time.perf_counter()
        cache = Cache.open(path, key)
        yield f"{rows:,} declarations, {rows * 5:,} items, {path.stat().st_size / 1e6:.0f} MB"
        yield _line("open", time.perf_counter() - began)
        yield from _reading(Results(cache), bare, rows)
        yield from _writing(Declarations(cache))
        bare.close()
        cache.close()


def _reading(results: Results, bare: duckdb.DuckDBPyConnection, rows: int) -> Iterator[str]:
    def ask(statement: str, *parameters: object) -> Callable[[], object]:
        return lambda: bare.execute(statement, parameters).fetchall()

    first = f"{_LINES} {_ORDER} LIMIT {FIRST_ROWS}"
    window = f"{_LINES} {_ORDER} LIMIT {WINDOW} OFFSET ?"
    place = "SELECT count(*) FROM declaration WHERE (exported_on, entry_id) > (?, ?)"
    by_contract = f"{_LINES} WHERE contract_no ILIKE ? {_ORDER} LIMIT {FIRST_ROWS}"
    having_goods = "WHERE id IN (SELECT declaration_id FROM item WHERE name ILIKE ?)"
    by_goods = f"{_LINES} {having_goods} {_ORDER} LIMIT {FIRST_ROWS}"
    middle = rows // 2
    yield _compared("first page and exact totals, no filter", lambda: results.run(""), ask(first))
    yield _compared("the same, a contract", lambda: results.run("合同:777"), ask(by_contract, "%777%"))
    yield _compared("the same, goods", lambda: results.run("货:77"), ask(by_goods, "%77%"))
    by_country = f"{_LINES} ORDER BY destination_country, entry_id LIMIT {FIRST_ROWS}"
    pinyin = Order(Column.DESTINATION_COUNTRY, descending=False)
    yield _compared("first page by country, in pinyin", lambda: results.run("", pinyin), ask(by_country))
    whole = results.run("")
    yield _line("first window in the middle: sorts all", _seconds(lambda: whole.window(middle, WINDOW)))
    yield _compared(
        f"window of {WINDOW} lines in the middle", lambda: whole.window(middle, WINDOW), ask(window, middle)
    )
    line = whole.window(middle, 1)[0]
    yield _compared(
        "where a declaration stands",
        lambda: _checked(whole, line.entry_id, middle),
        ask(place, line.exported_on, line.entry_id),
    )


def _writing(declarations: Declarations) -> Iterator[str]:
    """Each page and each detail is a commit, on the disk before the next one."""
    whole = [[declaration(page * PAGE + row) for row in range(PAGE)] for page in range(PAGES)]
    rows = [[one.summary for one in page] for page in whole]
    yield _median(f"a new page of {PAGE} rows", declarations.merge_rows, rows)
    yield _median("the same page again", declarations.merge_rows, rows)
    yield _median(f"{PAGE} details", declarations.put_details, whole)


def _fill(engine: duckdb.DuckDBPyConnection, rows: int) -> None:
    engine.execute(_ROWS, {"rows": rows})
    engine.execute(_ITEMS)
    last: int | None = 0
    while last is not None:
        last = fill_sort_keys(engine, last)


def _median(what: str, write: Callable[[_Page], object], pages: Iterable[_Page]) -> str:
    return _line(what, statistics.median(_seconds(partial(write, page)) for page in pages))


def _line(what: str, seconds: float) -> str:
    return f"{what:<44} {seconds * 1000:8.1f} ms"


def _checked(result: Result, entry_id: str, position: int) -> None:
    if result.position_of(entry_id) != position:
        raise AssertionError(f"{entry_id} does not stand at {position}")


def _compared(what: str, ours: Callable[[], object], bare: Callable[[], object]) -> str:
    seconds, bare_seconds = (statistics.median(_seconds(run) for _ in range(RUNS)) for run in (ours, bare))
    return f"{_line(what, seconds)}   bare {bare_seconds * 1000:8.1f} ms   ratio {seconds / bare_seconds:.2f}"


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in figures(*map(int, sys.argv[1:2])))
