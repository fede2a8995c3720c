"""The login screen: keys that are pressed before the card is read."""

from textual import events

from jiacha_tui.card.control.connection import RetryPolicy
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.pin import DEMO_PIN
from screens.login.checkbox import Checkbox
from screens.login.pin_field import PinField
from screens.widgets.choice_list import ChoiceList
from tests.card.control.relay import relaying
from tests.card.control.simulator import Simulator
from tests.screens.harness import SMALLEST, until, until_shown
from tests.screens.login.login_app import CARD, LoginApp, MakeLogin, hold_login_page, log_in, until_logged_in
from tests.screens.login.reader import Reader
from tests.screens.sample_cache import SampleSessions


async def test_a_login_that_is_asked_for_before_the_card_is_read_waits_for_it(login: LoginApp, reader: Reader) -> None:
    reader.answers.clear()
    async with login.run_test(size=SMALLEST) as pilot:
        await log_in(pilot)
        await until_shown(pilot, "正在读卡…  读到卡就登录", "按 Esc 取消", "********")
        await pilot.press("5", "enter")
        assert reader.tried == 0
        reader.answers.set()
        await until_logged_in(pilot, login)
    assert reader.tried == 1
    assert login.session.online


async def test_keys_that_are_pressed_before_the_first_frame_log_in(login: LoginApp, reader: Reader) -> None:
    reader.answers.clear()
    async with login.run_test(size=SMALLEST) as pilot:
        for key in (*DEMO_PIN, "enter", "space", "enter"):
            login.post_message(events.Key(key, {"enter": "\r", "space": " "}.get(key, key)))
        assert login.pin.is_empty, "no key has been handled yet"
        await until_shown(pilot, "读到卡就登录")
        reader.answers.set()
        await until_logged_in(pilot, login)
    assert reader.tried == 1


async def test_escape_cancels_a_login_that_waits_for_the_card_and_keeps_the_pin(
    login: LoginApp, reader: Reader
) -> None:
    reader.answers.clear()
    async with login.run_test(size=SMALLEST) as pilot:
        await log_in(pilot)
        await until_shown(pilot, "读到卡就登录")
        await pilot.press("f5")
        await until_shown(pilot, "正在登录，按 Esc 取消")
        await pilot.press("escape")
        await until_shown(pilot, "已取消登录", "********")
        reader.answers.set()
        await until_shown(pilot, CARD)
        assert isinstance(login.screen.focused, Checkbox)
        assert reader.tried == 0
        await pilot.press("enter")
        await until_logged_in(pilot, login)


async def test_a_scan_that_ends_during_a_login_leaves_what_the_login_does_on_the_screen(
    make_login: MakeLogin, sessions: SampleSessions, reader: Reader
) -> None:
    hold_login_page(sessions)
    failing = Reader(name="读卡器 1", medium_id="failing")
    login = make_login(reader, failing)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        failing.answers.clear()
        failing.report_change()
        await until(pilot, lambda: failing.scans == 2)
        await log_in(pilot)
        await until_shown(pilot, "登录中，请稍等")
        failing.problem = Problem("card.pcsc", "读卡器坏了")
        failing.answers.set()
        await until_shown(pilot, "读卡器坏了")
        assert "登录中，请稍等" in login.text


async def test_half_a_pin_is_kept_and_refused_before_the_card_is_read(login: LoginApp, reader: Reader) -> None:
    reader.answers.clear()
    async with login.run_test(size=SMALLEST) as pilot:
        await log_in(pilot, DEMO_PIN[:4])
        await until_shown(pilot, "请正确输入8位IC卡/Key密码")
        assert isinstance(login.screen.focused, PinField)
        await pilot.press(*DEMO_PIN[4:])
        reader.answers.set()
        await until_shown(pilot, CARD)
        assert reader.tried == 0
        await pilot.press("enter")
        await until_logged_in(pilot, login)
    assert reader.tried == 1


