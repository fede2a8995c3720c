"""What was done, and how it ended: the entries of the journal."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

JournalValue: TypeAlias = str | int | float | bool | None


class JournalKind(enum.Enum):
    """What was done; the value is stable, for the cache."""

    LOGIN = "login"
    SYNC = "sync"
    QUERY = "query"
    DOWNLOAD = "download"
    RESEND = "resend"
    PRINT = "print"
    IMPORT = "import"

    @property
    def label(self) -> str:
        return _KIND_LABELS[self]


_KIND_LABELS = {
    JournalKind.LOGIN: "登录",
    JournalKind.SYNC: "同步",
    JournalKind.QUERY: "查询",
    JournalKind.DOWNLOAD: "下载",
    JournalKind.RESEND: "重发",
    JournalKind.PRINT: "打印",
    JournalKind.IMPORT: "导入",
}


class Outcome(enum.Enum):
    """How it ended; the value is stable, for the cache.

    REFUSED was answered with a no and had no effect; FAILED never got that far; UNKNOWN was sent and never
    answered, so that it may have taken effect.
    """

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return _OUTCOME_LABELS[self]


_OUTCOME_LABELS = {
    Outcome.DONE: "成功",
    Outcome.REFUSED: "被拒绝",
    Outcome.FAILED: "失败",
    Outcome.CANCELLED: "已取消",
    Outcome.UNKNOWN: "结果未知",
}


def _nothing() -> Mapping[str, JournalValue]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One entry. `at` is aware; `message` is what the port answered or the problem said, in Chinese.

    `detail` is for whoever looks closer (path, size, printer …) and, like all of the journal, never holds a
    PIN, a key, a cookie or a personal number.
    """

    id: int
    at: datetime
    kind: JournalKind
    outcome: Outcome
    entry_ids: tuple[str, ...] = ()
    message: str = ""
    detail: Mapping[str, JournalValue] = field(default_factory=_nothing)

    @property
    def summary(self) -> str:
        """Kind, outcome and message as one sentence; the message alone where it begins with the kind itself."""
        if self.message.startswith(self.kind.label):
            return self.message
        return f"{self.kind.label}{self.outcome.label}" + (f"：{self.message}" if self.message else "")
