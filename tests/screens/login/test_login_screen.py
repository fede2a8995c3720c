"""The login screen: what it shows of the cards, how often it tries a password, and what it never shows."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from textual import events

from jiacha_tui.card.control.connection import RetryPolicy
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.medium import Medium
from jiacha_tui.card.softcard import SoftCard
from jiacha_tui.config import CardConfig, Config
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.pin import DEMO_PIN
from screens.login.checkbox import Checkbox
from screens.login.login_screen import LoginScreen
from screens.login.password_field import PasswordField
from screens.widgets.choice_list import ChoiceList
from screens.widgets.push_button import PushButton
from tests.app_contexts import NOW, demo_context
from tests.card.control.relay import relaying
from tests.card.control.simulator import Simulator, running_simulator
from tests.screens.harness import SMALLEST, WIDE, ScreenHarness, until, until_shown, until_shown_wrapped
from tests.screens.login.reader import Reader, change_pin
from tests.screens.sample_cache import SampleSessions

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from jiacha_tui.actions.app_context import AppContext
    from jiacha_tui.actions.session import Session

WRONG = "87654321"
NEW_PIN = "Sesame88"
CARD = "JJ0G900000001"
NO_CONTROL = "请下载安装IC卡/Key客户端控件"
THREE_ATTEMPTS = RetryPolicy(attempts=3, interval=1.0, reply_timeout=1.0)
LOGIN_PAGE = "cas/login"
"""What the path of the port's login page ends in."""


class LoginApp(ScreenHarness["Session | None"]):
    """The login screen for the cards in some media."""

    def __init__(self, app_context: "AppContext") -> None:
        self.login = LoginScreen(app_context)
        super().__init__(self.login)

    @property
    def session(self) -> "Session":
        """The session of the operator who has logged in."""
        (session,) = self.results
        assert session is not None
        return session

    @property
    def password(self) -> PasswordField:
        return self.login.query_one("#password", PasswordField)

    @property
    def previous_password(self) -> PasswordField:
        return self.login.query_one("#previous-password", PasswordField)


MakeLogin = Callable[..., LoginApp]


@pytest.fixture
def reader(sessions: SampleSessions) -> Reader:
    """A reader with the demo card."""
    return Reader(sessions.demo.card)


@pytest.fixture
async def make_login(sessions: SampleSessions, reader: Reader) -> AsyncIterator[MakeLogin]:
    """Makes a login screen, with `reader` unless other media are given; `changes` are fields of its context."""
    apps: list[LoginApp] = []

    def make(*media: Medium, offline: bool = False, **changes: object) -> LoginApp:
        app_context = demo_context(sessions.demo, sessions.home, offline=offline, transport=sessions.transport)
        app = LoginApp(replace(app_context, media=lambda: media or (reader,), **changes))  # type: ignore[arg-type]
        apps.append(app)
        return app

    yield make
    for app in apps:
        for session in app.results:
            if session is not None:
                await session.close()


@pytest.fixture
def simulator(sessions: SampleSessions, project: Path) -> Iterator[Simulator]:
    with running_simulator(sessions.home, project) as simulator:
        yield simulator


@pytest.fixture
def login(make_login: MakeLogin) -> LoginApp:
    """The login screen with the demo card in `reader`."""
    return make_login()


def hold_login_page(sessions: SampleSessions) -> asyncio.Event:
    """Holds a login when it asks the port, until the event is set."""
    released = asyncio.Event()
    sessions.transport.run_at_request(LOGIN_PAGE, 1, released.wait)
    return released


async def log_in(pilot: "Pilot[int]", password: str = DEMO_PIN) -> None:
    """Password, Enter to the checkbox, space checks it, Enter logs in."""
    await pilot.press(*password)
    await pilot.press("enter", "space", "enter")


async def until_logged_in(pilot: "Pilot[int]", app: LoginApp) -> None:
    await until(pilot, lambda: bool(app.results))


# The card media


