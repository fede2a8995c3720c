"""The login screen: what it says of a login that fails or takes time, and how often it tries a PIN."""

import httpx

from db.cache import Cache
from db.key import new_key
from db.key_file import KeyFileOwner
from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.pin import DEMO_PIN
from screens.login.pin_field import PinField
from tests.db.old_key_files import old_file_for_pin
from tests.screens.harness import SMALLEST, until, until_shown
from tests.screens.login.login_app import (
    CARD,
    LOGIN_PAGE,
    NEW_PIN,
    WRONG,
    LoginApp,
    MakeLogin,
    hold_login_page,
    log_in,
    until_logged_in,
)
from tests.screens.login.reader import Reader, change_pin
from tests.screens.sample_cache import SampleSessions


async def test_a_wrong_pin_is_reported_officially_and_not_tried_again(login: LoginApp, reader: Reader) -> None:
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await log_in(pilot, WRONG)
        await until_shown(
            pilot, "输入口令错误，还可以尝试 2 次；连续错误会锁卡", "card.wrong-pin", "请核对密码后重新输入"
        )
        assert login.pin.is_empty
        assert isinstance(login.screen.focused, PinField)
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
        assert login.pin.is_empty


async def test_when_the_port_cannot_be_reached_enter_opens_the_cache_with_the_same_pin(
    login: LoginApp, reader: Reader, sessions: SampleSessions
) -> None:
    def unreachable(path: str) -> None:
        raise httpx.ConnectError("no route")

    sessions.transport.before = unreachable
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await log_in(pilot)
        await until_shown(pilot, "无法连接出口退税联网稽查系统", "可离线浏览", "[▸离线浏览 ]")
        assert not login.pin.is_empty
        await pilot.press("enter")
        await until_logged_in(pilot, login)
    assert reader.tried == 2
    assert not login.session.online


async def test_a_changed_pin_opens_a_cache_of_version_1_together_with_the_previous_one(
    make_login: MakeLogin, reader: Reader, sessions: SampleSessions
) -> None:
    reader.decrypts = False
    identity = await reader.read_identity()
    assert identity is not None
    locations, key = sessions.read_only().app_context.locations, new_key()
    locations.cache(CARD).mkdir(parents=True)
    Cache.open(locations.cache_file(CARD), key).close()
    owner = KeyFileOwner(CARD, identity.certificate_serial)
    locations.key_file(CARD).write_bytes(old_file_for_pin(key, owner, DEMO_PIN.encode()))
    change_pin(sessions.demo.card, DEMO_PIN, NEW_PIN)
    login = make_login()
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        assert "原密码" not in login.text
        assert "另建缓存" not in login.text
        await log_in(pilot, NEW_PIN)
        await until_shown(pilot, "原密码", "更换前的密码，只用来打开本机缓存", "[ 另建缓存 ]")
        await pilot.press(*WRONG[:3], "enter")
        await until_shown(pilot, "请正确输入8位IC卡/Key密码")
        assert reader.tried == 1, "a text that cannot be a PIN is not tried"
        await pilot.press(*WRONG[3:], "enter")
        await until_shown(pilot, "更换前的密码不对，打不开本机缓存")
        await until(pilot, lambda: login.previous_pin.is_empty)
        await pilot.press(*DEMO_PIN, "enter")
        await until_shown(pilot, "[▸确认密钥文件 ]")
        await pilot.press("enter")
        await until_shown(pilot, "[▸取消 ]")
        await pilot.press("tab", "enter")
        await until_logged_in(pilot, login)
        assert NEW_PIN not in login.text
        assert WRONG not in login.text
    assert reader.tried == 4
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
        await until_shown(pilot, "都不删除", "[▸取消 ]")
        await pilot.press("enter")
        await until_shown(pilot, "[▸另建缓存 ]")
        assert reader.tried == 1
        await pilot.press("enter")
        await until_shown(pilot, "[▸取消 ]")
        await pilot.press("tab", "enter")
        await until_logged_in(pilot, login)
    assert reader.tried == 2
    assert not login.session.online, "the login is continued as it was started"
    assert any("旧缓存" in entry.message for entry in login.session.unconfirmed)


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
        assert isinstance(login.screen.focused, PinField)
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


async def test_the_pin_is_never_shown_and_its_field_is_empty_after_the_login(
    login: LoginApp, reader: Reader, sessions: SampleSessions
) -> None:
    change_pin(sessions.demo.card, DEMO_PIN, NEW_PIN)
    released = hold_login_page(sessions)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        pin = login.pin
        await log_in(pilot, NEW_PIN)
        await until(pilot, lambda: sessions.transport.count(LOGIN_PAGE) == 1)
        await until_shown(pilot, "登录中，请稍等", "********")
        assert NEW_PIN not in login.text
        assert NEW_PIN not in repr(pin)
        released.set()
        await until_logged_in(pilot, login)
        assert pin.is_empty
        assert login.clipboard == ""


async def test_the_program_can_end_in_the_middle_of_a_login(login: LoginApp, sessions: SampleSessions) -> None:
    hold_login_page(sessions)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await log_in(pilot)
        await until(pilot, lambda: sessions.transport.count(LOGIN_PAGE) == 1)
    assert login.results == []
