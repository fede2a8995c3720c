"""Reads declarations from the port's JSON objects; the model names the JSON members.

A member may be absent, null, a text or a number. A value that cannot be read is kept in `unparsed` under the name of
its member, so that nothing that the port sent is lost. Texts are cut at MAX_TEXT_CHARACTERS, and of an object not more
than MAX_UNPARSED such values are kept.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar

from jiacha_tui.declaration.model import HEAD_FIELDS, ITEM_FIELDS, FieldInfo, Head, Item, Kind, Summary
from jiacha_tui.declaration.text_limits import cut_text
from jiacha_tui.declaration.wire_values import (
    UnparsableValue,
    read_date,
    read_datetime,
    read_decimal,
    read_int,
    read_text,
    to_text,
)

_Value = TypeVar("_Value")

_ENTRY_ID = re.compile(r"[0-9]{18}")
_HEAD_MEMBERS_IN_ITEMS = frozenset({"entryId", "seqNo"})
"""Members that every item repeats from its head."""

MAX_UNPARSED = 60
"""A head has 53 known members. More unknown ones than that are no new version of the interface."""

_MAX_NAME_CHARACTERS = 60
_MAX_TOKEN_CHARACTERS = 4_096
_MORE_MEMBERS = "其余成员"

_FEES = ("freight", "insurance", "other")

_READERS: Mapping[type, Callable[[object], object]] = {
    str: read_text,
    int: read_int,
    Decimal: read_decimal,
    date: read_date,
}


class MemberMissing(ValueError):
    """A required member is absent or cannot be read. The argument is its name in the JSON."""


def summary_from_wire(row: Mapping[str, object], kind: Kind, *, transfer_state: str) -> Summary:
    """A row of the list as a Summary. Raises MemberMissing if it has no 报关单号.

    `kind` is the kind that the query asked for, because a row does not contain it. `transfer_state` is the name of
    the member that holds 数据传输状态.
    """
    rest = dict(row)

    def take(read: Callable[[object], _Value | None], name: str) -> _Value | None:
        """The value of a member, or None if it cannot be read. A member that was read is taken out of `rest`."""
        try:
            value = read(row.get(name))
        except UnparsableValue:
            return None
        rest.pop(name, None)
        return value

    entry_id = take(read_text, "entryId") or ""
    if not _ENTRY_ID.fullmatch(entry_id):
        raise MemberMissing("entryId")
    summary = Summary(
        entry_id=entry_id,
        kind=kind,
        exported_on=take(read_date, "iEDate"),
        exit_customs=take(read_text, "iEPort") or "",
        reported_at=take(read_datetime, "dateDec"),
        usd_amount=take(read_decimal, "usdPrices"),
        print_count=take(read_int, "printNum") or 0,
        transfer_state=take(read_text, transfer_state) or "",
        dec_flag=take(read_text, "flagDec") or "",
        container_flag=take(read_text, "flagConta") or "",
        detail_token=take(_read_token, "encryptStr") or "",
    )
    return replace(summary, unparsed=_as_text(rest))


def head_from_wire(members: Mapping[str, object]) -> Head:
    """`cardHeadVo` as a Head. A fee of "0" means that there is no fee (observed)."""
    known, unparsed = _read(HEAD_FIELDS, members)
    fees = {name: known.get(name) or None for name in _FEES}
    return Head(**(known | fees), unparsed=unparsed)


def item_from_wire(members: Mapping[str, object]) -> Item:
    """One object of `cardList[]` as an Item. Raises MemberMissing if it has no 项号."""
    known, unparsed = _read(
        ITEM_FIELDS, {name: members[name] for name in members if name not in _HEAD_MEMBERS_IN_ITEMS}
    )
    number = known.get("number")
    if number is None or number < 1:
        raise MemberMissing("gNo")
    return Item(**known, unparsed=unparsed)


def _read(fields: Sequence[FieldInfo], members: Mapping[str, object]) -> tuple[dict[str, Any], Mapping[str, str]]:
    """The values that could be read, by attribute, and the others as text, by JSON name.

    If a field has several JSON names, the first one with a value wins.
    """
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
    return known, _as_text(rest)


def _as_text(members: Mapping[str, object]) -> Mapping[str, str]:
    """The members that have a value, as text. Of more than MAX_UNPARSED the others are only counted.

    So are those whose names are the same as others once they are cut.
    """
    texts: dict[str, str] = {}
    only_counted = 0
    for name, value in members.items():
        if value in (None, ""):
            continue
        cut_name = cut_text(name, _MAX_NAME_CHARACTERS)
        if cut_name in texts or len(texts) == MAX_UNPARSED:
            only_counted += 1
        else:
            texts[cut_name] = cut_text(to_text(value))
    if only_counted:
        texts[_MORE_MEMBERS] = f"{only_counted} 个，没有收下"
    return MappingProxyType(texts)


def _read_token(value: object) -> str:
    """The token of a row. A cut one would be useless, so a longer one counts as unparsable."""
    if isinstance(value, str) and len(value) > _MAX_TOKEN_CHARACTERS:
        raise UnparsableValue
    return value.strip() if isinstance(value, str) else read_text(value)
