"""同步结果: what the last sync changed in the cache, in numbers."""

from collections.abc import Iterable

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from jiacha_tui.actions.sync_report import SyncSummary
from jiacha_tui.declaration.formatting import format_text
from screens.base.dialog import Dialog
from screens.dialogs.sync_text import duration
from screens.widgets.cells import fit
from screens.widgets.push_button import PushButton
from screens.widgets.wrapped_text import WrappedText

_LABEL = 12
_COUNT = 9
_WIDTH = 52
"""Cells inside the frame."""

_MAX_REASONS = 5


class SyncSummaryDialog(Dialog[None]):
    """Shows `summary`; there is nothing to choose."""

    TITLE = "同步结果"

    DEFAULT_CSS = """
    SyncSummaryDialog > #frame { width: 56; }
    SyncSummaryDialog Static { height: auto; }
    SyncSummaryDialog #result { text-style: bold; margin-bottom: 1; }
    SyncSummaryDialog #last-complete { margin-top: 1; }
    SyncSummaryDialog #advice { margin-top: 1; }
    SyncSummaryDialog #stopped { margin-top: 1; text-style: bold; color: $problem; }
    """

    def __init__(self, summary: SyncSummary) -> None:
        super().__init__()
        self._summary = summary

    def body(self) -> Iterable[Widget]:
        summary = self._summary
        yield Static(f"{summary.title}，用时 {duration(summary.seconds)}", id="result", markup=False)
        yield Static("\n".join(_rows(summary)), markup=False)
        if not summary.is_complete:
            yield Static(f"这次没有取全；{summary.last_complete_text}", id="last-complete", markup=False)
        if summary.stopped:
            yield WrappedText("\n".join(f"! {format_text(text)}" for text in summary.stopped), id="stopped")
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
    if summary.outdated:
        rows.append(("下载后有变", summary.outdated, "旧文件不要申报，列表标 !"))
    if summary.failed:
        rows.append(("未取到详情", summary.failed, "缓存里只有清单"))
    if summary.cut:
        rows.append(("没有收全", summary.cut, "内容太多，详情里有说明"))
    if summary.rejected:
        rows.append(("不能用的行", summary.rejected, "没有收下，见消息记录"))
    if summary.untried:
        rows.append(("没有再取", summary.untried, "停止以后没有再试的详情"))
    if summary.delisted:
        rows.append(("不再列出", summary.delisted, "口岸的清单里没有，列表标 ×"))
    if summary.relisted:
        rows.append(("重新列出", summary.relisted, "口岸又列出了"))
    if summary.unconfirmed:
        rows.append(("没有核实", summary.unconfirmed, "清单里少了，未标记"))
    for label, count, meaning in rows:
        yield f"{label}{' ' * (_LABEL - 2 * len(label))}{count:>{_COUNT},} 票  {meaning}"
    if len(summary.reasons) > 1 or (summary.reasons and not summary.stopped):
        yield "未取到的原因："
        for reason, count in summary.reasons[:_MAX_REASONS]:
            yield fit(f"  {count:,} 票  {format_text(reason)}", _WIDTH)


def _advice(summary: SyncSummary) -> str:
    if summary.cancelled:
        return "已取得的都已存入缓存；再按 F5 从停下的地方继续。"
    if summary.incomplete:
        return f"{summary.incomplete_months} 的清单没有列全，再按 F5 会重新取。"
    if summary.unconfirmed:
        return "没有核实的，再按 F5 会重新读那些清单。"
    if summary.failed or summary.stopped:
        return "未取到的详情，再按 F5 会重新取。"
    return f"另有 {summary.left_out} 个月近日列过，没有再列；按 F5 全部重列。" if summary.left_out else ""
