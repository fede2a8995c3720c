"""What a fault changes in a list: its rows while a page is read, the size of its pages, and its members."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from starlette.types import Scope

from jiacha_tui.demo.faults import FaultKind

LIST_FAULT: Final = "jiacha.list-fault"
"""The member of an ASGI scope that tells the fault of the list that the request asks for."""

_Row = TypeVar("_Row")

_MAX_ROWS: Final = {FaultKind.SHORT_PAGES_20: 20, FaultKind.SHORT_PAGES_10: 10}
_DROPPED_EVERY: Final = 5
_TOO_MANY: Final = 7


def list_fault(scope: Scope) -> FaultKind | None:
    """The fault that the list of this request has."""
    kind: FaultKind | None = scope.get(LIST_FAULT)
    return kind


def remaining_rows(kind: FaultKind | None, rows: Sequence[_Row], page: int) -> Sequence[_Row]:
    """Those of all `rows` of a list that are in it while its `page` (from 1) is read."""
    if (kind is FaultKind.ROW_COMES and page == 1) or (kind is FaultKind.ROW_GOES and page > 1):
        return rows[1:]
    if kind is FaultKind.DROPPED_ROWS:
        return [row for index, row in enumerate(rows) if index % _DROPPED_EVERY]
    return rows


def rows_per_page(kind: FaultKind | None, wanted: int) -> int:
    """How many rows a page has if `wanted` are asked for."""
    return min(wanted, _MAX_ROWS.get(kind, wanted)) if kind else wanted


def spoil_page(kind: FaultKind | None, members: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a page (`total`, `code`, `rows`) as the fault writes them."""
    page = dict(members)
    rows = list(page["rows"])
    match kind:
        case FaultKind.TOTAL_ABSENT:
            del page["total"]
        case FaultKind.TOTAL_NULL:
            page["total"] = None
        case FaultKind.TOTAL_TEXT:
            page["total"] = str(page["total"])
        case FaultKind.TOTAL_HIGH:
            page["total"] += _TOO_MANY
        case FaultKind.TOTAL_LOW:
            page["total"] = len(rows)
        case FaultKind.ROWS_NULL:
            page["rows"] = None
        case FaultKind.BAD_ROW if rows:
            page["rows"] = [{**rows[0], "entryId": rows[0]["entryId"][:-1]}, *rows[1:]]
        case FaultKind.ROW_TWICE:
            page["rows"] = [*rows[:1], *rows]
    return page