async def test_the_screen_lists_the_media_and_the_password_has_the_focus(
    make_login: MakeLogin, sessions: SampleSessions
) -> None:
    login = make_login(SoftCard(sessions.demo.card), ControlMedium("ws://127.0.0.1:9"), Reader())
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD, NO_CONTROL, "无卡")
        assert "演示环境" in login.line_with("出口退税联网稽查")
        row = login.line_with(CARD)
        assert row.strip().startswith(f"介质  ▸ 演示卡      {CARD}  示例进出口有限公司   有效期至 20")
        assert NO_CONTROL in login.line_with("IC卡/Key  ")
        assert "无卡" in login.line_with("读卡器")
        assert isinstance(login.screen.focused, PasswordField)
        assert "F4协议" in login.line_with("F10"), "the footer has room for all of its keys"


@pytest.mark.parametrize("size", [SMALLEST, WIDE])
async def test_a_long_company_name_is_cut_with_a_mark_where_the_terminal_is_narrow(
    login: LoginApp, reader: Reader, size: tuple[int, int]
) -> None:
    reader.company = "内蒙古自治区呼伦贝尔市海拉尔区示例国际进出口贸易有限公司"
    async with login.run_test(size=size) as pilot:
        await until_shown(pilot, "有效期至 20")
        row = login.line_with("有效期至 20")
        assert row[-15:].startswith("有效期至 20")
        assert ("…" in row) == (size == SMALLEST)


async def test_the_demo_password_is_shown_in_the_demonstration_only(make_login: MakeLogin) -> None:
    for changes, shown in (({}, True), ({"demo_pin": None}, False)):
        login = make_login(**changes)
        async with login.run_test(size=SMALLEST) as pilot:
            await until_shown(pilot, CARD)
            assert (DEMO_PIN in login.text) is shown
            assert ("演示" in login.lines[0]) is shown


async def test_without_a_card_the_official_words_ask_for_one_and_f5_reads_the_media_again(
    make_login: MakeLogin, sessions: SampleSessions
) -> None:
    reader = Reader()
    login = make_login(ControlMedium("ws://127.0.0.1:9", operation_policy=THREE_ATTEMPTS), reader, demo_pin=None)
    async with login.run_test(size=SMALLEST) as pilot:
        asked = ("请插入IC卡或者Key", "按 F5 重新读卡", "IC卡/Key：请在插卡的电脑上启动客户端控件")
        await until_shown_wrapped(pilot, *asked)
        await log_in(pilot)
        await until_shown(pilot, "正在连接控件…（第 2 次，共 3 次）", "读到卡就登录", "按 Esc 取消")
        await until_shown_wrapped(pilot, *asked)
        assert reader.tried == 0
        assert not login.password.is_empty
        reader._card = sessions.demo.card
        await pilot.press("f5")
        await until_shown(pilot, CARD)
        assert "请插入" not in login.text


async def test_in_the_demonstration_the_operator_is_told_to_put_the_card_file_back(make_login: MakeLogin) -> None:
    login = make_login(Reader(name="演示卡"))
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown_wrapped(pilot, "请插入IC卡或者Key", "请把演示卡文件放回", "/demo/card.p12")
        assert "无卡" in login.line_with("演示卡  ")
        assert "F5 重新" not in login.text


async def test_an_inserted_or_removed_card_is_noticed_without_a_key_and_the_password_stays(
    make_login: MakeLogin, sessions: SampleSessions
) -> None:
    reader = Reader()
    login = make_login(reader)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "请插入IC卡或者Key")
        await pilot.press(*DEMO_PIN)
        reader.insert(sessions.demo.card)
        await until_shown(pilot, CARD)
        assert "请插入" not in login.text
        assert not login.password.is_empty
        reader.remove()
        await until_shown(pilot, "请插入IC卡或者Key")


