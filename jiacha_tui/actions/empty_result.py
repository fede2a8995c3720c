"""Why a filter finds nothing: what it was understood as, and the nearest filter that finds something."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from db.filter import FilterError, describe_filter, only_days, parse, words_of
from jiacha_tui.actions.session import Session

_MAX_TRIED: Final = 6
"""Filters that are counted at most: each may take a fifth of a second in a cache of a million."""

_MIN_TEXT: Final = 2
"""Characters of the shortest beginning of a word that is tried."""

_DESCRIBED_LENGTH: Final = 2000
"""Characters of a longer filter are not described."""


@dataclass(frozen=True, slots=True)
class EmptyResult:
    """`meaning` says in Chinese what the filter was understood as. `nearest` finds `count` declarations, "" if none."""

    meaning: str
    nearest: str = ""
    count: int = 0


async def explain_empty(session: Session, filter_text: str) -> EmptyResult:
    """Explains a valid filter that finds nothing. A filter of one word less is the nearest, then a shorter word."""
    if len(filter_text) > _DESCRIBED_LENGTH:
        return EmptyResult("")
    return await asyncio.to_thread(_explain, session, filter_text)


def _explain(session: Session, filter_text: str) -> EmptyResult:
    today = session.app_context.clock().date()
    deadlines = session.app_context.config.deadlines.rules
    filter_ = parse(filter_text, today, deadlines)
    meaning = describe_filter(filter_)
    words = words_of(filter_text)
    if len(words) == 1 and (days := only_days(filter_)) is not None:
        month = session.results.nearest_month(days)
        if month is not None:
            nearest = f"{month:%Y-%m}"
            return EmptyResult(meaning, nearest, session.results.count(parse(nearest, today, deadlines)))
    found = EmptyResult(meaning)
    for candidate in _nearer(words):
        try:
            shorter = parse(candidate, today, deadlines)
        except FilterError:  # the beginning of a word may be none: 是:未下 is not a filter
            continue
        count = session.results.count(shorter)
        if count and (not found.count or count < found.count):
            found = EmptyResult(meaning, candidate, count)
            if len(words) == 1:
                break
    return found


def _nearer(words: tuple[str, ...]) -> Iterator[str]:
    """Filters to try: each of a few words left out, the last one first; or the beginnings of a single word."""
    if len(words) > 1:
        for left_out in range(len(words) - 1, max(-1, len(words) - 1 - _MAX_TRIED), -1):
            yield " ".join((*words[:left_out], *words[left_out + 1 :]))
        return
    for word in words:
        field, colon, value = word.rpartition(":")
        if not any(sign in value for sign in '|"<>=.') and not word.startswith("-"):
            step = max(1, len(value) // _MAX_TRIED)
            for length in range(len(value) - step, _MIN_TEXT - 1, -step):
                yield f"{field}{colon}{value[:length]}"
