"""A cache that stays shut although its card was opened, and what its operator can do then."""

from dataclasses import dataclass, field

from jiacha_tui.declaration.problem import Problem


class CacheRecoveryNeeded(Problem):
    """Code and words are those of what was met. A new cache always helps; the PIN before a change where `by_pin`."""

    def __init__(self, met: Problem, *, by_pin: bool) -> None:
        super().__init__(met.code, met.message, met.hint)
        self.by_pin = by_pin


@dataclass(frozen=True, slots=True)
class PreviousPin:
    """Open the cache with the PIN that the card had before; the card itself is not given it."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewCache:
    """If the cache still does not open, put it aside as it is and begin an empty one."""


CacheRecovery = PreviousPin | NewCache
