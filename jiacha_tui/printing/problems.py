"""What can go wrong when a declaration is printed.

| class | code | raised when |
|---|---|---|
| PdfFailed | print.pdf-failed | no engine made a valid PDF |
| NoPrinter | print.no-printer | the print server cannot be reached, or has no such printer |
| PrintFailed | print.failed | the printer did not print, or did not report in time that it did |
"""

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
