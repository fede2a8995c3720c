"""The printers that a form could go to. Without any, it is saved as a PDF."""

from collections.abc import Sequence

from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.printing.printers import Printer, PrinterState, list_printers


async def look(surroundings: DoctorContext) -> Sequence[Finding]:
    printers = await list_printers()
    if not printers:
        message, hint = "没有打印机，或打印服务没有运行", "可以存为 PDF；要直接打印，请安装并启动 CUPS，添加打印机"
        return (Finding(Area.PRINTERS, FindingState.MISSING, message, hint, "print.no-printer"),)
    wanted = surroundings.config().printing.printer
    first = next((printer for printer in printers if printer.name == wanted), None if wanted else printers[0])
    if first is None:
        message, hint = f"配置的打印机 {wanted} 不存在", f"请改 [print] printer，现有：{_names(printers)}"
        return (Finding(Area.PRINTERS, FindingState.BROKEN, message, hint, "print.no-such-printer"),)
    if first.state is PrinterState.STOPPED or not first.accepting:
        message = f"打印机 {first.name} 已停止{''.join(f'，{reason}' for reason in first.reasons)}"
        hint = f"请启用它，或在打印时另选：{_names(printers)}"
        return (Finding(Area.PRINTERS, FindingState.BROKEN, message, hint, "print.stopped"),)
    others = f"；另有 {len(printers) - 1} 台" if len(printers) > 1 else ""
    return (Finding.good(Area.PRINTERS, f"{first.name}，{first.state.label}{others}"),)


def _names(printers: Sequence[Printer]) -> str:
    return "、".join(printer.name for printer in printers)
