"""The commands by where they are understood.

A screen or a widget takes the commands of its scope with `bindings(scope)` and answers each with an `action_<id>`
method (see `screens.commands.handler`).
"""

from textual.binding import Binding, BindingType

from screens.commands.command import Command, Scope, is_typed, key_name
from screens.commands.table import COMMANDS

__all__ = ["COMMANDS", "Command", "Scope", "bindings", "commands", "is_typed", "key_name"]


def commands(*scopes: Scope) -> tuple[Command, ...]:
    """The commands of any of the scopes, in the order of the table."""
    return tuple(command for command in COMMANDS if not command.scopes.isdisjoint(scopes))


def bindings(*scopes: Scope) -> list[BindingType]:
    """What a widget or screen that answers to these scopes puts into its `BINDINGS`."""
    return [
        Binding(",".join(command.keys), f"command('{command.id}')", command.label, show=False, id=command.id)
        for command in commands(*scopes)
    ]
