"""Lists of 报关单号 as people paste them: a column of a table, a line of a message, numbers of items among them."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from jiacha_tui.declaration.entry_number import ENTRY_ID_LENGTH

ITEM_NUMBER_LENGTH: Final = 21
"""The number of an item in the refund filing: the 报关单号, `0`, and the item number with two digits (docs/port.md)."""

_NUMBER: Final = re.compile(r"[0-9]{18}(?:0(?!00)[0-9]{2})?")
_SEPARATORS: Final = re.compile(r"[\s,、;|]+")
# Spreadsheets put an apostrophe before a number that is text. Copying adds direction marks and quotation marks.
_AROUND: Final = "'\"`‘’“”\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"


@dataclass(frozen=True, slots=True)
class NumberList:
    """The numbers of a text, each once and in its order, with 18 digits or with the 21 of an item.

    `repeated` counts those that were there before, `others` has the texts between that are no full number.
    """

    numbers: tuple[str, ...]
    repeated: int = 0
    others: tuple[str, ...] = ()


def read_number_list(text: str) -> NumberList:
    """The numbers in `text`, which blanks, tabs, line breaks, commas, 、, semicolons or bars separate.

    Full-width characters count as half-width ones.
    """
    numbers: dict[str, None] = {}
    others: list[str] = []
    found = 0
    for part in _SEPARATORS.split(unicodedata.normalize("NFKC", text)):
        if not (plain := part.strip(_AROUND)):
            continue
        if is_full_number(plain):
            found += 1
            numbers[plain] = None
        else:
            others.append(plain)
    return NumberList(tuple(numbers), found - len(numbers), tuple(others))


def is_full_number(text: str) -> bool:
    """Whether `text` is a whole 报关单号 or the whole number of an item."""
    return _NUMBER.fullmatch(text) is not None


def entry_ids_of(numbers: Iterable[str]) -> tuple[str, ...]:
    """The 报关单号 of the numbers, each once."""
    return tuple(dict.fromkeys(number[:ENTRY_ID_LENGTH] for number in numbers))


def items_of(numbers: Iterable[str]) -> dict[str, int]:
    """The item number of each 报关单号 that is given with one. The first one counts."""
    items: dict[str, int] = {}
    for number in numbers:
        if len(number) == ITEM_NUMBER_LENGTH:
            items.setdefault(number[:ENTRY_ID_LENGTH], int(number[ENTRY_ID_LENGTH:]))
    return items