async def test_a_scan_that_finds_no_change_leaves_the_message(login: LoginApp, reader: Reader) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await pilot.press("密")
        await until_shown(pilot, "请切换到英文输入法")
        scans = reader.scans
        reader.report_change()
        await until(pilot, lambda: reader.scans == scans + 1)
        await pilot.pause()
        assert "请切换到英文输入法" in login.text


async def test_few_remaining_tries_are_shown_before_anybody_types(login: LoginApp, sessions: SampleSessions) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await log_in(pilot, WRONG)
        await until_shown(pilot, "输入口令错误")
        await pilot.press("f5")
        await until_shown(pilot, "这张卡的密码还可以尝试 2 次，连续错误会锁卡")


async def test_where_the_only_medium_fails_its_problem_is_shown(make_login: MakeLogin) -> None:
    login = make_login(ControlMedium("ws://127.0.0.1:9"))
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, f"! {NO_CONTROL}", "请在插卡的电脑上启动客户端控件")
        assert "请插入" not in login.text
        assert "IC卡/Key：" not in login.text, "there is no other medium"


async def test_where_all_media_fail_the_hint_of_each_is_shown(make_login: MakeLogin) -> None:
    reader = Reader()
    reader.problem = Problem("card.pcsc", "没有安装 pyscard", "请执行 apt install " + "x" * 60)
    login = make_login(ControlMedium("ws://127.0.0.1:9"), reader)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown_wrapped(
            pilot, "IC卡/Key：请在插卡的电脑上启动客户端控件", "读卡器：请执行 apt install " + "x" * 60
        )


async def expires_in(reader: Reader, days: int) -> Callable[[], object]:
    """A clock that shows the time `days` days before the card expires."""
    identity = await reader.read_identity()
    assert identity is not None
    moment = (identity.valid_until - timedelta(days=days)).astimezone(NOW.tzinfo)
    return lambda: moment


async def test_a_card_that_expires_soon_gets_the_official_warning(make_login: MakeLogin, reader: Reader) -> None:
    login = make_login(clock=await expires_in(reader, 12))
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "! 您的IC卡还有12天到期，请尽快延期!", "有效期至")


async def test_an_expired_card_is_shown_as_such_at_once(make_login: MakeLogin, reader: Reader) -> None:
    login = make_login(clock=await expires_in(reader, -3))
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "! 您的IC卡已过期!", "已过期 20", "请办理证书延期后再登录")


async def test_a_problem_before_the_scan_is_shown(make_login: MakeLogin) -> None:
    async def prepare() -> None:
        raise Problem("file.disk-full", "磁盘空间不足", "请清理磁盘")

    login = make_login(prepare=prepare)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "! 磁盘空间不足", "请清理磁盘", "file.disk-full")


async def test_the_arrows_choose_a_card_and_skip_media_that_have_none(
    make_login: MakeLogin, sessions: SampleSessions, reader: Reader
) -> None:
    other = Reader(sessions.demo.card_of(DemoCard.OTHER_COMPANY), name="读卡器 1", medium_id="other")
    login = make_login(reader, ControlMedium("ws://127.0.0.1:9"), other)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD, "读卡器 1", NO_CONTROL)
        login.screen.query_one(ChoiceList).focus()
        await pilot.press("home", "down")
        assert "▸" in login.line_with("读卡器 1")
        assert "▸" not in login.line_with(CARD)
        await pilot.press("enter")
        assert isinstance(login.screen.focused, PasswordField)
        await log_in(pilot)
        await until_logged_in(pilot, login)
    assert (reader.tried, other.tried) == (0, 1)


async def test_control_characters_and_markup_of_a_card_are_shown_as_text(login: LoginApp, reader: Reader) -> None:
    reader.company = "[b]示例[/b]\x1b[2J公司[/x"
    async with login.run_test(size=WIDE) as pilot:
        await until_shown(pilot, "[b]示例[/b]␛[2J公司[/x")


# The form


