"""The table of commands: terminals can send its keys, nothing on the way takes them, and none has two meanings."""

import itertools
import string

import pytest
from textual.binding import Binding
from textual.keys import _character_to_key, format_key

from screens.commands.bindings import bindings
from screens.commands.command import Command, Scope
from screens.commands.keys import key_name
from screens.commands.table import COMMANDS, commands

FUNCTION_KEYS = {f"f{number}" for number in range(1, 11)}
"""F11 and F12 belong to the window of the terminal; with Shift, every terminal sends something different."""

PLAIN = {
    "space",
    "enter",
    "escape",
    "tab",
    "backspace",
    "up",
    "down",
    "left",
    "right",
    "home",
    "end",
    "pageup",
    "pagedown",
}
CONTROLS = {f"ctrl+{letter}" for letter in "eklnoptuwxy"}
"""Not a and b (screen, tmux), c, z, d (signals and end of input), h, i, j, m (other keys), q, s (flow control)."""

ACTIVE_TOGETHER = [
    (Scope.TABLE, Scope.MAIN, Scope.EVERYWHERE),
    (Scope.FILING, Scope.MAIN, Scope.EVERYWHERE),
    (Scope.DETAIL, Scope.EVERYWHERE),
    (Scope.PREVIEW, Scope.EVERYWHERE),
    (Scope.BREAKDOWN, Scope.EVERYWHERE),
    (Scope.READER, Scope.EVERYWHERE),
    (Scope.DIALOG, Scope.EVERYWHERE),
    (Scope.QUERY, Scope.DIALOG, Scope.EVERYWHERE),
    (Scope.LOGIN, Scope.EVERYWHERE),
    (Scope.LOCK, Scope.EVERYWHERE),
    (Scope.TOO_SMALL, Scope.EVERYWHERE),
    (Scope.FILTER,),
]
"""Scopes that apply at the same time. An inner widget such as the filter bar may hide a key on purpose."""

each_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)


@each_command
def test_every_key_can_be_sent_by_a_terminal_and_is_not_taken_on_the_way(command: Command) -> None:
    letters = set(string.ascii_lowercase) | set(string.digits)
    signs = {_character_to_key(sign) for sign in "/?"}
    ime = {_character_to_key(sign) for sign in "、／？"}
    assert set(command.keys) <= FUNCTION_KEYS | PLAIN | CONTROLS | letters | signs | ime


@each_command
def test_no_command_needs_a_letter(command: Command) -> None:
    """A Chinese input method takes letters: each command has another key, or is in the palette (F9)."""
    in_palette = not command.scopes.isdisjoint(
        {Scope.TABLE, Scope.MAIN, Scope.FILING, Scope.DETAIL, Scope.PREVIEW, Scope.BREAKDOWN}
    )
    assert command.main_key or in_palette or command.scopes == {Scope.EVERYWHERE}


@each_command
def test_a_function_key_has_a_letter_or_a_plain_key_beside_it(command: Command) -> None:
    """Terminals take F1, F10 and others for themselves. In the login screen letters belong to the PIN."""
    if command.main_key in FUNCTION_KEYS and command.scopes != {Scope.LOGIN}:
        assert command.more_keys


@pytest.mark.parametrize("scopes", ACTIVE_TOGETHER, ids=lambda scopes: "+".join(scope.name for scope in scopes))
def test_a_key_has_one_meaning_wherever_it_is_pressed(scopes: tuple[Scope, ...]) -> None:
    keys = [key for command in commands(*scopes) for key in command.keys]
    assert sorted(keys) == sorted(set(keys))


def test_each_command_is_named_once_and_says_what_it_does() -> None:
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)
    assert all(command.label and command.title and command.help and command.scopes for command in COMMANDS)


def test_bindings_bind_every_key_of_the_scope() -> None:
    bound = {binding.key for binding in Binding.make_bindings(bindings(Scope.TABLE))}
    assert bound == set(itertools.chain.from_iterable(command.keys for command in commands(Scope.TABLE)))


@pytest.mark.parametrize(
    ("key", "name"), [("f1", "F1"), ("slash", "/"), ("ctrl+p", "^P"), ("enter", "Enter"), ("q", "q"), ("f", "f")]
)
def test_keys_are_named_as_people_read_them(key: str, name: str) -> None:
    assert key_name(key) == name


def test_every_shown_key_has_a_name_of_its_own() -> None:
    for command in COMMANDS:
        for key in filter(None, (command.main_key, *command.more_keys)):
            assert "_" not in key_name(key), format_key(key)


def test_a_command_without_some_keys_keeps_the_others() -> None:
    command = next(command for command in COMMANDS if command.id == "detail")
    assert command.without({"enter"}).keys == ("f4",)
    assert command.without({"f4", "enter"}).keys == ()
