"""Every declaration of the embedded port, computed when asked for and never held.

A population is a function of its seed, the number of declarations wanted and its anchor: the day it was made. The
eighteen calendar months up to the anchor hold exactly that many of the demo company's; from then on more leave each
day at the same rate, and can be seen once they were reported. The other companies have a share of that number each.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from jiacha_tui.declaration.model import Declaration, Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.sample_data.companies import COMPANIES, DEMO_COMPANY, Company
from jiacha_tui.demo.sample_data.declaration_factory import DeclarationFactory
from jiacha_tui.demo.sample_data.edge_cases import NO_EDGES, EdgeCase, EdgeCases
from jiacha_tui.demo.sample_data.entry_numbers import Numbering, NumberSlot
from jiacha_tui.demo.sample_data.traits import Traits, item_count, traits
from jiacha_tui.demo.sample_data.volume import Volume
from jiacha_tui.demo.sample_data.workdays import ONE_DAY, months_before

MONTHS: Final = 18
MOST_DECLARATIONS: Final = 10_000_000
_SETTLED_BACK: Final = 2 * ONE_DAY
_SLOWEST_REPORT: Final = timedelta(days=24)
"""Five workdays take no longer, whatever holidays lie between."""

_DEPARTURE_PORT_SHARE: Final = 50
_BUSIEST_TO_MEAN: Final = 3
"""No day has more than this many times the mean, edges left aside."""

Amendments = Callable[[str], tuple[datetime, ...]]
"""When the declaration of an entry number was amended besides what is in its nature."""


def _never_amended(_: str) -> tuple[datetime, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class PopulationConfig:
    """What a population depends on."""

    seed: int
    declarations: int
    anchor: date

    def __post_init__(self) -> None:
        if not 0 <= self.declarations <= MOST_DECLARATIONS:
            raise ValueError(f"a population has 0 to {MOST_DECLARATIONS} declarations, not {self.declarations}")


class Population:
    """`amendments` adds to the natural ones. Times are China's, without a zone."""

    def __init__(self, basis: PopulationConfig, amendments: Amendments = _never_amended) -> None:
        self._basis = basis
        self._amendments = amendments
        self.first_day = months_before(basis.anchor, MONTHS - 1)
        self._settled = basis.anchor - _SETTLED_BACK
        self._demo_edges = EdgeCases.of(basis.anchor, basis.declarations)
        days = (self._settled - self.first_day).days + 1
        busiest = _BUSIEST_TO_MEAN * basis.declarations // days + max(self._demo_edges.reserved.values(), default=0)
        self._numbering = Numbering.for_busiest_day(busiest + 1)
        self._composer = DeclarationFactory(basis.seed, self._numbering)
        self._volume = functools.cache(self._make_volume)
        self._items_on = functools.lru_cache(maxsize=2048)(self._count_items)
        self._reports_on = functools.lru_cache(maxsize=64)(self._report_times)

    def count(self, company: Company, wanted: DateRangeQuery, now: datetime) -> int:
        """How many declarations of a span can be seen at `now`."""
        index, kind = _index(company), wanted.kind
        settled, recent = self._split(wanted.date_range, now)
        known = self._volume(index, kind).within(settled) if settled else 0
        return known + sum(len(self._visible(index, kind, day, now)) for day in recent)

    def page(
        self, company: Company, wanted: DateRangeQuery, now: datetime, first: int, count: int
    ) -> Iterator[Declaration]:
        """`count` declarations from the `first`-th on (0 is the earliest 出口日期), fewer at the end."""
        skip, left = first, count
        index, kind = _index(company), wanted.kind
        settled, recent = self._split(wanted.date_range, now)
        for day in settled or ():
            on_day = self._volume(index, kind).on(day)
            for ordinal in range(skip, min(on_day, skip + left)):
                yield self._compose(NumberSlot(index, kind, day, ordinal), now)
                left -= 1
            skip = max(0, skip - on_day)
            if not left:
                return
        for day in recent:
            visible = self._visible(index, kind, day, now)
            for ordinal in visible[skip : skip + left]:
                yield self._compose(NumberSlot(index, kind, day, ordinal), now)
                left -= 1
            skip = max(0, skip - len(visible))

    def declarations(self, company: Company, wanted: DateRangeQuery, now: datetime) -> Iterator[Declaration]:
        """All of a span, one at a time, in the order of `page`."""
        return self.page(company, wanted, now, 0, self.count(company, wanted, now))

    def item_total(self, company: Company, wanted: DateRangeQuery, now: datetime) -> int:
        """The number of items of all declarations of a span that can be seen at `now`."""
        index, kind = _index(company), wanted.kind
        settled, recent = self._split(wanted.date_range, now)
        known = sum(self._items_on(index, kind, day) for day in settled or ())
        return known + sum(
            self._item_count(NumberSlot(index, kind, day, ordinal))
            for day in recent
            for ordinal in self._visible(index, kind, day, now)
        )

    def find(self, entry_id: str, now: datetime) -> tuple[Company, Declaration] | None:
        """The declaration of any company with this number, if it can be seen at `now`."""
        slot = self._numbering.slot(entry_id)
        if slot is None or slot.company >= len(COMPANIES) or not self.first_day <= slot.day <= now.date():
            return None
        if slot.ordinal >= self._volume(slot.company, slot.kind).on(slot.day):
            return None
        if self._traits(slot).reported_at > now:
            return None
        declaration = self._compose(slot, now)
        return (COMPANIES[slot.company], declaration) if declaration.summary.entry_id == entry_id else None

    def attachment_bytes(self, declaration: Declaration) -> int:
        """The size of what is attached to a declaration in its download; 0 for nearly all."""
        slot = self._numbering.slot(declaration.summary.entry_id)
        return self._edge(slot).attachment_bytes if slot else 0

    def _split(self, span: DateRange, now: datetime) -> tuple[DateRange | None, Iterator[date]]:
        """The part of `span` whose every declaration was reported by `now`, and the days after it."""
        start, end = max(span.start, self.first_day), min(span.end, now.date())
        known = min(end, max(self._settled, now.date() - _SLOWEST_REPORT))
        settled = DateRange(start, known) if start <= known else None
        recent = DateRange(max(start, known + ONE_DAY), end) if max(start, known + ONE_DAY) <= end else ()
        return settled, iter(recent)

    def _make_volume(self, company: int, kind: Kind) -> Volume:
        total = int(self._basis.declarations * COMPANIES[company].share)
        departures = total // _DEPARTURE_PORT_SHARE
        is_cleared = kind is Kind.CLEARED
        return Volume(
            self._basis.seed,
            f"{company} {kind.value}",
            total - departures if is_cleared else departures,
            DateRange(self.first_day, self._settled),
            self._edges(company, kind).reserved,
        )

    def _edges(self, company: int, kind: Kind) -> EdgeCases:
        is_demo = COMPANIES[company] is DEMO_COMPANY
        return self._demo_edges if is_demo and kind is Kind.CLEARED else NO_EDGES

    def _edge(self, slot: NumberSlot) -> EdgeCase:
        return self._edges(slot.company, slot.kind).at(slot.day, slot.ordinal)

    def _traits(self, slot: NumberSlot) -> Traits:
        return traits(self._basis.seed, slot, self._edge(slot), self._settled)

    def _item_count(self, slot: NumberSlot) -> int:
        return item_count(self._basis.seed, slot, self._edge(slot))

    def _count_items(self, company: int, kind: Kind, day: date) -> int:
        on_day = self._volume(company, kind).on(day)
        return sum(self._item_count(NumberSlot(company, kind, day, ordinal)) for ordinal in range(on_day))

    def _visible(self, company: int, kind: Kind, day: date, now: datetime) -> list[int]:
        """The ordinals of a recent day that were reported by `now`."""
        return [ordinal for ordinal, at in enumerate(self._reports_on(company, kind, day)) if at <= now]

    def _report_times(self, company: int, kind: Kind, day: date) -> tuple[datetime, ...]:
        on_day = self._volume(company, kind).on(day)
        return tuple(self._traits(NumberSlot(company, kind, day, ordinal)).reported_at for ordinal in range(on_day))

    def _compose(self, slot: NumberSlot, now: datetime) -> Declaration:
        traits_ = self._traits(slot)
        edge = self._edge(slot)
        natural = tuple(at for at in traits_.amended_at if at <= now)
        declaration = self._composer.compose(slot, traits_, edge.dress, natural)
        added = tuple(at for at in self._amendments(declaration.summary.entry_id) if at <= now)
        return self._composer.compose(slot, traits_, edge.dress, natural + added) if added else declaration


def _index(company: Company) -> int:
    return COMPANIES.index(company)
