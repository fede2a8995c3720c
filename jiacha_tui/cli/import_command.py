"""`jiacha import`: files that people already have, into the cache of the card that is there."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cards import CardSummary, MediumStatus, scan_media
from jiacha_tui.actions.import_files import ImportReport, files_in, import_paths
from jiacha_tui.actions.login import log_in
from jiacha_tui.card.problems import NoCard
from jiacha_tui.cli.password import ask
from jiacha_tui.composition import compose
from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.options import Options
from jiacha_tui.private_files import file_problems

EXIT_NOT_ALL = 3


class SeveralCaches(Problem):
    def __init__(self, faces: Sequence[CardSummary]) -> None:
        numbers = "、".join(card_summary.card_number for card_summary in faces)
        super().__init__("card.several", f"找到几张卡：{numbers}", "用 --card 指明导入到哪一张的缓存")


def import_files(options: Options, paths: Sequence[Path], card_number: str | None) -> int:
    """Imports and reports on standard output. Raises `Problem` where the card or its cache cannot be opened."""
    for path in paths:
        with file_problems(path):
            there = path.exists()
        if not there:
            raise Problem("import.no-file", f"没有文件 {escape_controls(str(path))}", "请检查路径；没有导入任何文件")
    if not any(files_in(paths)):
        raise Problem("import.nothing", "文件夹中没有 .xml 文件", "请给出文件，或有 .xml 文件的文件夹")
    report = asyncio.run(_import(compose(replace(options, offline=True)), paths, card_number))
    _show(report)
    return EXIT_NOT_ALL if report.different or report.rejected else 0


async def _import(app_context: AppContext, paths: Sequence[Path], card_number: str | None) -> ImportReport:
    medium_id, card_summary = _choose(await scan_media(app_context), card_number)
    session = await log_in(
        app_context,
        medium_id,
        ask(f"卡 {card_summary.card_number}（{escape_controls(card_summary.company)}）的密码："),
        offline=True,
        on_stage=lambda _stage: None,
        card_number=card_summary.card_number,
    )
    try:
        return await import_paths(session, paths, _tell)
    finally:
        await session.close()


def _choose(found: Sequence[MediumStatus], card_number: str | None) -> tuple[str, CardSummary]:
    there = [(one.medium_id, one.card) for one in found if one.card is not None]
    chosen = [
        (medium_id, card_summary)
        for medium_id, card_summary in there
        if card_number in (None, card_summary.card_number)
    ]
    if not chosen:
        raise next((one.problem for one in found if one.problem is not None), NoCard())
    if len(chosen) > 1:
        raise SeveralCaches([card_summary for _, card_summary in chosen])
    return chosen[0]


def _tell(report: ImportReport) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{report.text()}", nl=False, err=True)


def _show(report: ImportReport) -> None:
    if sys.stderr.isatty():
        click.echo(err=True)
    click.echo(report.text())
    for entry_id in report.named_different:
        click.echo(f"不同，保留了缓存中的：{escape_controls(entry_id)}")
    for one in report.named_rejected:
        place = escape_controls(str(one.path)) + (f":{one.line}" if one.line else "")
        click.echo(f"拒绝：{place} {escape_controls(one.entry_id)} {escape_controls(one.reason)}".replace("  ", " "))
