"""The filters that the operator has given a name, and the history of used ones. Both are in the cache."""

import asyncio

from db.saved_filters import MAX_HISTORY, SavedFilter
from jiacha_tui.actions.problems import FilterNameMissing
from jiacha_tui.actions.session import Session

__all__ = [
    "MAX_HISTORY",
    "SavedFilter",
    "delete_filter",
    "filter_history",
    "remember_filter",
    "rename_filter",
    "save_filter",
    "saved_filters",
]

MAX_NAME_LENGTH = 40
"""Characters in the name of a filter."""


async def saved_filters(session: Session) -> tuple[SavedFilter, ...]:
    """The named filters, the one that was saved last first."""
    return await asyncio.to_thread(session.saved_filters.all)


async def save_filter(session: Session, name: str, text: str) -> None:
    """Saves a filter under a name, in the place of one that had it. Raises FilterNameMissing."""
    await asyncio.to_thread(session.saved_filters.save, _checked(name), text)


async def rename_filter(session: Session, name: str, new_name: str) -> None:
    """Gives a filter another name, in the place of one that had it. Raises FilterNameMissing."""
    await asyncio.to_thread(session.saved_filters.rename, name, _checked(new_name))


async def delete_filter(session: Session, name: str) -> None:
    """Deletes a named filter."""
    await asyncio.to_thread(session.saved_filters.delete, name)


async def filter_history(session: Session) -> tuple[str, ...]:
    """The filters that were used last, the newest at the end."""
    return await asyncio.to_thread(session.saved_filters.history)


async def remember_filter(session: Session, text: str) -> None:
    """Notes in the history that a filter was used."""
    await asyncio.to_thread(session.saved_filters.remember, text)


def _checked(name: str) -> str:
    if not (plain := " ".join(name.split())):
        raise FilterNameMissing
    return plain[:MAX_NAME_LENGTH]
