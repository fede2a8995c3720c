"""Writes declarations as the port would send them: the inverse of `declaration.wire`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from jiacha_tui.declaration.model import HEAD_FIELDS, ITEM_FIELDS, FieldInfo, Head, Item, Summary

TRANSFER_STATE = "opMode"


def summary_to_wire(summary: Summary) -> dict[str, str | int | Decimal]:
    """The row that `summary_from_wire` reads as `summary`. Absent values are left out; amounts are numbers."""
    row: dict[str, str | int | Decimal | None] = {
        "entryId": summary.entry_id,
        "iEDate": _to_text(summary.exported_on),
        "iEPort": summary.exit_customs,
        "dateDec": _to_text(summary.reported_at),
        "usdPrices": summary.usd_amount,
        "printNum": summary.print_count,
        TRANSFER_STATE: summary.transfer_state,
        "flagDec": summary.dec_flag,
        "flagConta": summary.container_flag,
        "encryptStr": summary.detail_token,
    }
    return {name: value for name, value in row.items() if value not in (None, "")}


def head_to_wire(head: Head) -> dict[str, str]:
    """The members that `head_from_wire` reads as `head`. All are texts; absent values are left out."""
    return _write(HEAD_FIELDS, head, head.unparsed)


def item_to_wire(item: Item, head: Head) -> dict[str, str]:
    """The members that `item_from_wire` reads as `item`, and the head members that every item repeats."""
    head_members = {"entryId": head.entry_id, "seqNo": head.unified_no}
    return _write(ITEM_FIELDS, item, item.unparsed) | {name: value for name, value in head_members.items() if value}


def _write(fields: Sequence[FieldInfo], record: Head | Item, unparsed: Mapping[str, str]) -> dict[str, str]:
    members = dict(unparsed)
    for field in fields:
        text = _to_text(getattr(record, field.name))
        if text:
            members[field.wire[0]] = text
    return members


def _to_text(value: object) -> str:
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
