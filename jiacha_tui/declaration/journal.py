"""The entries of the journal: which operation ran, and how it ended."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

JournalValue: TypeAlias = str | int | float | bool | None


class JournalKind(enum.Enum):
    """Which operation an entry is about. The value is stored in the cache and must not change."""

    LOGIN = "login"
    SYNC = "sync"
    QUERY = "query"
    DOWNLOAD = "download"
    RESEND = "resend"
    PRINT = "print"
    IMPORT = "import"
    LIST = "list"
    CACHE = "cache"
    MARK = "mark"

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
    JournalKind.LIST: "清单",
    JournalKind.CACHE: "缓存",
    JournalKind.MARK: "标记",
}


class Outcome(enum.Enum):
    """How an operation ended. The value is stored in the cache and must not change.

    REFUSED: it had no effect, because the port or a rule of the port (`Refusal`) refused it; a resend also if nothing
    was sent. FAILED: it ended for another reason and can be repeated. UNKNOWN: it was sent, but no answer came; it may
    have had its effect.
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


def _empty_mapping() -> Mapping[str, JournalValue]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One entry. `at` has a time zone. `message` is the message of the port or of the problem, in Chinese.

    `detail` holds further facts, such as path, size or printer. Like the whole journal it never holds a PIN, a key,
    a cookie or a personal number.
    """

    id: int
    at: datetime
    kind: JournalKind
    outcome: Outcome
    entry_ids: tuple[str, ...] = ()
    message: str = ""
    detail: Mapping[str, JournalValue] = field(default_factory=_empty_mapping)

    @property
    def summary(self) -> str:
        """Kind, outcome and message as one sentence, or only the message if it already begins with the kind."""
        if self.message.startswith(self.kind.label):
            return self.message
        return f"{self.kind.label}{self.outcome.label}" + (f"：{self.message}" if self.message else "")
