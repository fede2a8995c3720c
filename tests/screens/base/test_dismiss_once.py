"""A result closes its own screen and no other, whatever covers it."""

import asyncio

import pytest

from screens.base.help import HelpScreen
from screens.dialogs.quit_dialog import QuitDialog
from tests.recording_transport import LIST
from tests.screens.harness import until, until_shown
from tests.screens.main_app import MainApp
from tests.screens.sample_cache import SampleSessions


async def test_a_result_that_comes_while_help_covers_the_dialog_waits_until_the_help_is_closed(
    sessions: SampleSessions,
) -> None:
    app = MainApp(sessions.own())
    released = asyncio.Event()
    sessions.transport.run_at_request(LIST, 1, released.wait)
    async with app.running() as pilot:
        await pilot.press("f3", "enter", "enter")
        await until(pilot, lambda: sessions.transport.count(LIST) == 1)
        dialog = app.screen
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        released.set()
        await until(pilot, lambda: not dialog.workers)
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("f10")
        await until(pilot, lambda: app.is_at_main_screen)
        await until_shown(pilot, "查询到")


async def test_a_second_result_closes_nothing_more(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f10")
        await until_shown(pilot, "[▸留下 ]")
        dialog = app.screen
        assert isinstance(dialog, QuitDialog)
        dialog.dismiss(False)
        dialog.dismiss(True)
        await until(pilot, lambda: app.is_at_main_screen)
        await pilot.pause()
        assert app.is_at_main_screen


@pytest.mark.parametrize("keys", [["q", "q", "q"], ["f10", "escape", "f10"]])
async def test_closing_keys_in_quick_succession_never_end_the_program(app: MainApp, keys: list[str]) -> None:
    async with app.running() as pilot:
        for key in keys:
            app.simulate_key(key)
        await pilot.pause(0.2)
        assert app.return_code is None
        assert app.main in app.screen_stack
