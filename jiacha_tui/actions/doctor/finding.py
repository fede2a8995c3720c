"""What a look at one area came to."""

import enum
from dataclasses import dataclass
from typing import Self

from jiacha_tui.declaration.problem import Problem


class FindingState(enum.Enum):
    """The values are part of the JSON that scripts read (docs/doctor-json.md)."""

    GOOD = "good"
    MISSING = "missing"
    BROKEN = "broken"


class Area(enum.Enum):
    """What is looked at, in the order in which it is told. The values are part of the JSON."""

    PYTHON = "python"
    TERMINAL = "terminal"
    ENCODING = "encoding"
    CLIPBOARD = "clipboard"
    CONFIG = "config"
    HOME = "home"
    DOWNLOADS = "downloads"
    ENGINE = "engine"
    CACHE = "cache"
    DEMO_CARD = "demo-card"
    CONTROL = "control"
    READERS = "readers"
    PORT = "port"
    PDF = "pdf"
    FONT = "font"
    PRINTERS = "printers"


CARD_AREAS = frozenset({Area.DEMO_CARD, Area.CONTROL, Area.READERS})
"""The ways to a card. One that is good is enough."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`message` and `hint` are Chinese; `code` tells scripts which finding it is, "" where all is well.

    `blocking` is set where nobody can log in, query, download, resend and print before this is repaired. No finding
    holds a PIN, a name or a personal number.
    """

    area: Area
    state: FindingState
    message: str
    hint: str = ""
    code: str = ""
    blocking: bool = False

    def __post_init__(self) -> None:
        if self.state is FindingState.GOOD and self.blocking:
            raise ValueError("what is good stops nobody")

    @classmethod
    def good(cls, area: Area, message: str, hint: str = "", code: str = "") -> Self:
        return cls(area, FindingState.GOOD, message, hint, code)

    @classmethod
    def of(
        cls, area: Area, problem: Problem, state: FindingState = FindingState.BROKEN, *, blocking: bool = False
    ) -> Self:
        return cls(area, state, problem.message, problem.hint, problem.code, blocking)
