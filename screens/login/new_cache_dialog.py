"""The confirmations before a cache is replaced or goes back to an earlier state: what stays and what does not."""

from collections.abc import Iterable

from textual import on
from textual.widget import Widget

from jiacha_tui.actions.cache_recovery import EarlierState
from screens.base.dialog import Dialog
from screens.widgets.push_button import PushButton
from screens.widgets.wrapped_text import WrappedText

_NEW_CACHE = (
    "为这张卡另建一个空缓存，在线登录后自动从口岸重新同步报关单。",
    "旧缓存里还能读的操作记录、重发记录和标记先存成文件（没有加密，只有本人可读），"
    "和旧缓存一起移到旧缓存的文件夹，都不删除。",
    "最近的重发和结果未知的重发尽量带到新缓存；下载、打印标记和导入的文件不带过去。重发前请另行核对。",
)
_LOG_KEPT = (
    "损坏的日志移到旧缓存的文件夹里保留。这以后的报关单可以再同步，"
    "这以后的下载、重发、打印记录不在其中：重发前请另行核对。"
)


class _RecoveryDialog(Dialog[bool]):
    """Dismisses with True if the operator wants it."""

    SENTENCES: tuple[str, ...] = ()

    def body(self) -> Iterable[Widget]:
        yield from map(WrappedText, self.SENTENCES)

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("取消", id="keep")
        yield PushButton(self.TITLE or "", id="begin")

    @on(PushButton.Pressed)
    def _pressed(self, pressed: PushButton.Pressed) -> None:
        self.dismiss(pressed.button.id == "begin")


class NewCacheDialog(_RecoveryDialog):
    """Dismisses with True if the operator wants a new cache."""

    TITLE = "另建缓存"
    SENTENCES = _NEW_CACHE


class EarlierStateDialog(_RecoveryDialog):
    """Dismisses with True if the operator wants the state of the cache before its log was damaged."""

    TITLE = "打开损坏前的状态"

    def __init__(self, state: EarlierState) -> None:
        super().__init__()
        self.SENTENCES = (f"缓存文件完好，只是日志（最近的改动）损坏。打开日志损坏以前的状态{state.text}。", _LOG_KEPT)
