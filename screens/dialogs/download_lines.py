"""The texts of the download dialog: which files will be downloaded, and the result of each."""

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


def choice_text(plan: DownloadPlan) -> str:
    """The row of `plan` in a list of several plans: its title and what distinguishes it."""
    requested = plan.declarations - plan.extra
    if not plan.extra and all(isinstance(part.query, DateRangeQuery) for part in plan.parts):
        return f"{plan.title}：列表里的 {requested:,} 票"
    if plan.extra:
        return f"{plan.title}：含 {requested:,} 票，另含同期其他 {plan.extra:,} 票"
    return f"{plan.title}：只含这 {requested:,} 票"


def refusal_text(plan: DownloadPlan) -> str:
    """Why one single file is not possible, with the official text of the cap; "" if the plan had to split nothing.

    The official text may begin with 下载失败, although no download was tried. It is quoted as what the port would say.
    """
    return f"合成一个文件会超过口岸的上限，口岸的提示是：“{plan.refusal.message}”" if plan.refusal is not None else ""


def plan_text(plan: DownloadPlan) -> str:
    """How many files with how many declarations will be downloaded."""
    count, declarations = len(plan.parts), plan.declarations
    if plan.refusal is None:
        return f"将下载 {count} 个文件，共 {declarations:,} 票："
    within = "每个都在上限之内" if plan.items_known else "按已知的条数都在上限之内"
    return f"可拆成 {count} 个文件下载，{within}，共 {declarations:,} 票："


def plan_notes(plan: DownloadPlan) -> str:
    """What is worth knowing before the download: earlier downloads, and what the files hold more or less."""
    notes = []
    if plan.downloaded and plan.last_download is not None:
        count = f"其中 {plan.downloaded:,} 票" if plan.downloaded < plan.declarations else "全部"
        notes.append(f"{count}已下载过（↓），最近 {format_date(plan.last_download.astimezone())}。")
    if plan.outdated:
        notes.append(f"! {plan.outdated:,} 票上次下载后口岸数据有变：旧文件不要用于申报，以这次的为准。")
    if plan.extra:
        notes.append(f"文件按出口日期整段下载，其中另有 {plan.extra:,} 票不在当前筛选里。")
    if plan.from_files:
        notes.append(f"列表里有 {plan.from_files:,} 票只来自导入的文件，口岸没有列出，不在其中。")
    if plan.delisted:
        notes.append(f"另有 {plan.delisted:,} 票口岸不再列出（×），不在其中。")
    if plan.incomplete:
        notes.append(f"口岸的清单有 {plan.incomplete:,} 行没有列出或不能用：文件里可能另有报关单，不会标为已下载。")
    if not plan.items_known:
        notes.append("有的详情还没有同步，实际条数可能更多；超过上限时口岸会拒绝那个文件。")
    return "".join(notes)


def part_lines(parts: Sequence[DownloadPart], width: int, progress: DownloadReport | None = None) -> list[Text]:
    """A line of at most `width` cells for each file.

    With the `progress` of a running download, `✓` and `!` mark the files that have come and failed, `▸` the next one.
    """
    marks: list[str] = []
    if progress is not None:
        failed = [part for part, _problem in progress.failures]
        marks = ["!" if part in failed else "✓" for part in parts[: finished_count(progress)]] + ["▸"]
    return [
        Text(fit(f"{mark}{number:>3}  {_part_text(part)}", width).rstrip())
        for number, (part, mark) in enumerate(zip(parts, chain(marks, repeat(" ")), strict=False), 1)
    ]


def finished_count(report: DownloadReport) -> int:
    """How many parts of the plan have come or failed."""
    return len(report.files) + len(report.failures)


