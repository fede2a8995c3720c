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
"""Terminal programs often take these keys for their own help and menu, so their commands always show the other keys."""

_NO_EFFECT = " 这个键现在没有作用 "
"""It does not name the key, which may be a character of a PIN."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One command in the footer. `main_key` and `more_keys` are as an operator reads them.

    While a text field has the focus, the keys that it takes as text are left out; both may be "".
    """

    main_key: str
    more_keys: str
    label: str
    priority: int
    shows_more_always: bool = False
    enabled: bool = True

    def keys(self, *, long: bool) -> str:
        """The keys as they are shown; all of them if `long`."""
        if self.more_keys and (long or self.shows_more_always or not self.main_key):
            between = " " if self.more_keys.startswith("/") else "/"
            return f"{self.main_key}{between}{self.more_keys}" if self.main_key else self.more_keys
        return self.main_key

    def width(self, *, long: bool) -> int:
        """The cells of keys and label together."""
        return cell_len(self.keys(long=long)) + cell_len(self.label)


def footer_hint(command: Command, *, typing: bool, enabled: bool = True) -> Hint | None:
    """The hint of a command; None if it has none. While `typing`, keys that a text field takes are left out."""
    main_key = command.main_key
    more_keys = [key for key in command.more_keys if not (typing and is_typed(key))]
    if typing and is_typed(main_key):
        main_key = ""
    if not command.priority or not (main_key or more_keys):
        return None
    return Hint(
        key_name(main_key),
        "/".join(map(key_name, more_keys)),
        command.label,
        command.priority,
        shows_more_always=main_key in _KEPT_BY_TERMINALS,
        enabled=enabled,
    )


def fit_hints(hints: Sequence[Hint], width: int) -> tuple[tuple[Hint, ...], bool]:
    """The hints that fit into `width` cells, in their order, and whether all their keys are shown too.

    There is a blank before each. Hints with a main key come first: all keys are shown only if those of the function
    keys fit so. Hints without a main key fill the rest.
    """
    long = _width([hint for hint in hints if _is_function_key(hint)], long=True) <= width
    kept: list[Hint] = []
    for hint in sorted(hints, key=lambda hint: (not hint.main_key, -hint.priority)):
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
        self._shows_no_effect = False

    @property
    def shows_no_effect(self) -> bool:
        """Whether the footer says that the last key had no effect."""
        return self._shows_no_effect

    @shows_no_effect.setter
    def shows_no_effect(self, shows: bool) -> None:
        if shows != self._shows_no_effect:
            self._shows_no_effect = shows
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
        notice = _NO_EFFECT if self._shows_no_effect else ""
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
    if _is_function_key(hint):
        return 0, int(hint.main_key[1:])
    return 1, 0


def _is_function_key(hint: Hint) -> bool:
    return hint.main_key[:1] == "F" and hint.main_key[1:].isdigit()
