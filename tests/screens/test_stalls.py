"""A port that hangs, over TLS sockets: every screen that waits for it says so, and a key that cancels acts at once."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.session import Session
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.pin import DEMO_PIN
from screens.login.login_screen import LoginScreen
from screens.widgets.push_button import PushButton
from screens.widgets.wait_line import WaitLine
from tests.app_contexts import NO_DELAYS
from tests.faulty_port import FaultyPort, faulty_port
from tests.port_home import open_session
from tests.recording_transport import DETAIL, DOWNLOAD, LIST
from tests.screens.harness import SMALLEST, ScreenHarness, until, until_shown
from tests.screens.main_app import MainApp

TIMEOUTS = replace(NO_DELAYS, notice=0.1, notice_interval=0.1)
RESEND, SESSION, LOGIN = "send1", "getSession", "login"
NO_RESPONSE = "秒没有回应，继续等待…（最长"


@pytest.fixture
def served(demo: Demo, tmp_path: Path) -> Iterator[tuple[FaultyPort, AppContext]]:
    with faulty_port(demo, tmp_path / "home", TIMEOUTS) as served:
        yield served


@pytest.fixture
def port(served: tuple[FaultyPort, AppContext]) -> FaultyPort:
    return served[0]


@pytest.fixture
async def session(served: tuple[FaultyPort, AppContext]) -> AsyncIterator[Session]:
    opened = await open_session(served[1])
    with opened.cache.write_cursor() as cursor:
        cursor.execute("UPDATE declaration SET detail_due = true")
    yield opened
    await opened.close()


@pytest.fixture
def app(session: Session) -> MainApp:
    app = MainApp(session)
    session.app_context.slow_call_texts.listen(app.show_waiting)
    return app


async def press_button(pilot: Pilot[int], button: str) -> None:
    await until(
        pilot, lambda: bool(pilot.app.screen.query(f"#{button}")) and pilot.app.screen.query_one(f"#{button}").display
    )
    pilot.app.screen.query_one(f"#{button}", PushButton).focus()
    await pilot.press("enter")


@pytest.mark.parametrize(
    ("call", "keys", "button"),
    [
        (LIST, ("f3", "enter", "enter"), ""),
        (DETAIL, ("f4",), ""),
        (DETAIL, ("f8",), ""),
        (DOWNLOAD, ("f6",), "run"),
    ],
    ids=["query", "detail", "preview", "download"],
)
async def test_a_screen_says_that_the_port_does_not_answer_and_escape_leaves_it_at_once(
    app: MainApp, port: FaultyPort, call: str, keys: tuple[str, ...], button: str
) -> None:
    port.faults[call] = port.hang
    async with app.running() as pilot:
        for key in keys:
            await pilot.press(key)
            await until(pilot, lambda: app.screen is not app.main)
        if button:
            await press_button(pilot, button)
        await until_shown(pilot, NO_RESPONSE)
        assert not app.is_at_main_screen
        await pilot.press("escape")
        if call == DOWNLOAD:  # what has been downloaded is shown first
            await until_shown(pilot, "关闭")
            await pilot.press("escape")
        await until(pilot, lambda: app.is_at_main_screen)
        assert not port.released.is_set()
        assert not any(line.text for line in app.screen.query(WaitLine)), "nothing waits any longer"


async def test_a_sync_says_that_the_port_does_not_answer_and_drops_its_estimate(app: MainApp, port: FaultyPort) -> None:
    answered = 0

    async def hang_later(request: object) -> None:
        nonlocal answered
        answered += 1
        if answered > 30:
            await port.hang(request)  # type: ignore[arg-type]

    port.faults[DETAIL] = hang_later
    async with app.running() as pilot:
        await pilot.press("f5")
        await until_shown(pilot, NO_RESPONSE)
        assert "同步" in app.status
        assert "还需" not in app.status
        assert "每秒" not in app.status
        await pilot.press("f5")
        await until_shown(pilot, "同步已取消")
        assert not port.released.is_set()
        assert NO_RESPONSE not in app.text


async def test_the_line_goes_away_with_the_answer_and_covers_no_problem(app: MainApp, port: FaultyPort) -> None:
    port.faults[LIST] = port.hang
    async with app.running() as pilot:
        await pilot.press("f3", "enter", "enter")
        await until_shown(pilot, NO_RESPONSE, "正在查询")
        port.released.set()
        await until(pilot, lambda: app.is_at_main_screen)
        assert NO_RESPONSE not in app.text
        await until_shown(pilot, "2026-06-01..2026-06-30")


@pytest.mark.parametrize("call", [SESSION, RESEND])
async def test_a_resend_says_that_the_port_does_not_answer(app: MainApp, port: FaultyPort, call: str) -> None:
    port.faults[call] = port.hang
    async with app.running() as pilot:
        await pilot.press("f7")
        await press_button(pilot, "send")
        await until_shown(pilot, NO_RESPONSE)
        await pilot.press("escape")
        await until_shown(pilot, "要等到答复，不能取消", NO_RESPONSE)
        port.released.set()
        await until_shown(pilot, "发送成功")
        assert NO_RESPONSE not in app.text


async def test_the_login_says_that_the_port_does_not_answer_and_escape_cancels_it_at_once(
    served: tuple[FaultyPort, AppContext],
) -> None:
    port, app_context = served
    port.faults[LOGIN] = port.hang
    app = ScreenHarness(LoginScreen(app_context, lambda _session: None))
    app_context.slow_call_texts.listen(app.show_waiting)
    async with app.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await pilot.press(*DEMO_PIN, "enter", "space", "enter")
        await until_shown(pilot, NO_RESPONSE)
        await pilot.press("escape")
        await until_shown(pilot, "已取消登录")
        assert not port.released.is_set()
        assert NO_RESPONSE not in app.text
