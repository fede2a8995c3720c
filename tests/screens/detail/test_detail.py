"""The detail screen: nothing cut that matters, the next declaration without going back, and the way to each deed."""

from dataclasses import replace
from decimal import Decimal

import pytest
from rich.cells import cell_len

from jiacha_tui.declaration.problem import Problem
from screens.detail.detail_screen import DetailScreen
from screens.widgets.choice_list import ChoiceList
from tests.screens.fake_navigator import FakeNavigator
from tests.screens.harness import SMALLEST, WIDE, ScreenHarness, until, until_shown
from tests.screens.sample import (
    FIRST,
    REMARK_END,
    SECOND,
    THIRD,
    ListedReading,
    declaration,
    journal_entry,
    view_of,
    without_detail,
)

OFFLINE = Problem("session.offline", "当前为离线浏览，不能连接口岸", "联网后重新登录")


def three() -> ListedReading:
    return ListedReading(
        [
            view_of(declaration(FIRST)),
            view_of(declaration(SECOND, items=50), journal=[journal_entry(SECOND)]),
            view_of(without_detail(THIRD), missing=OFFLINE),
        ]
    )


def stage_for(reading: ListedReading, entry_id: str = FIRST, ways: FakeNavigator | None = None) -> ScreenHarness[str]:
    return ScreenHarness(DetailScreen(reading, ways or FakeNavigator(), entry_id))


async def test_at_80_columns_nothing_of_an_ordinary_declaration_is_cut() -> None:
    stage = stage_for(three())
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "‹ 1/3 ›")
        assert stage.lines[0].startswith(f" 报关单 {FIRST}   结关  数据传输状态 修改（第 2 次）")
        for words in (
            "境内收发货人 示例进出口有限公司 (3122960ABC) 申报单位 示例报关有限公司",
            "出口日期 2025-06-30 申报日期 2025-06-27 出口口岸 浦东机场   运抵国 美国",
            "成交方式 FOB        合同 SPX-2025-0871",
            "件数 1,250          毛重 18,750.5       净重 16,980.25      USD 2,801,912.15",
            "运费 –              保费 –              杂费 –              报送 2025-07-02",
            "提示 修改数据已传到电子口岸；若仍不正确，请联系申报地海关（浦东机场）处理",
        ):
            assert words in stage.text
        assert "…" not in stage.text
        footer = stage.lines[-1]
        for hint in ("F4全部字段", "F6下载", "F7重发", "F8预览", "F2直接打印", "←上一票", "→下一票", "F10/q返回"):
            assert hint in footer


@pytest.mark.parametrize(("key", "deed"), [("f6", "XML 文件下载"), ("f7", "重新发往税务总局")])
async def test_offline_what_needs_the_port_says_why_not_and_opens_nothing(key: str, deed: str) -> None:
    ways = FakeNavigator()
    stage = stage_for(ListedReading([view_of(declaration(FIRST))], online=False), ways=ways)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "‹ 1/1 ›")
        await pilot.press(key)
        await until_shown(pilot, f"{deed}：当前为离线浏览，请联网后重新登录")
        assert ways.asked == []


async def test_the_total_stands_under_the_amounts_that_it_adds_up() -> None:
    stage = stage_for(three())
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "合计 2 项")
        item, total = stage.line_with("针织男式T恤衫"), stage.line_with("合计 2 项")
        assert _end_of(item, "2,086,028.65") == _end_of(total, "4,172,057.30")
        assert total.endswith("美元")


async def test_a_fee_is_not_cut_and_tells_a_rate_or_a_price_from_an_amount() -> None:
    one = declaration()
    assert one.head is not None
    head = replace(
        one.head,
        freight=Decimal("12345.67"),
        freight_currency="美元",
        freight_mark="总价",
        insurance=Decimal("0.2"),
        insurance_currency="",
        insurance_mark="率",
        other=Decimal("1.5"),
        other_currency="美元",
        other_mark="单价",
    )
    stage = stage_for(ListedReading([view_of(replace(one, head=head))]))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "运费 12,345.67 美元", "保费 0.2 率", "杂费 1.5 美元 单价")


async def test_each_currency_has_a_total_of_its_own() -> None:
    one = declaration()
    dollars, euros = one.items[0], replace(one.items[1], currency="欧元", total=Decimal("9.5"))
    stage = stage_for(ListedReading([view_of(replace(one, items=(dollars, euros)))]))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "合计 2 项")
        assert stage.line_with("合计 2 项").endswith("2,086,028.65 美元")
        assert any(line.endswith(" 9.50 欧元") for line in stage.lines)


async def test_no_number_is_cut_however_long() -> None:
    one = declaration()
    huge = replace(one.items[0], total=Decimal("123456789012345.6789"), quantity=Decimal("98765432101.12345"))
    stage = stage_for(ListedReading([view_of(replace(one, items=(huge,)))]))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "123,456,789,012,345.6789", "98,765,432,101.12345")


