"""The first tab of the main screen: the filter, the selection, and the screens that its commands open."""

from dataclasses import replace

import pytest
from textual.geometry import Size

from db.filter import FilterError
from jiacha_tui.actions.result_browser import ResultBrowser
from jiacha_tui.declaration.declaration_row import Column, Order
from jiacha_tui.declaration.hints import WHERE_TO_LOOK_UP
from screens.detail.detail_screen import DetailScreen
from screens.dialogs.download import DownloadDialog
from screens.dialogs.preview import PreviewScreen
from screens.dialogs.resend import ResendDialog
from screens.main.declarations_tab import DeclarationsTab
from screens.main.detail_pane import DetailPane
from tests.filters import parse_official
from tests.recording_transport import LIST
from tests.screens.harness import WIDE, until, until_shown, until_shown_wrapped
from tests.screens.held_calls import HeldCalls
from tests.screens.main_app import MainApp
from tests.screens.sample_cache import DECLARATIONS, SampleSessions, country, entry_id, item_count, summary

GERMAN = [number for number in range(DECLARATIONS) if country(number) == "德国"]
FOUND_GERMAN = f"{len(GERMAN)} 票"
ALL = f"{DECLARATIONS:,} 票"
INVALID = "金额:多"
INVALID_REASON = "! 数字应写成 >1000"
INVALID_AT_LENGTH = "甲:乙"


@pytest.fixture
def filters(monkeypatch: pytest.MonkeyPatch) -> HeldCalls:
    """Every filter that is run, with its order."""
    return HeldCalls(monkeypatch, ResultBrowser, "show")


def reason_against(filter_text: str) -> str:
    with pytest.raises(FilterError) as error:
        parse_official(filter_text)
    return error.value.message


async def test_a_filter_runs_while_it_is_typed_and_the_totals_follow(app: MainApp) -> None:
    items = sum(map(item_count, GERMAN))
    async with app.running() as pilot:
        await pilot.press("f2", *"德国")
        await until_shown(pilot, f"1/{FOUND_GERMAN}", f"{items:,} 条")
        await pilot.press("enter")
        await until(pilot, lambda: app.table.has_focus)
        assert app.table.entry_id == entry_id(GERMAN[0])
        assert "筛选› 德国" in app.text


async def test_a_long_filter_is_shown_whole_and_the_totals_get_less_room(app: MainApp) -> None:
    async with app.running() as pilot:
        app.main.query_one(DeclarationsTab).filter_by("22332026 22332026 22332026 22332026 223320")
        await until_shown(pilot, "筛选› 22332026 22332026 22332026 22332026 223320 ", ALL)
        assert "条  USD" not in app.lines[1]
        await pilot.press("escape")
        await until_shown(pilot, f"1/{ALL}  6,000 条  USD")


async def test_keys_in_quick_succession_run_one_filter(app: MainApp, filters: HeldCalls) -> None:
    async with app.running() as pilot:
        before = len(filters.calls)
        await pilot.press("slash", *"22332026")
        await until(pilot, lambda: filters.calls[-1][0] == "22332026")
        assert len(filters.calls) - before <= 3


@pytest.mark.parametrize("key", ["a", "space"])
async def test_a_key_typed_ahead_of_a_filter_takes_its_result(app: MainApp, filters: HeldCalls, key: str) -> None:
    async with app.running() as pilot:
        filters.hold()
        await pilot.press("f2", *"德国", "enter", key)
        assert app.main.query_one(DeclarationsTab).selection.entry_ids == ()
        filters.release()
        await until_shown(pilot, "已选")
        selected = app.main.query_one(DeclarationsTab).selection.entry_ids
        assert set(selected) <= {entry_id(number) for number in GERMAN}
        assert entry_id(GERMAN[0]) in selected


async def test_only_the_result_of_the_newest_filter_is_shown(app: MainApp, filters: HeldCalls) -> None:
    async with app.running() as pilot:
        await pilot.press("f2")
        filters.hold()
        await pilot.press(*"美国")
        await until(pilot, lambda: filters.calls[-1][0] == "美国")
        await pilot.press("ctrl+u", *"德国")
        await until(pilot, lambda: filters.calls[-1][0] == "德国")
        filters.release()
        await until(pilot, lambda: app.table.view is not None and app.table.view.filter_text == "德国")
        await until_shown(pilot, f"1/{FOUND_GERMAN}")


