"""The login screen: what it shows of the media and their cards."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.softcard import SoftCard
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.pin import DEMO_PIN
from screens.login.pin_field import PinField
from screens.widgets.choice_list import ChoiceList
from tests.app_contexts import NOW
from tests.screens.harness import SMALLEST, WIDE, until, until_shown, until_shown_wrapped
from tests.screens.login.login_app import (
    CARD,
    NO_CONTROL,
    THREE_ATTEMPTS,
    WRONG,
    LoginApp,
    MakeLogin,
    log_in,
    until_logged_in,
)
from tests.screens.login.reader import Reader
from tests.screens.sample_cache import SampleSessions


async def test_the_screen_lists_the_media_and_the_pin_has_the_focus(
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
        assert isinstance(login.screen.focused, PinField)
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


async def test_the_demo_pin_is_shown_in_the_demonstration_only(make_login: MakeLogin) -> None:
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
        assert not login.pin.is_empty
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


async def test_an_inserted_or_removed_card_is_noticed_without_a_key_and_the_pin_stays(
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
        assert not login.pin.is_empty
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
        assert isinstance(login.screen.focused, PinField)
        await log_in(pilot)
        await until_logged_in(pilot, login)
    assert (reader.tried, other.tried) == (0, 1)


async def test_control_characters_and_markup_of_a_card_are_shown_as_text(login: LoginApp, reader: Reader) -> None:
    reader.company = "[b]示例[/b]\x1b[2J公司[/x"
    async with login.run_test(size=WIDE) as pilot:
        await until_shown(pilot, "[b]示例[/b]␛[2J公司[/x")
