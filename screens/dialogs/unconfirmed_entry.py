"""缓存核对: what the login found wrong with the files of the cache or did to them, until the operator confirms it."""

from collections.abc import Iterable

from textual import on
from textual.widget import Widget

from jiacha_tui.declaration.formatting import format_text
from jiacha_tui.declaration.journal import JournalEntry
from screens.base.dialog import Dialog
from screens.widgets.push_button import PushButton
from screens.widgets.wrapped_text import WrappedText


class UnconfirmedEntryDialog(Dialog[bool]):
    """Shows one entry. Dismisses with whether the operator has confirmed it; if not, the next login shows it again."""

    TITLE = "缓存核对"

    DEFAULT_CSS = """
    UnconfirmedEntryDialog > #frame { width: 76; }
    UnconfirmedEntryDialog #more { margin-top: 1; }
    """

    def __init__(self, entry: JournalEntry) -> None:
        super().__init__()
        self._entry = entry

    def body(self) -> Iterable[Widget]:
        text = format_text(self._entry.message).replace("。", "。\n")
        yield WrappedText(f"{self._entry.at.astimezone():%Y-%m-%d %H:%M} 登录时：\n{text}。", id="found")
        yield WrappedText("以上已写入消息记录（按 m 再看）。点「已知悉」以前，每次登录都会再提醒。", id="more")

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("下次再提醒", id="later")
        yield PushButton("已知悉", id="confirm")

    @on(PushButton.Pressed)
    def _pressed(self, pressed: PushButton.Pressed) -> None:
        self.dismiss(pressed.button.id == "confirm")
