"""What makes a PDF of the form."""

from collections.abc import Sequence

from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.printing.engines import find_engines


async def look(_surroundings: DoctorContext) -> Sequence[Finding]:
    engines = [f"{engine.name} {engine.version}" for engine in find_engines()]
    if engines:
        return (Finding.good(Area.PDF, "、".join(engines)),)
    message, hint = "没有 wkhtmltopdf，也没有 PlutoPrint", "请执行 apt install wkhtmltopdf，或在程序文件夹运行 make run"
    return (Finding(Area.PDF, FindingState.MISSING, message, hint, "print.no-engine", blocking=True),)
