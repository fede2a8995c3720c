"""How widgets and screens run the commands of the table."""

from collections.abc import Iterator
from typing import ClassVar

from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen

from screens.commands.command import Command, Scope
from screens.commands.notice import Notice
from screens.commands.table import commands

OFFLINE = "当前为离线浏览，请联网后重新登录"
"""The reason why a command that needs the port is disabled in an offline session."""


class HelpRequested(Message):
    """The operator wants help for where the focus is."""


class PaletteRequested(Message):
    """The operator wants the list of all commands that can be reached from where the focus is."""


class LockRequested(Message):
    """The operator wants the session locked at once."""


class RedrawRequested(Message):
    """The operator wants the whole screen drawn again, because the terminal shows something else."""


class UnseenEffect(Message):
    """A key did something, although the screen may look as before."""


class QuitRequested(Message):
    """The operator has decided to leave the program."""


class CommandHandler:
    """Mixed into a widget or screen: runs the commands of its `SCOPES`, each by a method `action_<id>`.

    `BINDINGS` of the widget is `bindings(*SCOPES)`. A command that is disabled is answered with the reason. The
    commands that are the same everywhere are handled here; they post a message to the application.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = ()

    def visible_commands(self) -> tuple[Command, ...]:
        """The commands that footer, palette and help show; the key of a command works whether it is shown or not."""
        return commands(*self.SCOPES)

    def disabled_reason(self, command: Command) -> str:
        """Why `command` cannot be run, in Chinese; "" when it can."""
        return ""

    async def action_command(self, command_id: str) -> None:
        """Runs the command, or says why it is disabled, so that no key is ignored silently."""
        node = _node(self)
        known = (*self.visible_commands(), *commands(*self.SCOPES))
        command = next(command for command in known if command.id == command_id)
        if reason := self.disabled_reason(command):
            node.post_message(Notice(f"{command.title}：{reason}"))
        else:
            await node.app.run_action(command.id, node)

    def action_help(self) -> None:
        _node(self).post_message(HelpRequested())

    def action_palette(self) -> None:
        _node(self).post_message(PaletteRequested())

    def action_lock(self) -> None:
        _node(self).post_message(LockRequested())

    def action_redraw(self) -> None:
        _node(self).post_message(RedrawRequested())


def reachable_commands(screen: Screen[object]) -> Iterator[tuple[CommandHandler, Command]]:
    """The commands that can be run from where the focus is, with the widget that runs each, the focused one first.

    Each command has only the keys that reach it: a key of an inner widget hides the same key of an outer one. A command
    with no key left is not given; one that never had a key is.
    """
    taken: set[str] = set()
    node: DOMNode | None = screen.focused or screen
    while node is not None:
        if isinstance(node, CommandHandler):
            visible = node.visible_commands()
            for command in visible:
                reachable = command.without(taken)
                if reachable.keys or not command.keys:
                    yield node, reachable
            taken.update(key for command in visible for key in command.keys)
        node = None if node is screen and screen.is_modal else node.parent


def _node(handler: CommandHandler) -> DOMNode:
    if not isinstance(handler, DOMNode):
        raise TypeError("CommandHandler is mixed into widgets and screens")
    return handler
