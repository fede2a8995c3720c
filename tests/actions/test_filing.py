"""The filing tabs: the counts for them, and when a browser is started."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from jiacha_tui.actions.filing import DUE_DAYS, FilingSystem, filing_state, open_filing
from jiacha_tui.actions.import_files import import_paths
from jiacha_tui.actions.session import Session
from jiacha_tui.config import Config, FilingConfig
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.query import NumberQuery
from screens.main.main_screen import PENDING_FILTER
from tests.actions.conftest import show_view
from tests.actions.test_import_files import ONE
from tests.app_contexts import NOW

CONFIG = Config(
    filing=FilingConfig(foreign_trade_url="https://trade.example/", manufacturer_url="https://maker.example/")
)


async def test_declarations_are_counted_by_whether_they_were_downloaded(synced: Session) -> None:
    cached = synced.declarations.count()
    fresh = await filing_state(synced)
    assert (fresh.not_downloaded, fresh.downloaded, fresh.last_download) == (cached, 0, None)
    entry_id = (await show_view(synced, "2026-06")).first[0].entry_id
    synced.declarations.mark_downloaded(NumberQuery(entry_id), NOW)
    state = await filing_state(synced)
    assert (state.not_downloaded, state.downloaded) == (cached - 1, 1)


async def test_declarations_only_from_imported_files_are_not_counted_as_to_download(
    synced: Session, tmp_path: Path
) -> None:
    to_download = (await filing_state(synced)).not_downloaded
    path = tmp_path / "one.xml"
    path.write_text(ONE, "utf-8")
    await import_paths(synced, [path], lambda _report: None)
    state = await filing_state(synced)
    assert (state.not_downloaded, state.from_files) == (to_download, 1)
    assert len(await show_view(synced, PENDING_FILTER)) == to_download


async def test_the_last_download_is_the_last_successful_one(session: Session) -> None:
    session.journal.write(JournalKind.DOWNLOAD, (), Outcome.DONE, "下载 3 票", {"path": "/files/three.xml"})
    session.journal.write(JournalKind.SYNC, (), Outcome.DONE, "同步完成")
    for _ in range(60):
        session.journal.write(JournalKind.DOWNLOAD, (), Outcome.FAILED, "连不上")
    last = (await filing_state(session)).last_download
    assert last is not None
    assert (last.message, last.detail["path"]) == ("下载 3 票", "/files/three.xml")


@pytest.mark.parametrize(
    ("environ", "is_visible"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "10.0.0.2 51000 10.0.0.1 22"}, False),
    ],
)
@pytest.mark.parametrize(
    ("system", "address"),
    [
        (FilingSystem.FOREIGN_TRADE, "https://trade.example/"),
        (FilingSystem.MANUFACTURER, "https://maker.example/"),
    ],
)
async def test_a_browser_is_started_only_where_its_window_is_visible_to_the_operator(
    system: FilingSystem, address: str, environ: Mapping[str, str], is_visible: bool
) -> None:
    started: list[str] = []

    def browse(url: str) -> bool:
        started.append(url)
        return True

    opened = await open_filing(CONFIG, system, environ, browse)
    assert (opened.address, opened.opened_in_browser) == (address, is_visible)
    assert started == ([address] if is_visible else [])


async def test_a_browser_that_does_not_start_is_reported_as_not_opened() -> None:
    opened = await open_filing(CONFIG, FilingSystem.MANUFACTURER, {"DISPLAY": ":0"}, lambda _url: False)
    assert not opened.opened_in_browser


async def test_what_is_due_within_30_days_is_counted_with_the_earliest_day(synced: Session) -> None:
    rules = synced.app_context.config.deadlines.rules
    today = NOW.date()
    due = await show_view(synced, f"期限:<={DUE_DAYS}天")
    state = await filing_state(synced)
    assert state.due == len(due)
    assert state.not_filed == len(await show_view(synced, "未申报"))
    days = [day for row in due.first if row.exported_on and (day := rules.next_deadline(row.exported_on, today))]
    assert state.earliest_deadline == min(days, default=None)
