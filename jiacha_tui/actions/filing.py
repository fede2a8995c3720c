"""The two filing systems into which a downloaded file is imported (manual 2.2 and 2.3), and what to file next."""

import asyncio
import enum
import os
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from jiacha_tui.actions.session import Session
from jiacha_tui.config import Config
from jiacha_tui.declaration.journal import JournalEntry, JournalKind, Outcome

DUE_DAYS: Final = 30


class FilingSystem(enum.Enum):
    """A filing system; the value is the official name of its page."""

    FOREIGN_TRADE = "外贸企业申报"
    MANUFACTURER = "生产企业申报"

    @property
    def purpose(self) -> str:
        """What the page is for, in Chinese."""
        if self is FilingSystem.FOREIGN_TRADE:
            return "外贸企业由此进入出口退税申报外贸版系统，导入下载的报关单 XML 文件，办理出口退税。"
        return "生产企业由此进入出口退税申报生产版系统，导入下载的报关单 XML 文件，办理免抵退税。"

    def address(self, config: Config) -> str:
        """The URL of the system, from the configuration."""
        if self is FilingSystem.FOREIGN_TRADE:
            return config.filing.foreign_trade_url
        return config.filing.manufacturer_url


@dataclass(frozen=True, slots=True)
class FilingState:
    """Counts of cached declarations by whether their file was downloaded here, and the entry of the last download.

    Declarations that come only from imported files are counted apart in `from_files`: the port has not listed them.
    `delisted` counts those that the port no longer lists; they are in none of the other counts. `not_filed` counts the
    listed ones that the clerk has not marked as filed, and `due` those of them whose next deadline is at most DUE_DAYS
    away; `earliest_deadline` is the first of these deadlines.
    """

    not_downloaded: int
    downloaded: int
    from_files: int
    delisted: int
    last_download: JournalEntry | None
    not_filed: int = 0
    due: int = 0
    earliest_deadline: date | None = None


@dataclass(frozen=True, slots=True)
class FilingLink:
    """The address of 「立即前往」. If no browser was started (`opened_in_browser`), it is only shown."""

    address: str
    opened_in_browser: bool


async def filing_state(session: Session) -> FilingState:
    """Reads the counts and the last download from the cache."""
    return await asyncio.to_thread(_filing_state, session)


async def open_filing(
    config: Config,
    system: FilingSystem,
    environ: Mapping[str, str] = os.environ,
    browse: Callable[[str], bool] = webbrowser.open,
) -> FilingLink:
    """Opens the system in a browser, if a browser on this machine is visible to the operator.

    Over SSH or without a display, a browser would start where nobody sees it, or in the terminal of this program.
    """
    address = system.address(config)
    is_visible = bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")) and not environ.get("SSH_CONNECTION")
    return FilingLink(address, is_visible and await asyncio.to_thread(browse, address))


def _filing_state(session: Session) -> FilingState:
    counts = session.declarations.download_counts()
    last = session.journal.recent(1, kind=JournalKind.DOWNLOAD, outcome=Outcome.DONE)
    today = session.app_context.clock().date()
    rules = session.app_context.config.deadlines.rules
    due = session.declarations.not_filed_by_day(rules.due_within(today, DUE_DAYS))
    deadlines = [deadline for day in due if (deadline := rules.next_deadline(day, today)) is not None]
    return FilingState(
        counts.not_downloaded,
        counts.downloaded,
        counts.from_files,
        counts.delisted,
        last[0] if last else None,
        session.declarations.count_not_filed(),
        sum(due.values()),
        min(deadlines, default=None),
    )
