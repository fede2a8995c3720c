"""消息记录: the messages since the program was started, and the journal of earlier operations."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from jiacha_tui.actions.messages import Message
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.formatting import format_text
from jiacha_tui.declaration.journal import JournalEntry, Outcome
from jiacha_tui.declaration.problem import Problem
from screens.base.dismiss_once import DismissOnceScreen
from screens.commands.bindings import bindings
from screens.commands.command import Scope
from screens.commands.handler import CommandHandler
from screens.commands.notice import Notice
from screens.widgets.cells import wrap_cells
from screens.widgets.key_footer import KeyFooter
from screens.widgets.notice_line import NoticeLine
from screens.widgets.pager import Pager

_TIME = 19
"""Cells for a time, its mark and the blanks around it."""

_JOURNAL_ENTRIES = 500
"""How many entries of the journal are shown, the newest ones."""


class MessagesScreen(CommandHandler, ModalScreen[None], DismissOnceScreen[None]):
    """Shows the messages and the journal of a session, each with the newest entry first."""

    DEFAULT_CSS = """
    MessagesScreen { background: ansi_default; }
    MessagesScreen #title { height: 1; padding: 0 1; background: $bar; color: $bar-text; }
    MessagesScreen Pager { padding: 0 1; }
    MessagesScreen #place { height: 1; padding: 0 1; }
    """

    AUTO_FOCUS = "Pager"
    SCOPES = (Scope.READER, Scope.EVERYWHERE)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*SCOPES)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._messages = tuple(reversed(session.app_context.messages.all()))
        self._entries: tuple[JournalEntry, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static("消息记录", id="title", markup=False)
        yield Pager()
        yield NoticeLine()
        yield Static(id="place", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        self.run_worker(self._read_journal())

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def on_notice(self, notice: Notice) -> None:
        self.query_one(NoticeLine).show(notice)

    @on(Pager.Moved)
    def _show_place(self) -> None:
        self.query_one("#place", Static).update(Text(self.query_one(Pager).position_text()))

    def action_close(self) -> None:
        self.dismiss(None)

    async def _read_journal(self) -> None:
        try:
            self._entries = tuple(await asyncio.to_thread(self._session.journal.recent, _JOURNAL_ENTRIES))
        except Problem as problem:
            self.post_message(Notice.of(problem))
        self._draw()

    def _draw(self) -> None:
        width = self.size.width - 2
        messages = [Text("本次启动以来", "bold"), *_or_none(_message_lines(self._messages, width))]
        journal = [Text("操作记录（本机缓存）", "bold"), *_or_none(_entry_lines(self._entries, width))]
        self.query_one(Pager).show([*messages, Text(), *journal])


def _or_none(lines: Iterator[Text]) -> list[Text]:
    return list(lines) or [Text("  （没有）")]


def _message_lines(messages: Sequence[Message], width: int) -> Iterator[Text]:
    for message in messages:
        code = f"  {message.code}" if message.code else ""
        yield from _lines(
            f"{message.at.astimezone():%m-%d %H:%M:%S} {message.severity.value}", message.text + code, width
        )
        if message.hint:
            yield from _lines("", message.hint, width)


def _entry_lines(entries: Sequence[JournalEntry], width: int) -> Iterator[Text]:
    for entry in entries:
        mark = "✓" if entry.outcome is Outcome.DONE else "!"
        yield from _lines(f"{entry.at.astimezone():%y-%m-%d %H:%M} {mark}", entry.summary, width)
        if entry.entry_ids:
            yield from _lines("", " ".join(entry.entry_ids), width)
        if path := entry.detail.get("path"):
            yield from _lines("", str(path), width)


def _lines(left: str, sentence: str, width: int) -> Iterator[Text]:
    first, *more = wrap_cells(format_text(sentence), width - _TIME)
    yield Text(f"{left:<{_TIME - 1}} {first}")
    for line in more:
        yield Text(" " * _TIME + line)
