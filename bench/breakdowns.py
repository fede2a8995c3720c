"""How long the groups of a filter take, compared with the bare SQL on the same cache.

`python -m bench.breakdowns [ROWS]`. The bare SQL groups by the stored column and adds up, and counts declarations
exactly: for items that is a count of different declarations.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench.window import fill, seconds
from db.breakdown import Breakdowns
from db.cache import Cache
from db.filter import parse
from db.item_groups import fill_item_groups
from db.key import new_key
from jiacha_tui.clock import local_now
from jiacha_tui.declaration.breakdown import Grouping, Measure
from jiacha_tui.declaration.deadlines import DeadlineRules

ROWS = 100_000
RUNS = 3

_HEADS = "sum(item_count), sum(usd_amount), count(*) FROM declaration WHERE delisted_at IS NULL GROUP BY 1"
_ITEMS = "count(*), sum(usd_value), count(DISTINCT declaration_id) FROM item GROUP BY 1"
_BARE = {
    Grouping.MONTH: f"SELECT date_trunc('month', exported_on), {_HEADS}",
    Grouping.COUNTRY: f"SELECT destination_country, {_HEADS}",
    Grouping.CHAPTER: f"SELECT left(hs_code, 2), {_ITEMS}",
    Grouping.GOODS: f"SELECT name, {_ITEMS}",
    Grouping.CURRENCY: f"SELECT currency, {_ITEMS}",
}


def figures(rows: int = ROWS) -> Iterator[str]:
    """One line for each grouping: its median without a filter, that of the bare SQL, their ratio, and with months."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache.open(Path(folder) / "cache.duckdb", new_key())
        with cache.write_cursor() as cursor:
            fill(cursor, rows)
        last: int | None = 0
        while last is not None:
            with cache.write_cursor() as cursor:
                last = fill_item_groups(cursor, last)
        breakdowns = Breakdowns(cache)
        yield f"{rows:,} declarations, {rows * 5:,} items"
        for grouping, statement in _BARE.items():
            run = partial(breakdowns.run, parse("", local_now().date(), DeadlineRules()), grouping, Measure.USD)
            taken, with_months = _median(run), _median(partial(run, with_months=True))
            bare = _median(partial(_read, cache, statement))
            name = f"groups by {grouping.name.lower()}"
            yield (
                f"{name:<32} {taken * 1000:8.1f} ms   bare SQL {bare * 1000:8.1f} ms   ratio {taken / bare:.2f}"
                f"   with months {with_months * 1000:8.1f} ms"
            )
        cache.close()


def _read(cache: Cache, statement: str) -> object:
    with cache.read_cursor() as cursor:
        return cursor.execute(statement).fetchall()


def _median(run: Callable[[], object]) -> float:
    return statistics.median(seconds(run) for _ in range(RUNS))


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in figures(*map(int, sys.argv[1:2])))
