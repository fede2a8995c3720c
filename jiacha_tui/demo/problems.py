"""What can go wrong with the embedded port's own files."""

from pathlib import Path

from jiacha_tui.declaration.problem import Problem


class DemoDamaged(Problem):
    """A file of the embedded port is not what this program wrote there."""

    def __init__(self, path: Path) -> None:
        super().__init__("demo.damaged", f"内置口岸的文件已损坏：{path}", "删除该文件后重新启动，会重新生成")
