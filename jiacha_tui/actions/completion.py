"""Completes what is being typed into the filter."""

import asyncio
from dataclasses import dataclass
from typing import Final

from db.filter import VALUE_COLUMNS, completion_place
from jiacha_tui.actions.session import Session

MAX_OFFERED: Final = 9
"""The values that are offered, those of the most declarations first."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What can stand there, and how many declarations of the cache have it; None for a word without a count."""

    text: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """The candidates for the part of the filter from `start` to `end`."""

    start: int
    end: int
    candidates: tuple[Candidate, ...]


async def complete_filter(session: Session, text: str, cursor: int) -> Completion:
    """What the word before `cursor` can become: names of fields, words, or the values of its field with counts."""
    place = completion_place(text, cursor)
    candidates = [Candidate(word) for word in place.words]
    if place.column is not None:
        values = await asyncio.to_thread(
            session.results.values, place.column, VALUE_COLUMNS[place.column], place.typed, MAX_OFFERED
        )
        candidates += [Candidate(_quoted(value), count) for value, count in values]
    return Completion(place.start, cursor, tuple(candidates[: max(MAX_OFFERED, len(place.words))]))


def _quoted(value: str) -> str:
    """The value as it has to be written in a filter."""
    return f'"{value}"' if any(sign.isspace() or sign in '|"' for sign in value) else value
