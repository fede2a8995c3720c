"""The texts of the dialog that saves many prints: what it will do, how far it is, and what is missing."""

from rich.text import Text

from jiacha_tui.actions.bulk_print_report import BulkPrintReport
from jiacha_tui.actions.bulk_prints import BulkPrintsPlan
from jiacha_tui.declaration.formatting import format_text
from screens.widgets.cells import wrap_cells

_BAR_CELLS = 20


def bulk_plan_text(plan: BulkPrintsPlan) -> str:
    """How many prints will be fetched, and which cannot be."""
    lines = [f"将从口岸取 {len(plan.summaries):,} 票的打印，每票一个文件 报关单号.pdf；文件夹里已有而且完整的不再取。"]
    if plan.unsaved:
        lines.append(f"另有 {len(plan.unsaved):,} 票口岸没有列出或不再列出，没有打印可取，会列在结果里。")
    lines.append("每取一票，口岸计一次打印次数。每 10 票停一停；随时可以停止，再运行一次就接着取。")
    return "\n".join(lines)


def bulk_progress_text(report: BulkPrintReport, width: int) -> str:
    """How far a run is, in a few lines of at most `width` cells."""
    filled = _BAR_CELLS * report.done // max(1, report.total)
    bar = "█" * filled + "░" * (_BAR_CELLS - filled)
    counts = f"新取 {report.saved:,}，已有 {report.present:,}，缺 {len(report.unsaved):,}"
    lines = [f"{bar} {report.done:,}/{report.total:,} 票  {counts}"]
    if (left := _seconds_left(report)) is not None:
        lines.append(f"已用 {report.seconds:.0f} 秒，还需约 {left:.0f} 秒")
    if report.waiting:
        lines.append(report.waiting)
    return "\n".join(row for line in lines for row in wrap_cells(line, width))


def bulk_report_lines(report: BulkPrintReport, width: int) -> list[Text]:
    """Lines of at most `width` cells: why the run stopped, what is missing and why, what was not checked."""
    lines: list[Text] = []
    if report.stopped_by is not None:
        problem = report.stopped_by
        lines.append(Text(f"! 停下的原因  {problem.code}", "bold"))
        lines += _indented(f"{problem.message}。{problem.hint}", width)
    previous = ""
    for print_ in report.unsaved:
        lines.append(Text(f"! 缺 {format_text(print_.entry_id)}"))
        reason = f"{print_.reason}{'；' if print_.hint else ''}{print_.hint}"
        if reason != previous:
            lines += _indented(reason, width)
        else:
            lines[-1].append("  原因同上")
        previous = reason
    lines += [Text(f"· {format_text(entry_id)}  报关单号没有核对，请打开看") for entry_id in report.unchecked]
    return lines


def _seconds_left(report: BulkPrintReport) -> float | None:
    """Seconds that the rest takes at the rate of what was fetched so far; None before anything was."""
    if not report.calls or not report.saved:
        return None
    return report.seconds / report.calls * len(report.untried)


def _indented(sentence: str, width: int) -> list[Text]:
    return [Text(f"  {line}") for line in wrap_cells(format_text(sentence), width - 2)]
