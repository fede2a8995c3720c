"""Splitting a download that is over a cap into the fewest files that pass."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from jiacha_tui.declaration.query import DateRange
from jiacha_tui.declaration.rules import MAX_DOWNLOAD_BYTES, MAX_DOWNLOAD_DAYS, MAX_DOWNLOAD_ITEMS


@dataclass(frozen=True, slots=True)
class DailyVolume:
    """What the declarations exported on one day amount to. Raises ValueError on a negative figure.

    Where `items_known` is false some details are not in the cache: the day may hold more than `items`.
    """

    day: date
    declarations: int
    items: int
    bytes_estimate: int
    items_known: bool = True

    def __post_init__(self) -> None:
        if min(self.declarations, self.items, self.bytes_estimate) < 0:
            raise ValueError(f"a day cannot hold less than nothing: {self}")


@dataclass(frozen=True, slots=True)
class SplitPart:
    """One file of a split: its span, and what that amounts to. The span begins and ends on days that hold something."""

    date_range: DateRange
    declarations: int
    items: int
    bytes_estimate: int
    items_known: bool = True

    @property
    def passes(self) -> bool:
        """Whether it is within the caps of a download, as far as its figures are right (manual 2.1.2)."""
        return self.date_range.days == 1 or (
            self.date_range.days <= MAX_DOWNLOAD_DAYS
            and self.items <= MAX_DOWNLOAD_ITEMS
            and self.bytes_estimate <= MAX_DOWNLOAD_BYTES
        )

    def through(self, load: DailyVolume) -> "SplitPart":
        """This part made longer, up to the day of `load`."""
        return SplitPart(
            DateRange(self.date_range.start, load.day),
            self.declarations + load.declarations,
            self.items + load.items,
            self.bytes_estimate + load.bytes_estimate,
            self.items_known and load.items_known,
        )


def split(days: Sequence[DailyVolume]) -> tuple[SplitPart, ...]:
    """The fewest parts that cover every day with a declaration and each pass; earliest first, never overlapping.

    Raises ValueError where a day comes twice. A single day always passes, so there is always an answer.

    Each part is filled up before the next is begun. No split has fewer parts: whatever passes still passes when days
    are taken off its beginning, so a part that begins later never has to end earlier, and by induction the n-th part
    here ends no earlier than the n-th part of any other split.
    """
    loads = sorted((load for load in days if load.declarations), key=lambda load: load.day)
    _refuse_repeated(load.day for load in loads)
    parts: list[SplitPart] = []
    for load in loads:
        longer = parts[-1].through(load) if parts else None
        if longer is not None and longer.passes:
            parts[-1] = longer
        else:
            parts.append(
                SplitPart(DateRange.day(load.day), load.declarations, load.items, load.bytes_estimate, load.items_known)
            )
    return tuple(parts)


def _refuse_repeated(days: Iterable[date]) -> None:
    seen: set[date] = set()
    for day in days:
        if day in seen:
            raise ValueError(f"{day} comes twice")
        seen.add(day)
