"""The text file beside saved prints that lists what is missing and why, for a look without this program."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from jiacha_tui.actions.bulk_print_report import BulkPrintReport
from jiacha_tui.private_files import FileMissing, FileProblem, read_limited, replace_private

FILE_NAME: Final = "打印结果.txt"
_FIRST_LINE: Final = "批量保存打印的结果"


def write_result_file(report: BulkPrintReport, now: datetime) -> Path | None:
    """Writes the file to the folder of the report, in place of the one of an earlier run. `now` has a time zone.

    Returns None if the folder cannot be written to or has a file of this name that is not ours: the report is shown on
    the screen too.
    """
    path = report.folder / FILE_NAME
    with suppress(FileProblem):
        if _may_replace(path):
            replace_private(path, "".join(f"{line}\n" for line in _lines(report, now)).encode())
            return path
    return None


def _may_replace(path: Path) -> bool:
    beginning = _FIRST_LINE.encode()
    try:
        return read_limited(path, len(beginning)) == beginning
    except FileMissing:
        return True


def _lines(report: BulkPrintReport, now: datetime) -> Iterator[str]:
    yield f"{_FIRST_LINE}，{now:%Y-%m-%d %H:%M:%S}"
    yield report.text()
    if report.stopped_by is not None:
        yield f"停下的原因：{report.stopped_by.message}。{report.stopped_by.hint}"
    if report.unsaved:
        yield ""
        yield f"缺 {len(report.unsaved)} 票："
        yield from (
            f"{print_.entry_id}  {print_.reason}{'；' if print_.hint else ''}{print_.hint}" for print_ in report.unsaved
        )
    if report.untried:
        yield ""
        yield f"还没有取 {len(report.untried)} 票，再运行一次接着取："
        yield from report.untried
    if report.unchecked:
        yield ""
        yield f"报关单号没有核对的（PDF 没有文字，或分不清号码） {len(report.unchecked)} 票："
        yield from report.unchecked
