"""A card in a reader as the operator sees it on the login screen and after the login."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.demo.pin import DEMO_PIN
from tests.card.control import simulator
from tests.card.control.relay import relaying
from tests.card.pcsc.pcscd import VirtualSlot, linked, running_pcscd
from tests.card.pcsc.virtual_piv import VirtualPiv
from tests.journey.operator import Operator, log_in, run_program
from tests.needs import needs
from tests.recording_transport import DETAIL, RecordingTransport

pytestmark = needs("pcscd", "vpcd", "libpcsclite-dev")

DECLARATIONS = 20
NO_CARD = "请插入IC卡或者Key"
NO_SERVICE = "读卡器服务没有运行"
LOCKED = ("登录时使用的卡已拔出", "示例进出口有限公司", "JJ0G900000001", "按 Enter 解锁")


async def sees_after(operator: Operator, text: str, change: Callable[[], object]) -> None:
    """Makes a change that blocks and waits until the text is on the screen."""
    changing = asyncio.create_task(asyncio.to_thread(change))
    await operator.sees(text)
    await changing


async def test_the_login_screen_shows_inserted_and_removed_cards(
    slot: VirtualSlot, app_context: AppContext, card: VirtualPiv
) -> None:
    async with run_program(app_context) as operator:
        await operator.sees(NO_CARD)
        for _ in range(2):
            await sees_after(operator, "JJ0G900000001", lambda: slot.insert(card))
            assert NO_CARD not in operator.screen
            await sees_after(operator, NO_CARD, slot.pull)
            assert "JJ0G900000001" not in operator.screen


async def test_a_silent_control_does_not_hide_cards_in_readers_and_is_asked_only_once(
    slot: VirtualSlot, app_context: AppContext, card: VirtualPiv, tmp_path: Path, project: Path
) -> None:
    with simulator.running_simulator(tmp_path / "home", project) as control:
        control.run("greeting off")
        async with relaying(control.url) as (url, relay):
            (reader,) = app_context.media()
            both = replace(app_context, media=lambda: (ControlMedium(url), reader))
            async with run_program(both) as operator:
                await operator.sees("连接客户端控件服务失败", "无卡")
                await sees_after(operator, "JJ0G900000001", lambda: slot.insert(card))
                await sees_after(operator, "无卡", slot.pull)
                assert "连接客户端控件服务失败" in operator.screen
                assert relay.connections == 1
                await operator.press("f5")
                await operator.waits(lambda: relay.connections == 2, "a second attempt after F5")


async def start_and_kill_service(operator: Operator, socket_link: Path, folder: Path, card: VirtualPiv) -> None:
    """Checks that the screen shows the service start, a card inserted, and the service end."""
    with running_pcscd(folder) as pcscd, linked(socket_link, pcscd.socket):
        await operator.sees(NO_CARD)
        slot = pcscd.slots[0]
        await asyncio.to_thread(slot.insert, card)
        await operator.sees("JJ0G900000001")
        await sees_after(operator, NO_SERVICE, pcscd.process.kill)
        assert "JJ0G900000001" not in operator.screen
        slot.reader.pull()


async def test_the_login_screen_shows_readers_appear_and_disappear_with_their_service(
    socket_link: Path, app_context: AppContext, card: VirtualPiv, tmp_path: Path
) -> None:
    """As with a forwarded service. The readers of vpcd cannot be added while pcscd runs."""
    folder = tmp_path / "pcscd"
    folder.mkdir()
    async with run_program(app_context) as operator:
        await operator.sees(NO_SERVICE)
        with running_pcscd(folder, readers=False) as pcscd, linked(socket_link, pcscd.socket):
            await operator.sees("没有读卡器", "请插上读卡器")
        for _ in range(2):
            await operator.sees(NO_SERVICE)
            await start_and_kill_service(operator, socket_link, folder, card)


async def unlock(operator: Operator, pin: str = DEMO_PIN) -> None:
    await operator.write(pin)
    await operator.press("enter")


async def test_removing_the_card_locks_the_screen_until_the_same_card_and_pin_unlock_it(
    slot: VirtualSlot, app_context: AppContext, transport: RecordingTransport, card: VirtualPiv, other_card: VirtualPiv
) -> None:
    async with run_program(app_context) as operator:
        await asyncio.to_thread(slot.insert, card)
        await log_in(operator)
        continuing = asyncio.Event()
        transport.run_at_request(DETAIL, 10, continuing.wait)
        await operator.press("f5")
        await operator.waits(lambda: transport.count_answered(DETAIL) == 9, "the tenth detail to wait")
        await sees_after(operator, LOCKED[0], slot.pull)
        await operator.sees(*LOCKED)
        continuing.set()
        await operator.settles(lambda: len(transport.answered))
        assert transport.count_answered(DETAIL) < DECLARATIONS

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
