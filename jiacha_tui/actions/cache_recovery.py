"""The ways to continue when a card does not open its cache (`problems.CacheRecoveryNeeded`)."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PreviousPin:
    """Open the cache with the PIN that the card had before. This PIN is not sent to the card."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewCache:
    """If the cache still does not open, move it unchanged to the old caches and start an empty one."""


CacheRecovery = PreviousPin | NewCache
