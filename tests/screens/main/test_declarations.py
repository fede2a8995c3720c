"""The first page of the desk: filter, picking, and where its commands lead."""

from dataclasses import replace

import pytest

from jiacha_tui.actions.result_browser import ResultView
from jiacha_tui.declaration.declaration_row import Column, Order
from jiacha_tui.declaration.query import DateRangeQuery
from screens.main.declarations import DeclarationsPage
from screens.main.detail_pane import DetailPane
from tests.screens.fakes import line, lines, on_stage, scene
from tests.screens.harness import WIDE, until, until_shown


async def test_a_filter_is_tried_as_one_types_and_the_totals_follow() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f2", *"德国")
        await until_shown(pilot, "1/334 票", "8,684 条")
        await pilot.press("enter")
        await until(pilot, lambda: desk.table.has_focus)
        assert desk.table.entry_id == line(1).entry_id
        assert "筛选› 德国" in desk.stage.text


async def test_a_long_filter_is_seen_whole_and_the_totals_give_way() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        desk.desk.query_one(DeclarationsPage).filter_by("22332025 22332025 22332025 22332025 223320")
        await until_shown(pilot, "筛选› 22332025 22332025 22332025 22332025 223320 ", "2,000 票")
        assert "条  USD" not in desk.stage.lines[1]
        await pilot.press("escape")
        await until_shown(pilot, "1/2,000 票  51,000 条  USD")


async def test_a_burst_of_keys_is_one_filter() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        before = len(desk.clerk.shelf.shown)
        await pilot.press("slash", *"22332025")
        await until(pilot, lambda: desk.clerk.shelf.shown[-1] == "22332025")
        assert len(desk.clerk.shelf.shown) - before <= 3


async def test_only_the_newest_filter_is_shown() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f2")
        desk.clerk.shelf.hold()
        await pilot.press(*"美国")
        await until(pilot, lambda: desk.clerk.shelf.shown[-1] == "美国")
        await pilot.press("ctrl+u", *"德国")
        await until(pilot, lambda: desk.clerk.shelf.shown[-1] == "德国")
        desk.clerk.shelf.release()
        await until(pilot, lambda: desk.table.view is not None and desk.table.view.filter_text == "德国")
        await until_shown(pilot, "1/334 票")


async def test_a_filter_that_cannot_be_read_says_so_beside_it_and_keeps_the_result() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f2", *"德国")
        await until_shown(pilot, "1/334 票")
        await pilot.press("space", "!")
        await until_shown(pilot, "! ! 不是筛选条件")
        assert desk.table.view is not None
        assert desk.table.view.filter_text == "德国"
        assert desk.stage.line_with("不是筛选条件").startswith(" 筛选› 德国 !")
        await pilot.press("backspace")
        await until_shown(pilot, "1/334 票")


async def test_what_has_no_room_beside_the_filter_is_said_in_full_below() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f2", "!", "!")
        await until_shown(pilot, "! 写法不对，见底行", "! 没有名为「!!」的条件")
        # The line of state grows once the screen is laid out anew.
        await until(pilot, lambda: "".join(row.strip() for row in desk.stage.lines).count("报关单号、") == 9)
        assert desk.stage.notices == []
        await pilot.press("backspace", "backspace")
        await until(pilot, lambda: "没有名为" not in desk.stage.text)


async def test_beside_a_wrong_filter_nothing_is_counted_and_nothing_done_with_what_an_older_one_left() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f2", *"德国")
        await until_shown(pilot, "1/334 票")
        await pilot.press("space", "!", "enter")
        await until_shown(pilot, "! ! 不是筛选条件")
        await pilot.press("down", "space", "f5")
        await until_shown(pilot, "停同步")
        desk.clerk.sync_over.set()
        await until_shown(pilot, "同步完成")
        assert desk.stage.line_with("筛选›").endswith("! ! 不是筛选条件")
        await pilot.press("f6")
        await until_shown(pilot, "筛选的写法不对，请改好，或按 Esc 清除筛选")
        await pilot.press("a")
        await until_shown(pilot, "选择筛选结果：筛选的写法不对")
        assert desk.ways.gone == []
        await pilot.press("escape", "f6")
        await until(pilot, lambda: len(desk.ways.gone) == 1)


