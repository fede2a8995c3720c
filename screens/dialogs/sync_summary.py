"""同步结果: what the last sync changed in the cache, in numbers."""

from collections.abc import Iterable

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from jiacha_tui.actions.sync import SyncSummary
from screens.base.dialog import Dialog
from screens.dialogs.sync_text import duration
from screens.widgets.push_button import PushButton

_LABEL = 12
_COUNT = 9


class SyncSummaryDialog(Dialog[None]):
    """Shows `summary`; there is nothing to choose."""

    TITLE = "同步结果"

    DEFAULT_CSS = """
    SyncSummaryDialog > #frame { width: 56; }
    SyncSummaryDialog Static { height: auto; }
    SyncSummaryDialog #result { text-style: bold; margin-bottom: 1; }
    SyncSummaryDialog #advice { margin-top: 1; }
    """

    def __init__(self, summary: SyncSummary) -> None:
        super().__init__()
        self._summary = summary

    def body(self) -> Iterable[Widget]:
        summary = self._summary
        yield Static(f"{summary.title}，用时 {duration(summary.seconds)}", id="result", markup=False)
        yield Static("\n".join(_rows(summary)), markup=False)
        if advice := _advice(summary):
            yield Static(advice, id="advice", markup=False)

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("关闭", id="close")

    @on(PushButton.Pressed)
    def _close(self) -> None:
        self.dismiss(None)


def _rows(summary: SyncSummary) -> Iterable[str]:
    rows = [
        ("新增", summary.new, "口岸上新出现的报关单"),
        ("变更", summary.changed, "海关改单或重传过的报关单"),
        ("未变", summary.unchanged, "与缓存一致"),
        ("已取详情", summary.details, "表头和表体已存入缓存"),
    ]
    if summary.failed:
        rows.append(("未取到详情", summary.failed, "缓存里只有清单"))
    if summary.rejected:
        rows.append(("不能用的行", summary.rejected, "没有收下，见消息记录"))
    for label, count, meaning in rows:
        yield f"{label}{' ' * (_LABEL - 2 * len(label))}{count:>{_COUNT},} 票  {meaning}"


def _advice(summary: SyncSummary) -> str:
    if summary.cancelled:
        return "已取得的都已存入缓存；再按 F5 从停下的地方继续。"
    if summary.incomplete:
        return f"{'、'.join(summary.incomplete)} 的清单没有列全，再按 F5 会重新取。"
    return "未取到的详情，再按 F5 会重新取。" if summary.failed else ""
