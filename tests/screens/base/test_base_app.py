"""What holds for every screen: too small a terminal, no colour, and keys that end nothing by mistake."""

import pytest

from screens.base.base_app import BaseApp
from screens.base.too_small import TooSmall
from tests.screens.fakes import on_stage, scene
from tests.screens.harness import until, until_shown


@pytest.mark.parametrize("size", [(79, 24), (80, 23), (40, 10)])
async def test_a_terminal_that_is_too_small_says_so_and_what_it_takes(size: tuple[int, int]) -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("down", "space")
        await pilot.resize_terminal(*size)
        await until_shown(pilot, f"现在 {size[0]}×{size[1]}", "至少 80×24", "F10/q 退出")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: desk.stage.screen is desk.desk)
        await until_shown(pilot, "已选 1 票")


async def test_started_too_small_it_waits_for_room() -> None:
    desk = scene()
    async with desk.stage.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: isinstance(desk.stage.screen, TooSmall))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: desk.stage.screen is desk.desk)
        await until_shown(pilot, "报关单号")


async def test_a_terminal_that_stays_too_small_can_be_left() -> None:
    desk = scene()
    async with desk.stage.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: isinstance(desk.stage.screen, TooSmall))
        await pilot.press("f10")
        await until(pilot, lambda: desk.stage.return_code == 0)


async def test_ctrl_c_and_ctrl_q_end_nothing() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("ctrl+c")
        await until_shown(pilot, "退出请按 F10 或 q")
        await pilot.press("ctrl+q", "ctrl+l")
        assert desk.stage.is_running


async def test_without_colour_reverse_and_bold_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("space")
        await pilot.pause()
        segments = [
            segment
            for strip in desk.stage.screen._compositor.render_strips()
            for filtered in [
                strip.apply_filter(one, desk.stage.screen.styles.background) for one in desk.stage._filters
            ]
            for segment in filtered
            if segment.style
        ]
        styles = [segment.style for segment in segments]
        assert any(style.reverse for style in styles if style)
        assert any(style.bold for style in styles if style)


async def test_only_the_terminals_own_colours_are_used() -> None:
    desk = scene(warnings=("您的IC卡还有12天到期",))
    async with on_stage(desk, (120, 40)) as pilot:
        for keys in (["space"], ["f3"], ["f10"], ["f9"], ["f10"], ["f1"]):
            await pilot.press(*keys)
            await pilot.pause()
            for strip in desk.stage.screen._compositor.render_strips():
                for segment in strip:
                    for colour in (segment.style.color, segment.style.bgcolor) if segment.style else ():
                        assert colour is None or colour.is_default or colour.is_system_defined, segment


def test_the_shell_leaves_ctrl_q_and_textuals_palette_alone() -> None:
    assert not BaseApp.ENABLE_COMMAND_PALETTE
    assert "ctrl+q" not in {key for key, _ in BaseApp()._bindings}
