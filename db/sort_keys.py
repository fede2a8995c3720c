# ruff: noqa: S608 - statements are composed of our own names of columns; values are parameters
"""Keys that sort Chinese text by pinyin, as a Chinese dictionary does.

DuckDB's own Chinese collation knows one reading of each character. In names that is often the wrong one: it sorts 长沙
under `zhang`. So every text is written with a key from this module, and DuckDB compares the keys byte by byte. pypinyin
chooses the reading that fits the word.

The order is: blanks, punctuation, digits, Chinese characters, other letters. Characters are compared one by one: first
the syllable, then the tone, then the code point. Case, width and accents count only between texts that are otherwise
equal.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import duckdb

from db.json_rows import rows_to_json, select_from_json
from db.search import folded, replace_surrogates

SORT_COLUMNS: Final = {
    "exit_customs": "port_sort",
    "transfer_state": "state_sort",
    "destination_country": "country_sort",
    "consignor_name": "consignor_sort",
    "trade_mode": "trade_sort",
    "goods": "goods_sort",
}
"""The columns of `declaration` that are sorted by pinyin, and those that hold their keys.

The names are those of the caches that exist.
"""

_BATCH: Final = 50_000
"""Rows that get their keys in one transaction, which keeps the memory of engine and Python within their limits."""

_USUAL_READING: Final = {"长": "常", "厦": "夏"}
"""How to read a character outside the words that pypinyin knows, shown by another character: cháng and xià.

pypinyin reads them zhǎng and shà, but they are mostly parts of names: 长白海关, 厦高崎办.
"""

_DICTIONARY_READING: Final = {"一": "yi1", "不": "bu4"}
"""Characters whose tone depends on the next one. Dictionaries sort all their words under this tone."""

_SYLLABLE = re.compile("([a-z]+)([1-5])")


@functools.lru_cache(maxsize=4096)
def sort_key(text: str) -> str:
    """The key of `text`: ordering texts by pinyin is ordering their keys by code point.

    Different texts have different keys. The key of "" is "".
    """
    plain = _without_accents(folded(text))
    key = "".join(map(_element, plain, _readings(plain)))
    stored = replace_surrogates(text)
    return key if plain == stored else f"{key}\0{stored}"


def fill_sort_keys(cursor: duckdb.DuckDBPyConnection, after: int = 0) -> int | None:
    """Adds the keys of the next rows that have none, because an older program wrote them.

    Looks at ids greater than `after`. Returns the last id of the batch, to continue with, or None if all rows have
    keys. A million rows take about seven seconds of processor time. The cursor is in a transaction.
    """
    ((first, last),) = cursor.execute(_FIRST_AND_LAST_WITHOUT_KEYS, [after, _BATCH]).fetchall()
    if first is None:
        return None
    for column, sort_column in SORT_COLUMNS.items():
        texts = cursor.execute(f"SELECT DISTINCT {column} FROM declaration WHERE id BETWEEN ? AND ?", [first, last])
        keys = [{"text": text, "key": sort_key(text)} for (text,) in texts.fetchall()]
        cursor.execute(
            f"UPDATE declaration SET {sort_column} = new.key FROM ({_KEYS}) AS new "
            f"WHERE new.text = {column} AND id BETWEEN $first AND $last",
            {"rows": rows_to_json(keys), "first": first, "last": last},
        )
    return int(last)


def syllables(text: str) -> str:
    """The pinyin of a folded text without tones and blanks between; what has no pinyin is left as it is."""
    return "".join(
        syllable[1] if (syllable := _SYLLABLE.fullmatch(reading)) else reading for reading in _readings(text)
    )


def _without_accents(text: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", text) if not unicodedata.combining(part))


def _element(character: str, reading: str) -> str:
    """The part of a key for one character. No element is the beginning of another one."""
    if syllable := _SYLLABLE.fullmatch(_DICTIONARY_READING.get(character, reading)):
        # pypinyin writes ü as v. Dictionaries put lü between lu and luan: ":" is after the digits, before the letters.
        letters = syllable[1].replace("v", "u") + (":" if "v" in syllable[1] else "")
        return f"{letters}{syllable[2]}{character}"
    if character == " " or (character.isascii() and character.isdigit()):
        return character
    return ("~" if character.isalnum() else "!") + character


def _readings(text: str) -> Iterator[str]:
    """For each character its pinyin with the number of the tone (`chang2`), or itself if it has no pinyin."""
    if text.isascii():
        yield from text
        return
    from db.phrases import seg  # noqa: PLC0415 - see there

    for word in seg.cut(text):
        yield from _readings_of_word(word)


@functools.lru_cache(maxsize=4096)
def _readings_of_word(word: str) -> tuple[str, ...]:
    from db.phrases import Style, lazy_pinyin  # noqa: PLC0415 - see there

    like = _USUAL_READING.get(word, word)
    return tuple(lazy_pinyin(like, style=Style.TONE3, neutral_tone_with_five=True))


_FIRST_AND_LAST_WITHOUT_KEYS = (
    "SELECT min(id), max(id) FROM (SELECT id FROM declaration WHERE port_sort IS NULL AND id > ? ORDER BY id LIMIT ?)"
)
_KEYS = select_from_json({"text": "VARCHAR", "key": "VARCHAR"})
