"""How a widget or a screen answers to commands, and how it tells the operator something."""

from collections.abc import Iterator
from typing import ClassVar

from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen

from jiacha_tui.actions.messages import Severity
from jiacha_tui.declaration.problem import Problem
from screens.commands.bindings import Command, Scope, commands

OFFLINE = "当前为离线浏览，请联网后重新登录"
"""Why what needs the port cannot be done."""


def joined(what: str, hint: str, sign: str = "，") -> str:
    """`what` and `hint` on one line, with `sign` between them unless `what` ends with punctuation of its own."""
    if not hint or what.endswith(("。", "！", "？")):
        return what + hint
    return f"{what} {hint}" if what.endswith((".", "!", "?")) else f"{what}{sign}{hint}"


class Notice(Message):
    """Something to tell the operator: the screen it reaches shows it, the shell keeps it in the message log."""

    def __init__(self, text: str, weight: Severity = Severity.NOTE, *, problem: Problem | None = None) -> None:
        super().__init__()
        self.text = text
        self.weight = weight
        self.problem = problem

    @classmethod
    def of(cls, problem: Problem) -> "Notice":
        """What happened and what to do next, on one line."""
        return cls(joined(problem.message, problem.hint), Severity.PROBLEM, problem=problem)


class HelpRequested(Message):
    """Help for where the focus is."""


class PaletteRequested(Message):
    """The list of everything that can be done where the focus is."""


class LockRequested(Message):
    """The session locked, now."""


class RedrawRequested(Message):
    """The whole screen again, as if the terminal had lost it."""


class CommandHandler:
    """Mixed into a widget or screen: each binding of its scopes ends in `action_<id>`, or in why that cannot be now.

    `SCOPES` says which commands it answers to; `BINDINGS` is `commands.bindings(*SCOPES)`. The few commands that are
    the same everywhere are answered here, by asking the shell.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = ()

    def visible_commands(self) -> tuple[Command, ...]:
        """What footer, palette and help show of it now; a key works whether it is shown or not."""
        return commands(*self.SCOPES)

    def disabled_reason(self, command: Command) -> str:
        """Why `command` cannot be done just now, in Chinese; "" when it can."""
        return ""

    async def action_command(self, command_id: str) -> None:
        """Does the command, or says why not: a key is never answered with silence."""
        node = _node(self)
        known = (*self.visible_commands(), *commands(*self.SCOPES))
        command = next(one for one in known if one.id == command_id)
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
    """Who answers to what where the focus is, innermost first; each command with the keys that reach it.

    An inner key hides the same key further out; a command none of whose keys is left is not reached at all.
    """
    taken: set[str] = set()
    node: DOMNode | None = screen.focused or screen
    while node is not None:
        if isinstance(node, CommandHandler):
            offered = node.visible_commands()
            for command in offered:
                reached = command.without(taken)
                if reached.keys:
                    yield node, reached
            taken.update(key for command in offered for key in command.keys)
        node = None if node is screen and screen.is_modal else node.parent


def _node(commanded: CommandHandler) -> DOMNode:
    if not isinstance(commanded, DOMNode):
        raise TypeError("CommandHandler is mixed into widgets and screens")
    return commanded
