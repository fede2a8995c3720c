"""What can go wrong when a declaration is printed.

| class | code | raised when |
|---|---|---|
| PdfFailed | print.pdf-failed | no engine made a valid PDF |
| NoPrinter | print.no-printer | the print server cannot be reached, or has no such printer |
| PrintFailed | print.failed | the printer did not print, or did not report in time that it did |
| PrintUnusable | print.unusable | what the port sent as a print is no whole PDF with pages |
| PrintOfAnother | print.other-declaration | a print has the number of another declaration as its own |
| PrintUnclear | print.unclear | the text of a print does not tell whether it is that of the declaration |
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
    """A print is that of another declaration, or of several. `found` are the numbers that it has."""

    def __init__(self, entry_id: str, found: Sequence[str]) -> None:
        super().__init__(
            "print.other-declaration",
            f"PDF 不是报关单 {entry_id} 的打印：里面是 {'、'.join(found)}",
            "请稍后重试；仍然如此请联系口岸",
        )


class PrintUnclear(Problem):
    """The text of a print can be read, but does not tell that it is that of the declaration. `reason` says why."""

    def __init__(self, entry_id: str, reason: str) -> None:
        super().__init__(
            "print.unclear",
            f"不能确认 PDF 是报关单 {entry_id} 的打印：{reason}",
            "没有保存。请稍后重试；仍然如此请到口岸网站打印这一票",
        )


class PrintNotChecked(Problem):
    """A PDF could not be read within the limits of time and memory, so nothing is known of its content."""

    def __init__(self, reason: str) -> None:
        super().__init__("print.not-checked", f"不能核对 PDF：{reason}", "请稍后重试，或改用本机绘制的单据")
