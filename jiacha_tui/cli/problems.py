"""What can go wrong in the command line itself.

| class | code | raised when |
|---|---|---|
| PackagesMissing | python.packages | Python packages that the program needs are not installed |
| NoTerminal | terminal.none | the full-screen program is started while input or output is redirected |
| DumbTerminal | terminal.poor | TERM names a terminal that cannot place its cursor |
| UnsupportedEncoding | terminal.encoding | the locale has another encoding than UTF-8 |
| OutputFailed | output.failed | standard output cannot be written |
| ImportFileMissing | import.no-file | a path of `jiacha import` does not exist |
| NothingToImport | import.nothing | the folders of `jiacha import` hold no XML file |
| SeveralCaches | card.several | `jiacha import` finds several cards and `--card` does not name one of them |
| NoDemoCard | card.no-demo-card | `jiacha card reset` finds no demo card |

The messages about packages and encoding are also English, because Chinese may not be readable where they appear.
"""

from collections.abc import Iterable
from pathlib import Path

from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.os_errors import describe


class PackagesMissing(Problem):
    """Python packages that the program needs are not installed."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(
            "python.packages",
            f"缺少 Python 包 (missing packages): {', '.join(names)}",
            "在程序所在的文件夹运行 make run，或 python3 -m pip install --requirement requirements.lock",
        )


class NoTerminal(Problem):
    """The full-screen program was started while input or output is redirected."""

    def __init__(self) -> None:
        super().__init__(
            "terminal.none",
            "jiacha 是全屏终端程序，这里没有终端（输入或输出被重定向）",
            "请在终端里运行 jiacha；没有终端时，make pictures 把每个画面存成图片",
        )


class DumbTerminal(Problem):
    """The terminal type `name` (TERM) cannot place its cursor."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "terminal.poor",
            f"终端类型 TERM={name!a} 不能显示全屏程序",
            "请换一个终端，或设置它真正的类型，如 export TERM=xterm-256color",
        )


class UnsupportedEncoding(Problem):
    """The locale `name` has another encoding than UTF-8."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "terminal.encoding",
            f"the locale {name!a} is not UTF-8, and the program's screens are (终端编码不是 UTF-8)",
            "set the terminal to UTF-8 and then: export LC_ALL=C.UTF-8 (请把终端改为 UTF-8 编码)",
        )


class OutputFailed(Problem):
    """Standard output cannot be written: the disk is full, for example."""

    def __init__(self, error: OSError) -> None:
        super().__init__("output.failed", f"结果没有写完：{describe(error)}", "请检查输出到的地方")


class ImportFileMissing(Problem):
    """A path that is to be imported does not exist. Nothing was imported."""

    def __init__(self, path: Path) -> None:
        super().__init__("import.no-file", f"没有文件 {escape_controls(str(path))}", "请检查路径；没有导入任何文件")


class NothingToImport(Problem):
    """The folders that are to be imported hold no XML file."""

    def __init__(self) -> None:
        super().__init__("import.nothing", "文件夹中没有 .xml 文件", "请给出文件，或有 .xml 文件的文件夹")


class SeveralCaches(Problem):
    """Several cards were found, and it was not said which one's cache to import into."""

    def __init__(self, card_numbers: Iterable[str]) -> None:
        super().__init__("card.several", f"找到几张卡：{'、'.join(card_numbers)}", "用 --card 指明导入到哪一张的缓存")


class NoDemoCard(Problem):
    """There is no demo card at `path`; `is_removed` if it was created once and its file was moved away."""

    def __init__(self, path: Path, *, is_removed: bool) -> None:
        hint = "请把它放回原处" if is_removed else "运行一次 jiacha --demo 会生成演示卡"
        super().__init__("card.no-demo-card", f"没有演示卡 {path}", hint)