async def test_enter_leads_from_the_password_to_the_checkbox_and_from_there_into_the_program(
    login: LoginApp, reader: Reader
) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await pilot.press(*DEMO_PIN)
        await pilot.press("enter")
        assert isinstance(login.screen.focused, Checkbox)
        assert "▸ [ ] 已阅读并同意" in login.text, "the focus is visible without colour"
        assert reader.tried == 0
        await pilot.press("space", "enter")
        await until_logged_in(pilot, login)
    assert reader.tried == 1
    assert login.session.online


async def test_enter_alone_leads_through_the_whole_login(login: LoginApp) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await pilot.press(*DEMO_PIN)
        await pilot.press("enter", "enter", "enter")
        await until_logged_in(pilot, login)
    assert login.session.online


async def test_enter_in_the_password_logs_in_once_the_checkbox_is_checked(login: LoginApp, reader: Reader) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        login.screen.query_one(Checkbox).checked = True
        await pilot.press(*DEMO_PIN)
        await pilot.press("enter")
        await until_logged_in(pilot, login)
    assert reader.tried == 1


async def test_the_login_button_asks_for_the_agreement_first(login: LoginApp, reader: Reader) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await pilot.press(*DEMO_PIN)
        login.screen.query_one("#online", PushButton).focus()
        await pilot.press("enter")
        await until_shown(pilot, "请先勾选“已阅读并同意”")
        assert isinstance(login.screen.focused, Checkbox)
    assert reader.tried == 0


@pytest.mark.parametrize(
    ("typed", "official"), [("", "IC卡/Key密码不允许为空"), ("1234567", "请正确输入8位IC卡/Key密码")]
)
async def test_a_text_that_cannot_be_a_password_is_refused_without_asking_the_card(
    login: LoginApp, reader: Reader, typed: str, official: str
) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await log_in(pilot, typed)
        await until_shown(pilot, official)
        assert isinstance(login.screen.focused, PasswordField)
    assert reader.tried == 0


async def test_offline_browsing_needs_the_password_but_not_the_agreement(login: LoginApp, reader: Reader) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await pilot.press(*DEMO_PIN)
        login.screen.query_one("#offline", PushButton).focus()
        await pilot.press("enter")
        await until_logged_in(pilot, login)
    assert reader.tried == 1
    assert not login.session.online


async def test_started_offline_the_screen_asks_for_the_password_only(make_login: MakeLogin) -> None:
    login = make_login(offline=True)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        assert "离线" in login.lines[0]
        assert not login.screen.query(Checkbox)
        await pilot.press(*DEMO_PIN)
        await pilot.press("enter")
        await until_logged_in(pilot, login)
    assert not login.session.online


async def test_the_agreement_can_be_read_to_its_end_and_accepted(login: LoginApp) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await pilot.press("f4")
        await until_shown(pilot, "用户服务协议", "一、")
        await pilot.press("end")
        await until_shown(pilot, "六、")
        await pilot.press("tab", "tab", "enter")
        await until_shown(pilot, "[x] 已阅读并同意")


@pytest.mark.parametrize("key", ["escape", "q", "f10"])
async def test_closing_the_agreement_does_not_accept_it(login: LoginApp, key: str) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await pilot.press("f4")
        await until_shown(pilot, "一、")
        await pilot.press(key)
        await until_shown(pilot, "[ ] 已阅读并同意", "卡介质登录")
        assert login.results == []


async def test_f1_explains_the_screen_and_leads_back_with_the_password_still_there(login: LoginApp) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await pilot.press(*DEMO_PIN)
        await pilot.press("f1")
        await until_shown_wrapped(pilot, "每按一次 Enter 只试一次")
        await pilot.press("f10")
        await until_shown(pilot, "卡介质登录", "********")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ws://127.0.0.1:61240", "ssh -R 61240:127.0.0.1:61232 连到这台机器"),
        ("wss://control.example.org", "不必转发"),
    ],
)
async def test_the_help_names_the_configured_client_control(make_login: MakeLogin, url: str, words: str) -> None:
    login = make_login(config=Config(card=CardConfig(control_url=url)))
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await pilot.press("f1")
        await until_shown_wrapped(pilot, words, "读卡器里的卡自动认出", "插卡换卡后按 F5")


