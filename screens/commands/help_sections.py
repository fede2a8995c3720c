"""Help that a widget gives of itself, found by the help screen when the focus is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its rows: a term with what it means, or, under the term "", a sentence."""

    title: str
    rows: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, title: str, *sentences: str) -> "Section":
        return cls(title, tuple(("", sentence) for sentence in sentences))


@runtime_checkable
class HelpProvider(Protocol):
    """A widget or screen that can say what it is and how it is used."""

    def help_sections(self) -> Sequence[Section]: ...
