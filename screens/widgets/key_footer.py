"""The line of keys at the bottom: what can be done where the focus is, dropped by priority rather than cut."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from screens.commands.command import Command
from screens.commands.handler import reachable_commands
from screens.commands.keys import is_typed, key_name

_KEPT_BY_TERMINALS = frozenset({"f1", "f10"})
"""Terminal programs like to take these for their own help and menu, so their letters always stand beside them."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One command in the footer. `letters` is "" where letters are typed into a field."""

    key: str
    letters: str
    label: str
    priority: int
    letters_always: bool = False
    possible: bool = True

    def keys(self, *, long: bool) -> str:
        if self.letters and (long or self.letters_always or not self.key):
            between = " " if self.letters.startswith("/") else "/"
            return f"{self.key}{between}{self.letters}" if self.key else self.letters
        return self.key

    def width(self, *, long: bool) -> int:
        return cell_len(self.keys(long=long)) + cell_len(self.label)


def hint_of(command: Command, *, typing: bool, possible: bool = True) -> Hint | None:
    """The hint for `command`; None when it has none. While `typing`, keys that would be typed are left out."""
    key = command.function_key
    letters = [one for one in command.letters if not (typing and is_typed(one))]
    if typing and is_typed(key):
        key = ""
    if not command.priority or not (key or letters):
        return None
    return Hint(
        key_name(key),
        "/".join(map(key_name, letters)),
        command.label,
        command.priority,
        key in _KEPT_BY_TERMINALS,
        possible,
    )


def fit(hints: Sequence[Hint], width: int) -> tuple[tuple[Hint, ...], bool]:
    """The hints that have room in `width` cells, in their order, and whether all their letters have room as well.

    A blank stands before each. Those with function keys are worth more than any letter, so letters come only when
    every hint with a function key has them; hints of letters alone fill what is then left.
    """
    keyed = [hint for hint in hints if hint.key]
    long = _width(keyed, long=True) <= width
    kept: list[Hint] = []
    for hint in sorted(hints, key=lambda one: (not one.key, -one.priority)):
        if _width([*kept, hint], long=long) <= width:
            kept.append(hint)
    return tuple(hint for hint in hints if hint in kept), long


def _width(hints: Sequence[Hint], *, long: bool) -> int:
    return sum(1 + hint.width(long=long) for hint in hints)


class KeyFooter(Widget):
    """One line of hints. It asks again whenever the focus moves or somebody calls `refresh_bindings`."""

    DEFAULT_CSS = """
    KeyFooter { dock: bottom; height: 1; width: 100%; }
    KeyFooter > .key-footer--key { text-style: bold; }
    KeyFooter > .key-footer--label { background: $bar; color: $bar-text; }
    KeyFooter > .key-footer--impossible { text-style: dim; }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-footer--key", "key-footer--label", "key-footer--impossible"}

    def __init__(self) -> None:
        super().__init__()
        self._hints: tuple[Hint, ...] = ()

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._ask)
        self._ask(self.screen)

    def _ask(self, screen: Screen[object]) -> None:
        hints = tuple(_hints(screen))
        if hints != self._hints:
            self._hints = hints
            self.refresh()

    def render_line(self, y: int) -> Strip:
        hints, long = fit(self._hints, self.size.width)
        key_style = self.get_component_rich_style("key-footer--key", partial=True)
        label_style = self.get_component_rich_style("key-footer--label", partial=True)
        impossible_style = self.get_component_rich_style("key-footer--impossible", partial=True)
        segments = []
        for hint in hints:
            segments.append(Segment(f" {hint.keys(long=long)}", key_style if hint.possible else impossible_style))
            segments.append(Segment(hint.label, label_style if hint.possible else impossible_style))
        return Strip(segments).adjust_cell_length(self.size.width)


def _hints(screen: Screen[object]) -> list[Hint]:
    focused = screen.focused
    typing = focused is not None and focused.check_consume_key("a", "a")
    found = [
        hint_of(command, typing=typing, possible=not answerer.disabled_reason(command))
        for answerer, command in reachable_commands(screen)
    ]
    hints = [hint for hint in found if hint is not None]
    # Function keys stand in the order of the keyboard, whoever answers them.
    return sorted(hints, key=_place)


def _place(hint: Hint) -> tuple[int, int]:
    if hint.key[:1] == "F" and hint.key[1:].isdigit():
        return 0, int(hint.key[1:])
    return 1, 0
