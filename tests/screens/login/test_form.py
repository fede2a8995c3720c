"""The login screen: how its fields, buttons and texts lead into the program."""

import pytest

from jiacha_tui.config import CardConfig, Config
from jiacha_tui.demo.pin import DEMO_PIN
from screens.login.checkbox import Checkbox
from screens.login.pin_field import PinField
from screens.widgets.push_button import PushButton
from tests.screens.harness import SMALLEST, until_shown, until_shown_wrapped
from tests.screens.login.login_app import CARD, LoginApp, MakeLogin, log_in, until_logged_in
from tests.screens.login.reader import Reader


async def test_enter_leads_from_the_pin_to_the_checkbox_and_from_there_into_the_program(
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


async def test_enter_in_the_pin_logs_in_once_the_checkbox_is_checked(login: LoginApp, reader: Reader) -> None:
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
async def test_a_text_that_cannot_be_a_pin_is_refused_without_asking_the_card(
    login: LoginApp, reader: Reader, typed: str, official: str
) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await log_in(pilot, typed)
        await until_shown(pilot, official)
        assert isinstance(login.screen.focused, PinField)
    assert reader.tried == 0


async def test_offline_browsing_needs_the_pin_but_not_the_agreement(login: LoginApp, reader: Reader) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await pilot.press(*DEMO_PIN)
        login.screen.query_one("#offline", PushButton).focus()
        await pilot.press("enter")
        await until_logged_in(pilot, login)
    assert reader.tried == 1
    assert not login.session.online


async def test_started_offline_the_screen_asks_for_the_pin_only(make_login: MakeLogin) -> None:
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


async def test_f1_explains_the_screen_and_leads_back_with_the_pin_still_there(login: LoginApp) -> None:
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