def report_text(report: DownloadReport) -> str:
    """The result of all files in one sentence: failures, what is missing, and the count, size, time and folder."""
    files = report.files
    pieces = [found for part, _problem in report.failures if (found := _pieces(report, part))]
    parts = []
    if failed := len(report.failures) - len(pieces):
        parts.append(f"{failed} 个文件没有下载成功")
    if pieces:
        parts.append(f"{len(pieces)} 个文件超过上限，已改为 {sum(map(len, pieces))} 个更小的文件，还没有下载")
    if report.cancelled:
        parts.append("已按要求停止")
    if count := len(_not_started(report)):
        parts.append(f"{'另有 ' if pieces else ''}{count} 个还没有下载")
    if files:
        declarations, stored = sum(file.declarations for file in files), sum(file.size for file in files)
        seconds = sum(file.seconds for file in files)
        parts.append(
            f"已下载 {len(files)} 个文件，{declarations:,} 票，{format_size(stored)}，用时 {seconds:.1f} 秒，"
            f"存于 {format_text(str(files[0].path.parent))}"
        )
    return "；".join(parts)


def report_lines(report: DownloadReport, width: int) -> list[Text]:
    """Lines of at most `width` cells: first the failures and what was not downloaded, then every downloaded file.

    The result of the check is shown once if it is the same for all files.
    """
    lines: list[Text] = []
    for part, problem in report.failures:
        pieces = _pieces(report, part)
        hint = f"已改为 {len(pieces)} 个更小的文件，可以接着下载：" if pieces else problem.hint
        lines.append(Text(f"! {part.title}  {problem.code}", "bold"))
        lines.extend(_indented(format_text(problem.message), width))
        if hint:
            lines.extend(_indented(format_text(hint), width))
        lines.extend(Text(f"  · {piece.title}  还没有下载") for piece in pieces)
    lines.extend(Text(f"· {part.title}  还没有下载") for part in _not_started(report))
    checks = {file.verified for file in report.files}
    if len(report.files) > len(checks) == 1:
        lines.extend(_indented(f"每个文件都核对过：{format_text(report.files[0].verified)}", width))
    for file in report.files:
        facts = f"✓ {file.part.title}  {file.declarations:,} 票  {format_size(file.size)}  {file.seconds:.1f} 秒"
        lines.append(Text(fit(facts, width).rstrip()))
        if len(report.files) == 1 or len(checks) > 1:
            lines.extend(_indented(format_text(file.verified), width))
        lines.extend(_indented(format_text(file.path.name), width))
    return lines


def _pieces(report: DownloadReport, failed: DownloadPart) -> list[DownloadPart]:
    """The smaller files that a file was split into because the port found it too large; none for any other failure."""
    return [part for part in report.remaining if part != failed and _covers(failed, part)]


def _covers(whole: DownloadPart, part: DownloadPart) -> bool:
    """Whether the declarations of `part` are among those of `whole`. Two files of one plan have none in common."""
    if not isinstance(whole.query, DateRangeQuery) or not isinstance(part.query, DateRangeQuery):
        return False
    outer, inner = whole.query.date_range, part.query.date_range
    return whole.query.kind is part.query.kind and inner.start in outer and inner.end in outer


def _not_started(report: DownloadReport) -> list[DownloadPart]:
    """The files after the one that ended the download, without failed ones and their pieces."""
    failed = [part for part, _problem in report.failures]
    return [
        part
        for part in report.remaining
        if not any(part == failed_part or _covers(failed_part, part) for failed_part in failed)
    ]


def _part_text(part: DownloadPart) -> str:
    downloaded = "↓" if part.downloaded == part.declarations else f"↓{part.downloaded:,}"
    outdated = " !" if part.outdated else ""
    return (
        f"{fit(format_text(part.title), _TITLE)}{part.declarations:>6,} 票"
        f"{fit(_items_text(part), _ITEMS, right=True)}{f'  {downloaded}{outdated}' if part.downloaded else ''}"
    )


def _items_text(part: DownloadPart) -> str:
    """How many items the file holds; "" for a single declaration, to which no cap applies."""
    if not isinstance(part.query, DateRangeQuery):
        return ""
    if part.items_known:
        return f"{part.items:,} 条"
    return f"至少 {part.items:,} 条" if part.items else "条数未知"


def _indented(sentence: str, width: int) -> Iterator[Text]:
    for line in wrap_cells(sentence, width - 2):
        yield Text(f"  {line}")
