"""What the clerk notes about a declaration: the port knows nothing of it, and no sync changes it."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from jiacha_tui.declaration.formatting import format_text
from jiacha_tui.declaration.problem import Problem

MAX_BATCH_LENGTH: Final = 20
MAX_NOTE_LENGTH: Final = 200

_MONTH = re.compile(r"(20\d\d)[-./年]?(0?[1-9]|1[0-2])月?", re.ASCII)
_DAY = re.compile(r"(20\d\d)[-./]?(\d{1,2})[-./]?(\d{1,2})", re.ASCII)


class InvalidMark(Problem):
    """A mark cannot be read."""

    def __init__(self, message: str) -> None:
        super().__init__("mark.invalid", message, "改正以后再确定；不填就是没有")


@dataclass(frozen=True, slots=True)
class ClerkMarks:
    """申报年月 (yyyymm) and 批次, if it was filed; the day on which payment was collected; a note of one line."""

    filed_month: str = ""
    filed_batch: str = ""
    collected_on: date | None = None
    note: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """What is noted, in Chinese."""
        batch = f" 批次 {format_text(self.filed_batch)}" if self.filed_batch else ""
        return (
            *([f"已申报 {self.filed_month}{batch}"] if self.filed_month else []),
            *([f"已收汇 {self.collected_on}"] if self.collected_on is not None else []),
            *([f"批注：{format_text(self.note)}"] if self.note else []),
        )


def read_marks(filed_month: str, filed_batch: str, collected_on: str, note: str) -> ClerkMarks:
    """The marks as they were typed. Raises InvalidMark."""
    month, day = _MONTH.fullmatch(filed_month.strip()), _DAY.fullmatch(collected_on.strip())
    if filed_month.strip() and month is None:
        raise InvalidMark("申报年月应写成 202611 或 2026-11")
    if filed_batch.strip() and month is None:
        raise InvalidMark("有批次时要写申报年月")
    try:
        collected = date(int(day[1]), int(day[2]), int(day[3])) if day is not None else None
    except ValueError:
        raise InvalidMark("没有这个收汇日期") from None
    if collected_on.strip() and collected is None:
        raise InvalidMark("收汇日期应写成 20261128 或 2026-11-28")
    return ClerkMarks(
        f"{month[1]}{int(month[2]):02}" if month is not None else "",
        filed_batch.strip()[:MAX_BATCH_LENGTH],
        collected,
        " ".join(note.split())[:MAX_NOTE_LENGTH],
    )
