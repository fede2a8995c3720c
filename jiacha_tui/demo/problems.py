"""Problems of the embedded port and of the simulated client control.

| class          | code                        | when                                                                |
| -------------- | --------------------------- | ------------------------------------------------------------------- |
| `DemoDamaged`  | `demo.damaged`              | a file of the port has content that the port did not write          |
| `CannotListen` | `port.cannot-listen`        | `jiacha port` cannot listen on its address: in use, or not local    |
|                | `control-sim.cannot-listen` | the same for `jiacha control-sim`                                   |
"""

from pathlib import Path

from jiacha_tui.declaration.problem import Problem


class DemoDamaged(Problem):
    """A file of the embedded port cannot be read."""

    def __init__(self, path: Path) -> None:
        super().__init__("demo.damaged", f"内置口岸的文件已损坏：{path}", "删除该文件后重新启动，会重新生成")


class CannotListen(Problem):
    """`command` is the program that was to listen: it begins the code."""

    def __init__(self, command: str, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"{command}.cannot-listen", f"无法在 {host}:{port} 上监听：{reason}", "请换一个端口，0 为任意空闲端口"
        )
