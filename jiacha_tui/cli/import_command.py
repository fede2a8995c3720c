"""`jiacha import`: imports decrypted declaration files into the cache of the inserted card."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cache_recovery import Passphrase
from jiacha_tui.actions.cards import scan_media
from jiacha_tui.actions.import_files import ImportReport, files_in, import_paths
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.problems import PassphraseNeeded
from jiacha_tui.cli.card_prompt import ask_password, choose_card
from jiacha_tui.cli.problems import ImportFileMissing, NothingToImport
from jiacha_tui.composition import compose
from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.options import Options
from jiacha_tui.private_files import path_exists

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session

EXIT_INCOMPLETE = 3
"""Some files or declarations were not imported."""


def import_files(options: Options, paths: Sequence[Path], card_number: str | None) -> int:
    """Imports the files, prints the report to standard output and returns the exit code.

    Raises `Problem` if there is nothing to import, or the card or its cache cannot be opened.
    """
    for path in paths:
        if not path_exists(path):
            raise ImportFileMissing(path)
    if not any(files_in(paths)):
        raise NothingToImport
    report = asyncio.run(_import(compose(replace(options, offline=True)), paths, card_number))
    _print_report(report)
    return EXIT_INCOMPLETE if report.different or report.rejected else 0


async def _import(app_context: AppContext, paths: Sequence[Path], card_number: str | None) -> ImportReport:
    session = await _log_in(app_context, card_number)
    for warning in (*session.warnings, *(entry.message for entry in session.unconfirmed)):
        click.echo(f"! {escape_controls(warning)}", err=True)
    try:
        return await import_paths(session, paths, _print_progress)
    finally:
        await session.close()


async def _log_in(app_context: AppContext, card_number: str | None) -> "Session":
    """The session. A function of its own, so that nothing of it keeps the PIN while files are imported."""
    medium_id, card_summary = choose_card(await scan_media(app_context), card_number)
    pin = ask_password(f"卡 {card_summary.card_number}（{escape_controls(card_summary.company)}）的密码：")
    open_session = partial(
        log_in,
        app_context,
        medium_id,
        pin,
        offline=True,
        on_stage=lambda _stage: None,
        card_number=card_summary.card_number,
    )
    try:
        return await open_session()
    except PassphraseNeeded as needed:
        if needed.is_new:
            raise
    return await open_session(passphrase=Passphrase(ask_password("缓存口令：")))


def _print_progress(report: ImportReport) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{report.text()}", nl=False, err=True)


def _print_report(report: ImportReport) -> None:
    if sys.stderr.isatty():
        click.echo(err=True)
    click.echo(report.text())
    for entry_id in report.named_different:
        click.echo(f"不同，保留了缓存中的：{escape_controls(entry_id)}")
    for entry in report.named_rejected:
        place = escape_controls(str(entry.path)) + (f":{entry.line}" if entry.line else "")
        line = f"拒绝：{place} {escape_controls(entry.entry_id)} {escape_controls(entry.reason)}"
        click.echo(line.replace("  ", " "))
