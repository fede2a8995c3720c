"""The detail screen: nothing of an ordinary declaration is cut, and every other screen can be opened from it."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.screen import Screen

from jiacha_tui.actions.detail import DetailView, detail_view
from jiacha_tui.actions.result_browser import ResultBrowser, ResultView
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.declaration_row import Column, Order
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.model import Declaration
from screens.detail import detail_screen
from screens.detail.detail_screen import DetailScreen
from screens.dialogs.download import DownloadDialog
from screens.dialogs.messages import MessagesScreen
from screens.dialogs.preview import PreviewScreen
from screens.dialogs.print_dialog import PrintDialog
from screens.dialogs.resend import ResendDialog
from screens.widgets.choice_list import ChoiceList
from tests.recording_transport import DETAIL, RecordingTransport
from tests.screens.harness import SMALLEST, WIDE, ScreenHarness, until, until_shown
from tests.screens.sample import FIRST, REMARK_END, SECOND, THIRD, declaration, without_detail

pytestmark = pytest.mark.asyncio(loop_scope="module")

BY_NUMBER = Order(Column.ENTRY_ID, descending=False)


async def view_of(session: Session, *entry_ids: str) -> ResultView:
    view = await ResultBrowser(session).show(f"号:{'|'.join(entry_ids)}", BY_NUMBER)
    assert view is not None
    return view


async def shown_alone(session: Session, shown: Declaration) -> ScreenHarness[str]:
    """The screen of a declaration that is the only one in its view."""
    session.declarations.put_details([shown])
    entry_id = shown.summary.entry_id
    return ScreenHarness(DetailScreen(session, await view_of(session, entry_id), entry_id))


async def shown_among_three(session: Session, entry_id: str = FIRST) -> ScreenHarness[str]:
    """The screen of one of three declarations: one of 2 items, one of 50, and one without its detail."""
    session.declarations.put_details([declaration(FIRST), declaration(SECOND, items=50)])
    session.declarations.merge_rows([without_detail(THIRD).summary])
    return ScreenHarness(DetailScreen(session, await view_of(session, FIRST, SECOND, THIRD), entry_id))


@pytest.fixture
def offline(shared_session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_session, "port", None)


async def test_at_80_columns_nothing_of_an_ordinary_declaration_is_cut(shared_session: Session) -> None:
    harness = await shown_among_three(shared_session)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "‹ 1/3 ›")
        assert harness.lines[0].startswith(f" 报关单 {FIRST}   结关  数据传输状态 修改（第 2 次）")
        for words in (
            "境内收发货人 示例进出口有限公司 (3122960ABC) 申报单位 示例报关有限公司",
            "出口日期 2025-06-30 申报日期 2025-06-27 出口口岸 浦东机场   运抵国 美国",
            "成交方式 FOB        合同 SPX-2025-0871",
            "件数 1,250          毛重 18,750.5       净重 16,980.25      USD 2,801,912.15",
            "运费 –              保费 –              杂费 –              报送 2025-07-02",
            "提示 修改数据已传到电子口岸；若仍不正确，请联系申报地海关（浦东机场）处理",
        ):
            assert words in harness.text
        assert "…" not in harness.text
        footer = harness.lines[-1]
        for hint in ("F4全部字段", "F6下载", "F7重发", "F8预览", "F2直接打印", "←上一票", "→下一票", "F10/q返回"):
            assert hint in footer


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(("key", "command"), [("f6", "XML 文件下载"), ("f7", "重新发往税务总局")])
async def test_offline_a_command_that_needs_the_port_is_refused(
    shared_session: Session, key: str, command: str
) -> None:
    harness = await shown_alone(shared_session, declaration())
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "‹ 1/1 ›")
        await pilot.press(key)
        await until_shown(pilot, f"{command}：当前为离线浏览，请联网后重新登录")
        assert isinstance(harness.screen, DetailScreen)


async def test_a_total_ends_in_the_same_column_as_the_amounts_above_it(shared_session: Session) -> None:
    harness = await shown_among_three(shared_session)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "合计 2 项")
        item, total = harness.line_with("针织男式T恤衫"), harness.line_with("合计 2 项")
        assert _end_of(item, "2,086,028.65") == _end_of(total, "4,172,057.30")
        assert total.endswith("美元")


async def test_a_fee_is_not_cut_and_is_marked_as_a_rate_or_a_unit_price(shared_session: Session) -> None:
    shown = declaration()
    assert shown.head is not None
    head = replace(
        shown.head,
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
    harness = await shown_alone(shared_session, replace(shown, head=head))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "运费 12,345.67 美元", "保费 0.2 率", "杂费 1.5 美元 单价")


async def test_each_currency_has_its_own_total(shared_session: Session) -> None:
    shown = declaration()
    dollars, euros = shown.items[0], replace(shown.items[1], currency="欧元", total=Decimal("9.5"))
    harness = await shown_alone(shared_session, replace(shown, items=(dollars, euros)))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "合计 2 项")
        assert harness.line_with("合计 2 项").endswith("2,086,028.65 美元")
        assert any(line.endswith(" 9.50 欧元") for line in harness.lines)


async def test_a_number_is_never_cut(shared_session: Session) -> None:
    shown = declaration()
    huge = replace(shown.items[0], total=Decimal("123456789012345.6789"), quantity=Decimal("98765432101.12345"))
    harness = await shown_alone(shared_session, replace(shown, items=(huge,)))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "123,456,789,012,345.6789", "98,765,432,101.12345")


@pytest.mark.usefixtures("offline")
async def test_next_and_previous_follow_the_order_of_the_view_and_stop_at_its_ends(shared_session: Session) -> None:
    harness = await shown_among_three(shared_session)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "‹ 1/3 ›")
        await pilot.press("left")
        await until_shown(pilot, "已是第一票")
        await pilot.press("l")
        await until_shown(pilot, SECOND, "‹ 2/3 ›")
        assert "已是第一票" not in harness.text
        await pilot.press("right")
        await until_shown(pilot, THIRD, "‹ 3/3 ›")
        await pilot.press("right")
        await until_shown(pilot, "已是最后一票")
        await pilot.press("h")
        await until_shown(pilot, SECOND)
        await pilot.press("f10")
        await until(pilot, lambda: harness.results == [SECOND])


@pytest.mark.asyncio(loop_scope="function")
async def test_a_step_during_a_fetch_cancels_the_fetch_and_goes_on_to_the_next(
    session: Session, transport: RecordingTransport
) -> None:
    view = await ResultBrowser(session).show("2026-06", BY_NUMBER)
    assert view is not None
    first, second, third = (row.entry_id for row in view.first[:3])
    # Rows that the port has changed: their details must be fetched.
    rows = session.declarations.summaries([first, second, third])
    session.declarations.merge_rows([replace(row, usd_amount=Decimal(1)) for row in rows])
    gate = asyncio.Event()
    harness = ScreenHarness(DetailScreen(session, view, first))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, f"‹ 1/{len(view)} ›")
        answered = transport.count_answered(DETAIL)
        transport.run_at_request(DETAIL, 1, gate.wait)
        await pilot.press("right")
        await until(pilot, lambda: transport.count(DETAIL) == answered + 1)
        await pilot.press("right")
        await until(pilot, lambda: transport.count(DETAIL) == answered + 2)
        assert first in harness.lines[0], "the old one stays until the new one has been fetched"
        gate.set()
        await until_shown(pilot, third, f"‹ 3/{len(view)} ›")
        assert transport.count_answered(DETAIL) == answered + 1


@pytest.mark.usefixtures("offline")
async def test_without_its_detail_a_declaration_shows_its_list_row_and_why_there_is_no_more(
    shared_session: Session,
) -> None:
    harness = await shown_among_three(shared_session, THIRD)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "‹ 3/3 ›", "当前为离线浏览，不能连接口岸", "联网后重新登录")
        assert "USD 2,801,912.15" in harness.text
        await pilot.press("f4")
        await until_shown(pilot, "详情还不在缓存里")


async def test_a_declaration_that_is_not_cached_says_so_and_the_screen_can_be_closed(shared_session: Session) -> None:
    harness = await shown_among_three(shared_session, "999999999999999999")
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "本机缓存中没有报关单", "F3")
        await pilot.press("f6")
        await until_shown(pilot, "报关单还没有打开")
        await pilot.press("escape")
        await until(pilot, lambda: bool(harness.results))


@pytest.mark.parametrize("size", [SMALLEST, WIDE])
async def test_all_fields_can_be_read_to_the_end_with_their_official_names(
    shared_session: Session, size: tuple[int, int]
) -> None:
    shared_session.journal.write(JournalKind.RESEND, (SECOND,), Outcome.DONE, "1 票报关单重新发往税务总局，发送成功！")
    harness = await shown_among_three(shared_session, SECOND)
    async with harness.run_test(size=size) as pilot:
        await until_shown(pilot, "‹ 2/3 ›")
        await pilot.press("f4")
        await until_shown(pilot, "编号与状态", "预录入编号", "E20250000000123456")
        seen = harness.text
        for _ in range(5):
            await pilot.press("pagedown")
            seen += harness.text
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


async def test_enter_on_an_item_shows_all_of_its_fields(shared_session: Session) -> None:
    harness = await shown_among_three(shared_session)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "合计 2 项")
        await pilot.press("down", "up", "enter")
        await until_shown(pilot, "第 1 项", "规格型号", "3|2|针织|男式|100%棉", "第二数量", "16,980.25", "退税率")
        await pilot.press("f10")
        await until_shown(pilot, "合计 2 项")


async def test_end_and_g_reach_the_last_and_the_first_of_fifty_items(shared_session: Session) -> None:
    harness = await shown_among_three(shared_session, SECOND)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "合计 50 项")
        await pilot.press("end")
        await until_shown(pilot, "▸ 50 ")
        await pilot.press("g")
        await until_shown(pilot, "▸  1 ")


@pytest.mark.parametrize(
    ("keys", "screen"),
    [
        (("f6", "d"), DownloadDialog),
        (("f7", "r"), ResendDialog),
        (("f8", "v"), PreviewScreen),
        (("f2", "p"), PrintDialog),
    ],
)
async def test_each_command_opens_its_screen_and_the_declaration_is_read_again_afterwards(
    shared_session: Session,
    keys: tuple[str, ...],
    screen: type[Screen[Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(tmp_path / "nobody.sock"))
    harness = await shown_among_three(shared_session)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "‹ 1/3 ›")
        for key in keys:
            await pilot.press(key)
            await until(pilot, lambda: isinstance(harness.screen, screen))
            entry = f"{screen.__name__} {key}"
            shared_session.journal.write(JournalKind.PRINT, (FIRST,), Outcome.DONE, entry)
            await pilot.press("f10")
            await until_shown(pilot, entry)


async def test_m_opens_the_messages(shared_session: Session) -> None:
    harness = await shown_among_three(shared_session)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "‹ 1/3 ›")
        await pilot.press("m")
        await until(pilot, lambda: isinstance(harness.screen, MessagesScreen))


async def test_text_of_the_port_is_shown_and_not_interpreted(shared_session: Session) -> None:
    shown = declaration()
    assert shown.head is not None
    head = replace(shown.head, consignor_name="[red]甲\x1b[31m", contract_no="[/b]", agent_name="\u202eabc")
    items = (replace(shown.items[0], name="[b]货\x07"),)
    harness = await shown_alone(shared_session, replace(shown, head=head, items=items))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "[red]甲␛[31m", "合同 [/b]", "⟨U+202E⟩abc", "[b]货␇")


async def test_the_cursor_stays_on_its_item_when_the_terminal_is_resized(shared_session: Session) -> None:
    harness = await shown_among_three(shared_session, SECOND)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "合计 50 项")
        await pilot.press("down", "down")
        await pilot.resize_terminal(*WIDE)
        await until_shown(pilot, "规格型号")
        assert harness.screen.query_one(ChoiceList).index == 2
        assert all(cell_len(line) <= WIDE[0] for line in harness.lines)


def _end_of(line: str, number: str) -> int:
    """The column after `number`."""
    return cell_len(line[: line.index(number) + len(number)])


async def test_a_declaration_that_comes_while_the_screen_closes_ends_nothing(
    shared_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = await shown_among_three(shared_session)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "‹ 1/3 ›")
        screen, second = harness.screen, await detail_view(shared_session, SECOND)

        async def come_when_the_widgets_are_gone(_session: Session, _entry_id: str) -> DetailView:
            while screen.query("#title"):  # noqa: ASYNC110 - Textual has no event for it
                await asyncio.sleep(0)
            return second

        monkeypatch.setattr(detail_screen, "detail_view", come_when_the_widgets_are_gone)
        await pilot.press("right", "escape")
        await until(pilot, lambda: harness.results == [FIRST])
        await until(pilot, lambda: not screen.is_attached)