async def test_what_is_wrong_is_still_said_below_after_something_else_was_done() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f2", "!", "!", "enter")
        await until_shown(pilot, "! 没有名为「!!」的条件")
        await pilot.press("space")
        await until_shown(pilot, "! 写法不对，见底行", "已选 1 票", "! 没有名为「!!」的条件")


@pytest.mark.parametrize("key", ["escape", "f10"])
async def test_escape_and_f10_clear_the_filter(key: str) -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f2", *"德国", "enter")
        await until_shown(pilot, "/334 票")
        await pilot.press("f2", key)
        await until_shown(pilot, "/2,000 票")
        assert desk.table.has_focus
        assert desk.bar.text == ""


async def test_filters_used_before_come_back_with_up_and_down() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        for text in ("德国", "美国"):
            await pilot.press("f2", "ctrl+u", *text, "enter")
        await pilot.press("f2", "ctrl+u", "up")
        assert desk.bar.text == "美国"
        await pilot.press("up")
        assert desk.bar.text == "德国"
        await pilot.press("down")
        assert desk.bar.text == "美国"
        await pilot.press("down", "down")
        await until(pilot, lambda: desk.table.has_focus)


async def test_letters_are_typed_in_the_filter_and_function_keys_still_work() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f2", *"qsfdr")
        assert desk.bar.text == "qsfdr"
        await pilot.press("f3")
        await until_shown(pilot, "报关单类型")


async def test_what_an_input_method_makes_of_a_slash_opens_the_filter_too() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("ideographic_comma")
        await until(pilot, lambda: desk.bar.has_focus_within)


async def test_space_picks_and_steps_and_the_line_counts() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("space", "space", "down", "space")
        await until_shown(pilot, "已选 3 票 · 重发、打印最多 10 票")
        assert desk.table.row == 4
        assert desk.stage.text.count("✓") == 3
        await pilot.press("up", "space")
        await until_shown(pilot, "已选 2 票")
        await pilot.press("u")
        await until(pilot, lambda: "已选" not in desk.stage.text)


async def test_a_selection_outlives_filter_and_sort_and_says_what_is_hidden() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("space", "space", "f2", *"德国", "enter")
        await until_shown(pilot, "已选 2 票 · 重发、打印最多 10 票，其中 1 票不在当前筛选中")
        await pilot.press("r")
        await until(pilot, lambda: ("resend", (line(0).entry_id, line(1).entry_id)) in desk.ways.gone)


async def test_a_picks_what_the_filter_shows_up_to_ten_and_says_so() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("a")
        await until_shown(pilot, "筛选出 2,000 票，只选中前面的：重发、打印一次最多 10 票")
        assert desk.table.selection.entry_ids == tuple(one.entry_id for one in lines(10))


async def test_a_says_nothing_when_all_of_it_is_picked() -> None:
    desk = scene(4)
    async with on_stage(desk) as pilot:
        await pilot.press("a")
        await until_shown(pilot, "已选 4 票")
        assert "只选中" not in desk.stage.text


async def test_more_than_ten_are_refused_before_anything_is_opened() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press(*["space"] * 11)
        await until_shown(pilot, "已选 11 票 · 超过上限")
        await pilot.press("f7")
        await until_shown(pilot, "已选 11 票，一次最多 10 票")
        await pilot.press("f8")
        assert desk.ways.gone == []


async def test_without_a_pick_a_deed_is_for_the_line_under_the_cursor() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("down", "f7", "p")
        await until(pilot, lambda: len(desk.ways.gone) == 2)
        assert desk.ways.gone == [("resend", (line(1).entry_id,)), ("preview", (line(1).entry_id,))]


async def test_the_detail_leads_back_to_the_declaration_that_was_seen_last() -> None:
    desk = scene()
    desk.ways.last_seen = line(700).entry_id
    async with on_stage(desk) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: desk.table.entry_id == line(700).entry_id)
        assert desk.ways.gone == [("detail", line(0).entry_id)]
        assert desk.table.has_focus


async def test_what_was_done_elsewhere_is_seen_on_the_way_back() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        desk.clerk.shelf.lines[0] = replace(line(0), print_count=77)
        await pilot.press("p")
        await until_shown(pilot, "  77")


