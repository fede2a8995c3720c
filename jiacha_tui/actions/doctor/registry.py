"""Everything that is looked at beside the front end: what the main job needs of this machine and of the network."""

import threading
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Area, Finding
from jiacha_tui.actions.doctor.runner import Check, CheckFunction
from jiacha_tui.options import Options

_ONE_IMPORT_AT_A_TIME: Final = threading.Lock()
"""Packages that import each other do not stand being imported from two ends at once."""


def checks(options: Options) -> tuple[Check, ...]:
    """What to look at for a start with these options; offline leaves out the port, a demonstration the real cards."""
    return (
        Check(Area.CONFIG, _look_of("configuration"), 5.0),
        Check(Area.HOME, _look_of("home"), 5.0),
        Check(Area.ENGINE, _look_of("engine"), 10.0),
        Check(Area.CACHE, _look_of("caches"), 10.0, needed=False),
        Check(Area.DEMO_CARD, _look_of("demo_card"), 5.0, needed=False),
        *(() if options.demo else _REAL_CARDS),
        *(() if options.offline else (Check(Area.PORT, _look_of("port"), 15.0),)),
        Check(Area.PDF, _look_of("pdf"), 15.0),
        Check(Area.FONT, _look_of("font"), 5.0),
        Check(Area.PRINTERS, _look_of("printers"), 8.0, needed=False),
    )


def _look_of(module: str) -> CheckFunction:
    """The look in a module that is imported only then: what it needs may not be installed."""

    async def look(surroundings: DoctorContext) -> Sequence[Finding]:
        with _ONE_IMPORT_AT_A_TIME:
            found: CheckFunction = import_module(f"{__package__}.{module}").look
        return await found(surroundings)

    return look


_REAL_CARDS: Final = (
    Check(Area.CONTROL, _look_of("control"), 8.0, needed=False),
    Check(
        Area.READERS,
        _look_of("readers"),
        8.0,
        needed=False,
        if_silent="请执行 systemctl restart pcscd；读卡器经 SSH 转发时，请重新连接",
    ),
)
