"""What can go wrong with the files of the embedded port, and where it or the simulated control is to listen."""

from pathlib import Path

from jiacha_tui.declaration.problem import Problem


class DemoDamaged(Problem):
    """A file of the embedded port is not what this program wrote there."""

    def __init__(self, path: Path) -> None:
        super().__init__("demo.damaged", f"内置口岸的文件已损坏：{path}", "删除该文件后重新启动，会重新生成")


class CannotListen(Problem):
    """The address is taken, or is none of this machine's. `command` is what was to listen there."""

    def __init__(self, command: str, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"{command}.cannot-listen", f"无法在 {host}:{port} 上监听：{reason}", "请换一个端口，0 为任意空闲端口"
        )
