"""What can be wrong with a downloaded or imported file.

| class | code | raised when |
|---|---|---|
| EncryptedFileDamaged | sealed.damaged | an encrypted file is not XML, breaks off, has a DTD or contradicts itself |
| UnsupportedEncryption | sealed.unknown | an encrypted file is not in the one format that this program can decrypt |
| NotRtxMessage | import.not-rtx-message | an imported file is not an RtxMessage, or carries a DTD |
"""

from jiacha_tui.declaration.problem import Problem


class EncryptedFileDamaged(Problem):
    """The file is not XML, or breaks off, is malformed, carries a DTD, or contradicts its own format."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "sealed.damaged", f"报关单数据文件不完整或已损坏（{detail}）", "请重新下载；下载的文件不要打开修改"
        )


class UnsupportedEncryption(Problem):
    """The file is not encrypted in the one format that this program can decrypt."""

    def __init__(self) -> None:
        super().__init__("sealed.unknown", "无法识别该文件的加密格式", "文件可直接导入税务局系统，无需在此打开")


class NotRtxMessage(Problem):
    """The file is something else, or carries a DTD. No RtxMessage needs one, and parsing one can do harm."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "import.not-rtx-message", f"不是出口报关单数据文件（{detail}）", "请选择税务系统解密后的报关单 XML 文件"
        )
