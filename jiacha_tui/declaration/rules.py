"""The rules of the port that the program knows beforehand, and the refusals, in the words of the operator's manual.

The program refuses first where it can know; the port refuses again. A text that the manual gives is used to the
letter; where the manual states a rule without giving the message, the refusal is worded after the rule.
"""

import calendar
import enum
import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRange

MAX_DOWNLOAD_DAYS: Final = 30
"""Calendar days of 出口日期 in one download, the first and the last counted (manual 2.1.2)."""

MAX_DOWNLOAD_ITEMS: Final = 1000
"""Items (报关单表体条数) in one download of more than one day (manual 2.1.2)."""

MAX_DOWNLOAD_BYTES: Final = 8 * 1024 * 1024
"""Size of one download of more than one day: the manual's 8M (2.1.2), read as mebibytes."""

MAX_BATCH: Final = 10
"""Declarations in one resend (manual 2.1.3) or one batch preview and print (manual 2.1.4)."""


class Refusal(Problem):
    """Something that a rule forbids; nothing was sent."""


class QuerySpanTooLong(Refusal):
    def __init__(self, latest_end: date) -> None:
        super().__init__(
            "query.span-too-long", "出口日期最长不能超过一个月", f"请把截止日期改到 {latest_end} 或更早，或分次查询"
        )
        self.latest_end = latest_end


class DownloadSpanTooLong(Refusal):
    def __init__(self, days: int) -> None:
        super().__init__(
            "download.span-too-long",
            f"出口日期查询区间最长不能超过 {MAX_DOWNLOAD_DAYS} 天",
            f"现在是 {days} 天，请拆成几个文件下载",
        )
        self.days = days


class TooManyItems(Refusal):
    def __init__(self, item_count: int) -> None:
        super().__init__(
            "download.too-many-items",
            f"下载失败：您本次下载的{item_count}条数据，超过了 {MAX_DOWNLOAD_ITEMS} 条的下载上限，"
            "请重新设置查询条件进行下载，缩小查询范围",
            "请拆成几个文件下载，或按天下载（一天内没有上限）",
        )
        self.item_count = item_count


class DownloadTooLarge(Refusal):
    def __init__(self) -> None:
        super().__init__(
            "download.too-large",
            "您下载的报关单数据量过大，请调整查询区间后再试！",
            "请拆成几个文件下载，或按天下载（一天内没有上限）",
        )


_TOO_MANY_ITEMS = re.compile(
    re.escape(TooManyItems(0).message).replace("0", r"\d+", 1).replace(str(MAX_DOWNLOAD_ITEMS), r"\d+")
)


def is_download_cap(text: str) -> bool:
    """Whether the port's `text` says that a download holds too much, so that a smaller one may pass (manual 2.1.2)."""
    return text == DownloadTooLarge().message or _TOO_MANY_ITEMS.fullmatch(text) is not None


class BatchOperation(enum.Enum):
    """What is done to several declarations at once; the value is the site's name for it."""

    RESEND = "重新发往税务总局"
    PRINT = "批量预览/打印"


class NothingSelected(Refusal):
    def __init__(self, batch: BatchOperation) -> None:
        super().__init__("batch.empty", f"{batch.value}：没有选择报关单", "请先选择报关单")


class BatchTooLarge(Refusal):
    def __init__(self, batch: BatchOperation, count: int) -> None:
        super().__init__(
            "batch.too-large",
            f"{batch.value}：一次最多选择 {MAX_BATCH} 条报关单数据",
            f"现在选择了 {count} 条，请分批进行",
        )
        self.count = count


def latest_query_end(start: date) -> date:
    """The last 出口日期 that a query from `start` may end on.

    The manual says 「最长不能超过一个月」 (2.1.1) and no more. Assumed: the same day of the next month is still
    allowed, and where the next month has no such day, its last one.
    """
    year, month = (start.year, start.month + 1) if start.month < 12 else (start.year + 1, 1)  # noqa: PLR2004 - December
    if year > date.max.year:
        return date.max
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def check_query(span: DateRange) -> None:
    """Raises QuerySpanTooLong where `span` is over a month (manual 2.1.1)."""
    latest_end = latest_query_end(span.start)
    if span.end > latest_end:
        raise QuerySpanTooLong(latest_end)


def check_download_span(span: DateRange) -> None:
    """Raises DownloadSpanTooLong where `span` is over 30 days (manual 2.1.2)."""
    if span.days > MAX_DOWNLOAD_DAYS:
        raise DownloadSpanTooLong(span.days)


def check_download(span: DateRange, item_count: int) -> None:
    """Raises DownloadSpanTooLong or TooManyItems; a single day may hold any number of items (manual 2.1.2)."""
    check_download_span(span)
    if span.days > 1 and item_count > MAX_DOWNLOAD_ITEMS:
        raise TooManyItems(item_count)


def check_download_size(span: DateRange, size: int) -> None:
    """Raises DownloadTooLarge; the file of a single day may have any `size`, in bytes (manual 2.1.2)."""
    if span.days > 1 and size > MAX_DOWNLOAD_BYTES:
        raise DownloadTooLarge


def check_batch(entry_ids: Sequence[str], batch: BatchOperation) -> None:
    """Raises NothingSelected or BatchTooLarge (manual 2.1.3 and 2.1.4)."""
    if not entry_ids:
        raise NothingSelected(batch)
    if len(entry_ids) > MAX_BATCH:
        raise BatchTooLarge(batch, len(entry_ids))