async def test_next_and_previous_walk_along_the_table_and_stop_at_its_ends() -> None:
    reading = three()
    stage = stage_for(reading)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "‹ 1/3 ›")
        await pilot.press("left")
        await until_shown(pilot, "已是第一票")
        await pilot.press("l")
        await until_shown(pilot, SECOND, "‹ 2/3 ›")
        assert "已是第一票" not in stage.text
        await pilot.press("right")
        await until_shown(pilot, THIRD, "‹ 3/3 ›")
        await pilot.press("right")
        await until_shown(pilot, "已是最后一票")
        await pilot.press("h")
        await until_shown(pilot, SECOND)
        await pilot.press("f10")
        await until(pilot, lambda: stage.results == [SECOND])


async def test_steps_taken_while_one_is_still_being_fetched_all_count() -> None:
    reading = three()
    stage = stage_for(reading)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "‹ 1/3 ›")
        reading.hold()
        await pilot.press("right", "right")
        assert FIRST in stage.lines[0], "the old one stays until the new one is there"
        reading.release()
        await until_shown(pilot, "‹ 3/3 ›")
        assert reading.opened == [FIRST, THIRD], "the one passed over is not fetched"


async def test_a_declaration_without_detail_shows_what_the_list_said_and_why_there_is_no_more() -> None:
    stage = stage_for(three(), THIRD)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "‹ 3/3 ›", "当前为离线浏览，不能连接口岸", "联网后重新登录")
        assert "USD 2,801,912.15" in stage.text
        await pilot.press("f4")
        await until_shown(pilot, "详情还不在缓存里")


async def test_what_cannot_be_opened_is_said_and_the_screen_can_be_left() -> None:
    stage = stage_for(three(), "999999999999999999")
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "本机缓存中没有报关单", "F3")
        await pilot.press("f6")
        await until_shown(pilot, "报关单还没有打开")
        await pilot.press("escape")
        await until(pilot, lambda: bool(stage.results))


@pytest.mark.parametrize("size", [SMALLEST, WIDE])
async def test_all_fields_can_be_read_to_the_end_with_their_official_names(size: tuple[int, int]) -> None:
    stage = stage_for(three(), SECOND)
    async with stage.run_test(size=size) as pilot:
        await until_shown(pilot, SECOND)
        await pilot.press("f4")
        await until_shown(pilot, "编号与状态", "预录入编号", "E20250000000123456")
        seen = stage.text
        for _ in range(5):
            await pilot.press("pagedown")
            seen += stage.text
        for label in (
            "统一编号",
            "生产销售单位",
            "境内货源地",
            "结汇方式",
            "集装箱号",
            "随附单据",
            "操作记录",
            "重发成功",
        ):
            assert label in seen
        assert REMARK_END[-8:] in seen, "a long value is wrapped, not cut"
        assert "未识别 newField" in seen
        assert "[b]x" in seen
        await pilot.press("q")
        await until_shown(pilot, "‹ 2/3 ›")


async def test_enter_on_an_item_shows_all_of_it() -> None:
    stage = stage_for(three())
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "合计 2 项")
        await pilot.press("down", "up", "enter")
        await until_shown(pilot, "第 1 项", "规格型号", "3|2|针织|男式|100%棉", "第二数量", "16,980.25", "退税率")
        await pilot.press("f10")
        await until_shown(pilot, "合计 2 项")


async def test_fifty_items_are_reached_with_end_and_g() -> None:
    stage = stage_for(three(), SECOND)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "合计 50 项")
        await pilot.press("end")
        await until_shown(pilot, "▸ 50 ")
        await pilot.press("g")
        await until_shown(pilot, "▸  1 ")


@pytest.mark.parametrize(
    ("keys", "way"),
    [
        (("f6", "d"), ("download", FIRST)),
        (("f7", "r"), ("resend", (FIRST,))),
        (("f8", "v"), ("preview", (FIRST,))),
        (("f2", "p"), ("print", (FIRST,))),
        (("m",), ("messages", None)),
    ],
)
async def test_each_deed_has_its_keys_and_the_declaration_is_read_again_afterwards(
    keys: tuple[str, ...], way: tuple[str, object]
) -> None:
    ways, reading = FakeNavigator(), three()
    stage = stage_for(reading, ways=ways)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "‹ 1/3 ›")
        await pilot.press(*keys)
        await until(pilot, lambda: len(ways.asked) == len(keys))
        assert ways.asked == [way] * len(keys)
        if way[0] != "messages":
            await until(pilot, lambda: len(reading.opened) > 1)


async def test_text_of_the_port_is_shown_and_not_obeyed() -> None:
    one = declaration()
    assert one.head is not None
    head = replace(one.head, consignor_name="[red]甲\x1b[31m", contract_no="[/b]", agent_name="\u202eabc")
    items = (replace(one.items[0], name="[b]货\x07"),)
    stage = stage_for(ListedReading([view_of(replace(one, head=head, items=items))]))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "[red]甲␛[31m", "合同 [/b]", "⟨U+202E⟩abc", "[b]货␇")


async def test_the_cursor_keeps_its_item_when_the_terminal_changes_its_size() -> None:
    stage = stage_for(three(), SECOND)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "合计 50 项")
        await pilot.press("down", "down")
        await pilot.resize_terminal(*WIDE)
        await until_shown(pilot, "规格型号")
        assert stage.screen.query_one(ChoiceList).index == 2
        assert all(cell_len(line) <= WIDE[0] for line in stage.lines)


def _end_of(line: str, number: str) -> int:
    """The cell after `number`."""
    return cell_len(line[: line.index(number) + len(number)])