async def test_what_is_wrong_with_a_filter_is_said_beside_it_and_the_last_result_stays(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f2", *"德国")
        await until_shown(pilot, f"1/{FOUND_GERMAN}")
        await pilot.press("space", *"类型:")
        await until_shown(pilot, "! 这里缺少内容")
        assert app.table.view is not None
        # On a slow machine the filter is also applied between two of the keys, while it still is valid.
        assert app.table.view.filter_text in ("德国", "德国 类", "德国 类型")
        assert app.line_with("这里缺少内容").startswith(" 筛选› 德国 类型:")
        await pilot.press(*["backspace"] * 3)
        await until_shown(pilot, f"1/{FOUND_GERMAN}")


async def test_a_reason_with_no_room_beside_the_filter_is_said_in_full_in_the_status_bar(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f2", *INVALID_AT_LENGTH)
        await until_shown_wrapped(pilot, "! 没有筛选，见底行", f"! {reason_against(INVALID_AT_LENGTH)}")
        assert app.notices == [], "a filter that is being typed is not worth a line in the message log"
        await pilot.press(*["backspace"] * 3)
        await until(pilot, lambda: "没有名为" not in app.text)


async def test_beside_an_invalid_filter_there_are_no_totals_and_commands_for_the_result_are_disabled(
    sessions: SampleSessions,
) -> None:
    app = MainApp(sessions.own())
    async with app.running() as pilot:
        await pilot.press("f2", *"德国")
        await until_shown(pilot, f"1/{FOUND_GERMAN}")
        await pilot.press("space", *INVALID, "enter")
        await until_shown_wrapped(pilot, INVALID_REASON)
        await pilot.press("down", "space", "f5")
        await until_shown(pilot, "同步完成")
        assert app.line_with("筛选›").endswith("! 没有筛选，见底行")
        await pilot.press("f6")
        await until_shown(pilot, "筛选的写法不对，请改好，或按 Esc 清除筛选")
        await pilot.press("a")
        await until_shown(pilot, "选择筛选结果：筛选的写法不对")
        assert app.is_at_main_screen
        await pilot.press("escape", "f6")
        await until(pilot, lambda: isinstance(app.screen, DownloadDialog))


async def test_what_is_wrong_with_the_filter_is_said_again_after_another_command(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f2", *INVALID_AT_LENGTH, "enter")
        await until_shown_wrapped(pilot, "! 没有名为「甲」的条件")
        await pilot.press("space")
        await until_shown_wrapped(pilot, "! 没有筛选，见底行", "已选 1 票", "! 没有名为「甲」的条件")


@pytest.mark.parametrize("key", ["escape", "f10"])
async def test_escape_and_f10_clear_the_filter(app: MainApp, key: str) -> None:
    async with app.running() as pilot:
        await pilot.press("f2", *"德国", "enter")
        await until_shown(pilot, f"/{FOUND_GERMAN}")
        await pilot.press("f2", key)
        await until_shown(pilot, f"/{ALL}")
        assert app.table.has_focus
        assert app.bar.text == ""


async def test_up_and_down_bring_back_earlier_filters(app: MainApp) -> None:
    async with app.running() as pilot:
        for text in ("德国", "美国"):
            await pilot.press("f2", "ctrl+u", *text, "enter")
        await pilot.press("f2", "ctrl+u", "up")
        assert app.bar.text == "美国"
        await pilot.press("up")
        assert app.bar.text == "德国"
        await pilot.press("down")
        assert app.bar.text == "美国"
        await pilot.press("down", "down")
        await until(pilot, lambda: app.table.has_focus)


async def test_letters_are_typed_into_the_filter_and_function_keys_still_work(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f2", *"qsfdr")
        assert app.bar.text == "qsfdr"
        await pilot.press("f3")
        await until_shown(pilot, "报关单类型")


async def test_the_sign_that_an_input_method_makes_of_a_slash_opens_the_filter_too(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("ideographic_comma")
        await until(pilot, lambda: app.bar.has_focus_within)


async def test_space_picks_and_moves_down_and_the_status_bar_counts(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("space", "space", "down", "space")
        await until_shown(pilot, "已选 3 票 · 重发、打印最多 10 票")
        assert app.table.row == 4
        assert app.text.count("✓") == 3
        await pilot.press("up", "space")
        await until_shown(pilot, "已选 2 票")
        await pilot.press("u")
        await until(pilot, lambda: "已选" not in app.text)


async def test_a_selection_survives_a_filter_and_the_status_bar_says_how_many_are_hidden(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("space", "space", "f2", *"德国", "enter")
        await until_shown(pilot, "已选 2 票 · 重发、打印最多 10 票，其中 1 票不在当前筛选中")
        await pilot.press("r")
        await until_shown(pilot, "将向税务总局重发 2 票", entry_id(0), entry_id(1))


async def test_a_picks_the_first_ten_of_the_result_and_says_so(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("a")
        await until_shown(pilot, f"筛选出 {ALL}，只选中前面的：重发、打印一次最多 10 票")
        assert app.table.selection.entry_ids == tuple(map(entry_id, range(10)))


async def test_a_says_nothing_when_the_whole_result_is_picked(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f2", *"2026-06-30", "enter")
        await until_shown(pilot, "/7 票")
        await pilot.press("a")
        await until_shown(pilot, "已选 7 票")
        assert "只选中" not in app.text


async def test_more_than_ten_are_refused_before_another_screen_opens(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press(*["space"] * 11)
        await until_shown(pilot, "已选 11 票 · 超过上限")
        await pilot.press("f7")
        await until_shown(pilot, "已选 11 票，一次最多 10 票")
        await pilot.press("f8")
        await until(pilot, lambda: [notice.text[:2] for notice in app.notices] == ["重新", "批量"])
        assert app.is_at_main_screen


async def test_without_a_pick_a_command_is_for_the_declaration_under_the_cursor(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("down", "f7")
        await until(pilot, lambda: isinstance(app.screen, ResendDialog))
        await until_shown(pilot, "将向税务总局重发 1 票", entry_id(1))
        await pilot.press("f10")
        await until(pilot, lambda: app.is_at_main_screen)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PreviewScreen))
        await until_shown(pilot, entry_id(1))


async def test_the_detail_leads_back_to_the_declaration_that_was_shown_last(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DetailScreen))
        await until_shown(pilot, f"报关单 {entry_id(0)}", "‹ 1/2,000 ›")
        await pilot.press("right")
        await until_shown(pilot, f"报关单 {entry_id(1)}")
        await pilot.press("f10")
        await until(pilot, lambda: app.is_at_main_screen and app.table.entry_id == entry_id(1))
        assert app.table.has_focus


async def test_changes_made_on_another_screen_are_shown_afterwards(sessions: SampleSessions) -> None:
    session = sessions.own()
    app = MainApp(session)
    async with app.running() as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(app.screen, DetailScreen))
        session.declarations.merge_rows([replace(summary(0), print_count=77)])
        await pilot.press("f10")
        await until_shown(pilot, "  77")


async def test_a_download_is_for_the_result_of_the_filter(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f2", *"德国", "enter")
        await until_shown(pilot, f"/{FOUND_GERMAN}")
        await pilot.press("f6")
        await until_shown_wrapped(pilot, "XML 文件下载", f"有 {DECLARATIONS - len(GERMAN):,} 票不在当前筛选里")


async def test_a_download_offers_the_picked_declarations(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("space", "space", "f6")
        await until_shown(pilot, "选中的 2 票，逐票下载")


async def test_the_result_of_a_query_is_shown_by_a_filter_and_downloaded_as_it_was_queried(
    sessions: SampleSessions,
) -> None:
    app = MainApp(sessions.own())
    async with app.running() as pilot:
        await pilot.press("f3", "enter", "enter")
        await until_shown(pilot, "! 查询到 ", " 票，新增 ", "，变更 0 票", "口岸不再列出，已标记")
        assert sessions.transport.count(LIST)
        assert app.bar.text == "类型:结关报关单 2026-06-01..2026-06-30"
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, DownloadDialog))
        await until_shown(pilot, "2026-06-01")
        await pilot.press("f10")
        await until(pilot, lambda: app.table.has_focus)


async def test_the_table_is_sorted_by_the_column_that_is_chosen(app: MainApp) -> None:
    largest = max(range(DECLARATIONS), key=lambda number: summary(number).usd_amount or 0)
    async with app.running() as pilot:
        await pilot.press("o")
        await until_shown(pilot, "▸ 出口日期      现在从大到小")
        await pilot.press("down", "down", "down", "enter")
        await until_shown(pilot, "报关金额USD▾")
        assert app.table.view is not None
        assert app.table.view.order == Order(Column.USD_AMOUNT, descending=True)
        assert app.table.view.first[0].entry_id == entry_id(largest)
        assert app.table.entry_id == entry_id(0), "the cursor stays on its declaration"
        await pilot.press("o", "enter")
        await until_shown(pilot, "报关金额USD▴")


async def test_an_empty_cache_says_how_to_fill_it(sessions: SampleSessions) -> None:
    app = MainApp(sessions.empty())
    async with app.running() as pilot:
        await until_shown(pilot, "本机缓存里还没有报关单：按 F5 同步，或按 F3 向口岸查询。")
        await pilot.press("f4")
        await until_shown(pilot, "报关单详情：列表里没有报关单")
        await pilot.press("space")
        await until_shown(pilot, "选择：列表里没有报关单")


async def test_an_empty_result_says_how_to_clear_the_filter(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f2", *"火星", "enter")
        await until_shown(pilot, "没有符合筛选的报关单：按 Esc 清除筛选", "0 票")
        assert "".join(WHERE_TO_LOOK_UP.split()) in app.words
        await pilot.press("escape")
        await until_shown(pilot, f"/{ALL}")
        await pilot.press("escape")
        await until_shown(pilot, "清除筛选：没有筛选")


async def test_offline_an_empty_table_names_no_key_that_is_disabled(sessions: SampleSessions) -> None:
    app = MainApp(sessions.empty(online=False))
    async with app.running() as pilot:
        await until_shown(pilot, "本机缓存里还没有报关单：联网登录以后按 F5 同步。")
        await pilot.press("f2", *"火星", "enter")
        await until_shown(pilot, "没有符合筛选的报关单：按 Esc 清除筛选。")


async def test_while_the_filter_is_invalid_a_changed_cache_is_read_with_the_last_valid_filter(
    app: MainApp, filters: HeldCalls
) -> None:
    async with app.running() as pilot:
        await pilot.press("f2", *"火星")
        await until_shown(pilot, "没有符合筛选的报关单")
        await pilot.press("space", *INVALID)
        await until_shown_wrapped(pilot, INVALID_REASON)
        before = len(filters.calls)
        app.main.query_one(DeclarationsTab).read_again()
        await until(pilot, lambda: len(filters.calls) > before)
        assert filters.calls[-1][0] == "火星"


async def test_on_120_columns_the_pane_follows_the_cursor(app: MainApp) -> None:
    async with app.running(WIDE) as pilot:
        await pilot.press("down")
        await until_shown(pilot, f"│ {entry_id(1)}", "合同协议号  SPX-2026-0001", "2,086,028.65 美元")
        await pilot.press("w")
        await until(pilot, lambda: not app.main.query_one(DetailPane).display)
        await pilot.press("w")
        await until_shown(pilot, f"│ {entry_id(1)}")


async def test_below_120_columns_there_is_no_pane_and_its_key_says_why(app: MainApp) -> None:
    async with app.running((119, 30)) as pilot:
        assert not app.main.query_one(DetailPane).display
        await pilot.press("w")
        await until_shown(pilot, "终端至少要 120 列")


@pytest.mark.parametrize("columns", [80, 119])
async def test_below_120_columns_the_pane_is_not_in_the_first_frame_either(app: MainApp, columns: int) -> None:
    async with app.running((columns, 24)):
        assert app.main.query_one(DetailPane).size == Size(0, 0), "it was never laid out"


async def test_the_pane_says_how_many_lines_have_no_room(app: MainApp) -> None:
    async with app.running((120, 24)) as pilot:
        await pilot.press(*["down"] * 9)
        await until_shown(pilot, "行，F4 看全部")