async def test_download_is_for_what_the_table_shows() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f2", *"德国", "enter")
        await until_shown(pilot, "/334 票")
        await pilot.press("f6")
        await until(pilot, lambda: bool(desk.ways.gone))
        what = desk.ways.gone[0][1]
        assert isinstance(what, ResultView)
        assert what.filter_text == "德国"


async def test_download_is_told_what_is_picked() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("space", "space", "f6")
        await until(pilot, lambda: bool(desk.ways.gone))
        assert desk.ways.picked == (line(0).entry_id, line(1).entry_id)


async def test_a_query_is_shown_as_a_filter_and_downloaded_as_it_was_asked() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f3", "enter")
        await until_shown(pilot, "✓ 查询到 3 票，新增 1 票，变更 0 票")
        await pilot.press("d")
        await until(pilot, lambda: bool(desk.ways.gone))
        assert isinstance(desk.ways.gone[0][1], DateRangeQuery)
        assert desk.table.has_focus


async def test_a_column_is_chosen_to_sort_by() -> None:
    desk = scene(50)
    async with on_stage(desk) as pilot:
        await pilot.press("o")
        await until_shown(pilot, "▸ 出口日期      现在从大到小")
        await pilot.press("down", "down", "down", "enter")
        await until_shown(pilot, "报关金额USD▾")
        assert desk.table.view is not None
        assert desk.table.view.order == Order(Column.USD_AMOUNT, descending=True)
        assert desk.table.entry_id == line(0).entry_id
        await pilot.press("o", "enter")
        await until_shown(pilot, "报关金额USD▴")


async def test_an_empty_cache_says_how_to_fill_it() -> None:
    desk = scene(0)
    async with on_stage(desk) as pilot:
        await until_shown(pilot, "本机缓存里还没有报关单：按 F5 同步，或按 F3 向口岸查询。")
        await pilot.press("f4")
        await until_shown(pilot, "报关单详情：列表里没有报关单")


async def test_an_empty_filter_says_how_to_get_rid_of_it() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f2", *"火星", "enter")
        await until_shown(pilot, "没有符合筛选的报关单：按 Esc 清除筛选", "0 票")
        await pilot.press("escape")
        await until_shown(pilot, "/2,000 票")
        await pilot.press("escape")
        await until_shown(pilot, "清除筛选：没有筛选")


async def test_offline_an_empty_table_sends_nobody_to_a_key_that_does_nothing() -> None:
    desk = scene(0, online=False)
    async with on_stage(desk) as pilot:
        await until_shown(pilot, "本机缓存里还没有报关单：联网登录以后按 F5 同步。")
        await pilot.press("f2", *"火星", "enter")
        await until_shown(pilot, "没有符合筛选的报关单：按 Esc 清除筛选。")


async def test_a_wrong_filter_behind_an_empty_one_leaves_it_empty_though_the_cache_changes() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: desk.clerk.changed is not None)
        await pilot.press("f2", *"火星")
        await until_shown(pilot, "没有符合筛选的报关单")
        await pilot.press("space", "!")
        await until_shown(pilot, "! ! 不是筛选条件")
        asked = len(desk.clerk.shelf.shown)
        assert desk.clerk.changed is not None
        desk.clerk.changed()
        await until(pilot, lambda: len(desk.clerk.shelf.shown) > asked)
        assert desk.clerk.shelf.shown[-1] == "火星"


async def test_from_120_columns_the_pane_follows_the_cursor() -> None:
    desk = scene()
    async with on_stage(desk, WIDE) as pilot:
        await pilot.press("down")
        await until_shown(pilot, f"│ {line(1).entry_id}", "合同协议号 SPX-2025-0001", "2,086,028.65 美元")
        await pilot.press("w")
        await until(pilot, lambda: not desk.desk.query_one(DetailPane).display)
        await pilot.press("w")
        await until_shown(pilot, f"│ {line(1).entry_id}")


async def test_below_120_columns_there_is_no_pane_and_its_key_says_why() -> None:
    desk = scene()
    async with on_stage(desk, (119, 30)) as pilot:
        assert not desk.desk.query_one(DetailPane).display
        await pilot.press("w")
        await until_shown(pilot, "终端至少要 120 列")


async def test_the_pane_says_what_it_has_no_room_for() -> None:
    desk = scene()
    async with on_stage(desk, (120, 24)) as pilot:
        await pilot.press(*["down"] * 30)
        await until_shown(pilot, "行，F4 看全部")
