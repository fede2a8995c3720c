"""The Chinese font of the form. Without one, engines draw Chinese as nothing at all, and say nothing."""

from collections.abc import Sequence
from typing import Final

import pylopdf_fonts_zh_cn

from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.actions.doctor.runner import SET_UP_AGAIN

_STARTS: Final = (b"OTTO", b"\0\1\0\0", b"ttcf")
"""Of OpenType files."""


async def look(_surroundings: DoctorContext) -> Sequence[Finding]:
    path = pylopdf_fonts_zh_cn.sans_path()
    try:
        with path.open("rb") as file:
            is_font = file.read(4) in _STARTS
    except OSError:
        is_font = False
    if is_font:
        return (Finding.good(Area.FONT, f"{path.stem}（随程序安装）"),)
    return (
        Finding(Area.FONT, FindingState.BROKEN, f"字体 {path} 读不了", SET_UP_AGAIN, "print.no-font", blocking=True),
    )
