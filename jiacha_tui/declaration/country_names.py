"""Countries by their ISO codes and English names, as a clerk may type them (sources: tables/SOURCES.md)."""

import csv
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final

_FIRST_WORD: Final = re.compile(r"[^\W\d_]+\b")


@dataclass(frozen=True, slots=True)
class _Countries:
    by_name: Mapping[str, tuple[str, ...]]
    by_alpha2: Mapping[str, tuple[str, ...]]
    names_by_first_word: Mapping[str, tuple[str, ...]]


def countries_called(text: str) -> tuple[str, ...]:
    """The Chinese names, present and former, of the country that `text` means; empty if it means none.

    It may be an English name or an ISO code of three letters, in any case, or one of two letters in capitals: two small
    letters are rather initials of pinyin.
    """
    countries = _load()
    return countries.by_alpha2.get(text) or countries.by_name.get(text.casefold(), ())


def name_with_blanks_at(text: str, position: int) -> int:
    """The length of the English name with blanks that begins at `position` of `text`; 0 if none does."""
    first = _FIRST_WORD.match(text, position)
    names = _load().names_by_first_word.get(first[0].casefold(), ()) if first else ()
    for name in names:
        end = position + len(name)
        if text[position:end].casefold() == name and (end == len(text) or text[end].isspace() or text[end] == "|"):
            return len(name)
    return 0


@functools.cache
def _load() -> _Countries:
    file = resources.files("jiacha_tui.declaration").joinpath("tables", "country.csv")
    by_name: dict[str, tuple[str, ...]] = {}
    by_alpha2: dict[str, tuple[str, ...]] = {}
    with_blanks: dict[str, list[str]] = {}
    for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
        if not row["alpha2"]:
            continue
        chinese = tuple(filter(None, (row["name"], row["former_name"])))
        by_alpha2[row["alpha2"]] = chinese
        for name in (row["code"], *row["english"].split("|")):
            folded = name.casefold()
            by_name[folded] = chinese
            if " " in folded:
                with_blanks.setdefault(folded.split(" ")[0], []).append(folded)
    longest_first = {word: tuple(sorted(names, key=len, reverse=True)) for word, names in with_blanks.items()}
    return _Countries(by_name, by_alpha2, longest_first)
