"""The processes that run scripts of the port."""

from collections.abc import Iterator
from pathlib import Path


def script_processes(parent: int) -> set[int]:
    """The processes that `parent` has started for engines and that are running."""
    return {pid for pid in _children(parent) if b"script_worker.py" in Path(f"/proc/{pid}/cmdline").read_bytes()}


def _children(pid: int) -> Iterator[int]:
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        yield from map(int, tasks.read_text().split())
