"""Where the program starts: what can be said before anything is imported, and how every failure is told."""

import os
import sys
from collections.abc import Sequence

from jiacha_tui.cli import packages, terminal
from jiacha_tui.declaration.problem import Problem

EXIT_PROBLEM, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line, the process's own by default, and returns the exit code (listed by `--help`)."""
    _accept_any_encoding()
    if terminal.locale_of(terminal.locale_name(os.environ)) is terminal.Locale.PLAIN:
        _say(terminal.PLAIN_LOCALE)
    if packages.missing(["click"]):
        return _tell(packages.PackagesMissing(packages.missing()))
    return _run(arguments)


def _run(arguments: Sequence[str] | None) -> int:
    import click  # noqa: PLC0415 - only now is it known to be there

    from jiacha_tui.cli.chinese import explain  # noqa: PLC0415
    from jiacha_tui.cli.commands import jiacha  # noqa: PLC0415

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


def _tell(problem: Problem) -> int:
    _say(f"jiacha: {problem.what} ({problem.code})")
    if problem.todo:
        _say(problem.todo)
    return EXIT_PROBLEM


def _accept_any_encoding() -> None:
    """What a terminal's encoding lacks becomes a question mark, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
