"""Columns of numbers pasted into the filter, the query form and the list: what they find, and what is missing."""

from datetime import timedelta

import pytest
from textual import events
from textual.pilot import Pilot

from jiacha_tui.actions.empty_result import explain_empty
from jiacha_tui.actions.query import run_query
from jiacha_tui.actions.result_browser import ResultBrowser
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.declaration_row import Order
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.terminal.burst import BurstPaste
from screens.detail.detail_screen import DetailScreen
from screens.dialogs.numbers import NumbersDialog
from screens.dialogs.query import QueryDialog
from screens.main.declarations_tab import DeclarationsTab
from screens.widgets.choice_list import ChoiceList
from screens.widgets.line_input import LineInput
from tests.app_contexts import TODAY
from tests.screens.harness import until, until_shown, until_shown_wrapped
from tests.screens.main_app import MainApp
from tests.screens.sample_cache import DECLARATIONS, SampleSessions, entry_id, item_count

ALL = f"{DECLARATIONS:,} 票"
NUMBERS = [entry_id(n) for n in range(7)]
UNKNOWN = ["020120260000000000", "020120260000000001"]


async def paste(pilot: Pilot[int], text: str) -> None:
    pilot.app.post_message(events.Paste(text))
    await pilot.pause()


async def numbers_at_port(session: Session, count: int) -> tuple[str, ...]:
    """Numbers that the port has and the sample cache does not."""
    span = DateRange(TODAY - timedelta(days=29), TODAY)
    await run_query(session, DateRangeQuery(span), lambda listed: None)
    view = await ResultBrowser(session).show("", Order())
    assert view is not None
    return await view.entry_ids(count)


def found(app: MainApp) -> int | None:
    return len(app.table.view) if app.table.view is not None else None


@pytest.mark.parametrize("between", ["\r\n", "\t", "、", "，", ",", " ", "; "])
async def test_numbers_pasted_on_the_list_find_any_of_them(app: MainApp, between: str) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        await paste(pilot, between.join([*NUMBERS, *UNKNOWN]))
        await until_shown(pilot, "9 个号码：7 票，2 个不在缓存")
        assert found(app) == len(NUMBERS)
        assert app.table.has_focus


async def test_numbers_that_are_typed_with_blanks_find_any_of_them(app: MainApp) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        await pilot.press("f2", *NUMBERS[0], "space", *NUMBERS[3])
        await until_shown(pilot, "2 个号码：2 票")
        assert "不在缓存" not in app.lines[1]


async def test_what_is_no_number_in_a_pasted_table_is_said(app: MainApp) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        rows = "\n".join(f"{number}\t2026-06-30" for number in (*NUMBERS, NUMBERS[0]))
        await paste(pilot, rows)
        await until_shown(pilot, "7 个号码：7 票")
        await until_shown_wrapped(pilot, "去掉了重复的 1 个号码", "另有 8 项不是完整的报关单号", "例如 2026-06-30")


async def test_a_burst_on_the_list_is_a_filter_and_not_a_command(app: MainApp) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        app.post_message(BurstPaste("\r".join(NUMBERS) + "\r"))
        await until_shown(pilot, "7 个号码：7 票")
        assert app.is_at_main_screen
        app.post_message(BurstPaste(f"{NUMBERS[1]}\r"))
        await until(pilot, lambda: found(app) == 1)
        assert app.is_at_main_screen


async def test_a_number_with_enter_typed_ahead_goes_from_the_filter_to_the_list(app: MainApp) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        await pilot.press("f2")
        app.post_message(BurstPaste(f"{NUMBERS[1]}\r"))
        await until(pilot, lambda: app.table.has_focus and found(app) == 1)


