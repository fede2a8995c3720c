"""The help texts of widgets and screens. The help screen (F1) shows those of the focused widget and those around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its rows: pairs of a term and its meaning. The term is "" for a row of one sentence."""

    title: str
    rows: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, title: str, *sentences: str) -> "Section":
        """A section of sentences without terms."""
        return cls(title, tuple(("", sentence) for sentence in sentences))


@runtime_checkable
class HelpProvider(Protocol):
    """A widget or screen that explains itself."""

    def help_sections(self) -> Sequence[Section]: ...