async def test_two_cards_are_left_to_the_operator(
    make_login: MakeLogin, sessions: SampleSessions, reader: Reader
) -> None:
    other = Reader(sessions.demo.card_of(DemoCard.OTHER_COMPANY), name="读卡器 1", medium_id="other")
    reader.answers.clear()
    other.answers.clear()
    login = make_login(reader, other)
    async with login.run_test(size=SMALLEST) as pilot:
        await log_in(pilot)
        await until_shown(pilot, "读到卡就登录")
        other.answers.set()
        await until_shown(pilot, "演示国际贸易")
        assert "读到卡就登录" in login.text, "the first reader may have a card too"
        reader.answers.set()
        await until_shown(pilot, "! 读到 2 张卡，没有登录", "请用 ↑↓ 选好要用的卡")
        assert (reader.tried, other.tried) == (0, 0)
        await pilot.press("home", "enter", "enter")
        await until_logged_in(pilot, login)
    assert (reader.tried, other.tried) == (1, 0)


async def test_enter_waits_for_the_other_media_unless_the_operator_has_chosen_the_card(
    make_login: MakeLogin, sessions: SampleSessions, reader: Reader
) -> None:
    other = Reader(sessions.demo.card_of(DemoCard.OTHER_COMPANY), name="读卡器 1", medium_id="other")
    reader.answers.clear()
    login = make_login(reader, other)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "演示国际贸易")
        await log_in(pilot)
        await until_shown(pilot, "读到卡就登录")
        await pilot.press("escape")
        assert other.tried == 0
        login.screen.query_one(ChoiceList).focus()
        await pilot.press("enter", "enter")
        await until_logged_in(pilot, login)
    assert (reader.tried, other.tried) == (0, 1)


async def test_the_first_medium_is_preferred_even_if_it_is_read_last(
    make_login: MakeLogin, sessions: SampleSessions, reader: Reader
) -> None:
    other = Reader(sessions.demo.card_of(DemoCard.OTHER_COMPANY), name="读卡器 1", medium_id="other")
    reader.answers.clear()
    login = make_login(reader, other)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "▸ 读卡器 1")
        reader.answers.set()
        await until_shown(pilot, f"▸ 读卡器      {CARD}")


async def test_another_card_than_the_one_that_was_shown_gets_no_pin(
    login: LoginApp, sessions: SampleSessions, reader: Reader
) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await pilot.press(*DEMO_PIN)
        reader.remove()
        await until_shown(pilot, "请插入IC卡或者Key")
        reader.answers.clear()
        await pilot.press("enter", "space", "enter")
        await until_shown(pilot, "读到卡就登录")
        reader._card = sessions.demo.card_of(DemoCard.OTHER_COMPANY)
        reader.answers.set()
        await until_shown(pilot, "! 现在读到的是另一张卡 JJ0G900000021，没有用它登录", "请核对卡和密码")
        assert reader.tried == 0


async def test_the_login_tries_again_to_reach_a_control_that_the_screen_did_not_reach(
    make_login: MakeLogin, simulator: Simulator
) -> None:
    many_attempts = RetryPolicy(attempts=100, interval=0.3, reply_timeout=20.0)
    async with relaying(simulator.url) as (url, relay):
        relay.cut()
        login = make_login(ControlMedium(url, operation_policy=many_attempts), offline=True)
        async with login.run_test(size=SMALLEST) as pilot:
            await until_shown(pilot, "连接客户端控件服务失败")
            assert relay.connections == 1, "ssh writes a line for each"
            await pilot.press(*DEMO_PIN, "enter")
            await until_shown(pilot, "次，共 100 次）", "读到卡就登录")
            await until(pilot, lambda: relay.connections > 2)
            relay.repair()
            await until_logged_in(pilot, login)


async def test_a_slow_control_shows_what_it_is_waited_for(make_login: MakeLogin, simulator: Simulator) -> None:
    simulator.run("greeting 1.5")
    simulator.run("slow 0.5 GetCardID")
    login = make_login(ControlMedium(simulator.url), offline=True)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "IC卡/Key    正在连接控件…（第 1 次）")
        await until_shown(pilot, CARD)
        await pilot.press(*DEMO_PIN, "enter")
        await until_shown(pilot, "登录中，请稍等  正在连接控件…（第 1 次，共 10 次）", "按 Esc 取消")
        await until_logged_in(pilot, login)
