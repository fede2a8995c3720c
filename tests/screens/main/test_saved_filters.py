"""Filters with a name, and the history that outlives the session."""

from textual.pilot import Pilot

from screens.dialogs.saved_filters import SavedFiltersDialog
from tests.screens.harness import until, until_shown
from tests.screens.main_app import MainApp
from tests.screens.sample_cache import SampleSessions


async def shows(app: MainApp, pilot: Pilot[int], text: str) -> None:
    await until(pilot, lambda: app.table.view is not None and app.table.view.filter_text == text)


async def test_a_filter_is_saved_used_renamed_and_deleted(sessions: SampleSessions) -> None:
    session = sessions.own()
    app = MainApp(session)
    async with app.running() as pilot:
        await pilot.press("f2", *"德国", "enter", "t")
        await until_shown(pilot, "还没有存下的筛选", "现在的筛选  德国")
        await pilot.press("enter")
        await until_shown(pilot, "还没有名称")
        await pilot.press(*"月报", "enter")
        await until_shown(pilot, "▸ 月报")
        await pilot.press("escape", "escape")
        await shows(app, pilot, "")
        await pilot.press("ctrl+t")
        await until_shown(pilot, "▸ 月报")
        await pilot.press("enter")
        await shows(app, pilot, "德国")
        await pilot.press("t")
        await until_shown(pilot, "▸ 月报")
        await pilot.press("tab", *"周报", "tab", "tab", "tab", "tab", "enter")
        await until_shown(pilot, "▸ 周报")
        await pilot.press(*["tab"] * 6, "enter")
        await until_shown(pilot, "还没有存下的筛选")
        assert isinstance(app.screen, SavedFiltersDialog)
    assert session.saved_filters.all() == ()


async def test_the_history_outlives_the_session(sessions: SampleSessions) -> None:
    session = sessions.own()
    first = MainApp(session)
    async with first.running() as pilot:
        await pilot.press("f2", *"德国", "enter")
        await until(pilot, lambda: session.saved_filters.history() == ("德国",))
    again = MainApp(session)
    async with again.running() as pilot:
        await pilot.press("f2", "up")
        await until(pilot, lambda: again.bar.text == "德国")
