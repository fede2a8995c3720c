"""The words of the download dialog: what is going to be downloaded, and what became of it."""

from collections.abc import Iterator, Sequence
from itertools import chain, repeat

from rich.text import Text

from jiacha_tui.actions.download import DownloadReport
from jiacha_tui.actions.download_plan import DownloadPart, DownloadPlan
from jiacha_tui.declaration.formatting import format_date, format_size, format_text
from jiacha_tui.declaration.query import DateRangeQuery
from screens.widgets.cells import fit, wrap_cells

SAME_CARD = "您下载的文件在数据下载和税务局系统导入时使用同一个卡介质操作。"
"""Manual 2.1.2, 小提示."""

_TITLE, _ITEMS = 41, 14


def way_text(plan: DownloadPlan) -> str:
    """One way among several, with what sets it apart."""
    wanted = plan.declarations - plan.extra
    if not plan.extra and all(isinstance(part.query, DateRangeQuery) for part in plan.parts):
        return f"{plan.title}：列表里的 {wanted:,} 票"
    if plan.extra:
        return f"{plan.title}：含 {wanted:,} 票，另含同期其他 {plan.extra:,} 票"
    return f"{plan.title}：只含这 {wanted:,} 票"


def plan_said(plan: DownloadPlan) -> str:
    """What is going to be downloaded."""
    count, declarations = len(plan.parts), plan.declarations
    if plan.refusal is None:
        return f"将下载 {count} 个文件，共 {declarations:,} 票："
    within = "每个都在上限之内" if plan.items_known else "按已知的条数都在上限之内"
    return f"可拆成 {count} 个文件下载，{within}，共 {declarations:,} 票："


def plan_notes(plan: DownloadPlan) -> str:
    notes = []
    if plan.downloaded and plan.last_download is not None:
        count = f"其中 {plan.downloaded:,} 票" if plan.downloaded < plan.declarations else "全部"
        notes.append(f"{count}已下载过（↓），最近 {format_date(plan.last_download.astimezone())}。")
    if plan.extra:
        notes.append(f"文件按出口日期整段下载，其中另有 {plan.extra:,} 票不在当前筛选里。")
    if plan.from_files:
        notes.append(f"列表里有 {plan.from_files:,} 票只来自导入的文件，口岸没有列出，不在其中。")
    if not plan.items_known:
        notes.append("有的详情还没有同步，实际条数可能更多；超过上限时口岸会拒绝那个文件。")
    return "".join(notes)


def part_lines(parts: Sequence[DownloadPart], width: int, so_far: DownloadReport | None = None) -> list[Text]:
    """A line for each file to be; while they come, `✓` or `!` before what has come or failed, `▸` before the next."""
    marks: list[str] = []
    if so_far is not None:
        failed = {id(part) for part, _problem in so_far.failures}
        marks = ["!" if id(part) in failed else "✓" for part in parts[: tried(so_far)]] + ["▸"]
    return [
        Text(fit(f"{mark}{number:>3}  {_part_text(part)}", width).rstrip())
        for number, (part, mark) in enumerate(zip(parts, chain(marks, repeat(" ")), strict=False), 1)
    ]


def tried(report: DownloadReport) -> int:
    """How many parts of the plan have come or failed."""
    return len(report.files) + len(report.failures)


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
            f"已下载 {len(files)} 个文件，{declarations:,} 票，{format_size(stored)}，用时 {seconds:.1f} 秒，"
            f"存于 {format_text(str(files[0].path.parent))}"
        )
    return "；".join(parts)


def report_lines(report: DownloadReport, width: int) -> list[Text]:
    """What asks for something comes first: failures, what was left undone; then every file.

    What the check found is told once where it is the same for all.
    """
    lines: list[Text] = []
    for part, problem in report.failures:
        lines.append(Text(f"! {part.title}  {problem.code}", "bold"))
        lines.extend(_indented(format_text(problem.message), width))
        if problem.hint:
            lines.extend(_indented(format_text(problem.hint), width))
    lines.extend(Text(f"· {part.title}  还没有下载") for part in _untried(report))
    found = {file.verified for file in report.files}
    if len(report.files) > len(found) == 1:
        lines.extend(_indented(f"每个文件都核对过：{format_text(report.files[0].verified)}", width))
    for file in report.files:
        facts = f"✓ {file.part.title}  {file.declarations:,} 票  {format_size(file.size)}  {file.seconds:.1f} 秒"
        lines.append(Text(fit(facts, width).rstrip()))
        if len(report.files) == 1 or len(found) > 1:
            lines.extend(_indented(format_text(file.verified), width))
        lines.extend(_indented(format_text(file.path.name), width))
    return lines


def _untried(report: DownloadReport) -> list[DownloadPart]:
    """What is left and has not failed as it is: what came after the end, and halves of what was too large."""
    failed = {id(part) for part, _problem in report.failures}
    return [part for part in report.remaining if id(part) not in failed]


def _part_text(part: DownloadPart) -> str:
    again = "↓" if part.downloaded == part.declarations else f"↓{part.downloaded:,}"
    return (
        f"{fit(format_text(part.title), _TITLE)}{part.declarations:>6,} 票"
        f"{fit(_items_text(part), _ITEMS, right=True)}{'  ' + again if part.downloaded else ''}"
    )


def _items_text(part: DownloadPart) -> str:
    """Nothing for a single declaration, to which no cap applies."""
    if not isinstance(part.query, DateRangeQuery):
        return ""
    if part.items_known:
        return f"{part.items:,} 条"
    return f"至少 {part.items:,} 条" if part.items else "条数未知"


def _indented(words: str, width: int) -> Iterator[Text]:
    for line in wrap_cells(words, width - 2):
        yield Text(f"  {line}")
