"""The lock in the whole program, with a card behind the client control."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.composition import compose
from jiacha_tui.demo.demo import make_demo
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.options import Options
from tests.app_contexts import TODAY, demo_context
from tests.card.control.simulator import Simulator, running_simulator
from tests.journey.operator import log_in, run_program

LOCKED = ("登录时使用的卡已拔出", "示例进出口有限公司", "JJ0G900000001", "按 Enter 解锁")
OFTEN = 0.2


@pytest.fixture
def control(tmp_path: Path, project: Path) -> Iterator[Simulator]:
    with running_simulator(tmp_path / "home", project) as simulator:
        yield simulator


@pytest.fixture
def app_context(control: Simulator, tmp_path: Path) -> Iterator[AppContext]:
    demo = make_demo(tmp_path / "home", 20, today=TODAY)
    medium = ControlMedium(control.url, check_seconds=OFTEN)
    yield replace(demo_context(demo, tmp_path / "home"), media=lambda: (medium,))
    demo.close()


async def test_removing_the_card_locks_and_the_same_card_unlocks(control: Simulator, app_context: AppContext) -> None:
    async with run_program(app_context) as operator:
        await log_in(operator)
        await operator.press("f5")
        await operator.sees("同步完成")
        await operator.press("down", "space")
        await operator.sees("已选 1 票")
        before = operator.lines
        control.calls()
        await operator.settles(lambda: operator.lines)
        assert "GetCertNo" in "".join(control.calls())
        assert operator.lines == before, "the screen does not change while the control is asked"

        control.run("pull")
        await operator.sees(*LOCKED)
        assert "已选" not in operator.screen
        await operator.write(DEMO_PIN)
        await operator.press("enter")
        await operator.sees("请插入IC卡或者Key")
        control.run("insert card")
        await operator.write(DEMO_PIN)
        await operator.press("enter")
        await operator.sees("已选 1 票")
        await operator.waits(lambda: operator.lines == before, "the same screen")
        await operator.press("m")
        await operator.sees("登录时使用的卡已拔出", "已解锁")


async def test_the_configuration_sets_how_often_the_card_is_checked(control: Simulator, tmp_path: Path) -> None:
    home = tmp_path / "write_config"
    home.mkdir()
    config = f'[card]\ncontrol_url = "{control.url}"\ncontrol_check_seconds = 1\n'
    (home / "config.toml").write_text(config, encoding="utf-8")
    async with run_program(compose(Options(home=home, offline=True))) as operator:
        await operator.sees("离线浏览", "JJ0G900000001")
        await operator.write(DEMO_PIN)
        await operator.press("enter")
        await operator.sees("还没有同步过")
        control.run("pull")
        await operator.sees(*LOCKED)
