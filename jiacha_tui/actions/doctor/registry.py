"""The list of all checks, except those of Python and the terminal, which belong to the command line."""

import threading
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from jiacha_tui.actions.doctor.finding import Area, Finding
from jiacha_tui.actions.doctor.runner import Check, CheckFunction, DoctorContext
from jiacha_tui.options import Options

_IMPORT_LOCK: Final = threading.Lock()
"""Packages that import each other can fail when two threads start importing them from different ends."""


def list_checks(options: Options) -> tuple[Check, ...]:
    """The checks for a start with these options: no port when offline, no real cards in the demonstration."""
    return (
        Check(Area.CONFIG, _imported("files", "check_config"), 5.0),
        Check(Area.HOME, _imported("files", "check_folders"), 5.0),
        Check(Area.ENGINE, _imported("caches", "check_engine"), 10.0),
        Check(Area.CACHE, _imported("caches", "check_caches"), 10.0, required=False),
        Check(Area.DEMO_CARD, _imported("cards", "check_demo_card"), 5.0, required=False),
        *(() if options.demo else _REAL_CARDS),
        *(() if options.offline else (Check(Area.PORT, _imported("port", "check_port"), 15.0),)),
        Check(Area.PDF, _imported("printing", "check_pdf_engines"), 15.0),
        Check(Area.FONT, _imported("printing", "check_font"), 5.0),
        Check(Area.PRINTERS, _imported("printing", "check_printers"), 8.0, required=False),
    )


def _imported(module: str, function: str) -> CheckFunction:
    """A check whose module is imported only when it runs, because packages that it needs may be missing."""

    async def check(context: DoctorContext) -> Sequence[Finding]:
        with _IMPORT_LOCK:
            imported: CheckFunction = getattr(import_module(f"{__package__}.{module}"), function)
        return await imported(context)

    return check


_REAL_CARDS: Final = (
    Check(Area.CONTROL, _imported("cards", "check_control"), 20.0, required=False),
    Check(
        Area.READERS,
        _imported("cards", "check_readers"),
        8.0,
        required=False,
        timeout_hint="请执行 systemctl restart pcscd；读卡器经 SSH 转发时，请重新连接",
    ),
)
