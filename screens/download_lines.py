"""The words of the download dialog: what is going to be downloaded, and what became of it."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from jiacha_tui.actions.download import DownloadReport
from jiacha_tui.actions.download_plan import DownloadPart, DownloadPlan
from jiacha_tui.declaration.query import BySpan
from jiacha_tui.declaration.shown import size, text
from screens.widgets.cells import fit
from screens.widgets.wrapped import wrapped

SAME_CARD = "您下载的文件在数据下载和税务局系统导入时使用同一个卡介质操作。"
"""Manual 2.1.2, 小提示."""

_TITLE = 42


def way_text(plan: DownloadPlan) -> str:
    """One way among several, with what sets it apart."""
    wanted = sum(part.declarations for part in plan.parts) - plan.extra
    if not plan.extra and all(isinstance(part.query, BySpan) for part in plan.parts):
        return f"{plan.title}：列表里的 {wanted:,} 票"
    if plan.extra:
        return f"{plan.title}：含 {wanted:,} 票，另含同期其他 {plan.extra:,} 票"
    return f"{plan.title}：只含这 {wanted:,} 票"


def plan_said(plan: DownloadPlan) -> str:
    """What is going to be downloaded."""
    count = len(plan.parts)
    declarations = sum(part.declarations for part in plan.parts)
    if plan.refusal is not None:
        return f"可拆成 {count} 个文件下载，每个都在上限之内，共 {declarations:,} 票："
    return f"将下载 {count} 个文件，共 {declarations:,} 票："


def plan_notes(plan: DownloadPlan) -> str:
    notes = []
    if plan.extra:
        notes.append(f"文件按出口日期整段下载，其中另有 {plan.extra:,} 票不在当前筛选里。")
    if plan.from_files:
        notes.append(f"列表里有 {plan.from_files:,} 票只来自导入的文件，口岸没有列出，不在其中。")
    if not plan.items_known:
        notes.append("有的详情还没有同步，实际条数可能更多；超过上限时口岸会拒绝那个文件。")
    return "".join(notes)


def part_lines(parts: Sequence[DownloadPart], width: int, current: int | None = None) -> list[Text]:
    """A line for each file to be; `▸` before the one that is coming now."""
    return [
        Text(fit(f"{'▸' if index == current else ' '}{index + 1:>3}  {_part_text(part)}", width).rstrip())
        for index, part in enumerate(parts)
    ]


def report_text(report: DownloadReport) -> str:
    """The whole in one sentence: count, size, time and place."""
    files = report.files
    parts = []
    if report.failures:
        parts.append(f"{len(report.failures)} 个文件没有下载成功")
    if report.cancelled:
        parts.append("已按要求停止")
    if untried := _untried(report):
        parts.append(f"{len(untried)} 个还没有下载")
    if files:
        declarations, stored = sum(one.declarations for one in files), sum(one.size for one in files)
        seconds = sum(one.seconds for one in files)
        parts.append(
            f"已下载 {len(files)} 个文件，{declarations:,} 票，{size(stored)}，用时 {seconds:.1f} 秒，"
            f"存于 {text(str(files[0].path.parent))}"
        )
    return "；".join(parts)


def report_lines(report: DownloadReport, width: int) -> list[Text]:
    """What asks for something comes first: failures, what was left undone; then every file with its check."""
    lines: list[Text] = []
    for part, problem in report.failures:
        lines.append(Text(f"! {part.title}  {problem.code}", "bold"))
        lines.extend(_indented(text(problem.what), width))
        if problem.todo:
            lines.extend(_indented(text(problem.todo), width))
    lines.extend(Text(f"· {part.title}  还没有下载") for part in _untried(report))
    for file in report.files:
        facts = f"✓ {file.declarations} 票  {size(file.size)}  {file.seconds:.1f} 秒  {text(file.verified)}"
        lines.append(Text(fit(facts, width).rstrip()))
        lines.extend(_indented(text(file.path.name), width))
    return lines


def _untried(report: DownloadReport) -> list[DownloadPart]:
    """What is left and has not failed as it is: what came after the end, and halves of what was too large."""
    failed = {id(part) for part, _problem in report.failures}
    return [part for part in report.rest if id(part) not in failed]


def _part_text(part: DownloadPart) -> str:
    items = f"{part.items:>7,} 条" if part.items else ""
    return f"{fit(text(part.title), _TITLE)}{part.declarations:>6,} 票{items}"


def _indented(words: str, width: int) -> Iterator[Text]:
    for line in wrapped(words, width - 2):
        yield Text(f"  {line}")
