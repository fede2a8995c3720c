"""Compares a declaration from an imported file with the one in the cache.

A file has only a part of the port's fields, and its texts may differ in width, case and blanks. So a field is compared
only if it has a value on both sides, and texts are compared folded (`db.search`).
"""

from collections.abc import Iterable
from typing import Any

from db.search import folded
from jiacha_tui.declaration.model import HEAD_FIELDS, ITEM_FIELDS, Declaration, Item

_SUMMARY_FIELDS = ("exported_on", "exit_customs", "usd_amount", "reported_at", "transfer_state")
"""Without `kind` and `print_count`, which always have a value, even if a file says nothing of them."""

_HEAD_FIELDS = tuple(info.name for info in HEAD_FIELDS)
_ITEM_FIELDS = tuple(info.name for info in ITEM_FIELDS)


def agrees(cached: Declaration, imported: Declaration) -> bool:
    """Whether all fields that have a value in both declarations are equal. Items are matched by number."""
    if not _agree(cached.summary, imported.summary, _SUMMARY_FIELDS):
        return False
    if cached.head is None or imported.head is None:
        return True
    return _agree(cached.head, imported.head, _HEAD_FIELDS) and _items_agree(cached.items, imported.items)


def _items_agree(cached: tuple[Item, ...], imported: tuple[Item, ...]) -> bool:
    if not cached or not imported:
        return True
    if sorted(item.number for item in cached) != sorted(item.number for item in imported):
        return False
    by_number = {item.number: item for item in cached}
    return all(_agree(by_number[item.number], item, _ITEM_FIELDS) for item in imported)


def _agree(cached: object, imported: object, names: Iterable[str]) -> bool:
    return all(_values_agree(getattr(cached, name), getattr(imported, name)) for name in names)


def _values_agree(cached: Any, imported: Any) -> bool:
    if cached in (None, "") or imported in (None, ""):
        return True
    if isinstance(cached, str):
        return folded(cached) == folded(imported)
    return bool(cached == imported)
