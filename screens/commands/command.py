"""A command: its names, its keys and where it can be run."""

import enum
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from screens.commands.keys import key_name

_PALETTE_KEY = "f9"


class Scope(enum.Enum):
    """Where a command can be run; the value is its heading in the help."""

    TABLE = "报关单列表"
    FILTER = "筛选栏"
    FILING = "出口退税申报"
    DETAIL = "报关单详情"
    PREVIEW = "预览/打印"
    BREAKDOWN = "汇总"
    READER = "阅读"
    DIALOG = "对话框"
    QUERY = "报关单查询"
    LOGIN = "登录"
    LOCK = "锁屏"
    MAIN = "主界面"
    TOO_SMALL = "终端太小"
    EVERYWHERE = "处处可用"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something that the operator can have done with a key.

    `label` is its name in the footer (a few characters), `title` the full name (the manual's, if the manual has
    one), `help` one sentence. Keys are Textual's names. `main_key` is the first one of the footer: a function key or
    another key that input methods do not take, "" for none. `more_keys` are shown beside it. `hidden_keys` work and are
    not shown: what a Chinese input method makes of a letter, and Escape. The footer shows the commands with the highest
    `priority`, and never those with 0. A command without any key is only in the palette.
    """

    id: str
    label: str
    title: str
    help: str
    main_key: str = ""
    more_keys: tuple[str, ...] = ()
    hidden_keys: tuple[str, ...] = ()
    scopes: frozenset[Scope]
    priority: int = 0

    @property
    def keys(self) -> tuple[str, ...]:
        """All its keys, those that are not shown included."""
        return (*filter(None, (self.main_key,)), *self.more_keys, *self.hidden_keys)

    def without(self, keys: AbstractSet[str]) -> "Command":
        """The same command without `keys`."""
        return replace(
            self,
            main_key="" if self.main_key in keys else self.main_key,
            more_keys=tuple(key for key in self.more_keys if key not in keys),
            hidden_keys=tuple(key for key in self.hidden_keys if key not in keys),
        )

    @property
    def shown_keys(self) -> tuple[str, ...]:
        """The keys by the names that an operator reads: `F2`, `/`. That of the palette for a command without a key."""
        return tuple(map(key_name, filter(None, (self.main_key, *self.more_keys)))) or (key_name(_PALETTE_KEY),)
