"""The row of keys at the bottom: the commands that can be reached. Those of low priority are left out, none is cut."""

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
"""Terminal programs often take these keys for their own help and menu, so their letters are always shown too."""

_WITHOUT_EFFECT = " 这个键现在没有作用 "
"""It does not name the key, which may be a character of a password."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One command in the footer. `letters` is "" if a text field has the focus and takes letters as text."""

    key: str
    letters: str
    label: str
    priority: int
    letters_always: bool = False
    enabled: bool = True

    def keys(self, *, long: bool) -> str:
        """The keys as they are shown; with their letters if `long`."""
        if self.letters and (long or self.letters_always or not self.key):
            between = " " if self.letters.startswith("/") else "/"
            return f"{self.key}{between}{self.letters}" if self.key else self.letters
        return self.key

    def width(self, *, long: bool) -> int:
        """The cells of keys and label together."""
        return cell_len(self.keys(long=long)) + cell_len(self.label)


def footer_hint(command: Command, *, typing: bool, enabled: bool = True) -> Hint | None:
    """The hint of a command; None if it has none. While `typing`, keys that a text field takes are left out."""
    key = command.function_key
    letters = [letter for letter in command.letters if not (typing and is_typed(letter))]
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
        enabled,
    )


def fit_hints(hints: Sequence[Hint], width: int) -> tuple[tuple[Hint, ...], bool]:
    """The hints that fit into `width` cells, in their order, and whether their letters fit too.

    There is a blank before each. Hints with a function key come first: their letters are shown only if all of these
    hints fit with their letters. Hints with letters only fill the rest.
    """
    keyed = [hint for hint in hints if hint.key]
    long = _width(keyed, long=True) <= width
    kept: list[Hint] = []
    for hint in sorted(hints, key=lambda hint: (not hint.key, -hint.priority)):
        if _width([*kept, hint], long=long) <= width:
            kept.append(hint)
    return tuple(hint for hint in hints if hint in kept), long


def _width(hints: Sequence[Hint], *, long: bool) -> int:
    return sum(1 + hint.width(long=long) for hint in hints)


class KeyFooter(Widget):
    """Shows the hints. They are made again when the focus moves and when `refresh_bindings` is called."""

    DEFAULT_CSS = """
    KeyFooter { dock: bottom; height: 1; width: 100%; }
    KeyFooter > .key-footer--key { text-style: bold; }
    KeyFooter > .key-footer--label { background: $bar; color: $bar-text; }
    KeyFooter > .key-footer--disabled { text-style: dim; }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-footer--key", "key-footer--label", "key-footer--disabled"}

    def __init__(self) -> None:
        super().__init__()
        self._hints: tuple[Hint, ...] = ()
        self._says_without_effect = False

    @property
    def says_without_effect(self) -> bool:
        """Whether it says that the last key had no effect."""
        return self._says_without_effect

    @says_without_effect.setter
    def says_without_effect(self, says: bool) -> None:
        if says != self._says_without_effect:
            self._says_without_effect = says
            self.refresh()

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._update)
        self._update(self.screen)

    def _update(self, screen: Screen[object]) -> None:
        hints = tuple(_hints(screen))
        if hints != self._hints:
            self._hints = hints
            self.refresh()

    def render_line(self, y: int) -> Strip:
        notice = _WITHOUT_EFFECT if self._says_without_effect else ""
        hints, long = fit_hints(self._hints, self.size.width - cell_len(notice))
        key_style = self.get_component_rich_style("key-footer--key", partial=True)
        label_style = self.get_component_rich_style("key-footer--label", partial=True)
        disabled_style = self.get_component_rich_style("key-footer--disabled", partial=True)
        segments = [Segment(notice, key_style)]
        for hint in hints:
            segments.append(Segment(f" {hint.keys(long=long)}", key_style if hint.enabled else disabled_style))
            segments.append(Segment(hint.label, label_style if hint.enabled else disabled_style))
        return Strip(segments).adjust_cell_length(self.size.width)


def _hints(screen: Screen[object]) -> list[Hint]:
    focused = screen.focused
    typing = focused is not None and focused.check_consume_key("a", "a")
    found = [
        footer_hint(command, typing=typing, enabled=not handler.disabled_reason(command))
        for handler, command in reachable_commands(screen)
    ]
    hints = [hint for hint in found if hint is not None]
    # Function keys are in the order of the keyboard, whichever widget handles them.
    return sorted(hints, key=_position)


def _position(hint: Hint) -> tuple[int, int]:
    if hint.key[:1] == "F" and hint.key[1:].isdigit():
        return 0, int(hint.key[1:])
    return 1, 0
