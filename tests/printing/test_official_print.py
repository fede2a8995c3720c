"""The check of the port's prints: whole PDFs with the right number pass, everything else is told apart from them."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.printing.official_print import OfficialPrint, PrintChecker, has_number, text_lines
from jiacha_tui.printing.pdf import make_pdf
from jiacha_tui.printing.pdf_text_worker import MAX_PAGES
from jiacha_tui.printing.problems import PrintNotChecked, PrintOfAnother, PrintUnusable
from tests.printing.samples import ENTRY_ID, declaration
from tests.printing.small_pdf import inflating_pdf, small_pdf

OTHER = "223320260000000018"
WHOLE = small_pdf(["Form", ENTRY_ID], ["Page 2"])
digits = st.text("0123456789", min_size=18, max_size=18)


@pytest.fixture
async def checker() -> AsyncIterator[PrintChecker]:
    async with PrintChecker() as opened:
        yield opened


async def test_a_print_of_the_declaration_passes_with_its_pages_and_its_bytes(checker: PrintChecker) -> None:
    checked = await checker.check(ENTRY_ID, WHOLE)
    assert (checked.data, len(checked.pages), checked.number_found) == (WHOLE, 2, True)
    assert text_lines(checked, 0) == ("Form", ENTRY_ID)


async def test_the_form_that_the_embedded_port_draws_passes(checker: PrintChecker) -> None:
    data = (await asyncio.to_thread(make_pdf, [declaration(20)])).data
    checked = await checker.check(declaration(20).summary.entry_id, data)
    assert (len(checked.pages), checked.number_found) == (2, True)
    assert any("海关编号" in line for line in text_lines(checked, 0)), "also where an engine wrote radicals"


async def test_a_print_of_another_declaration_is_refused_and_names_it(checker: PrintChecker) -> None:
    with pytest.raises(PrintOfAnother, match=OTHER):
        await checker.check(ENTRY_ID, small_pdf([OTHER]))


async def test_a_scan_has_no_text_and_is_not_claimed_to_be_checked(checker: PrintChecker) -> None:
    checked = await checker.check(ENTRY_ID, small_pdf([]))
    assert (checked.number_found, text_lines(checked, 0)) == (False, ())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><body>%PDF-1.4 %%EOF</body></html>",
        b'{"responseCode":700}',
        WHOLE[: len(WHOLE) // 2],
        WHOLE[:-8],
        b"%PDF-1.7\nnothing that can be parsed\n%%EOF\n",
        small_pdf(),
        small_pdf(*[[ENTRY_ID]] * (MAX_PAGES + 1)),
        b"%PDF-" + b"0" * (33 * 1024 * 1024) + b"%%EOF",
    ],
    ids=["empty", "page", "refusal", "half", "cut off", "garbage", "no pages", "many pages", "large"],
)
async def test_what_is_no_whole_print_is_refused(checker: PrintChecker, data: bytes) -> None:
    with pytest.raises(PrintUnusable):
        await checker.check(ENTRY_ID, data)
    assert (await checker.check(ENTRY_ID, WHOLE)).number_found, "the next one is checked all the same"


async def test_a_small_file_that_inflates_to_more_than_the_memory_allowed_ends_only_the_worker(
    checker: PrintChecker,
) -> None:
    with pytest.raises(PrintNotChecked):
        await checker.check(ENTRY_ID, inflating_pdf(600))
    assert (await checker.check(ENTRY_ID, WHOLE)).number_found


async def test_a_worker_that_hangs_is_ended_and_replaced() -> None:
    async with PrintChecker(time_limit=0.0) as checker:
        with pytest.raises(PrintNotChecked, match="没有读完"):
            await checker.check(ENTRY_ID, WHOLE)
    assert _workers() == set()


async def test_a_worker_that_is_killed_is_replaced(checker: PrintChecker) -> None:
    await checker.check(ENTRY_ID, WHOLE)
    (worker,) = _workers()
    os.kill(worker, signal.SIGSTOP)
    checking = asyncio.create_task(checker.check(ENTRY_ID, WHOLE))
    await asyncio.sleep(0)
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(PrintNotChecked, match="退出"):
        await checking
    assert (await checker.check(ENTRY_ID, WHOLE)).number_found
    assert worker not in _workers()


async def test_a_cancelled_check_leaves_no_answer_for_the_next(checker: PrintChecker) -> None:
    await checker.check(ENTRY_ID, WHOLE)
    (worker,) = _workers()
    os.kill(worker, signal.SIGSTOP)
    cancelled = asyncio.create_task(checker.check(OTHER, small_pdf([OTHER])))
    await asyncio.sleep(0)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert (await checker.check(ENTRY_ID, WHOLE)).number_found


def test_the_number_at_its_label_counts_before_one_in_a_remark() -> None:
    text = f"海关编号：{OTHER} 备注：代替 {ENTRY_ID}"
    assert has_number(OTHER, [text])
    with pytest.raises(PrintOfAnother):
        has_number(ENTRY_ID, [text])


def test_chinese_text_without_the_number_is_another_document() -> None:
    with pytest.raises(PrintOfAnother, match="没有这个报关单号"):
        has_number(ENTRY_ID, ["查询的报关单不存在"])


def test_text_of_a_font_without_characters_says_nothing() -> None:
    assert not has_number(ENTRY_ID, ["\ue012\ue013 \x02\x03 @A!"])


@given(entry_id=digits, before=st.text(), after=st.text(), blanks=st.text(" \r\n\u3000", max_size=3))
def test_the_number_is_found_wherever_it_stands_and_however_it_is_spaced(
    entry_id: str, before: str, after: str, blanks: str
) -> None:
    spaced = blanks.join((entry_id[:4], entry_id[4:8], entry_id[8:]))
    if "海关编号" not in before:
        assert has_number(entry_id, [before, spaced, after])


@given(entry_id=digits, other=digits)
def test_another_number_is_never_taken_for_it(entry_id: str, other: str) -> None:
    if entry_id != other:
        with pytest.raises(PrintOfAnother):
            has_number(entry_id, [f"海关编号:{other}"])
        with pytest.raises(PrintOfAnother):
            has_number(entry_id, [f"No. {other}"])


def test_control_characters_of_a_print_are_made_visible() -> None:
    hostile = OfficialPrint(ENTRY_ID, b"", ("a\x1b[2Jb\u202ec",), number_found=False)
    (line,) = text_lines(hostile, 0)
    assert "\x1b" not in line
    assert "\u202e" not in line


def _workers() -> set[int]:
    """The PDF workers among the children of this process."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return {int(child) for child in children if b"pdf_text_worker.py" in Path(f"/proc/{child}/cmdline").read_bytes()}
