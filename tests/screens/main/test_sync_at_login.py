"""The sync after a login: it starts without a key, takes nothing away, and a key cancels it."""

import asyncio
from dataclasses import replace

import pytest

from jiacha_tui.actions.session import Session
from jiacha_tui.config import Config, SyncConfig
from screens.dialogs.older_months import OlderMonthsDialog
from screens.main.declaration_table import DeclarationTable
from tests.recording_transport import LIST, RecordingTransport
from tests.screens.harness import until_shown
from tests.screens.main_app import MainApp
from tests.screens.sample_cache import AT_PORT, DECLARATIONS, SampleSessions


def hold_lists(transport: RecordingTransport, number: int) -> asyncio.Event:
    """Holds the requests for lists from this one on, until the event is set."""
    released = asyncio.Event()
    transport.run_at_request(LIST, number, released.wait)
    return released


def configured(session: Session, sync: SyncConfig) -> Session:
    session.app_context = replace(session.app_context, config=Config(sync=sync))
    return session


@pytest.fixture
def empty(sessions: SampleSessions) -> MainApp:
    """A main screen with an empty cache, whose sync starts automatically."""
    return MainApp(configured(sessions.empty(), SyncConfig()))


async def test_an_empty_desk_fills_without_a_key(empty: MainApp, sessions: SampleSessions) -> None:
    lists = hold_lists(sessions.transport, 2)
    async with empty.running() as pilot:
        await until_shown(pilot, "正在从口岸取，取到就显示", "自动同步清单")
        assert isinstance(empty.focused, DeclarationTable)
        lists.set()
        await until_shown(pilot, f"✓ 同步完成：新增 {AT_PORT} 票", f"缓存 {AT_PORT} 票")
        assert "还没有报关单" not in empty.text


async def test_warnings_of_the_login_stay_while_the_sync_starts(sessions: SampleSessions) -> None:
    hold_lists(sessions.transport, 1)
    session = configured(sessions.own(), SyncConfig())
    session.warnings = ("您的IC卡还有12天到期，请尽快延期!",)
    app = MainApp(session)
    async with app.running() as pilot:
        await until_shown(pilot, "停同步")
        await until_shown(pilot, "! 您的IC卡还有12天到期，请尽快延期!")


async def test_f5_cancels_it_and_starts_one_of_all_months(empty: MainApp, sessions: SampleSessions) -> None:
    lists = hold_lists(sessions.transport, 2)
    async with empty.running() as pilot:
        await until_shown(pilot, "停同步")
        await pilot.press("f5")
        await until_shown(pilot, "同步已取消", "再按 F5 接着取", "按 F5 同步，或按 F3")
        lists.set()
        await pilot.press("f5")
        await until_shown(pilot, f"✓ 同步完成：新增 {AT_PORT} 票")


@pytest.mark.parametrize(("online", "at_login"), [(True, False), (False, True)])
async def test_none_starts_if_it_is_switched_off_or_there_is_no_port(
    sessions: SampleSessions, online: bool, at_login: bool
) -> None:
    app = MainApp(configured(sessions.empty(online=online), SyncConfig(at_login=at_login)))
    async with app.running() as pilot:
        await until_shown(pilot, "还没有同步过")
        await pilot.pause()
        assert "按 F5 同步" in app.text
        assert sessions.transport.count(LIST) == 0


async def test_older_months_are_chosen_in_a_dialog(sessions: SampleSessions) -> None:
    app = MainApp(sessions.own())
    async with app.running() as pilot:
        await pilot.press("f9", *"更早")
        await until_shown(pilot, "第 1/1 项")
        await pilot.press("enter")
        await until_shown(pilot, "24 个月：取到 2024-07", "60 个月：取到 2021-07")
        assert isinstance(app.screen, OlderMonthsDialog)
        await pilot.press("enter")
        await until_shown(pilot, "✓ 同步完成：新增 0 票", f"缓存 {DECLARATIONS:,} 票")
        assert sessions.transport.count(LIST) == (24 - 18) * 2 + 1, "the first one is repeated with a signature"
