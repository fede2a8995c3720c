"""报关单详情 (manual 2.1.5): one declaration whole, from the cache, fetched first where it is missing."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from jiacha_tui.actions.problems import NotCached
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.formatting import format_money, format_text, format_value
from jiacha_tui.declaration.hints import hints
from jiacha_tui.declaration.journal import JournalEntry
from jiacha_tui.declaration.model import HEAD_FIELDS, ITEM_FIELDS, Declaration, FieldGroup, FieldInfo, Head, Item
from jiacha_tui.declaration.problem import Problem

JOURNAL_ENTRIES = 20


@dataclass(frozen=True, slots=True)
class LabelledValue:
    """A field's official name and its value as shown."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class CurrencyTotal:
    """What the items of one currency add up to."""

    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class DetailView:
    """A declaration with everything a screen says about it.

    `missing` tells why head and items are not there, or older than what the list says: offline, or what the port
    answered; None when they are.
    """

    declaration: Declaration
    missing: Problem | None
    hints: tuple[str, ...]
    groups: tuple[tuple[FieldGroup, tuple[LabelledValue, ...]], ...]
    totals: tuple[CurrencyTotal, ...]
    journal: tuple[JournalEntry, ...]


async def load_declaration(session: Session, entry_id: str) -> Declaration:
    """The declaration with head and items, the port's newest where it can be asked.

    Raises `NotCached`, `NotOnline` or what the port answered.
    """
    cached = await asyncio.to_thread(session.declarations.get, entry_id)
    if cached is None:
        raise NotCached(entry_id)
    due = await asyncio.to_thread(session.declarations.details_due, [entry_id])
    if cached.head is not None and (not due or not session.online):
        return cached
    fetched = await session.call_port(lambda port: port.detail(cached.summary))
    await asyncio.to_thread(session.declarations.put_details, [fetched])
    return fetched


async def load_declarations(session: Session, entry_ids: Iterable[str]) -> tuple[Declaration, ...]:
    """Each of `entry_ids` whole, in order. Raises as `open_declaration` does for the first that fails."""
    return tuple([await load_declaration(session, entry_id) for entry_id in entry_ids])


async def detail_view(session: Session, entry_id: str) -> DetailView:
    """What the detail screen shows; where the detail cannot be had, what the list said. Raises `NotCached`."""
    missing: Problem | None = None
    try:
        declaration = await load_declaration(session, entry_id)
    except NotCached:
        raise
    except Problem as problem:
        missing = problem
        cached = await asyncio.to_thread(session.declarations.get, entry_id)
        if cached is None:
            raise NotCached(entry_id) from problem
        declaration = cached
    journal = await asyncio.to_thread(session.journal.recent, JOURNAL_ENTRIES, entry_id)
    return DetailView(
        declaration,
        missing,
        hints(declaration),
        head_groups(declaration.head) if declaration.head else (),
        currency_totals(declaration.items),
        tuple(journal),
    )


def head_groups(head: Head) -> tuple[tuple[FieldGroup, tuple[LabelledValue, ...]], ...]:
    """All fields of the wire in their groups, with what was sent but not understood at the end of the last."""
    groups: dict[FieldGroup, list[LabelledValue]] = {group: [] for group in FieldGroup}
    for info in HEAD_FIELDS:
        if info.group is not None:
            groups[info.group].append(LabelledValue(info.label, format_value(getattr(head, info.name))))
    groups[FieldGroup.DOCUMENTS].extend(
        LabelledValue(f"未识别 {name}", format_text(value)) for name, value in head.unparsed.items()
    )
    return tuple((group, tuple(fields)) for group, fields in groups.items())


def item_fields(item: Item) -> tuple[LabelledValue, ...]:
    """All fields of one item, as `head_groups` gives those of a head."""
    fields = [LabelledValue(info.label, _item_text(item, info)) for info in ITEM_FIELDS]
    fields.extend(LabelledValue(f"未识别 {name}", format_text(value)) for name, value in item.unparsed.items())
    return tuple(fields)


def currency_totals(items: Iterable[Item]) -> tuple[CurrencyTotal, ...]:
    """总价 by 币制, in the order the currencies appear; items without a total count as nothing."""
    sums: dict[str, Decimal] = {}
    for item in items:
        if item.total is not None:
            sums[item.currency] = sums.get(item.currency, Decimal(0)) + item.total
    return tuple(CurrencyTotal(currency, amount) for currency, amount in sums.items())


def _item_text(item: Item, info: FieldInfo) -> str:
    value = getattr(item, info.name)
    return format_money(value) if info.is_money else format_value(value)
