"""What an error that nobody expected leaves behind: a private report that holds no data, and a problem that names it.

A report has the types of the exceptions, their places in the code, and versions. It has neither the messages of the
exceptions nor the values of variables, because both may hold a PIN, a key or what a declaration says.

| class | code | raised when |
|---|---|---|
| ProgramCrashed | program.crashed | an unexpected error ended the program |
"""

import os
import platform
import sys
import traceback
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import jiacha_tui
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.private_files import FileProblem, private_folder, write_new

_FOLDER: Final = "crash-reports"
_KEPT_REPORTS: Final = 20
_MAX_EXCEPTIONS: Final = 20
_MAX_FRAMES: Final = 100
"""Of an endless recursion the first and the last frames say enough."""

_PACKAGES: Final = ("textual", "rich", "duckdb", "httpx", "lxml", "cryptography")
_SOURCE_FOLDERS: Final = ("site-packages/", "dist-packages/")


class ProgramCrashed(Problem):
    """An unexpected error ended the program. `report` is the file that describes it, None if it was not written."""

    def __init__(self, report: Path | None, reason: str = "") -> None:
        place = f"出错报告在 {report}（不含密码和报关单内容）" if report else f"出错报告没有写成：{reason}"
        super().__init__(
            "program.crashed",
            "程序出错，只好退出",
            f"{place}，请交给维护人员。可以重新运行；最后一步办成没有，请先看操作记录，重发的到口岸核对",
        )
        self.report = report


def report_crash(error: BaseException, home: Path, now: datetime) -> ProgramCrashed:
    """Writes a report into `home` and returns the problem that names it. Of older reports a few are kept."""
    try:
        folder = private_folder(home / _FOLDER)
        path = folder / f"{now:%Y%m%d-%H%M%S}-{os.getpid()}.txt"
        write_new(path, crash_text(error, now).encode("ascii", "backslashreplace"))
        for old in sorted(folder.glob("*.txt"))[:-_KEPT_REPORTS]:
            old.unlink(missing_ok=True)
    except FileProblem as problem:
        return ProgramCrashed(None, problem.message)
    except OSError:
        pass  # an old report cannot be removed
    return ProgramCrashed(path)


def crash_text(error: BaseException, now: datetime) -> str:
    """The report: nothing in it comes from data."""
    lines = [
        f"jiacha {jiacha_tui.__version__}, {now:%Y-%m-%d %H:%M:%S %z}",
        f"Python {platform.python_version()}, {platform.system()} {platform.release()} {platform.machine()}",
        ", ".join(f"{name} {_version(name)}" for name in _PACKAGES),
        f"TERM {os.environ.get('TERM', '')[:40]!a}",
        "Messages and values are left out: they may be confidential.",
    ]
    for exception, relation in _related(error):
        lines += ["", f"{relation}{_kind(exception)}", *(f"  {frame}" for frame in _frames(exception))]
    return "\n".join(lines) + "\n"


def _related(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """The exception, what it comes from, and the exceptions in a group."""
    waiting, seen = [(error, "")], set[int]()
    while waiting and len(seen) < _MAX_EXCEPTIONS:
        exception, relation = waiting.pop(0)
        if id(exception) in seen:
            continue
        seen.add(id(exception))
        yield exception, relation
        if isinstance(exception, BaseExceptionGroup):
            waiting += [(member, "in the group: ") for member in exception.exceptions]
        failure = getattr(exception, "error", None)  # Textual's WorkerFailed has no cause
        if isinstance(failure, BaseException):
            waiting.append((failure, "in the worker: "))
        if exception.__cause__ is not None:
            waiting.append((exception.__cause__, "caused by: "))
        elif exception.__context__ is not None:
            waiting.append((exception.__context__, "while handling: "))


def _kind(exception: BaseException) -> str:
    kind = type(exception)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(exception, Problem):
        return f"{name} [{exception.code}]"
    if isinstance(exception, OSError):
        return f"{name} [errno {exception.errno}]"
    return name


def _frames(exception: BaseException) -> list[str]:
    frames = [
        f"{_place(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(exception.__traceback__)
    ]
    if len(frames) <= _MAX_FRAMES:
        return frames
    half = _MAX_FRAMES // 2
    return [*frames[:half], f"... {len(frames) - 2 * half} more", *frames[-half:]]


def _place(file_name: str) -> str:
    """The file without the folder that Python or the program is installed in."""
    for folder in (*_SOURCE_FOLDERS, f"python{sys.version_info.major}.{sys.version_info.minor}/"):
        if folder in file_name:
            return file_name.rpartition(folder)[2]
    return file_name.removeprefix(f"{Path(__file__).parent.parent}/")


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow to import, for crashes only

    try:
        return version(package)
    except PackageNotFoundError:
        return "?"
