"""报关单详情 (manual 2.1.5): one complete declaration, from the cache or, if it is missing there, from the port."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from db.detail_failures import DetailFailure
from jiacha_tui.actions.problems import NoLongerListed, NotCached
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.exact import EXACT
from jiacha_tui.declaration.formatting import format_money, format_text, format_value
from jiacha_tui.declaration.hints import hints
from jiacha_tui.declaration.journal import JournalEntry
from jiacha_tui.declaration.model import (
    HEAD_FIELDS,
    ITEM_FIELDS,
    ITEMS_LEFT_OUT,
    Declaration,
    FieldGroup,
    FieldInfo,
    Head,
    Item,
    Summary,
)
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.eport.problems import PortProblem

JOURNAL_ENTRIES = 20
"""How many of the newest journal entries of a declaration are shown with it."""


@dataclass(frozen=True, slots=True)
class LabelledValue:
    """A field's official name and its value as text for the screen."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class CurrencyTotal:
    """The sum of the items in one currency."""

    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class DetailView:
    """A declaration with everything that the detail screen shows.

    `missing` is None if head and items are complete and current. Otherwise it is the reason why they are missing or
    older than the list: the session is offline, or the problem that the port reported. `failure` is why the last
    attempt to fetch them failed, at whatever time that was; None if they are current.
    """

    declaration: Declaration
    missing: Problem | None
    hints: tuple[str, ...]
    groups: tuple[tuple[FieldGroup, tuple[LabelledValue, ...]], ...]
    totals: tuple[CurrencyTotal, ...]
    journal: tuple[JournalEntry, ...]
    failure: DetailFailure | None = None


async def cached_declaration(session: Session, entry_id: str) -> Declaration | None:
    """The declaration with as much as is cached, without asking the port; None if the cache does not hold it."""
    return await asyncio.to_thread(session.declarations.get, entry_id)


async def load_declaration(session: Session, entry_id: str) -> Declaration:
    """The declaration with head and items. They are fetched from the port if the cache lacks them or has older ones.

    Offline, older ones are returned as they are, and so are those of a declaration that the port no longer lists.
    Raises NotCached; if the cache lacks them NotOnline or NoLongerListed; and the problem of the port.
    """
    cached = await cached_declaration(session, entry_id)
    if cached is None:
        raise NotCached(entry_id)
    due = await asyncio.to_thread(session.declarations.details_due, [entry_id])
    if cached.head is not None and (not due or not session.online):
        return cached
    if cached.delisted_at is not None:
        raise NoLongerListed(entry_id)
    try:
        fetched = await session.call_port(lambda port: port.detail(cached.summary))
    except PortProblem as problem:
        await asyncio.to_thread(session.detail_failures.record, entry_id, problem)
        raise
    await asyncio.to_thread(session.declarations.put_details, [fetched])
    return await cached_declaration(session, entry_id) or fetched


async def load_declarations(session: Session, entry_ids: Iterable[str]) -> tuple[Declaration, ...]:
    """The declarations `entry_ids` with head and items, in this order. Raises as `load_declaration`."""
    return tuple([await load_declaration(session, entry_id) for entry_id in entry_ids])


async def detail_view(session: Session, entry_id: str) -> DetailView:
    """What the detail screen shows. If head and items cannot be fetched, it has what is cached. Raises NotCached."""
    missing: Problem | None = None
    try:
        declaration = await load_declaration(session, entry_id)
    except NotCached:
        raise
    except Problem as problem:
        missing = problem
        cached = await cached_declaration(session, entry_id)
        if cached is None:
            raise NotCached(entry_id) from problem
        declaration = cached
    journal = await asyncio.to_thread(session.journal.recent, JOURNAL_ENTRIES, entry_id)
    return DetailView(
        declaration,
        missing,
        hints(declaration),
        head_groups(declaration.head, declaration.summary) if declaration.head else (),
        currency_totals(declaration.items),
        tuple(journal),
        await asyncio.to_thread(session.detail_failures.get, entry_id),
    )


def head_groups(head: Head, summary: Summary) -> tuple[tuple[FieldGroup, tuple[LabelledValue, ...]], ...]:
    """All fields of the head by group, in official order.

    Unparsed fields of the head, and then those of the row in the list, are at the end of the last group.
    """
    groups: dict[FieldGroup, list[LabelledValue]] = {group: [] for group in FieldGroup}
    for info in HEAD_FIELDS:
        if info.group is not None:
            groups[info.group].append(LabelledValue(info.label, format_value(getattr(head, info.name))))
    groups[FieldGroup.DOCUMENTS].extend(
        LabelledValue(name if name == ITEMS_LEFT_OUT else f"未识别 {name}", format_text(value))
        for name, value in head.unparsed.items()
    )
    groups[FieldGroup.DOCUMENTS].extend(
        LabelledValue(f"未识别 {name}（清单）", format_text(value)) for name, value in summary.unparsed.items()
    )
    return tuple((group, tuple(fields)) for group, fields in groups.items())


def item_fields(item: Item) -> tuple[LabelledValue, ...]:
    """All fields of one item in official order, unparsed fields last."""
    fields = [LabelledValue(info.label, _item_text(item, info)) for info in ITEM_FIELDS]
    fields.extend(LabelledValue(f"未识别 {name}", format_text(value)) for name, value in item.unparsed.items())
    return tuple(fields)


def currency_totals(items: Iterable[Item]) -> tuple[CurrencyTotal, ...]:
    """总价 by 币制, in the order in which the currencies appear. Items without a total are skipped."""
    sums: dict[str, Decimal] = {}
    for item in items:
        if item.total is not None:
            sums[item.currency] = EXACT.add(sums.get(item.currency, Decimal(0)), item.total)
    return tuple(CurrencyTotal(currency, amount) for currency, amount in sums.items())


def _item_text(item: Item, info: FieldInfo) -> str:
    value = getattr(item, info.name)
    return format_money(value) if info.is_money else format_value(value)
