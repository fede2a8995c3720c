"""What can go wrong when a declaration is printed.

| class | code | raised when |
|---|---|---|
| PdfFailed | print.pdf-failed | no engine made a valid PDF |
| NoPrinter | print.no-printer | the print server cannot be reached, or has no such printer |
| PrintFailed | print.failed | the printer did not print, or did not report in time that it did |
| PrintUnusable | print.unusable | what the port sent as a print is no whole PDF with pages |
| PrintOfAnother | print.other-declaration | a print does not have the number of its declaration in its text |
| PrintNotChecked | print.not-checked | a PDF could not be read within the limits of time and memory |
"""

from collections.abc import Sequence

from jiacha_tui.declaration.problem import Problem


class PdfFailed(Problem):
    """No engine made a PDF with the expected content."""

    def __init__(self, detail: str) -> None:
        super().__init__("print.pdf-failed", f"生成 PDF 失败：{detail}", "请运行 jiacha doctor 检查打印组件")


class NoPrinter(Problem):
    """The print server cannot be reached, or has no such printer."""

    def __init__(self, detail: str) -> None:
        super().__init__("print.no-printer", f"没有可用的打印机：{detail}", "请检查打印服务，或改存 PDF")


class PrintFailed(Problem):
    """The printer did not print, or did not report in time that it did."""

    def __init__(self, detail: str) -> None:
        super().__init__("print.failed", f"打印失败：{detail}", "请检查打印机后重试，或改存 PDF")


class PrintUnusable(Problem):
    """What the port sent as a print is no whole PDF with pages."""

    def __init__(self, reason: str) -> None:
        super().__init__("print.unusable", f"PDF 不能用：{reason}", "请稍后重试；仍然如此可改用本机绘制的单据")


class PrintOfAnother(Problem):
    """The text of a print does not have the number of its declaration. `found` are the numbers that it has."""

    def __init__(self, entry_id: str, found: Sequence[str] = ()) -> None:
        content = f"里面是 {'、'.join(found)}" if found else "里面没有这个报关单号"
        super().__init__(
            "print.other-declaration",
            f"PDF 不是报关单 {entry_id} 的打印：{content}",
            "请稍后重试；仍然如此请联系口岸",
        )


class PrintNotChecked(Problem):
    """A PDF could not be read within the limits of time and memory, so nothing is known of its content."""

    def __init__(self, reason: str) -> None:
        super().__init__("print.not-checked", f"不能核对 PDF：{reason}", "请稍后重试，或改用本机绘制的单据")
