"""An answer takes away its own screen and no other, whatever lies above it."""

import asyncio

import pytest

from jiacha_tui.declaration.query import Query
from screens.base.help import HelpScreen
from screens.dialogs.query import QueryDialog, QueryForm, RunQuery
from screens.dialogs.quit_dialog import QuitDialog
from tests.screens.fakes import NOW, FakeBrowser, FakeSession, on_stage, scene
from tests.screens.harness import SMALLEST, ScreenHarness, until, until_shown


def slow(clerk: FakeSession, gate: asyncio.Event) -> RunQuery:
    run = clerk.deeds().run_query

    async def when_open(query: Query, on_progress: object) -> object:
        await gate.wait()
        return await run(query, lambda _: None)

    return when_open  # type: ignore[return-value]  # it gives what `run` gives


async def test_an_answer_that_comes_under_the_help_waits_until_that_is_read() -> None:
    gate = asyncio.Event()
    stage = ScreenHarness(QueryDialog(QueryForm.fresh(NOW.date()), slow(FakeSession(FakeBrowser([])), gate)))
    async with stage.run_test(size=SMALLEST) as pilot:
        await pilot.press("enter", "f1")
        await until(pilot, lambda: isinstance(stage.screen, HelpScreen))
        gate.set()
        await pilot.pause(0.2)
        assert isinstance(stage.screen, HelpScreen)
        assert stage.results == []
        await pilot.press("f10")
        await until(pilot, lambda: len(stage.results) == 1)
        assert stage.results[0] is not None


async def test_a_second_answer_takes_nothing_more_away() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f10")
        await until_shown(pilot, "[▸留下 ]")
        dialog = desk.stage.screen
        assert isinstance(dialog, QuitDialog)
        dialog.dismiss(False)
        dialog.dismiss(True)
        await until(pilot, lambda: desk.stage.screen is desk.desk)
        await pilot.pause()
        assert desk.stage.screen is desk.desk
        assert desk.ways.gone == []


@pytest.mark.parametrize("keys", [["q", "q", "q"], ["f10", "escape", "f10"]])
async def test_closing_keys_in_a_burst_never_end_the_program(keys: list[str]) -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        for key in keys:
            desk.stage.simulate_key(key)
        await pilot.pause(0.2)
        assert desk.ways.gone == []
        assert desk.desk in desk.stage.screen_stack
