"""The result of a check."""

import enum
from dataclasses import dataclass
from typing import Self

from jiacha_tui.declaration.problem import Problem


class FindingState(enum.Enum):
    """Whether something is all right. The values are part of the JSON that scripts read (docs/doctor-json.md)."""

    GOOD = "good"
    MISSING = "missing"
    BROKEN = "broken"


class Area(enum.Enum):
    """What is checked, in the order of the report. The values are part of the JSON."""

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
"""The ways to reach a card. One good way is enough."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`message` and `hint` are Chinese. `code` identifies the finding for scripts; it is empty if all is well.

    A finding is `blocking` if the main job (log in, query, download, resend, print) cannot be done until it is
    repaired. No finding holds a PIN, a name or a personal number.
    """

    area: Area
    state: FindingState
    message: str
    hint: str = ""
    code: str = ""
    blocking: bool = False

    def __post_init__(self) -> None:
        if self.state is FindingState.GOOD and self.blocking:
            raise ValueError("a good finding cannot be blocking")

    @classmethod
    def good(cls, area: Area, message: str, hint: str = "", code: str = "") -> Self:
        """A finding without a fault. It may have a hint, with a code that scripts recognise it by."""
        return cls(area, FindingState.GOOD, message, hint, code)

    @classmethod
    def of(
        cls, area: Area, problem: Problem, state: FindingState = FindingState.BROKEN, *, blocking: bool = False
    ) -> Self:
        """The finding with the message, hint and code of `problem`."""
        return cls(area, state, problem.message, problem.hint, problem.code, blocking)
