"""What a command is: its names, its keys and where it is understood."""

import enum
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace


class Scope(enum.Enum):
    """Where a command is understood; the value is its heading in the help."""

    TABLE = "报关单列表"
    FILTER = "筛选栏"
    FILING = "出口退税申报"
    DETAIL = "报关单详情"
    PREVIEW = "预览/打印"
    READER = "阅读"
    DIALOG = "对话框"
    LOGIN = "登录"
    LOCK = "锁屏"
    DESK = "主界面"
    TOO_SMALL = "终端太小"
    EVERYWHERE = "处处可用"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing an operator can ask for.

    `label` is for the footer (a few characters), `title` the full name (the manual's, where it has one), `help` one
    sentence. Keys are Textual's names. `function_key` is one that no input method swallows, "" for none; `letters`
    stand beside it; `also` work too and are not shown: what a Chinese input method makes of a key. The footer keeps
    the hints with the highest `priority`; those of 0 never stand there.
    """

    id: str
    label: str
    title: str
    help: str
    function_key: str = ""
    letters: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    scopes: frozenset[Scope]
    priority: int = 0

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key of it, those that are not shown too."""
        return (*filter(None, (self.function_key,)), *self.letters, *self.also)

    def without(self, keys: AbstractSet[str]) -> "Command":
        """The same command with none of `keys`."""
        return replace(
            self,
            function_key="" if self.function_key in keys else self.function_key,
            letters=tuple(key for key in self.letters if key not in keys),
            also=tuple(key for key in self.also if key not in keys),
        )

    @property
    def shown_keys(self) -> tuple[str, ...]:
        """The keys as an operator reads them: `F2`, `/`."""
        return tuple(map(key_name, filter(None, (self.function_key, *self.letters))))


_NAMES = {
    "slash": "/",
    "question_mark": "?",
    "enter": "Enter",
    "escape": "Esc",
    "space": "空格",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}


def key_name(key: str) -> str:
    """A key as an operator reads it: `f1` is F1, `ctrl+p` is ^P, `slash` is /."""
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+').upper()}"
    if len(key) > 1 and key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return _NAMES.get(key, key)


def is_typed(key: str) -> bool:
    """Whether a text field would take the key as text."""
    return len(key) == 1 or key in ("slash", "question_mark", "space")
