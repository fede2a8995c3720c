"""The two filing systems that a downloaded file goes to next (manual 2.2 and 2.3), and what still waits for them."""

import asyncio
import enum
import os
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jiacha_tui.actions.session import Session
from jiacha_tui.config import Config
from jiacha_tui.declaration.journal import JournalEntry, JournalKind, Outcome


class FilingSystem(enum.Enum):
    """The value is the site's name of the page."""

    FOREIGN_TRADE = "外贸企业出口退税申报"
    MANUFACTURER = "生产企业出口退税申报"

    @property
    def purpose(self) -> str:
        if self is FilingSystem.FOREIGN_TRADE:
            return "外贸企业由此进入出口退税申报外贸版系统，导入下载的报关单 XML 文件，办理出口退税。"
        return "生产企业由此进入出口退税申报生产版系统，导入下载的报关单 XML 文件，办理免抵退税。"

    def address(self, config: Config) -> str:
        if self is FilingSystem.FOREIGN_TRADE:
            return config.filing.foreign_trade_url
        return config.filing.manufacturer_url


@dataclass(frozen=True, slots=True)
class FilingState:
    """Declarations in the cache by whether their file was downloaded here, and the last download.

    `from_files` counts apart what only imported files have told of: the port has not listed it.
    """

    not_downloaded: int
    downloaded: int
    from_files: int
    last_download: JournalEntry | None


@dataclass(frozen=True, slots=True)
class FilingLink:
    """Where 「立即前往」 led: `by_browser` tells whether a browser was started, else the address is only shown."""

    address: str
    opened_in_browser: bool


async def filing_state(session: Session) -> FilingState:
    return await asyncio.to_thread(_filing_state, session)


async def open_filing(
    config: Config,
    system: FilingSystem,
    environ: Mapping[str, str] = os.environ,
    browse: Callable[[str], bool] = webbrowser.open,
) -> FilingLink:
    """Opens the system in a browser where this machine shows one to the operator.

    Over SSH or without a display a browser would start where nobody sees it, or in this very terminal.
    """
    address = system.address(config)
    seen_here = bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")) and not environ.get("SSH_CONNECTION")
    return FilingLink(address, seen_here and await asyncio.to_thread(browse, address))


def _filing_state(session: Session) -> FilingState:
    counts = session.declarations.download_counts()
    last = session.journal.recent(1, kind=JournalKind.DOWNLOAD, outcome=Outcome.DONE)
    return FilingState(counts.not_downloaded, counts.downloaded, counts.from_files, last[0] if last else None)
