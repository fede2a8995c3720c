"""Where the program starts: what can be said before anything is imported, and how every failure is told."""

import errno
import os
import sys
from collections.abc import Sequence

from jiacha_tui.cli import dependencies, terminal_check
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.os_errors import describe

EXIT_PROBLEM, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130

_OUTPUT_FAILED = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line, the process's own by default, and returns the exit code (listed by `--help`)."""
    _accept_any_encoding()
    if terminal_check.locale_of(terminal_check.locale_name(os.environ)) is terminal_check.Locale.C:
        _say(terminal_check.C_LOCALE)
    if dependencies.missing(["click"]):
        return _tell(dependencies.PackagesMissing(dependencies.missing()))
    return _run(arguments)


def _run(arguments: Sequence[str] | None) -> int:
    import click  # noqa: PLC0415 - only now is it known to be there

    from jiacha_tui.cli.commands import jiacha  # noqa: PLC0415
    from jiacha_tui.cli.zh_click import explain  # noqa: PLC0415

    try:
        return int(jiacha.main(arguments, prog_name="jiacha", standalone_mode=False) or 0)
    except click.UsageError as error:
        _say(f"jiacha: {explain(error)}")
        _say(f"写法见 {error.ctx.command_path if error.ctx else 'jiacha'} --help")
        return EXIT_USAGE
    except click.Abort:
        return EXIT_INTERRUPTED
    except Problem as problem:
        return _tell(problem)
    except OSError as error:
        # What the program does with files raises problems; without a name it is the standard output that failed.
        if error.filename is not None or error.errno not in _OUTPUT_FAILED:
            raise
        return _tell(Problem("output.failed", f"结果没有写完：{describe(error)}", "请检查输出到的地方"))


def _tell(problem: Problem) -> int:
    _say(f"jiacha: {problem.message} ({problem.code})")
    if problem.hint:
        _say(problem.hint)
    return EXIT_PROBLEM


def _accept_any_encoding() -> None:
    """What a terminal's encoding lacks becomes a question mark, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
