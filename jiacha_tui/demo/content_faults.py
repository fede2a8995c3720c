"""What a fault changes in a list (its rows while a page is read, the size of its pages, its members) or a detail."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from starlette.types import Scope

from jiacha_tui.demo.faults import FaultKind

CONTENT_FAULT: Final = "jiacha.content-fault"
"""The member of an ASGI scope that tells the fault of the list or the detail that the request asks for."""

_Row = TypeVar("_Row")

_MAX_ROWS: Final = {FaultKind.SHORT_PAGES_20: 20, FaultKind.SHORT_PAGES_10: 10}
_DROPPED_EVERY: Final = 5
_TOO_MANY: Final = 7
_MANY_ROWS: Final = 100_000
_MANY_ITEMS: Final = 10_000
_LONG_TEXT: Final = 1_000_000
_LONG_ITEMS: Final = 3
"""More such items exceed the limit of a response: 3 MB each, and a third more in the envelope."""


def content_fault(scope: Scope) -> FaultKind | None:
    """The fault that the list or the detail of this request has."""
    kind: FaultKind | None = scope.get(CONTENT_FAULT)
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
        case FaultKind.MANY_ROWS if rows:
            page["rows"] = [{**rows[0], "entryId": f"{number:018}"} for number in range(_MANY_ROWS)]
            page["total"] = _MANY_ROWS
    return page


def spoil_detail(kind: FaultKind | None, members: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a detail (`cardHeadVo`, `cardList`) as the fault writes them."""
    detail = dict(members)
    items = list(detail["cardList"])
    match kind:
        case FaultKind.MANY_ITEMS if items:
            detail["cardList"] = [{**items[0], "gNo": str(number)} for number in range(1, _MANY_ITEMS + 1)]
        case FaultKind.LONG_TEXTS:
            detail["cardList"] = [{**item, "gName": item["gName"][:1] * _LONG_TEXT} for item in items[:_LONG_ITEMS]]
    return detail
