"""The command `jiacha doctor`: runs the checks, prints the report and returns the exit code."""

import os
from collections.abc import Mapping
from typing import Final

import click

from jiacha_tui.actions.doctor.finding import Area, FindingState
from jiacha_tui.actions.doctor.registry import list_checks
from jiacha_tui.actions.doctor.runner import Check, DoctorContext, blocking_areas, run_checks
from jiacha_tui.cli.doctor import environment, report
from jiacha_tui.options import Options

EXIT_NOT_READY: Final = 1

_COLOURS: Final[Mapping[FindingState | None, str]] = {
    FindingState.GOOD: "green",
    FindingState.MISSING: "yellow",
    FindingState.BROKEN: "red",
}
_ENVIRONMENT_CHECKS: Final = (
    Check(Area.PYTHON, environment.check_python, 5.0),
    Check(Area.TERMINAL, environment.check_terminal, 5.0),
    Check(Area.ENCODING, environment.check_encoding, 5.0),
    Check(Area.CLIPBOARD, environment.check_clipboard, 5.0, required=False),
)


def run_doctor(options: Options, *, as_json: bool, environ: Mapping[str, str] = os.environ) -> int:
    """Prints the report to standard output. Returns the exit code: 1 if the main job cannot be done."""
    findings = run_checks((*_ENVIRONMENT_CHECKS, *list_checks(options)), DoctorContext(options, environ))
    if as_json:
        click.echo(report.json_text(findings))
    else:
        for line in report.lines(findings):
            click.echo(_coloured(line, environ))
    return EXIT_NOT_READY if blocking_areas(findings) else 0


def _coloured(line: report.ReportLine, environ: Mapping[str, str]) -> str:
    """The line with its mark in colour. click removes colours if the output is not a terminal."""
    colour = _COLOURS.get(line.state)
    if colour is None or environ.get("NO_COLOR"):
        return line.text
    mark, rest = line.text[: report.MARK_LENGTH], line.text[report.MARK_LENGTH :]
    return click.style(mark, fg=colour) + rest
