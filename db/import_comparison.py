"""Whether a declaration from an imported file agrees with the one in the cache, on what both of them tell.

A file carries a part of what the port does, with names where the port has names of its own making: a field counts only
where both have something in it, and texts are compared folded.
"""

from collections.abc import Iterable
from typing import Any

from db.search import folded
from jiacha_tui.declaration.model import HEAD_FIELDS, ITEM_FIELDS, Declaration, Item

_SUMMARY_FIELDS = ("exported_on", "exit_customs", "usd_amount", "reported_at", "transfer_state")
"""Without `kind` and `print_count`, which have a value where nothing is known."""

_HEAD_FIELDS = tuple(info.name for info in HEAD_FIELDS)
_ITEM_FIELDS = tuple(info.name for info in ITEM_FIELDS)


def agrees(cached: Declaration, imported: Declaration) -> bool:
    """Whether nothing that both declarations tell differs."""
    if not _agree(cached.summary, imported.summary, _SUMMARY_FIELDS):
        return False
    if cached.head is None or imported.head is None:
        return True
    return _agree(cached.head, imported.head, _HEAD_FIELDS) and _items_agree(cached.items, imported.items)


def _items_agree(ours: tuple[Item, ...], theirs: tuple[Item, ...]) -> bool:
    if not ours or not theirs:
        return True
    if sorted(item.number for item in ours) != sorted(item.number for item in theirs):
        return False
    by_number = {item.number: item for item in ours}
    return all(_agree(by_number[item.number], item, _ITEM_FIELDS) for item in theirs)


def _agree(ours: object, theirs: object, names: Iterable[str]) -> bool:
    return all(_same(getattr(ours, name), getattr(theirs, name)) for name in names)


def _same(ours: Any, theirs: Any) -> bool:
    if ours in (None, "") or theirs in (None, ""):
        return True
    if isinstance(ours, str):
        return folded(ours) == folded(theirs)
    return bool(ours == theirs)
