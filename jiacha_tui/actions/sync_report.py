"""The progress and the result of a sync."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jiacha_tui.actions.delisting_messages import changes_of_list
from jiacha_tui.actions.sync_plan import SyncScope
from jiacha_tui.declaration.formatting import format_minute

_REASON_CHARACTERS = 40
"""How much of a reason the one sentence of the summary has. The port's words may be long."""

_NAMED_MONTHS = 3
"""How many months without a complete list the summary names."""


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """The progress of a sync. There is one list for each month and kind; `month` (yyyy-mm) is that of the current list.

    Lists are read first: `details_total` is final once `lists_done` equals `lists_total`.
    """

    lists_total: int
    lists_done: int = 0
    month: str = ""
    listed: int = 0
    details_done: int = 0
    details_total: int = 0
    rate_per_second: float | None = None
    seconds_left: float | None = None
    scope: SyncScope = SyncScope.ALL


@dataclass(frozen=True, slots=True)
class SyncSummary:
    """The result of a sync: counts of list rows compared with the cache, and of details that were fetched or failed.

    `rejected` counts list rows that cannot be used, `outside` those that are not of the month that was asked for.
    `incomplete` names the months (yyyy-mm) of which not all lists were read to their end; the next sync reads them
    again. `reasons` are why details failed, the most frequent first, with how many each. `stopped` says of which kind
    of call there were too many failures in a row, and `untried` counts the details that were therefore not requested.
    `outdated` counts the declarations whose data has changed at the port after they were downloaded or printed here.
    `delisted` counts the declarations that the port no longer lists, `relisted` those that it lists again, and
    `unconfirmed` those that are absent from a list and not marked. `cut` counts the details of which something was not
    kept, because the port sent too much (`Declaration.is_cut`). `left_out` counts the older months whose lists were
    not read again, because they had been read lately. If this sync did not get everything, `last_complete` is when one
    last did, in local time, or None if none has.
    """

    new: int
    changed: int
    unchanged: int
    details: int
    failed: int
    cancelled: bool
    seconds: float
    rejected: int = 0
    outside: int = 0
    incomplete: tuple[str, ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()
    stopped: tuple[str, ...] = ()
    untried: int = 0
    delisted: int = 0
    relisted: int = 0
    unconfirmed: int = 0
    cut: int = 0
    left_out: int = 0
    outdated: int = 0
    last_complete: datetime | None = None

    @property
    def is_complete(self) -> bool:
        """Whether everything that the port lists is in the cache, and what it no longer lists is marked."""
        return not (
            self.cancelled
            or self.failed
            or self.rejected
            or self.incomplete
            or self.stopped
            or self.unconfirmed
            or self.cut
        )

    @property
    def title(self) -> str:
        """How it ended, in Chinese. It says 完成 only of a sync that has everything."""
        if self.cancelled:
            return "同步已取消"
        return "同步完成" if self.is_complete else "同步结束，没有取全"

    def text(self) -> str:
        """The result as one Chinese sentence."""
        parts = [f"新增 {self.new:,} 票", f"变更 {self.changed:,} 票", f"未变 {self.unchanged:,} 票"]
        if self.outdated:
            parts.append(f"{self.outdated:,} 票下载或打印后有变（!），旧文件不要用于申报")
        parts.extend(changes_of_list(self.delisted, self.relisted, self.unconfirmed))
        if self.failed:
            told = "".join(self.stopped)
            untold = [(reason, count) for reason, count in self.reasons if reason not in told]
            parts.append(f"{self.failed:,} 票详情未取到{_reasons_text(untold)}")
        if self.cut:
            parts.append(f"{self.cut:,} 票的内容太多，没有收全（详情里有说明）")
        if self.rejected:
            parts.append(f"{self.rejected:,} 行不能用，没有收下（见消息记录）")
        if self.outside:
            parts.append(f"{self.outside:,} 票的出口日期不在所查的月份内")
        if self.incomplete:
            parts.append(f"{self.incomplete_months} 的清单没有列全")
        if self.untried:
            parts.append(f"{self.untried:,} 票详情没有再取")
        if self.left_out:
            parts.append(f"另有 {self.left_out} 个月近日列过，这次没有再列")
        ends = self.stopped if self.is_complete or self.cancelled else (*self.stopped, self.last_complete_text)
        return f"{self.title}：" + "，".join(parts) + "".join(f"；{text}" for text in ends)

    @property
    def last_complete_text(self) -> str:
        """When a sync last got everything, as a text."""
        if self.last_complete is None:
            return "还没有完整同步过"
        return f"上次完整同步 {format_minute(self.last_complete)}"

    @property
    def incomplete_months(self) -> str:
        """`incomplete` as a text that names the first months only."""
        named = "、".join(self.incomplete[:_NAMED_MONTHS])
        return named if len(self.incomplete) <= _NAMED_MONTHS else f"{named} 等 {len(self.incomplete)} 个月"


def _reasons_text(reasons: Sequence[tuple[str, int]]) -> str:
    """The most frequent reason, shortened, and how many others there are; "" if none is known."""
    if not reasons:
        return ""
    reason = reasons[0][0]
    shown = reason if len(reason) <= _REASON_CHARACTERS else f"{reason[:_REASON_CHARACTERS]}…"
    return f"（{shown}）" if len(reasons) == 1 else f"（{shown} 等 {len(reasons)} 种原因）"
