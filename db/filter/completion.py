"""What can stand at a place of a filter: names of fields, status words, and the values of a field."""

from dataclasses import dataclass
from typing import Final

from db.filter.conditions import TextColumn
from db.filter.fields import field_named, fixed_values, key_names, plain_words
from db.filter.parse import half_width, name_of_field
from db.filter.values import FilterError

VALUE_COLUMNS: Final = {
    TextColumn.CONSIGNOR: "consignor_name",
    TextColumn.COUNTRY: "destination_country",
    TextColumn.EXIT_CUSTOMS: "exit_customs",
    TextColumn.TRADE: "trade_mode",
    TextColumn.STATE: "transfer_state",
}
"""The columns whose values are offered, by the text that is searched: those with few different ones."""

_FIELD_COLUMNS: Final = {
    "商": TextColumn.CONSIGNOR,
    "国": TextColumn.COUNTRY,
    "口岸": TextColumn.EXIT_CUSTOMS,
    "监管": TextColumn.TRADE,
    "状态": TextColumn.STATE,
}


@dataclass(frozen=True, slots=True)
class CompletionPlace:
    """The part of a filter from `start` to the cursor, which is to be completed.

    `words` are what it can become; `column` is the text whose values it can become, None if there are none to offer.
    """

    start: int
    typed: str
    words: tuple[str, ...]
    column: TextColumn | None = None


def completion_place(text: str, cursor: int) -> CompletionPlace:
    """The place at `cursor`. In quotes, and behind a field without a list of values, nothing is offered."""
    before = half_width(text[:cursor])
    start = max(before.rfind(sign) for sign in (" ", "\t", "\u3000")) + 1
    start += before.startswith("-", start)
    field = name_of_field(before, start)
    if field is None:
        start = max(start, before.rfind("|") + 1)
        typed = before[start:]
        names = (*key_names(), *plain_words())
        return CompletionPlace(start, typed, tuple(name for name in names if name.startswith(typed)))
    start = max(start + len(field) + 1, before.rfind("|") + 1)
    typed = before[start:]
    try:
        name = field_named(field, start).names[0]
    except FilterError:
        return CompletionPlace(start, typed, ())
    words = tuple(value for value in fixed_values(name) if value.startswith(typed))
    return CompletionPlace(start, typed, words, _FIELD_COLUMNS.get(name))
