"""The port's rules about queries, downloads and batch operations, and the refusals that follow from them.

The program checks them before it sends a request; the port checks them again. If the operator's manual gives a
message, the refusal has exactly that text. If the manual states only the rule, the refusal repeats its words.
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
"""The most calendar days of 出口日期 in one download, including the first and the last (manual 2.1.2)."""

MAX_DOWNLOAD_ITEMS: Final = 1000
"""The most items (报关单表体条数) in one download of more than one day (manual 2.1.2)."""

MAX_DOWNLOAD_BYTES: Final = 8 * 1024 * 1024
"""The largest download of more than one day: the manual's 8M (2.1.2), read as mebibytes."""

MAX_BATCH: Final = 10
"""The most declarations in one resend (manual 2.1.3) or one batch preview or print (manual 2.1.4)."""


class Refusal(Problem):
    """A rule of the port forbids the operation. It is raised before anything is sent, with one exception.

    The size of a download is known only when the file has arrived; a file that is too large is not stored.
    """


class QuerySpanTooLong(Refusal):
    """A query spans more than one month. `latest_end` is the last end date that passes."""

    def __init__(self, latest_end: date) -> None:
        super().__init__(
            "query.span-too-long", "出口日期最长不能超过一个月", f"请把截止日期改到 {latest_end} 或更早，或分次查询"
        )
        self.latest_end = latest_end


class DownloadSpanTooLong(Refusal):
    """A download spans `days` days, more than MAX_DOWNLOAD_DAYS."""

    def __init__(self, days: int) -> None:
        super().__init__(
            "download.span-too-long",
            f"出口日期查询区间最长不能超过 {MAX_DOWNLOAD_DAYS} 天",
            f"现在是 {days} 天，请拆成几个文件下载",
        )
        self.days = days


class TooManyItems(Refusal):
    """A download of several days has `item_count` items, more than MAX_DOWNLOAD_ITEMS."""

    def __init__(self, item_count: int) -> None:
        super().__init__(
            "download.too-many-items",
            f"下载失败：您本次下载的{item_count}条数据，超过了 {MAX_DOWNLOAD_ITEMS} 条的下载上限，"
            "请重新设置查询条件进行下载，缩小查询范围",
            "请拆成几个文件下载，或按天下载（一天内没有上限）",
        )
        self.item_count = item_count


class DownloadTooLarge(Refusal):
    """A download of several days is larger than MAX_DOWNLOAD_BYTES."""

    def __init__(self) -> None:
        super().__init__(
            "download.too-large",
            "您下载的报关单数据量过大，请调整查询区间后再试！",
            "请拆成几个文件下载，或按天下载（一天内没有上限）",
        )


_TOO_MANY_ITEMS = re.compile(
    re.escape(TooManyItems(0).message).replace("0", r"\d+", 1).replace(str(MAX_DOWNLOAD_ITEMS), r"\d+")
)


def is_download_cap_message(text: str) -> bool:
    """Whether the port's `text` says that a download holds too much (manual 2.1.2). A smaller one may then pass."""
    return text == DownloadTooLarge().message or _TOO_MANY_ITEMS.fullmatch(text) is not None


class BatchOperation(enum.Enum):
    """An operation on several declarations at once. The value is the site's name for it."""

    RESEND = "重新发往税务总局"
    PRINT = "批量预览/打印"


class NothingSelected(Refusal):
    """A batch operation was started without a declaration."""

    def __init__(self, batch: BatchOperation) -> None:
        super().__init__("batch.empty", f"{batch.value}：没有选择报关单", "请先选择报关单")


class BatchTooLarge(Refusal):
    """A batch operation was started with `count` declarations, more than MAX_BATCH."""

    def __init__(self, batch: BatchOperation, count: int) -> None:
        super().__init__(
            "batch.too-large",
            f"{batch.value}：一次最多选择 {MAX_BATCH} 条报关单数据",
            f"现在选择了 {count} 条，请分批进行",
        )
        self.count = count


def latest_query_end(start: date) -> date:
    """The latest end date of a query by 出口日期 that starts on `start`.

    The manual only says 「最长不能超过一个月」 (2.1.1). Assumed: the same day of the next month is still allowed, or
    the last day of the next month if it has no such day.
    """
    year, month = (start.year, start.month + 1) if start.month < 12 else (start.year + 1, 1)  # noqa: PLR2004 - December
    if year > date.max.year:
        return date.max
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def check_query_span(date_range: DateRange) -> None:
    """Raises QuerySpanTooLong if the range is longer than a month (manual 2.1.1)."""
    latest_end = latest_query_end(date_range.start)
    if date_range.end > latest_end:
        raise QuerySpanTooLong(latest_end)


def check_download_span(date_range: DateRange) -> None:
    """Raises DownloadSpanTooLong if the range is longer than 30 days (manual 2.1.2)."""
    if date_range.days > MAX_DOWNLOAD_DAYS:
        raise DownloadSpanTooLong(date_range.days)


def check_download(date_range: DateRange, item_count: int) -> None:
    """Raises DownloadSpanTooLong or TooManyItems (manual 2.1.2). A single day may have any number of items."""
    check_download_span(date_range)
    if date_range.days > 1 and item_count > MAX_DOWNLOAD_ITEMS:
        raise TooManyItems(item_count)


def check_download_size(date_range: DateRange, size: int) -> None:
    """Raises DownloadTooLarge (manual 2.1.2). The file of a single day may have any size. `size` is in bytes."""
    if date_range.days > 1 and size > MAX_DOWNLOAD_BYTES:
        raise DownloadTooLarge


def check_batch(entry_ids: Sequence[str], batch: BatchOperation) -> None:
    """Raises NothingSelected or BatchTooLarge (manual 2.1.3 and 2.1.4)."""
    if not entry_ids:
        raise NothingSelected(batch)
    if len(entry_ids) > MAX_BATCH:
        raise BatchTooLarge(batch, len(entry_ids))
