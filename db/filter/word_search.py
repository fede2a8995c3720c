# ruff: noqa: S608 - statements are composed of our own names of columns and tables; values are parameters
"""Searches texts for many words at once.

Asking of each row whether it contains each word costs rows times words. Here the parts of each text that are as long as
a word are looked up among the words. So the cost grows with the texts and with the number of different lengths, and
hardly with the number of words. Each text is searched once, however many rows have it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from db.pinyin import may_be_pinyin

Sql = tuple[str, list[object]]
"""A condition, which is never NULL, and its parameters."""

AT_ONCE: Final = 8
"""Up to this many words of a column are asked for one by one, which is faster for so few."""

_LONG_TEXT: Final = 300
"""A longer text has too many parts. Each word is looked for in it."""


@dataclass(frozen=True, slots=True)
class SearchedColumn:
    """A column of `table` whose texts contain words, or begin with them if `prefix`.

    `id` is the column of the declaration's id. With `pinyin`, a text also has a word that is in its full pinyin. That
    is looked up for up to AT_ONCE words.
    """

    name: str
    table: str = "declaration"
    id: str = "id"
    prefix: bool = False
    pinyin: bool = False

    def has(self, word: str) -> Sql:
        """The condition that a text of the column has the word."""
        condition = f"{'starts_with' if self.prefix else 'contains'}({self.name}, ?)"
        if self.pinyin and may_be_pinyin(word):
            return f"({condition} OR {self.name} IN (SELECT text FROM pinyin WHERE contains(letters, ?)))", [word, word]
        return condition, [word]


def joined(operator: str, empty: str, parts: Iterable[Sql]) -> Sql:
    """The conditions with an operator between them, in parentheses."""
    conditions: list[str] = []
    parameters: list[object] = []
    for condition, values in parts:
        conditions.append(condition)
        parameters += values
    return f"({operator.join(conditions) or empty})", parameters


def has_any(column: SearchedColumn, words: Sequence[str]) -> Sql:
    """The condition on `declaration` that a text of the column has at least one of the words."""
    if len(words) <= AT_ONCE:
        condition, parameters = joined(" OR ", "false", [column.has(word) for word in words])
    else:
        pairs, parameters = _pairs(column, "", words)
        condition = f"{column.name} IN (SELECT text FROM ({pairs}))"
    if column.table != "declaration":
        condition = f"id IN (SELECT {column.id} FROM {column.table} WHERE {condition})"
    return condition, parameters


def has_all(columns: Sequence[SearchedColumn], words: Sequence[str]) -> Sql:
    """The condition on `declaration` that each word is in a text of at least one of the columns.

    The longest word decides first which declarations are searched for the others.
    """
    words = sorted(words, key=len, reverse=True)
    if not any(column.prefix for column in columns):
        words = _without_implied(words)
    narrowed, parameters = joined(" OR ", "false", [has_any(column, words[:1]) for column in columns])
    found: list[str] = []
    for column in columns:
        among = f"WHERE {column.id} IN (SELECT id FROM candidate)"
        pairs, values = _pairs(column, among, words)
        parameters += values
        found.append(
            f"SELECT {column.id} AS id, word FROM {column.table} JOIN ({pairs}) ON text = {column.name} {among}"
        )
    condition = (
        f"id IN (WITH candidate AS MATERIALIZED (SELECT id FROM declaration WHERE {narrowed}) "
        f"SELECT id FROM ({' UNION ALL '.join(found)}) GROUP BY id HAVING count(DISTINCT word) = ?)"
    )
    return condition, [*parameters, len(words)]


def _without_implied(words: Sequence[str]) -> list[str]:
    """The words that are in no longer one: a text that has the longer one has the others too. Longest first.

    No more of the rest fit into a text than it has characters, so rows have few pairs.
    """
    text = "\n".join(words)
    kept: list[str] = []
    start = 0
    for word in words:
        if text.find(word) == start:
            kept.append(word)
        start += len(word) + 1
    return kept


def _pairs(column: SearchedColumn, among: str, words: Sequence[str]) -> Sql:
    """A query for each text of the column with each word that it has. `among` limits the rows."""
    texts = f"SELECT DISTINCT {column.name} AS text FROM {column.table} {among}"
    starts = "1" if column.prefix else "unnest(range(1, length(text) - size + 2))"
    pairs = (
        f"WITH searched AS MATERIALIZED ({texts}), word AS MATERIALIZED (SELECT unnest(?::VARCHAR[]) AS word) "
        "SELECT DISTINCT text, word FROM ("
        f"SELECT text, substring(text, {starts}, size) AS part "
        "FROM searched, (SELECT unnest(?::INTEGER[]) AS size) "
        f"WHERE size <= length(text) AND length(text) <= {_LONG_TEXT}"
        ") JOIN word ON word = part "
        f"UNION ALL SELECT text, word FROM searched JOIN word ON {'starts_with' if column.prefix else 'contains'}"
        f"(text, word) WHERE length(text) > {_LONG_TEXT}"
    )
    return pairs, [list(words), sorted({len(word) for word in words})]
