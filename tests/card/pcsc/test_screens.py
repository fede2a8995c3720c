"""A card in a reader as the operator sees it: there on the login screen, and missed at the desk."""

import asyncio
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.demo.pin import DEMO_PIN
from tests.card.control import simulator
from tests.card.control.relay import relaying
from tests.card.pcsc.pcscd import VirtualSlot, linked, running_pcscd
from tests.card.pcsc.virtual_piv import VirtualPiv
from tests.journey.operator import Operator, at_work, log_in
from tests.needs import needs
from tests.recording_transport import DETAIL, RecordingTransport

pytestmark = needs("pcscd", "vpcd", "libpcsclite-dev")

DECLARATIONS = 60
HALF_A_SECOND = 0.5
NO_CARD = "请插入IC卡或者Key"
NO_SERVICE = "读卡器服务没有运行"
LOCKED = ("登录时使用的卡已拔出", "示例进出口有限公司", "JJ0G900000001", "按 Enter 解锁")


async def seconds_until(operator: Operator, words: str, change: Callable[[], object]) -> float:
    """From the moment of the change, which pcscd has yet to notice, until the words are on the screen."""
    began = time.monotonic()
    changing = asyncio.create_task(asyncio.to_thread(change))
    await operator.sees(words)
    seconds = time.monotonic() - began
    await changing
    return seconds


async def test_the_login_screen_shows_inserted_and_removed_cards_within_half_a_second(
    slot: VirtualSlot, app_context: AppContext, card: VirtualPiv
) -> None:
    async with at_work(app_context) as operator:
        await operator.sees(NO_CARD)
        took = []
        for _ in range(3):
            took.append(await seconds_until(operator, "JJ0G900000001", lambda: slot.insert(card)))
            assert NO_CARD not in operator.screen
            took.append(await seconds_until(operator, NO_CARD, slot.pull))
            assert "JJ0G900000001" not in operator.screen
    assert statistics.median(took) < HALF_A_SECOND, f"pcscd alone looks every 0.4 s; it took {took}"


async def test_a_silent_control_does_not_delay_cards_in_readers_and_is_asked_only_once(
    slot: VirtualSlot, app_context: AppContext, card: VirtualPiv, tmp_path: Path, project: Path
) -> None:
    with simulator.running_simulator(tmp_path / "home", project) as control:
        control.run("greeting off")
        async with relaying(control.url) as (url, relay):
            (reader,) = app_context.media()
            both = replace(app_context, media=lambda: (ControlMedium(url), reader))
            async with at_work(both) as operator:
                await operator.sees("连接客户端控件服务失败", "无卡")
                took = []
                for _ in range(3):
                    took.append(await seconds_until(operator, "JJ0G900000001", lambda: slot.insert(card)))
                    took.append(await seconds_until(operator, "无卡", slot.pull))
                assert "连接客户端控件服务失败" in operator.screen
                assert relay.connections == 1
                await operator.press("f5")
                await operator.waits(lambda: relay.connections == 2, "another look by order")
    assert statistics.median(took) < HALF_A_SECOND, took


async def come_and_go(operator: Operator, way: Path, folder: Path, card: VirtualPiv) -> list[float]:
    """Seconds until the readers were seen coming, and until they were seen going with the card in one of them."""
    with running_pcscd(folder) as daemon, ExitStack() as led:
        coming = await seconds_until(operator, NO_CARD, lambda: led.enter_context(linked(way, daemon.socket)))
        slot = daemon.slots[0]
        await asyncio.to_thread(slot.insert, card)
        await operator.sees("JJ0G900000001")
        going = await seconds_until(operator, NO_SERVICE, daemon.process.kill)
        assert "JJ0G900000001" not in operator.screen
        slot.reader.pull()
    return [coming, going]


async def test_the_login_screen_shows_readers_appear_and_disappear_with_their_service(
    way: Path, app_context: AppContext, card: VirtualPiv, tmp_path: Path
) -> None:
    """As they do at the far end of an SSH line. vpcd has no reader that is plugged in while pcscd runs."""
    folder = tmp_path / "pcscd"
    folder.mkdir()
    took: list[float] = []
    async with at_work(app_context) as operator:
        await operator.sees(NO_SERVICE)
        with running_pcscd(folder, readers=False) as daemon, linked(way, daemon.socket):
            await operator.sees("没有读卡器", "请插上读卡器")
        for _ in range(3):
            await operator.sees(NO_SERVICE)
            took += await come_and_go(operator, way, folder, card)
    assert statistics.median(took) < HALF_A_SECOND, f"the service is looked for every 0.4 s; it took {took}"


async def unlock(operator: Operator, pin: str = DEMO_PIN) -> None:
    await operator.write(pin)
    await operator.press("enter")


async def test_removing_the_card_locks_the_screen_until_the_same_card_and_pin_unlock_it(
    slot: VirtualSlot, app_context: AppContext, line: RecordingTransport, card: VirtualPiv, other_card: VirtualPiv
) -> None:
    async with at_work(app_context) as operator:
        await asyncio.to_thread(slot.insert, card)
        await log_in(operator)
        go_on = asyncio.Event()
        line.run_at_request(DETAIL, 10, go_on.wait)
        await operator.press("f5")
        await operator.waits(lambda: line.count_answered(DETAIL) == 9, "details that stand still on the line")
        await seconds_until(operator, LOCKED[0], slot.pull)
        await operator.sees(*LOCKED)
        go_on.set()
        await operator.settles(lambda: len(line.answered))
        assert line.count_answered(DETAIL) < DECLARATIONS

        await unlock(operator)
        await operator.sees(NO_CARD)
        await asyncio.to_thread(slot.insert, other_card)
        await unlock(operator)
        await operator.sees("插入的卡不是登录时使用的卡")
        assert other_card.pins_tried() == 0
        await asyncio.to_thread(slot.pull)
        await asyncio.to_thread(slot.insert, card)
        await unlock(operator, "87654321")
        await operator.sees("输入口令错误，还可以尝试 2 次")
        await unlock(operator)
        await operator.sees(f"同步完成：新增 {DECLARATIONS} 票")
        assert card.pins_tried() == 3
        await asyncio.to_thread(slot.pull)
        await operator.sees(*LOCKED)
