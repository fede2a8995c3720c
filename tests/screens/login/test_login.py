"""The login screen with its two actions replaced: what it asks of them, what it shows, and what it never shows."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cache_recovery import CacheRecovery, NewCache, PreviousPin
from jiacha_tui.actions.cards import CardSummary, MediumStatus
from jiacha_tui.actions.login import LoginStage
from jiacha_tui.actions.messages import MessageLog
from jiacha_tui.actions.problems import CacheRecoveryNeeded
from jiacha_tui.card.problems import CardExpired, CardLocked, WrongPin
from jiacha_tui.config import CardConfig, Config
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.eport.problems import PortUnreachable
from jiacha_tui.locations import Locations
from screens.login.checkbox import Checkbox
from screens.login.login_screen import LoginScreen
from screens.login.password_field import PasswordField
from screens.widgets.choice_list import ChoiceList
from screens.widgets.push_button import PushButton
from tests.screens.harness import SMALLEST, WIDE, ScreenHarness, until, until_said, until_shown

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from jiacha_tui.actions.session import Session
    from jiacha_tui.eport.client import PortClient

PIN = "Sesame88"
EARLIER = "Kalif-77"
SESSION = cast("Session", object())
CARD_SUMMARY = CardSummary("JJ0G900000001", "示例进出口有限公司", date(2035, 6, 30), 3200)
DEMO_CARD = MediumStatus("demo", "演示卡", CARD_SUMMARY)
CONTROL = MediumStatus(
    "control", "客户端控件", problem=Problem("card.control", "未连接 127.0.0.1:61232", "远程登录见 F1")
)
EMPTY_READER = MediumStatus("reader", "读卡器")
ALL_MEDIA = (DEMO_CARD, CONTROL, EMPTY_READER)


async def nothing_to_prepare() -> None:
    """A workplace that is ready."""


def app_context(*, demo_pin: str | None = "12345678", offline: bool = False) -> AppContext:
    def clock() -> datetime:
        return datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    return AppContext(
        locations=Locations(Path("/nowhere")),
        config=Config(),
        media=lambda: (),
        connect=None if offline else lambda: cast("PortClient", object()),
        prepare=nothing_to_prepare,
        clock=clock,
        messages=MessageLog(clock),
        demo_pin=demo_pin,
    )


@dataclass
class Door:
    """Plays both actions: shows `media`, answers each login with the next of `answers`, else a session."""

    media: tuple[MediumStatus, ...] = ALL_MEDIA
    answers: list[Problem] = field(default_factory=list)
    tries: list[tuple[str, str, bool]] = field(default_factory=list)
    remedies: list[CacheRecovery] = field(default_factory=list)
    looks: int = 0
    gate: asyncio.Event | None = None
    """Where there is one, a login stands still in the port stage until it is set."""

    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def look(self, _workplace: AppContext, **_which: object) -> tuple[MediumStatus, ...]:
        self.looks += 1
        return self.media

    async def changes(self, _workplace: AppContext) -> AsyncGenerator[frozenset[str], None]:
        while True:
            yield frozenset()
            await self.changed.wait()
            self.changed.clear()

    async def log_in(
        self,
        _workplace: AppContext,
        medium_id: str,
        pin_text: str,
        *,
        offline: bool,
        on_stage: Callable[[LoginStage], None],
        card_number: str | None,
        recovery: CacheRecovery | None,
    ) -> "Session":
        self.tries.append((medium_id, pin_text, offline))
        if recovery is not None:
            self.remedies.append(recovery)
        on_stage(LoginStage.CARD)
        if self.gate is not None:
            on_stage(LoginStage.PORT)
            await self.gate.wait()
        if self.answers:
            raise self.answers.pop(0)
        return SESSION


def stage_for(door: Door, place: AppContext | None = None) -> "ScreenHarness[Session | None]":
    return ScreenHarness(LoginScreen(place or app_context(), look=door.look, changes=door.changes, log_in=door.log_in))


def the_password(stage: "ScreenHarness[Session | None]") -> PasswordField:
    return stage.screen.query_one(PasswordField)


async def type_password(pilot: "Pilot[int]", password: str = PIN) -> None:
    await pilot.press(*password)


async def log_in(pilot: "Pilot[int]", password: str = PIN) -> None:
    """Password, Enter to the box, space ticks it, Enter logs in."""
    await type_password(pilot, password)
    await pilot.press("enter", "space", "enter")


async def test_the_screen_shows_what_is_there_and_the_password_has_the_focus() -> None:
    stage = stage_for(Door())
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        assert "演示环境" in stage.line_with("出口退税联网稽查")
        assert stage.line_with("JJ0G900000001").strip() == (
            "介质  ▸ 演示卡      JJ0G900000001  示例进出口有限公司   有效期至 2035-06-30"
        )
        assert "未连接 127.0.0.1:61232  远程登录见 F1" in stage.line_with("客户端控件")
        assert "无卡" in stage.line_with("读卡器")
        assert isinstance(stage.screen.focused, PasswordField)
        assert "F4协议" in stage.line_with("F10"), "nothing in the footer is missing"


@pytest.mark.parametrize("size", [SMALLEST, WIDE])
async def test_no_row_is_wider_than_the_terminal_and_a_long_company_name_is_cut_with_a_mark(
    size: tuple[int, int],
) -> None:
    long_name = replace(CARD_SUMMARY, company="内蒙古自治区呼伦贝尔市海拉尔区示例国际进出口贸易有限公司")
    door = Door(media=(MediumStatus("demo", "演示卡", long_name),))
    stage = stage_for(door)
    async with stage.run_test(size=size) as pilot:
        await until_shown(pilot, "有效期至 2035-06-30")
        row = stage.line_with("有效期至 2035-06-30")
        assert row.endswith("有效期至 2035-06-30")
        assert ("…" in row) == (size == SMALLEST)


async def test_the_demo_password_is_shown_in_the_demonstration_alone() -> None:
    for pin, shown in (("12345678", True), (None, False)):
        stage = stage_for(Door(), app_context(demo_pin=pin))
        async with stage.run_test(size=SMALLEST) as pilot:
            await until_shown(pilot, "JJ0G900000001")
            assert ("12345678" in stage.text) is shown
            assert ("演示" in stage.lines[0]) is shown


async def test_enter_in_the_password_goes_to_the_box_and_enter_with_both_done_logs_in() -> None:
    door = Door()
    stage = stage_for(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await type_password(pilot)
        await pilot.press("enter")
        assert isinstance(stage.screen.focused, Checkbox)
        assert "▸ [ ] 已阅读并同意" in stage.text, "the focus is seen without colour"
        assert door.tries == []
        await pilot.press("space", "enter")
        await until(pilot, lambda: bool(stage.results))
    assert door.tries == [("demo", PIN, False)]
    assert stage.results == [SESSION]


async def test_enter_alone_leads_through_the_whole_login() -> None:
    door = Door()
    stage = stage_for(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await type_password(pilot)
        await pilot.press("enter", "enter", "enter")
        await until(pilot, lambda: bool(stage.results))
    assert stage.results == [SESSION]


async def test_enter_in_the_password_logs_in_once_the_box_is_ticked() -> None:
    door = Door()
    stage = stage_for(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        stage.screen.query_one(Checkbox).ticked = True
        await type_password(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results))
    assert door.tries == [("demo", PIN, False)]


async def test_the_login_button_asks_for_the_box_first() -> None:
    door = Door()
    stage = stage_for(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await type_password(pilot)
        stage.screen.query_one("#online", PushButton).focus()
        await pilot.press("enter")
        await until_shown(pilot, "请先勾选“已阅读并同意”")
        assert isinstance(stage.screen.focused, Checkbox)
    assert door.tries == []


@pytest.mark.parametrize(
    ("typed", "official"), [("", "IC卡/Key密码不允许为空"), ("1234567", "请正确输入8位IC卡/Key密码")]
)
async def test_a_password_that_cannot_be_one_is_refused_before_any_card_is_asked(typed: str, official: str) -> None:
    door = Door()
    stage = stage_for(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await log_in(pilot, typed)
        await until_shown(pilot, official)
        assert isinstance(stage.screen.focused, PasswordField)
    assert door.tries == []


async def test_a_wrong_password_is_said_officially_the_field_is_emptied_and_nothing_is_tried_again() -> None:
    door = Door(answers=[WrongPin(2)])
    stage = stage_for(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await log_in(pilot)
        await until_shown(
            pilot, "输入口令错误，还可以尝试 2 次；连续错误会锁卡", "card.wrong-pin", "请核对密码后重新输入"
        )
        assert the_password(stage).is_empty
        assert isinstance(stage.screen.focused, PasswordField)
        await pilot.press("enter")
        await until_shown(pilot, "IC卡/Key密码不允许为空")
    assert len(door.tries) == 1
    assert [notice.problem.code for notice in stage.notices if notice.problem] == ["card.wrong-pin", "card.pin-missing"]


@pytest.mark.parametrize("problem", [CardLocked(), CardExpired()])
async def test_a_card_that_cannot_be_used_says_so_and_what_to_do(problem: Problem) -> None:
    stage = stage_for(Door(answers=[problem]))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await log_in(pilot)
        await until_shown(pilot, problem.message, problem.code, problem.hint)
        assert the_password(stage).is_empty


async def test_with_the_port_out_of_reach_the_same_password_opens_the_cache_with_one_enter() -> None:
    door = Door(answers=[PortUnreachable()])
    stage = stage_for(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await log_in(pilot)
        await until_shown(pilot, "无法连接出口退税联网稽查系统", "可离线浏览", "[▸离线浏览 ]")
        assert not the_password(stage).is_empty
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results))
    assert door.tries == [("demo", PIN, False), ("demo", PIN, True)]


async def test_offline_browsing_needs_the_password_but_not_the_agreement() -> None:
    door = Door()
    stage = stage_for(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await type_password(pilot)
        stage.screen.query_one("#offline", PushButton).focus()
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results))
    assert door.tries == [("demo", PIN, True)]


async def test_a_workplace_without_a_port_asks_for_the_password_alone() -> None:
    door = Door()
    stage = stage_for(door, app_context(offline=True))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        assert "离线" in stage.lines[0]
        assert not stage.screen.query(Checkbox)
        await type_password(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results))
    assert door.tries == [("demo", PIN, True)]


def shut(*, by_pin: bool) -> CacheRecoveryNeeded:
    return CacheRecoveryNeeded(Problem("key.test", "打不开本机缓存", "请想办法"), previous_pin_helps=by_pin)


async def test_a_cache_of_an_earlier_password_asks_for_that_one_and_keeps_the_new() -> None:
    door = Door(answers=[shut(by_pin=True), shut(by_pin=True)])
    stage = stage_for(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        assert "原密码" not in stage.text
        assert "另建缓存" not in stage.text
        await log_in(pilot)
        await until_shown(
            pilot, "原密码", "更换前的密码，只用来打开本机缓存", "打不开本机缓存", "[ 另建缓存 ]", "请想办法"
        )
        await pilot.press(*EARLIER[:3], "enter")
        await until_shown(pilot, "请正确输入8位IC卡/Key密码")
        assert len(door.tries) == 1, "what cannot be a password is not tried"
        await pilot.press(*EARLIER[3:], "enter")
        await until(pilot, lambda: len(door.tries) == 2)
        await until_shown(pilot, "打不开本机缓存")
        await until(pilot, lambda: stage.screen.query_one("#earlier", PasswordField).is_empty)
        await pilot.press(*EARLIER, "enter")
        await until(pilot, lambda: bool(stage.results))
        assert all(secret not in stage.text + repr(door.remedies) for secret in (PIN, EARLIER))
    assert door.tries == [("demo", PIN, False)] * 3, "the way chosen first is kept"
    assert door.remedies == [PreviousPin(EARLIER)] * 2
    assert stage.results == [SESSION]


async def test_a_new_cache_is_begun_after_a_question_and_only_then() -> None:
    door = Door(answers=[shut(by_pin=False)])
    stage = stage_for(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await type_password(pilot)
        await pilot.press("tab", "tab", "tab", "enter")
        await until_shown(pilot, "[▸另建缓存 ]")
        assert "原密码" not in stage.text
        await pilot.press("enter")
        await until_shown(pilot, "旧缓存不删除", "[▸取消 ]")
        await pilot.press("enter")
        await until_shown(pilot, "[▸另建缓存 ]")
        assert len(door.tries) == 1
        await pilot.press("enter")
        await until_shown(pilot, "[▸取消 ]")
        await pilot.press("tab", "enter")
        await until(pilot, lambda: bool(stage.results))
    assert door.tries == [("demo", PIN, True)] * 2, "offline, as it was begun"
    assert door.remedies == [NewCache()]


async def test_another_card_withdraws_what_was_offered_for_the_one_before() -> None:
    door = Door(answers=[shut(by_pin=True)])
    stage = stage_for(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await log_in(pilot)
        await until_shown(pilot, "原密码")
        door.media = (replace(DEMO_CARD, card=replace(CARD_SUMMARY, card_number="JJ0G900000002")),)
        door.changed.set()
        await until_shown(pilot, "JJ0G900000002")
        assert "原密码" not in stage.text
        assert "另建缓存" not in stage.text


async def test_while_logging_in_the_stage_is_shown_and_escape_cancels_without_a_second_try() -> None:
    door = Door(gate=asyncio.Event())
    stage = stage_for(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await log_in(pilot)
        await until_shown(pilot, "登录中，请稍等", "按 Esc 取消")
        await pilot.press("f5", "enter")
        await until_shown(pilot, "正在登录，按 Esc 取消")
        await pilot.press("escape")
        await until_shown(pilot, "已取消登录")
        assert isinstance(stage.screen.focused, PasswordField)
        assert stage.results == []
    assert len(door.tries) == 1
    assert door.looks == 1


async def test_f10_leaves_the_program_even_from_the_middle_of_a_login() -> None:
    stage = stage_for(Door(gate=asyncio.Event()))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await log_in(pilot)
        await until_shown(pilot, "登录中，请稍等")
        await pilot.press("f10")
        await until(pilot, lambda: stage.results == [None])


async def test_without_a_card_the_official_words_ask_for_one_and_f5_looks_again() -> None:
    door = Door(media=(CONTROL, EMPTY_READER))
    stage = stage_for(door, app_context(demo_pin=None))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "请插入IC卡或者Key", "按 F5 重新读卡", "客户端控件：远程登录见 F1")
        await log_in(pilot)
        assert door.tries == []
        door.media = ALL_MEDIA
        await pilot.press("f5")
        await until_shown(pilot, "JJ0G900000001")
        assert "请插入" not in stage.text


async def test_in_the_demonstration_the_card_is_a_file_that_is_put_back() -> None:
    stage = stage_for(Door(media=(replace(EMPTY_READER, medium_name="演示卡"),)))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "请插入IC卡或者Key", "请把演示卡文件放回 /nowhere/demo/card.p12")
        assert "无卡" in stage.line_with("演示卡  ")
        assert "F5 重新" not in stage.text


async def test_a_card_that_comes_or_goes_is_seen_without_a_key_and_the_password_stays() -> None:
    door = Door(media=(EMPTY_READER,))
    stage = stage_for(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "请插入IC卡或者Key")
        await type_password(pilot)
        door.media = (DEMO_CARD,)
        door.changed.set()
        await until_shown(pilot, "JJ0G900000001")
        assert "请插入" not in stage.text
        assert not the_password(stage).is_empty
        door.media = (EMPTY_READER,)
        door.changed.set()
        await until_shown(pilot, "请插入IC卡或者Key")


async def test_cards_that_are_as_they_were_leave_what_was_said() -> None:
    door = Door(media=(DEMO_CARD,))
    stage = stage_for(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await pilot.press("密")
        await until_shown(pilot, "请切换到英文输入法")
        door.changed.set()
        await until(pilot, lambda: door.looks == 2)
        await pilot.pause()
        assert "请切换到英文输入法" in stage.text


async def test_few_tries_left_are_told_before_anybody_types() -> None:
    stage = stage_for(Door(media=(replace(DEMO_CARD, pin_retries_left=1),)))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "还可以尝试 1 次，连续错误会锁卡")


async def test_where_no_medium_works_the_first_says_why_and_what_to_do() -> None:
    stage = stage_for(Door(media=(CONTROL,)))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "! 未连接 127.0.0.1:61232  card.control")
        assert "请插入" not in stage.text
        assert "客户端控件：" not in stage.text, "there is no other one"


async def test_where_no_medium_works_it_is_told_of_each_what_to_do() -> None:
    pcsc = MediumStatus(
        "pcsc", "读卡器", problem=Problem("card.pcsc", "没有安装 pyscard", "请执行 apt install " + "x" * 60)
    )
    stage = stage_for(Door(media=(CONTROL, pcsc)))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_said(pilot, "客户端控件：远程登录见 F1", "读卡器：请执行 apt install " + "x" * 60)


async def test_a_card_near_its_end_is_warned_of_in_the_official_words() -> None:
    card_summary = replace(CARD_SUMMARY, days_left=12, valid_until=date(2026, 12, 5))
    stage = stage_for(Door(media=(MediumStatus("demo", "演示卡", card_summary),)))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "! 您的IC卡还有12天到期，请尽快延期!", "有效期至 2026-12-05")


async def test_an_expired_card_is_told_at_once() -> None:
    card_summary = replace(CARD_SUMMARY, days_left=-3, valid_until=date(2026, 11, 20))
    stage = stage_for(Door(media=(MediumStatus("demo", "演示卡", card_summary),)))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "! 您的IC卡已过期!", "已过期 2026-11-20", "请办理证书延期后再登录")


async def test_a_workplace_that_cannot_be_prepared_says_why() -> None:
    door = Door()

    async def look(_workplace: AppContext, **_which: object) -> tuple[MediumStatus, ...]:
        raise Problem("file.disk-full", "磁盘空间不足", "请清理磁盘")

    stage = ScreenHarness(LoginScreen(app_context(), look=look, changes=door.changes, log_in=door.log_in))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "! 磁盘空间不足", "请清理磁盘", "file.disk-full")


async def test_f1_explains_the_screen_and_leads_back_with_the_password_still_there() -> None:
    stage = stage_for(Door())
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await type_password(pilot)
        await pilot.press("f1")
        await until_said(pilot, "每按一次 Enter 只试一次")
        await pilot.press("f10")
        await until_shown(pilot, "卡介质登录", "********")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ws://127.0.0.1:61240", "ssh -R 61240:127.0.0.1:61232 连到这台机器"),
        ("wss://control.example.org", "不必转发"),
    ],
)
async def test_the_help_tells_of_the_control_that_is_configured(url: str, said: str) -> None:
    place = replace(app_context(), config=Config(card=CardConfig(control_url=url)))
    stage = stage_for(Door(), place)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await pilot.press("f1")
        await until_said(pilot, said, "读卡器里的卡自动认出", "插卡换卡后按 F5")


async def test_the_card_is_chosen_with_the_arrows_and_one_that_cannot_be_used_is_passed_over() -> None:
    other = MediumStatus("pcsc", "读卡器 1", replace(CARD_SUMMARY, card_number="JJ0G900000002"))
    door = Door(media=(DEMO_CARD, CONTROL, other))
    stage = stage_for(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000002")
        stage.screen.query_one(ChoiceList).focus()
        await pilot.press("down")
        assert "▸" in stage.line_with("JJ0G900000002")
        assert "▸" not in stage.line_with("JJ0G900000001")
        await pilot.press("enter")
        assert isinstance(stage.screen.focused, PasswordField)
        await log_in(pilot)
        await until(pilot, lambda: bool(stage.results))
    assert door.tries == [("pcsc", PIN, False)]


async def test_the_agreement_can_be_read_to_its_end_and_agreed_to() -> None:
    stage = stage_for(Door())
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await pilot.press("f4")
        await until_shown(pilot, "用户服务协议", "一、")
        await pilot.press("end")
        await until_shown(pilot, "六、")
        await pilot.press("tab", "tab", "enter")
        await until_shown(pilot, "[x] 已阅读并同意")


@pytest.mark.parametrize("key", ["escape", "q", "f10"])
async def test_closing_the_agreement_agrees_to_nothing(key: str) -> None:
    stage = stage_for(Door())
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await pilot.press("f4")
        await until_shown(pilot, "一、")
        await pilot.press(key)
        await until_shown(pilot, "[ ] 已阅读并同意", "卡介质登录")
        assert stage.results == []


async def test_the_password_is_never_shown_and_is_gone_from_the_field_after_the_login() -> None:
    door = Door(gate=asyncio.Event())
    stage = stage_for(door)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        password = the_password(stage)
        await log_in(pilot)
        await until_shown(pilot, "登录中，请稍等", "********")
        assert PIN not in stage.text
        assert PIN not in repr(password)
        assert door.gate is not None
        door.gate.set()
        await until(pilot, lambda: bool(stage.results))
        assert password.is_empty
        assert stage.clipboard == ""


async def test_text_from_a_card_is_shown_and_not_obeyed() -> None:
    card_summary = replace(CARD_SUMMARY, company="[b]示例[/b]\x1b[2J公司[/x")
    stage = stage_for(Door(media=(MediumStatus("demo", "演示卡", card_summary),)))
    async with stage.run_test(size=WIDE) as pilot:
        await until_shown(pilot, "[b]示例[/b]␛[2J公司[/x")


async def test_the_program_can_end_in_the_middle_of_a_login() -> None:
    stage = stage_for(Door(gate=asyncio.Event()))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "JJ0G900000001")
        await log_in(pilot)
        await until_shown(pilot, "登录中，请稍等")
    assert stage.results == []
