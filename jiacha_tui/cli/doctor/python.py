"""Python and the packages that the program runs on."""

import platform
import sys
from collections.abc import Sequence
from typing import Final

from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.actions.doctor.runner import SET_UP_AGAIN
from jiacha_tui.cli import dependencies

_OLDEST: Final = (3, 11)


async def look(_surroundings: DoctorContext) -> Sequence[Finding]:
    version = platform.python_version()
    if sys.version_info < _OLDEST:
        message, hint = f"Python {version} 太旧", "请安装 Python 3.11 或更新的版本，再运行 make run"
        return (Finding(Area.PYTHON, FindingState.BROKEN, message, hint, "python.old", blocking=True),)
    if missing := dependencies.missing():
        message = f"缺少 Python 包 {'、'.join(missing)}"
        return (Finding(Area.PYTHON, FindingState.MISSING, message, SET_UP_AGAIN, "python.packages", blocking=True),)
    return (Finding.good(Area.PYTHON, f"{version}，{len(dependencies.REQUIRED)} 个 Python 包齐全"),)
