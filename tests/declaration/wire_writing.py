"""Declarations as JSON members that `declaration.wire` reads back as they were: what the port would have sent."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from jiacha_tui.declaration.model import HEAD_FIELDS, ITEM_FIELDS, FieldInfo, Head, Item, Summary

TRANSFER_STATE = "opMode"


def summary_to_wire(summary: Summary) -> dict[str, str | int | Decimal]:
    """The row that `summary_from_wire` reads as `summary`; absent values are left out, amounts are numbers."""
    row: dict[str, str | int | Decimal | None] = {
        "entryId": summary.entry_id,
        "iEDate": _written(summary.exported_on),
        "iEPort": summary.exit_customs,
        "dateDec": _written(summary.reported_at),
        "usdPrices": summary.usd_amount,
        "printNum": summary.print_count,
        TRANSFER_STATE: summary.transfer_state,
        "flagDec": summary.dec_flag,
        "flagConta": summary.container_flag,
        "encryptStr": summary.detail_token,
    }
    return {name: value for name, value in row.items() if value not in (None, "")}


def head_to_wire(head: Head) -> dict[str, str]:
    """The members that `head_from_wire` reads as `head`: texts all, absent values left out."""
    return _write(HEAD_FIELDS, head, head.unparsed)


def item_to_wire(item: Item, head: Head) -> dict[str, str]:
    """The members that `item_from_wire` reads as `item`, with those of its head that every item repeats."""
    of_head = {"entryId": head.entry_id, "seqNo": head.unified_no}
    return _write(ITEM_FIELDS, item, item.unparsed) | {name: value for name, value in of_head.items() if value}


def _write(fields: Sequence[FieldInfo], holder: Head | Item, unparsed: Mapping[str, str]) -> dict[str, str]:
    members = dict(unparsed)
    for field in fields:
        text = _written(getattr(holder, field.name))
        if text:
            members[field.wire[0]] = text
    return members


def _written(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case date():
            return f"{value:%Y%m%d}"
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)
