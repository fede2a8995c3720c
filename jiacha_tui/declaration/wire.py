"""Declarations read from the port's JSON members, by the wire names in the model.

Members may be absent, null, a text or a number. What is there but not understood is kept in `unparsed` by its wire
name, so that nothing the port said is lost.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar

from jiacha_tui.declaration.model import HEAD_FIELDS, ITEM_FIELDS, FieldInfo, Head, Item, Kind, Summary
from jiacha_tui.declaration.wire_values import (
    UnparsableValue,
    as_text,
    read_day,
    read_decimal,
    read_moment,
    read_text,
    read_whole,
)

_Value = TypeVar("_Value")

_ENTRY_ID = re.compile(r"[0-9]{18}")
_MEMBERS_OF_THE_HEAD = frozenset({"entryId", "seqNo"})
"""Repeated in every item with the values of its head."""

_FEES = ("freight", "insurance", "other")

_READERS: Mapping[type, Callable[[object], object]] = {
    str: read_text,
    int: read_whole,
    Decimal: read_decimal,
    date: read_day,
}


class MemberMissing(ValueError):
    """A member without which the rest means nothing is absent or not understood; the argument is its wire name."""


def summary_from_wire(row: Mapping[str, object], kind: Kind, *, transfer_state: str) -> Summary:
    """A row of the list. Raises MemberMissing without a 报关单号.

    `kind` is what was asked for, as a row does not tell; `transfer_state` names the member that is 数据传输状态.
    """
    entry_id = _or_absent(read_text, row.get("entryId")) or ""
    if not _ENTRY_ID.fullmatch(entry_id):
        raise MemberMissing("entryId")
    return Summary(
        entry_id=entry_id,
        kind=kind,
        exported_on=_or_absent(read_day, row.get("iEDate")),
        exit_customs=_or_absent(read_text, row.get("iEPort")) or "",
        reported_at=_or_absent(read_moment, row.get("dateDec")),
        usd_amount=_or_absent(read_decimal, row.get("usdPrices")),
        print_count=_or_absent(read_whole, row.get("printNum")) or 0,
        transfer_state=_or_absent(read_text, row.get(transfer_state)) or "",
        dec_flag=_or_absent(read_text, row.get("flagDec")) or "",
        container_flag=_or_absent(read_text, row.get("flagConta")) or "",
        detail_token=_or_absent(read_text, row.get("encryptStr")) or "",
    )


def head_from_wire(members: Mapping[str, object]) -> Head:
    """`cardHeadVo`. A fee of "0" means that there is none (observed)."""
    known, unparsed = _read(HEAD_FIELDS, members)
    fees = {name: known.get(name) or None for name in _FEES}
    return Head(**(known | fees), unparsed=unparsed)


def item_from_wire(members: Mapping[str, object]) -> Item:
    """One of `cardList[]`. Raises MemberMissing without a 项号."""
    known, unparsed = _read(ITEM_FIELDS, {name: members[name] for name in members if name not in _MEMBERS_OF_THE_HEAD})
    number = known.get("number")
    if number is None or number < 1:
        raise MemberMissing("gNo")
    return Item(**known, unparsed=unparsed)


def _read(fields: Sequence[FieldInfo], members: Mapping[str, object]) -> tuple[dict[str, Any], Mapping[str, str]]:
    """What was understood, by attribute, and what was not, by wire name. Of several names the first filled one wins."""
    known: dict[str, Any] = {}
    rest = dict(members)
    for field in fields:
        for name in field.wire:
            try:
                value = _READERS[field.type](rest.get(name))
            except UnparsableValue:
                continue
            if field.name not in known or known[field.name] in (None, "", value):
                known[field.name] = value
                rest.pop(name, None)
    unparsed = {name: as_text(value) for name, value in rest.items() if value not in (None, "")}
    return known, MappingProxyType(unparsed)


def _or_absent(read: Callable[[object], _Value | None], value: object) -> _Value | None:
    """A row has no room for what is not understood: the detail says it again."""
    try:
        return read(value)
    except UnparsableValue:
        return None
