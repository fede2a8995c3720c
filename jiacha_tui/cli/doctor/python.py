"""Python and the packages that the program runs on."""

import platform
import sys
from collections.abc import Sequence
from typing import Final

from jiacha_tui.actions.doctor.examine import SET_UP_AGAIN
from jiacha_tui.actions.doctor.finding import Area, Finding, State
from jiacha_tui.actions.doctor.surroundings import Surroundings
from jiacha_tui.cli import packages

_OLDEST: Final = (3, 11)


async def look(_surroundings: Surroundings) -> Sequence[Finding]:
    version = platform.python_version()
    if sys.version_info < _OLDEST:
        what, todo = f"Python {version} 太旧", "请安装 Python 3.11 或更新的版本，再运行 make run"
        return (Finding(Area.PYTHON, State.BROKEN, what, todo, "python.old", stops=True),)
    if missing := packages.missing():
        what = f"缺少 Python 包 {'、'.join(missing)}"
        return (Finding(Area.PYTHON, State.MISSING, what, SET_UP_AGAIN, "python.packages", stops=True),)
    return (Finding.good(Area.PYTHON, f"{version}，{len(packages.REQUIRED)} 个 Python 包齐全"),)
