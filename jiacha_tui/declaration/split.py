"""Splits a download that exceeds a cap into the fewest files that are within the caps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from jiacha_tui.declaration.query import DateRange
from jiacha_tui.declaration.rules import MAX_DOWNLOAD_BYTES, MAX_DOWNLOAD_DAYS, MAX_DOWNLOAD_ITEMS


@dataclass(frozen=True, slots=True)
class DailyVolume:
    """How much was exported on one day: declarations, items and estimated bytes. Raises ValueError if one is negative.

    If `items_known` is false, some details are missing from the cache and the day may have more than `items` items.
    """

    day: date
    declarations: int
    items: int
    bytes_estimate: int
    items_known: bool = True

    def __post_init__(self) -> None:
        if min(self.declarations, self.items, self.bytes_estimate) < 0:
            raise ValueError(f"a day cannot have a negative volume: {self}")


@dataclass(frozen=True, slots=True)
class SplitPart:
    """One file of a split: its date range and volume. The range starts and ends on a day with declarations."""

    date_range: DateRange
    declarations: int
    items: int
    bytes_estimate: int
    items_known: bool = True

    @property
    def is_within_caps(self) -> bool:
        """Whether a download of this part is within the caps (manual 2.1.2), if its figures are right."""
        return self.date_range.days == 1 or (
            self.date_range.days <= MAX_DOWNLOAD_DAYS
            and self.items <= MAX_DOWNLOAD_ITEMS
            and self.bytes_estimate <= MAX_DOWNLOAD_BYTES
        )

    def extended_by(self, volume: DailyVolume) -> "SplitPart":
        """A part that also includes the day of `volume`, which is later than the last day of this part."""
        return SplitPart(
            DateRange(self.date_range.start, volume.day),
            self.declarations + volume.declarations,
            self.items + volume.items,
            self.bytes_estimate + volume.bytes_estimate,
            self.items_known and volume.items_known,
        )


def split(days: Sequence[DailyVolume]) -> tuple[SplitPart, ...]:
    """The fewest parts that are within the caps and together cover every day with a declaration.

    The parts are sorted by date and do not overlap. Days without a declaration are ignored. Raises ValueError if a
    day occurs twice. A single day is always within the caps, so a split always exists.

    The method is greedy: each part takes days until the next day would exceed a cap. No split has fewer parts. Proof:
    a part within the caps stays within them when days are removed from its start. So a part that starts later never
    has to end earlier. By induction, the n-th part here ends no earlier than the n-th part of any other split.
    """
    volumes = sorted((volume for volume in days if volume.declarations), key=lambda volume: volume.day)
    _check_no_day_twice(volume.day for volume in volumes)
    parts: list[SplitPart] = []
    for volume in volumes:
        extended = parts[-1].extended_by(volume) if parts else None
        if extended is not None and extended.is_within_caps:
            parts[-1] = extended
        else:
            parts.append(
                SplitPart(
                    DateRange.day(volume.day),
                    volume.declarations,
                    volume.items,
                    volume.bytes_estimate,
                    volume.items_known,
                )
            )
    return tuple(parts)


def _check_no_day_twice(days: Iterable[date]) -> None:
    seen: set[date] = set()
    for day in days:
        if day in seen:
            raise ValueError(f"{day} occurs twice")
        seen.add(day)
