"""Checks of what printing needs: the PDF engines, the Chinese font of the form, and the printers.

Third-party packages are imported inside the checks, so that a missing one affects only the check that needs it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.actions.doctor.runner import INSTALL_HINT, DoctorContext

if TYPE_CHECKING:
    from jiacha_tui.printing.printers import Printer

_OPENTYPE_SIGNATURES: Final = (b"OTTO", b"\0\1\0\0", b"ttcf")
"""The first four bytes of OpenType font files."""


async def check_pdf_engines(_context: DoctorContext) -> Sequence[Finding]:
    """The programs that make a PDF of the form."""
    from jiacha_tui.printing.engines import find_engines  # noqa: PLC0415 - pdfkit may be missing

    engines = [f"{engine.name} {engine.version}" for engine in find_engines()]
    if engines:
        return (Finding.good(Area.PDF, "、".join(engines)),)
    message, hint = "没有 wkhtmltopdf，也没有 PlutoPrint", "请执行 apt install wkhtmltopdf，或在程序文件夹运行 make run"
    return (Finding(Area.PDF, FindingState.MISSING, message, hint, "print.no-engine", blocking=True),)


async def check_font(_context: DoctorContext) -> Sequence[Finding]:
    """The Chinese font of the form. Without one, the engines draw no Chinese and report no error."""
    import pylopdf_fonts_zh_cn  # noqa: PLC0415 - it may be missing

    path = pylopdf_fonts_zh_cn.sans_path()
    try:
        with path.open("rb") as file:
            is_font = file.read(4) in _OPENTYPE_SIGNATURES
    except OSError:
        is_font = False
    if is_font:
        return (Finding.good(Area.FONT, f"{path.stem}（随程序安装）"),)
    message = f"字体 {path} 读不了"
    return (Finding(Area.FONT, FindingState.BROKEN, message, INSTALL_HINT, "print.no-font", blocking=True),)


async def check_printers(context: DoctorContext) -> Sequence[Finding]:
    """The configured printer, else the default one. Without a printer, forms can still be saved as PDF."""
    from jiacha_tui.printing.printers import PrinterState, list_printers  # noqa: PLC0415 - httpx may be missing

    printers = await list_printers()
    if not printers:
        message, hint = "没有打印机，或打印服务没有运行", "可以存为 PDF；要直接打印，请安装并启动 CUPS，添加打印机"
        return (Finding(Area.PRINTERS, FindingState.MISSING, message, hint, "print.no-printer"),)
    configured = context.config().printing.printer
    printer = next((printer for printer in printers if printer.name == configured), None if configured else printers[0])
    if printer is None:
        message, hint = f"配置的打印机 {configured} 不存在", f"请改 [print] printer，现有：{_names(printers)}"
        return (Finding(Area.PRINTERS, FindingState.BROKEN, message, hint, "print.no-such-printer"),)
    if printer.state is PrinterState.STOPPED or not printer.accepting:
        message = f"打印机 {printer.name} 已停止{''.join(f'，{reason}' for reason in printer.reasons)}"
        hint = f"请启用它，或在打印时另选：{_names(printers)}"
        return (Finding(Area.PRINTERS, FindingState.BROKEN, message, hint, "print.stopped"),)
    others = f"；另有 {len(printers) - 1} 台" if len(printers) > 1 else ""
    return (Finding.good(Area.PRINTERS, f"{printer.name}，{printer.state.label}{others}"),)


def _names(printers: Sequence["Printer"]) -> str:
    return "、".join(printer.name for printer in printers)
