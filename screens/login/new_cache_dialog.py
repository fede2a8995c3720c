"""The confirmation before a new cache is made: what a sync brings back and what it does not."""

from collections.abc import Iterable

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from screens.base.dialog import Dialog
from screens.widgets.push_button import PushButton

_CONSEQUENCES = (
    "为这张卡另建一个空缓存，登录后按 F5 从口岸重新同步报关单。",
    "旧缓存不删除，原样移到一旁。其中的下载、重发、打印记录和导入的文件不会到新缓存里，重发前请另行核对。",
)


class NewCacheDialog(Dialog[bool]):
    """Dismisses with True if the operator wants a new cache."""

    TITLE = "另建缓存"

    def body(self) -> Iterable[Widget]:
        yield from (Static(sentence, markup=False) for sentence in _CONSEQUENCES)

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("取消", id="keep")
        yield PushButton("另建缓存", id="begin")

    @on(PushButton.Pressed)
    def _pressed(self, pressed: PushButton.Pressed) -> None:
        self.dismiss(pressed.button.id == "begin")
