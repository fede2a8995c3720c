"""The lock in the whole program: it covers everything at once, and after the unlocking everything is as it was."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.card.softcard import certificate_path
from jiacha_tui.config import Config, SessionConfig, SyncConfig
from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.locations import Locations
from tests.app_contexts import demo_context, embedded_port
from tests.journey.operator import Operator, log_in, run_program
from tests.manual_scheduler import ManualScheduler
from tests.port_home import DECLARATIONS, copy_home
from tests.recording_transport import DETAIL, SCRIPT, RecordingTransport

MINUTES = 5
LOCKED = ("示例进出口有限公司", "JJ0G900000001", "按 Enter 解锁")
HELP, TOO_SMALL = "只在登录期间交给卡", "终端太小"
BY_COMMAND, IDLE, CARD_REMOVED = "已按命令锁屏", "一段时间没有按键", "登录时使用的卡已拔出"


@pytest.fixture
def home(synced_home: Path, tmp_path: Path) -> Path:
    """A home with the port's declarations and an empty cache."""
    home = copy_home(synced_home, tmp_path / "home")
    Locations(home).caches.rename(tmp_path / "caches")
    return home


@pytest.fixture
def demo(home: Path) -> Iterator[Demo]:
    with embedded_port(home, DECLARATIONS) as demo:
        yield demo


@pytest.fixture
def transport(demo: Demo) -> RecordingTransport:
    return RecordingTransport(demo)


@pytest.fixture
def app_context(demo: Demo, transport: RecordingTransport, home: Path) -> AppContext:
    """The demonstration, with a session that locks after `MINUTES`."""
    app_context = demo_context(demo, home, transport=transport)
    return replace(
        app_context, config=Config(session=SessionConfig(lock_minutes=MINUTES), sync=SyncConfig(at_login=False))
    )


@pytest.fixture
def synced_context(app_context: AppContext, tmp_path: Path) -> AppContext:
    """`app_context` with all declarations in the cache."""
    (tmp_path / "caches").rename(app_context.locations.caches)
    return app_context


@pytest.fixture
def details_released(transport: RecordingTransport) -> asyncio.Event:
    """From the tenth one on, requests for details wait until this event is set."""
    released = asyncio.Event()
    transport.run_at_request(DETAIL, 10, released.wait)
    return released


@asynccontextmanager
async def main_screen(app_context: AppContext) -> AsyncIterator[Operator]:
    """The main screen, with all declarations in the table."""
    async with run_program(app_context) as operator:
        await log_in(operator)
        await operator.sees(f"缓存 {DECLARATIONS} 票")
        yield operator


async def unlock(operator: Operator, pin: str = DEMO_PIN) -> None:
    await operator.write(pin)
    await operator.press("enter")


def shows_no_declaration(operator: Operator) -> bool:
    return not any(text in operator.screen for text in ("2026-", "USD", "报关单", "美国", "筛选"))


async def test_the_command_covers_everything_and_unlocking_shows_it_as_it_was(synced_context: AppContext) -> None:
    async with main_screen(synced_context) as operator:
        await operator.press("f2")
        await operator.write("2026")
        await operator.press("enter", "down", "down", "space", "down")
        await operator.sees("已选 1 票")
        before = operator.lines
        await operator.press("ctrl+o")
        await operator.sees(BY_COMMAND, *LOCKED)
        assert shows_no_declaration(operator)
        await unlock(operator)
        await operator.sees("已选 1 票")
        await operator.waits(lambda: operator.lines == before, "the same screen")
        await operator.press("f9")
        await operator.sees("也可以输入")
        await operator.write("锁屏")
        await operator.press("enter")
        await operator.sees(BY_COMMAND)


async def test_a_sync_waits_during_the_lock_and_is_completed_after_it(
    app_context: AppContext, transport: RecordingTransport, details_released: asyncio.Event
) -> None:
    async with run_program(app_context) as operator:
        await log_in(operator)
        await operator.press("f5")
        await operator.waits(lambda: transport.count(DETAIL) >= 10, "requests for details that wait")
        await operator.press("ctrl+o")
        await operator.sees(BY_COMMAND)
        details_released.set()
        await operator.settles(lambda: transport.count(DETAIL))
        assert transport.count(DETAIL) < DECLARATIONS
        assert shows_no_declaration(operator)
        await unlock(operator)
        await operator.sees(f"同步完成：新增 {DECLARATIONS} 票", f"缓存 {DECLARATIONS} 票")


