"""The command `jiacha doctor`: runs the checks, prints the report and returns the exit code."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import click

from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.actions.doctor.registry import list_checks
from jiacha_tui.actions.doctor.runner import Check, DoctorContext, blocking_areas, run_checks
from jiacha_tui.cli.doctor import environment, report
from jiacha_tui.declaration.control_characters import escape_controls
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


def run_doctor(options: Options, *, as_json: bool, deep: bool = False, environ: Mapping[str, str] = os.environ) -> int:
    """Prints the report to standard output. Returns the exit code: 1 if the main job cannot be done.

    With `deep` it asks for the PIN of the inserted card and reads its whole cache. Raises the `Problem` that keeps it
    from that: no card, or several.
    """
    findings = run_checks((*_ENVIRONMENT_CHECKS, *list_checks(options)), DoctorContext(options, environ))
    if deep:
        findings += tuple(asyncio.run(_check_deeply(options, environ)))
    if as_json:
        click.echo(report.json_text(findings))
    else:
        for line in report.lines(findings):
            click.echo(_coloured(line, environ))
    return EXIT_NOT_READY if blocking_areas(findings) else 0


async def _check_deeply(options: Options, environ: Mapping[str, str]) -> Sequence[Finding]:
    # Packages may be missing; without this option the command reports which.
    from jiacha_tui.actions.cards import scan_media  # noqa: PLC0415 - see above
    from jiacha_tui.actions.doctor.whole_cache import check_whole_cache  # noqa: PLC0415 - see above
    from jiacha_tui.cli.card_prompt import ask_password, choose_card  # noqa: PLC0415 - see above
    from jiacha_tui.composition import compose  # noqa: PLC0415 - see above

    app_context = compose(replace(options, offline=True), environ)
    medium_id, card = choose_card(await scan_media(app_context), None)
    prompt = f"卡 {card.card_number}（{escape_controls(card.company)}）的密码，用来读缓存，只试一次："
    return await check_whole_cache(
        app_context, medium_id, card, ask_password(prompt), lambda: ask_password("缓存口令：")
    )


def _coloured(line: report.ReportLine, environ: Mapping[str, str]) -> str:
    """The line with its mark in colour. click removes colours if the output is not a terminal."""
    colour = _COLOURS.get(line.state)
    if colour is None or environ.get("NO_COLOR"):
        return line.text
    mark, rest = line.text[: report.MARK_LENGTH], line.text[report.MARK_LENGTH :]
    return click.style(mark, fg=colour) + rest
