"""Runs the command line: prints what has to be said before anything is imported, and reports every failure."""

import errno
import os
import sys
from collections.abc import Sequence

from jiacha_tui.cli import dependencies, terminal_check
from jiacha_tui.cli.problems import OutputFailed, PackagesMissing
from jiacha_tui.declaration.problem import Problem

EXIT_PROBLEM, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130

_OUTPUT_FAILED = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs `arguments`, by default those of the process, and returns the exit code (listed by `--help`)."""
    _accept_any_encoding()
    if terminal_check.locale_of(terminal_check.locale_name(os.environ)) is terminal_check.Locale.C:
        _print_error(terminal_check.C_LOCALE_WARNING)
    if dependencies.missing(["click"]):
        return report_problem(PackagesMissing(dependencies.missing()))
    return _run(arguments)


def _run(arguments: Sequence[str] | None) -> int:
    import click  # noqa: PLC0415 - only here is it known to be installed

    from jiacha_tui.cli.commands import jiacha  # noqa: PLC0415 - it imports click
    from jiacha_tui.cli.zh_click import describe_usage_error  # noqa: PLC0415 - it imports click

    try:
        return int(jiacha.main(arguments, prog_name="jiacha", standalone_mode=False) or 0)
    except click.UsageError as error:
        _print_error(f"jiacha: {describe_usage_error(error)}")
        _print_error(f"写法见 {error.ctx.command_path if error.ctx else 'jiacha'} --help")
        return EXIT_USAGE
    except click.Abort:
        return EXIT_INTERRUPTED
    except Problem as problem:
        return report_problem(problem)
    except OSError as error:
        # File operations of the program raise problems. An OSError without a file name comes from standard output.
        if error.filename is not None or error.errno not in _OUTPUT_FAILED:
            raise
        return report_problem(OutputFailed(error))


def report_problem(problem: Problem) -> int:
    """Prints the problem and what to do, and returns the exit code."""
    _print_error(f"jiacha: {problem.message} ({problem.code})")
    if problem.hint:
        _print_error(problem.hint)
    return EXIT_PROBLEM


def _accept_any_encoding() -> None:
    """A character that the terminal's encoding lacks is printed as a question mark instead of raising an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _print_error(line: str) -> None:
    sys.stderr.write(f"{line}\n")