async def test_removing_the_card_locks_and_only_that_card_unlocks(
    app_context: AppContext, transport: RecordingTransport, details_released: asyncio.Event, demo: Demo
) -> None:
    async with run_program(app_context) as operator:
        await log_in(operator)
        await operator.press("f5")
        await operator.waits(lambda: transport.count(DETAIL) >= 10, "requests for details that wait")
        pulled = demo.card.rename(demo.card.with_name("pulled.p12"))
        await operator.sees(CARD_REMOVED, *LOCKED)
        details_released.set()
        await unlock(operator)
        await operator.sees("请插入IC卡或者Key")

        own, other = certificate_path(demo.card).read_bytes(), demo.card_of(DemoCard.NEARLY_EXPIRED)
        demo.card.write_bytes(other.read_bytes())
        certificate_path(demo.card).write_bytes(certificate_path(other).read_bytes())
        await unlock(operator)
        await operator.sees("插入的卡不是登录时使用的卡")

        pulled.rename(demo.card)
        certificate_path(demo.card).write_bytes(own)
        await unlock(operator, "87654321")
        await operator.sees("输入口令错误，还可以尝试 2 次")
        assert shows_no_declaration(operator)
        await unlock(operator)
        await operator.sees(f"同步完成：新增 {DECLARATIONS} 票")


async def test_a_dialog_is_covered_too_and_keeps_what_was_typed(synced_context: AppContext) -> None:
    async with main_screen(synced_context) as operator:
        await operator.press("f3")
        await operator.sees("出口日期", "查询条件")
        await operator.press("ctrl+u")
        await operator.write("20260")
        await operator.sees("[20260 ")
        before = operator.lines
        await operator.press("ctrl+o")
        await operator.sees(BY_COMMAND)
        assert shows_no_declaration(operator)
        await unlock(operator)
        await operator.waits(lambda: operator.lines == before, "the dialog as it was")
        await operator.write("601")
        await operator.sees("20260601")


async def test_a_screen_that_opens_as_the_session_is_locked_is_shown_after_the_unlock(
    synced_context: AppContext,
) -> None:
    async with main_screen(synced_context) as operator:
        await operator.press("f4", "ctrl+o")
        await operator.sees(BY_COMMAND)
        await operator.settles(lambda: len(operator.screen))
        assert shows_no_declaration(operator)
        await unlock(operator)
        await operator.sees("下一票")  # in the footer of the detail


async def test_without_keys_the_session_locks_after_the_configured_minutes(synced_context: AppContext) -> None:
    timer = ManualScheduler()
    async with run_program(synced_context, timer=timer) as operator:
        timer.advance(3600)
        await log_in(operator)
        await operator.sees(f"缓存 {DECLARATIONS} 票")
        timer.advance(MINUTES * 60 - 1)
        before = operator.lines
        await operator.settles(lambda: operator.lines)
        assert operator.lines == before, "the screen does not change while the time passes"
        await operator.press("down")
        timer.advance(MINUTES * 60 - 1)
        await operator.paste("x")
        timer.advance(MINUTES * 60 - 1)
        await operator.press("f5")
        await operator.sees("同步完成")
        timer.advance(MINUTES * 60)
        await operator.sees(IDLE, *LOCKED)
        await unlock(operator)
        await operator.sees("1报关单查询下载")
        await operator.press("m")
        await operator.sees(IDLE, "已解锁")


@asynccontextmanager
async def covered_login(
    app_context: AppContext, transport: RecordingTransport, cover: str, timer: ManualScheduler
) -> AsyncIterator[Operator]:
    """A login that has ended at the port while `cover` was shown."""
    released = asyncio.Event()
    transport.run_at_request(SCRIPT, 1, released.wait)
    async with run_program(app_context, timer=timer) as operator:
        await operator.sees("卡介质登录", "JJ0G900000001")
        await operator.write(DEMO_PIN)
        await operator.press("enter", "space", "enter")
        await operator.waits(lambda: transport.count(SCRIPT) == 1, "the login")
        if cover == HELP:
            await operator.press("f1")
        else:
            await operator.resize(60, 20)
        await operator.sees(cover)
        released.set()
        await operator.waits(lambda: transport.answered[-1].endswith(SCRIPT), "the end of the login")
        yield operator


@pytest.mark.parametrize("cover", [HELP, TOO_SMALL])
async def test_a_session_behind_another_screen_is_locked_when_nobody_presses_a_key(
    app_context: AppContext, transport: RecordingTransport, cover: str
) -> None:
    timer = ManualScheduler()
    async with covered_login(app_context, transport, cover, timer) as operator:

        def is_locked() -> bool:
            timer.advance(MINUTES * 60)  # does nothing before the login has ended
            return any(IDLE in message.text for message in app_context.messages.all())

        await operator.waits(is_locked, "the lock")
        await operator.resize(80, 24)
        await operator.sees(IDLE, *LOCKED)
        await unlock(operator)
        if cover == HELP:
            await operator.sees(cover)
            await operator.press("f10")
        await operator.sees("1报关单查询下载")


