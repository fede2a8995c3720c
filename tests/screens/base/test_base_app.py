"""What every screen has in common: a terminal that is too small, colours, and keys that must not end the program."""

import pytest

from screens.base.base_app import BaseApp
from screens.base.too_small import TooSmall
from tests.screens.harness import until, until_shown
from tests.screens.main_app import MainApp
from tests.screens.sample_cache import SampleSessions


@pytest.mark.parametrize("size", [(79, 24), (80, 23), (40, 10)])
async def test_a_terminal_that_is_too_small_shows_its_size_and_the_smallest_one(
    app: MainApp, size: tuple[int, int]
) -> None:
    async with app.running() as pilot:
        await pilot.press("down", "space")
        await pilot.resize_terminal(*size)
        await until_shown(pilot, f"现在 {size[0]}×{size[1]}", "至少 80×24", "F10/q 退出")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.is_at_main_screen)
        await until_shown(pilot, "已选 1 票")


async def test_started_in_a_small_terminal_the_program_waits_for_a_larger_one(app: MainApp) -> None:
    async with app.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, TooSmall))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.is_at_main_screen)
        await until_shown(pilot, "报关单号")


async def test_the_program_can_be_left_in_a_terminal_that_is_too_small(app: MainApp) -> None:
    async with app.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, TooSmall))
        await pilot.press("f10")
        await until(pilot, lambda: app.return_code == 0)


async def test_ctrl_c_and_ctrl_q_do_not_end_the_program(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("ctrl+c")
        await until_shown(pilot, "退出请按 F10 或 q")
        await pilot.press("ctrl+q", "ctrl+l")
        assert app.is_running


async def test_without_colour_there_is_still_reverse_and_bold(app: MainApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with app.running() as pilot:
        await pilot.press("space")
        await pilot.pause()
        segments = [
            segment
            for strip in app.screen._compositor.render_strips()
            for filtered in [
                strip.apply_filter(line_filter, app.screen.styles.background) for line_filter in app._filters
            ]
            for segment in filtered
            if segment.style
        ]
        styles = [segment.style for segment in segments]
        assert any(style.reverse for style in styles if style)
        assert any(style.bold for style in styles if style)


async def test_only_the_colours_of_the_terminal_are_used(sessions: SampleSessions) -> None:
    app = MainApp(sessions.read_only(warnings=("您的IC卡还有12天到期",)))
    async with app.running((120, 40)) as pilot:
        for keys in (["space"], ["f3"], ["f10"], ["f9"], ["f10"], ["f1"]):
            await pilot.press(*keys)
            await pilot.pause()
            for strip in app.screen._compositor.render_strips():
                for segment in strip:
                    for colour in (segment.style.color, segment.style.bgcolor) if segment.style else ():
                        assert colour is None or colour.is_default or colour.is_system_defined, segment


def test_ctrl_q_and_the_palette_of_textual_are_not_bound() -> None:
    assert not BaseApp.ENABLE_COMMAND_PALETTE
    assert "ctrl+q" not in {key for key, _ in BaseApp()._bindings}
