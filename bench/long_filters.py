"""How long the largest filters take, compared with the bare join of the same values on the same cache.

`python -m bench.long_filters [ROWS]`. The bare join counts the declarations whose number, or whose contract number, is
one of the values: what an engine cannot do without. The ratio shows what looking for parts of texts, totals, the order
and the first rows cost.
"""

import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from bench.window import fill, seconds
from db.cache import Cache
from db.filter import parse
from db.key import new_key
from db.results import Results
from jiacha_tui.clock import local_now
from jiacha_tui.declaration.deadlines import DeadlineRules

ROWS = 100_000
RUNS = 3
NUMBERS = 5_000
WORDS = 10_000


def figures(rows: int = ROWS) -> Iterator[str]:
    """One line for each filter: its median, that of the bare join, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache.open(Path(folder) / "cache.duckdb", new_key())
        with cache.write_cursor() as cursor:
            fill(cursor, rows)
            found = cursor.execute("SELECT entry_id FROM declaration ORDER BY hash(id) LIMIT ?", [NUMBERS]).fetchall()
        numbers = [entry_id for (entry_id,) in found]
        choice = random.Random(1)  # noqa: S311 - the same words in every run
        words = list({f"spx-{choice.randrange(10**6)}" for _ in range(WORDS * 2)})[:WORDS]
        results = Results(cache)
        yield f"{rows:,} declarations, {rows * 5:,} items"
        for name, text, column, values in (
            ("one word", "777", "contract_search", ["spx-777"]),
            ("5,000 numbers", "|".join(numbers), "entry_id", numbers),
            ("5,000 numbers, none of them", "-" + "|".join(numbers), "entry_id", numbers),
            ("10,000 words, one of them", "|".join(words), "contract_search", words),
            ("10,000 words, none of them", "-" + " -".join(words), "contract_search", words),
            ("10,000 words, all of them", " ".join(words), "contract_search", words),
        ):
            taken = _median(partial(results.run, text))
            bare = _median(partial(_join, cache, column, values))
            yield f"{name:<32} {taken * 1000:8.1f} ms   bare join {bare * 1000:8.1f} ms   ratio {taken / bare:.1f}"
        parsing = seconds(lambda: parse(" ".join(words), local_now().date(), DeadlineRules()))
        yield f"{'parse 10,000 words':<32} {parsing * 1000:8.1f} ms"
        cache.close()


def _join(cache: Cache, column: str, values: Sequence[str]) -> object:
    statement = f"SELECT count(*) FROM declaration WHERE {column} IN (SELECT unnest(?::VARCHAR[]))"  # noqa: S608 - a name
    with cache.read_cursor() as cursor:
        return cursor.execute(statement, [list(values)]).fetchall()


def _median(run: Callable[[], object]) -> float:
    return statistics.median(seconds(run) for _ in range(RUNS))


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in figures(*map(int, sys.argv[1:2])))