@pytest.mark.parametrize("cover", [HELP, TOO_SMALL])
async def test_a_session_behind_another_screen_is_locked_when_its_card_is_removed(
    app_context: AppContext, transport: RecordingTransport, demo: Demo, cover: str
) -> None:
    async with covered_login(app_context, transport, cover, ManualScheduler()) as operator:
        demo.card.rename(demo.card.with_name("pulled.p12"))
        await operator.waits(
            lambda: any(CARD_REMOVED in message.text for message in app_context.messages.all()), "the lock"
        )
        await operator.resize(80, 24)
        await operator.sees(CARD_REMOVED, *LOCKED)


async def test_the_first_key_after_the_machine_slept_only_locks(app_context: AppContext) -> None:
    timer = ManualScheduler()
    async with run_program(app_context, timer=timer) as operator:
        await log_in(operator)
        timer.suspend(MINUTES * 60)
        await operator.press("f3")
        await operator.sees(IDLE)
        await unlock(operator)
        await operator.sees("1报关单查询下载")
        assert "查询条件" not in operator.screen


@pytest.mark.parametrize("size", [(120, 40), (100, 30)])
async def test_a_resize_during_the_lock_is_applied_after_it(synced_context: AppContext, size: tuple[int, int]) -> None:
    async with main_screen(synced_context) as operator:
        await operator.press("f3")
        await operator.sees("查询条件")
        await operator.press("ctrl+o")
        await operator.sees(BY_COMMAND)
        await operator.resize(60, 20)
        await operator.sees("终端太小")
        await operator.resize(*size)
        await operator.sees(*LOCKED)
        await unlock(operator)
        await operator.sees("查询条件")
        await operator.press("f10")
        await operator.sees("1报关单查询下载")
        await operator.waits(lambda: len(operator.lines) == size[1] and "F10" in operator.lines[-1], "the whole screen")


async def test_a_terminal_that_was_too_small_before_the_lock_is_used_whole_after_it(app_context: AppContext) -> None:
    timer = ManualScheduler()
    async with run_program(app_context, timer=timer) as operator:
        await log_in(operator)
        await operator.resize(60, 20)
        await operator.sees("终端太小")
        timer.advance(MINUTES * 60)
        await operator.resize(80, 24)
        await operator.sees(IDLE, *LOCKED)
        await unlock(operator)
        await operator.sees("1报关单查询下载", "F10")


async def test_the_program_can_be_left_from_the_lock_screen_and_closes_the_cache(
    app_context: AppContext, transport: RecordingTransport, details_released: asyncio.Event
) -> None:
    async with run_program(app_context) as operator:
        await log_in(operator)
        await operator.press("f5")
        await operator.waits(lambda: transport.count(DETAIL) >= 10, "requests for details that wait")
        await operator.press("ctrl+o")
        await operator.sees(BY_COMMAND, "F10退出")
        details_released.set()
        await operator.press("f10")
        await operator.sees("退出程序")
        assert shows_no_declaration(operator)
        await operator.press("enter")
        await operator.sees(*LOCKED)
        await operator.press("f10", "tab", "enter")
        await operator.waits(lambda: operator.has_left, "the end")
    async with run_program(app_context) as operator:
        await log_in(operator)
        await operator.press("f5")
        await operator.sees(f"缓存 {DECLARATIONS} 票")


async def test_help_opens_above_the_lock_screen_and_reveals_nothing(synced_context: AppContext) -> None:
    async with main_screen(synced_context) as operator:
        await operator.press("ctrl+o")
        await operator.sees(BY_COMMAND)
        await operator.press("f1")
        await operator.sees("锁屏期间内存里没有密码")
        await operator.press("f10")
        await operator.sees(*LOCKED)
        await operator.press("ctrl+o", "f9", "f3", "escape", "tab", "ctrl+l")
        await operator.sees(*LOCKED)
        await unlock(operator)
        await operator.sees("1报关单查询下载")


async def test_before_the_login_nothing_is_locked(app_context: AppContext) -> None:
    timer = ManualScheduler()
    async with run_program(app_context, timer=timer) as operator:
        await operator.sees("卡介质登录", "JJ0G900000001")
        timer.advance(24 * 3600)
        await operator.press("f4")
        await operator.sees("一、")
        await operator.press("ctrl+o", "f10")
        await operator.sees("卡介质登录")
