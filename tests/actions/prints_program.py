"""Saves the prints of all cached declarations: `python -m tests.actions.prints_program HOME URL CA FOLDER`.

It prints a line for each saved print, before the next is asked for, and at the end one line with the counts.
"""

import asyncio
import sys
import time
from pathlib import Path

from jiacha_tui.actions.bulk_print_report import BulkPrintReport
from jiacha_tui.actions.bulk_prints import plan_bulk_prints, save_bulk_prints
from jiacha_tui.actions.login import log_in
from jiacha_tui.composition import compose
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.options import Options
from tests.actions.conftest import show_view


def say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def main(home: str, url: str, ca: str, folder: str) -> None:
    context = compose(Options(home=Path(home), port_url=url, ca=Path(ca)))
    card = context.media()[-1]  # the demo card comes after the media of real cards
    session = await log_in(context, card.medium_id, DEMO_PIN, offline=False, on_stage=lambda _stage: None)
    said = 0

    def note(report: BulkPrintReport) -> None:
        nonlocal said
        if report.saved > said:
            said = report.saved
            say(said)

    plan = await plan_bulk_prints(session, await show_view(session, "来源:口岸"))
    started = time.monotonic()
    report = await save_bulk_prints(session, plan, Path(folder), note, pause=0.0)
    await session.close()
    seconds = time.monotonic() - started
    if report.stopped_by is not None:
        say(report.stopped_by.code)
    say(f"total {report.total} saved {report.saved} present {report.present} calls {report.calls} in {seconds:.1f}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
