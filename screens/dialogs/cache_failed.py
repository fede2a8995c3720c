"""本机缓存出错: says that the cache has failed while it was used, and that the login screen has a way out."""

from collections.abc import Iterable

from textual import on
from textual.widget import Widget

from jiacha_tui.declaration.problem import Problem
from screens.base.dialog import Dialog
from screens.widgets.push_button import PushButton
from screens.widgets.wrapped_text import WrappedText

_WHAT_NOW = (
    "缓存现在关闭，正在做的都已停下；已经存下的文件和记录不受影响。",
    "回到登录画面以后可以再登录一次；仍然出错，就在那里「另建缓存」：旧缓存里还能读的记录先存成文件，旧缓存保留。",
    "正在重发的，请先核对是否发出，不要马上再发。",
)


class CacheFailedDialog(Dialog[bool]):
    """Dismisses with whatever closes it: the cache is closed afterwards in any case."""

    TITLE = "本机缓存出错"

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self._problem = problem

    def body(self) -> Iterable[Widget]:
        yield WrappedText(f"! {self._problem.message}  {self._problem.code}")
        yield from map(WrappedText, _WHAT_NOW)

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("回到登录画面", id="login")

    @on(PushButton.Pressed)
    def _pressed(self) -> None:
        self.dismiss(True)