# Keys that are pressed before the card is read


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
        assert login.password.is_empty, "no key has been handled yet"
        await until_shown(pilot, "读到卡就登录")
        reader.answers.set()
        await until_logged_in(pilot, login)
    assert reader.tried == 1


async def test_escape_cancels_a_login_that_waits_for_the_card_and_keeps_the_password(
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


async def test_half_a_password_is_kept_and_refused_before_the_card_is_read(login: LoginApp, reader: Reader) -> None:
    reader.answers.clear()
    async with login.run_test(size=SMALLEST) as pilot:
        await log_in(pilot, DEMO_PIN[:4])
        await until_shown(pilot, "请正确输入8位IC卡/Key密码")
        assert isinstance(login.screen.focused, PasswordField)
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


async def test_another_card_than_the_one_that_was_shown_gets_no_password(
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


# Failures, and ways to continue


async def test_a_wrong_password_is_reported_officially_and_not_tried_again(login: LoginApp, reader: Reader) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await log_in(pilot, WRONG)
        await until_shown(
            pilot, "输入口令错误，还可以尝试 2 次；连续错误会锁卡", "card.wrong-pin", "请核对密码后重新输入"
        )
        assert login.password.is_empty
        assert isinstance(login.screen.focused, PasswordField)
        await pilot.press("enter")
        await until_shown(pilot, "IC卡/Key密码不允许为空")
    assert reader.tried == 1
    assert [notice.problem.code for notice in login.notices if notice.problem] == ["card.wrong-pin", "card.pin-missing"]


async def test_a_locked_card_says_so_and_what_to_do(login: LoginApp) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await log_in(pilot, WRONG)
        for words in ("还可以尝试 2 次", "还可以尝试 1 次"):
            await until_shown(pilot, words)
            await pilot.press(*WRONG)
            await pilot.press("enter")
        await until_shown(pilot, "card.locked", "jiacha card reset")
        assert login.password.is_empty


async def test_when_the_port_cannot_be_reached_enter_opens_the_cache_with_the_same_password(
    login: LoginApp, reader: Reader, sessions: SampleSessions
) -> None:
    def unreachable(path: str) -> None:
        raise httpx.ConnectError("no route")

    sessions.transport.before = unreachable
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await log_in(pilot)
        await until_shown(pilot, "无法连接出口退税联网稽查系统", "可离线浏览", "[▸离线浏览 ]")
        assert not login.password.is_empty
        await pilot.press("enter")
        await until_logged_in(pilot, login)
    assert reader.tried == 2
    assert not login.session.online


async def test_a_changed_password_opens_the_cache_together_with_the_previous_one(
    make_login: MakeLogin, reader: Reader, sessions: SampleSessions
) -> None:
    reader.decrypts = False
    before = make_login(offline=True)
    async with before.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await pilot.press(*DEMO_PIN, "enter")
        await until_logged_in(pilot, before)
        await before.session.close()
    change_pin(sessions.demo.card, DEMO_PIN, NEW_PIN)
    reader.tried = 0
    login = make_login()
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        assert "原密码" not in login.text
        assert "另建缓存" not in login.text
        await log_in(pilot, NEW_PIN)
        await until_shown(pilot, "原密码", "更换前的密码，只用来打开本机缓存", "[ 另建缓存 ]")
        await pilot.press(*WRONG[:3], "enter")
        await until_shown(pilot, "请正确输入8位IC卡/Key密码")
        assert reader.tried == 1, "a text that cannot be a password is not tried"
        await pilot.press(*WRONG[3:], "enter")
        await until_shown(pilot, "更换前的密码不对，打不开本机缓存")
        await until(pilot, lambda: login.previous_password.is_empty)
        await pilot.press(*DEMO_PIN, "enter")
        await until_logged_in(pilot, login)
        assert NEW_PIN not in login.text
        assert WRONG not in login.text
    assert reader.tried == 3
    assert login.session.online, "the login is continued as it was started"


def lose_key(sessions: SampleSessions) -> None:
    """Leaves a cache file of the demo card without its key."""
    file = sessions.read_only().app_context.locations.cache_file(CARD)
    file.parent.mkdir(parents=True)
    file.write_bytes(b"a cache that nobody can open")


async def test_a_new_cache_is_made_only_after_a_confirmation(
    login: LoginApp, reader: Reader, sessions: SampleSessions
) -> None:
    lose_key(sessions)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await pilot.press(*DEMO_PIN)
        await pilot.press("tab", "tab", "tab", "enter")
        await until_shown(pilot, "密钥文件不见了", "[▸另建缓存 ]")
        assert "原密码" not in login.text
        await pilot.press("enter")
        await until_shown(pilot, "旧缓存不删除", "[▸取消 ]")
        await pilot.press("enter")
        await until_shown(pilot, "[▸另建缓存 ]")
        assert reader.tried == 1
        await pilot.press("enter")
        await until_shown(pilot, "[▸取消 ]")
        await pilot.press("tab", "enter")
        await until_logged_in(pilot, login)
    assert reader.tried == 2
    assert not login.session.online, "the login is continued as it was started"
    assert any("旧缓存" in warning for warning in login.session.warnings)


async def test_another_card_withdraws_what_was_offered_for_the_one_before(
    login: LoginApp, reader: Reader, sessions: SampleSessions
) -> None:
    lose_key(sessions)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await log_in(pilot)
        await until_shown(pilot, "另建缓存")
        reader.insert(sessions.demo.card_of(DemoCard.OTHER_COMPANY))
        await until(pilot, lambda: CARD not in login.text)
        assert "另建缓存" not in login.text


# A login that takes time


async def test_a_login_shows_its_stage_and_escape_cancels_it_without_a_second_try(
    login: LoginApp, reader: Reader, sessions: SampleSessions
) -> None:
    hold_login_page(sessions)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await log_in(pilot)
        await until_shown(pilot, "登录中，请稍等", "按 Esc 取消")
        await until(pilot, lambda: sessions.transport.count(LOGIN_PAGE) == 1)
        scans = reader.scans
        await pilot.press("f5", "enter")
        await until_shown(pilot, "正在登录，按 Esc 取消")
        await pilot.press("escape")
        await until_shown(pilot, "已取消登录")
        assert isinstance(login.screen.focused, PasswordField)
        assert login.results == []
        assert reader.scans == scans
    assert reader.tried == 1


async def test_f10_leaves_the_program_in_the_middle_of_a_login(login: LoginApp, sessions: SampleSessions) -> None:
    hold_login_page(sessions)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await log_in(pilot)
        await until(pilot, lambda: sessions.transport.count(LOGIN_PAGE) == 1)
        await pilot.press("f10")
        await until(pilot, lambda: login.results == [None])


async def test_the_password_is_never_shown_and_its_field_is_empty_after_the_login(
    login: LoginApp, reader: Reader, sessions: SampleSessions
) -> None:
    change_pin(sessions.demo.card, DEMO_PIN, NEW_PIN)
    released = hold_login_page(sessions)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        password = login.password
        await log_in(pilot, NEW_PIN)
        await until(pilot, lambda: sessions.transport.count(LOGIN_PAGE) == 1)
        await until_shown(pilot, "登录中，请稍等", "********")
        assert NEW_PIN not in login.text
        assert NEW_PIN not in repr(password)
        released.set()
        await until_logged_in(pilot, login)
        assert password.is_empty
        assert login.clipboard == ""


async def test_the_program_can_end_in_the_middle_of_a_login(login: LoginApp, sessions: SampleSessions) -> None:
    hold_login_page(sessions)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await log_in(pilot)
        await until(pilot, lambda: sessions.transport.count(LOGIN_PAGE) == 1)
    assert login.results == []
