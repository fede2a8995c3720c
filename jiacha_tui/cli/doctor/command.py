"""Looks, tells and gives the exit code."""

import os
from collections.abc import Mapping
from typing import Final

import click

from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Area, FindingState
from jiacha_tui.actions.doctor.registry import checks
from jiacha_tui.actions.doctor.runner import Check, blocking_areas, run_checks
from jiacha_tui.cli.doctor import clipboard, python, report, terminal_findings
from jiacha_tui.options import Options

EXIT_NOT_READY: Final = 1

_COLOURS: Final[Mapping[FindingState | None, str]] = {
    FindingState.GOOD: "green",
    FindingState.MISSING: "yellow",
    FindingState.BROKEN: "red",
}
_HERE: Final = (
    Check(Area.PYTHON, python.look, 5.0),
    Check(Area.TERMINAL, terminal_findings.look, 5.0),
    Check(Area.ENCODING, terminal_findings.look_at_encoding, 5.0),
    Check(Area.CLIPBOARD, clipboard.look, 5.0, needed=False),
)


def doctor(options: Options, *, as_json: bool, environ: Mapping[str, str] = os.environ) -> int:
    """Tells what was found on standard output; 1 where the main job could not be done."""
    findings = run_checks((*_HERE, *checks(options)), DoctorContext(options, environ))
    if as_json:
        click.echo(report.json_text(findings))
    else:
        for line in report.lines(findings):
            click.echo(_coloured(line, environ))
    return EXIT_NOT_READY if blocking_areas(findings) else 0


def _coloured(line: report.ReportLine, environ: Mapping[str, str]) -> str:
    """click takes the colours out again where there is no terminal."""
    colour = _COLOURS.get(line.state)
    if colour is None or environ.get("NO_COLOR"):
        return line.text
    mark, rest = line.text[: report.MARK_LENGTH], line.text[report.MARK_LENGTH :]
    return click.style(mark, fg=colour) + rest
