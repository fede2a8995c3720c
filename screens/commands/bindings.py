"""Textual bindings made from the table of commands."""

from textual.binding import Binding, BindingType

from screens.commands.command import Scope
from screens.commands.table import commands


def bindings(*scopes: Scope) -> list[BindingType]:
    """The `BINDINGS` of a widget or screen that takes the commands of these scopes.

    Every key runs the action `command` with the id of its command, which `screens.commands.handler.CommandHandler`
    turns into a call of `action_<id>`. A command without a key is in the palette only.
    """
    return [
        Binding(",".join(command.keys), f"command('{command.id}')", command.label, show=False, id=command.id)
        for command in commands(*scopes)
        if command.keys
    ]