async def test_typing_replaces_a_filter_that_stands(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f2", *"德国", "enter", "f2", *"美国")
        await until(pilot, lambda: app.table.view is not None and app.table.view.filter_text == "美国")
        await pilot.press("f2", "right", *" 2026")
        await until(pilot, lambda: app.table.view is not None and app.table.view.filter_text == "美国 2026")


@pytest.mark.parametrize("key", ["ctrl+n", "n"])
async def test_one_key_shows_the_missing_numbers_and_asks_the_port(
    sessions: SampleSessions, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jiacha_tui.actions.call_pauses.PAUSE_SECONDS", 0.0)
    app = MainApp(sessions.own())
    at_port = await numbers_at_port(sessions.empty(), 2)
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        await paste(pilot, "\n".join([*NUMBERS, *UNKNOWN, *at_port]))
        await until_shown(pilot, f"{2 + len(at_port)} 个不在缓存", "查缺的")
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, NumbersDialog))
        await until_shown(pilot, "口岸没有 2 个", f"! {UNKNOWN[0]}  口岸没有", f"! {UNKNOWN[1]}  口岸没有")
        await pilot.press("escape")
        await until(pilot, lambda: app.is_at_main_screen)
        await until_shown(pilot, f"{9 + len(at_port)} 个号码：{7 + len(at_port)} 票，2 个不在缓存")


async def test_offline_the_missing_numbers_are_shown_and_not_asked_for(sessions: SampleSessions) -> None:
    app = MainApp(sessions.read_only(online=False))
    async with app.running() as pilot:
        await paste(pilot, "\n".join(UNKNOWN))
        await until_shown(pilot, "2 个号码：0 票，2 个不在缓存")
        await pilot.press("n")
        await until_shown(pilot, f"· {UNKNOWN[1]}", "当前为离线浏览")


async def test_without_missing_numbers_the_key_says_so(app: MainApp) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        assert "查缺的" not in app.footer
        await pilot.press("n")
        await until_shown(pilot, "查询缺少的号码：筛选里的号码都在缓存里")


@pytest.mark.parametrize("keys", [(), ("down", "down"), ("up",)], ids=["date", "other date", "kind"])
async def test_numbers_pasted_into_the_query_form_are_asked_for_one_by_one(
    sessions: SampleSessions, keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jiacha_tui.actions.call_pauses.PAUSE_SECONDS", 0.0)
    app = MainApp(sessions.own())
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        await pilot.press("f3", *keys)
        await until(pilot, lambda: isinstance(app.screen, QueryDialog))
        await paste(pilot, "\r\n".join(UNKNOWN))
        await until_shown(pilot, "(•) 出口报关单号", "2 个号码")
        assert app.screen.query_one("#number", LineInput).has_focus
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, NumbersDialog))
        await until_shown(pilot, "共 2 个号码", "口岸没有 2 个")


async def test_the_number_of_an_item_opens_the_declaration_at_the_item(app: MainApp) -> None:
    number = next(n for n in range(10) if item_count(n) == 5)
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        await pilot.press("f2", *f"{entry_id(number)}004", "enter")
        await until(pilot, lambda: found(app) == 1)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DetailScreen))
        await until(pilot, lambda: app.screen.query_one("#items", ChoiceList).index == 3)


async def test_an_item_that_does_not_exist_is_said(app: MainApp) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        await pilot.press("f2", *f"{entry_id(0)}049", "enter")
        await until(pilot, lambda: found(app) == 1)
        await pilot.press("enter")
        await until_shown(pilot, "这一票没有第 49 项")


@pytest.mark.parametrize(
    ("typed", "meaning", "nearest"),
    [
        ("德国 2019-05", "有文字「德国」；出口日期 2019-05-01 至 2019-05-31", "德国"),
        ("2031-05", "出口日期 2031-05-01 至 2031-05-31", "2026-06"),
        ("国:德国人", "运抵国有「德国人」", "国:德国"),
        ("浦东机厂", "有文字「浦东机厂」", "浦东机"),
    ],
)
async def test_what_finds_nothing_says_its_meaning_and_offers_the_nearest(
    app: MainApp, typed: str, meaning: str, nearest: str
) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        app.main.query_one(DeclarationsTab).filter_by(typed)
        await until_shown_wrapped(pilot, f"筛选理解为：{meaning}", f"最近的：{nearest}（")
        await pilot.press("enter")
        await until(pilot, lambda: app.table.view is not None and app.table.view.filter_text == nearest)
        assert found(app)


@pytest.mark.parametrize("filter_text", ["报送:2025-06", "是:未下载", "来源:电子口岸"])
async def test_the_beginning_of_a_word_that_is_no_filter_is_not_tried(
    sample_session: Session, filter_text: str
) -> None:
    assert (await explain_empty(sample_session, filter_text)).meaning
