"""The check of the port's prints: whole PDFs with the right number pass, everything else is told apart from them."""

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]  # it comes without types
import pytest

from jiacha_tui.printing.official_print import OfficialPrint, PrintChecker, text_lines
from jiacha_tui.printing.pdf import make_pdf
from jiacha_tui.printing.pdf_text_worker import MAX_PAGES
from jiacha_tui.printing.problems import PrintNotChecked, PrintOfAnother, PrintUnclear, PrintUnusable
from tests.printing.samples import ENTRY_ID, declaration
from tests.printing.small_pdf import SCAN, SCAN_CONTENT, drawn_pdf, inflating_pdf, small_pdf, text_at

OTHER = "223320260000000018"
VISIBLE, INVISIBLE = 0, 3
WHOLE = small_pdf(["Form", ENTRY_ID], ["Page 2"])


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


@pytest.mark.parametrize(
    "data",
    [
        SCAN,
        drawn_pdf("40 40 m 700 500 l S"),
        drawn_pdf("", "40 40 700 500 re f"),
        drawn_pdf(SCAN_CONTENT + text_at(40, 500, "\ue012\ue013\ue014")),
    ],
    ids=["image", "line", "second page", "font without characters"],
)
async def test_a_scan_has_no_text_and_is_not_claimed_to_be_checked(checker: PrintChecker, data: bytes) -> None:
    assert not (await checker.check(ENTRY_ID, data)).number_found


@pytest.mark.parametrize(
    "data",
    [small_pdf([]), small_pdf([], []), small_pdf([" "]), drawn_pdf("1 g 0 0 842 595 re f")],
    ids=["one", "two", "blanks", "white"],
)
async def test_blank_pages_are_no_scan(checker: PrintChecker, data: bytes) -> None:
    with pytest.raises(PrintUnusable, match="空白"):
        await checker.check(ENTRY_ID, data)


async def test_an_error_page_is_no_scan_and_is_quoted(checker: PrintChecker) -> None:
    for words in ("System error", "ERROR: declaration not found", "查询的报关单不存在"):
        for mode in (VISIBLE, INVISIBLE):
            with pytest.raises(PrintUnclear, match=words):
                await checker.check(ENTRY_ID, drawn_pdf(text_at(40, 500, words, mode=mode)))


LABEL = "海关编号："
BEFORE = "预录入编号："
FIELD = (
    "<< /Type /Annot /Subtype /Widget /FT /Tx /T (n) /V ({0}) /Rect [300 495 500 515] /F 4 /DA (/F1 10 Tf 0 g) {1} >>"
)
FORM = "/AcroForm << /Fields [9 0 R] /NeedAppearances true /DR << /Font << /F1 3 0 R >> >> /DA (/F1 10 Tf 0 g) >>"


def form_with_field(value: str) -> bytes:
    """The label on the page, and its value in a form field with an appearance."""
    shown = f"BT /F1 10 Tf 2 5 Td ({value}) Tj ET"
    fonts = "/Resources << /Font << /F1 3 0 R >> >>"
    stream = f"<< /Type /XObject /Subtype /Form /BBox [0 0 200 20] {fonts} /Length {len(shown)} >>"
    return drawn_pdf(
        text_at(240, 500, LABEL),
        catalog=FORM,
        page="/Annots [9 0 R]",
        more=(FIELD.format(value, "/AP << /N 10 0 R >>"), f"{stream}\nstream\n{shown}\nendstream"),
    )


def split_runs(number: str) -> str:
    return f"BT /F1 10 Tf 1 0 0 1 300 500 Tm ({number[:7]}) Tj ({number[7:]}) Tj ET\n"


def turned(data: bytes, degrees: int) -> bytes:
    """The PDF with everything on its pages turned about the middle."""
    document = pypdfium2.PdfDocument(data)
    for page in document:
        width, height = page.get_size()
        matrix = (
            pypdfium2.PdfMatrix().translate(-width / 2, -height / 2).rotate(degrees).translate(width / 2, height / 2)
        )
        page.set_mediabox(0, -width, width, 2 * width)
        for drawn in page.get_objects(max_depth=1):
            drawn.transform(matrix)
        page.gen_content()
    written = io.BytesIO()
    document.save(written)
    document.close()
    return written.getvalue()


REMARK = text_at(40, 200, f"备注：原报关单 {OTHER}")
FULL_WIDTH = ENTRY_ID.translate({48 + digit: 0xFF10 + digit for digit in range(10)})
OWN = {
    "beside": text_at(240, 500, LABEL) + text_at(300, 500, ENTRY_ID),
    "another run order": text_at(300, 500, ENTRY_ID)
    + text_at(100, 500, OTHER)
    + text_at(240, 500, LABEL)
    + text_at(40, 500, BEFORE),
    "values in columns": text_at(40, 500, BEFORE)
    + text_at(240, 500, LABEL)
    + text_at(100, 500, OTHER)
    + text_at(300, 500, ENTRY_ID),
    "two runs": text_at(240, 500, LABEL) + split_runs(ENTRY_ID),
    "blanks": text_at(240, 500, LABEL) + text_at(300, 500, f"{ENTRY_ID[:4]} {ENTRY_ID[4:8]}  {ENTRY_ID[8:]}"),
    "full width": text_at(40, 500, LABEL + FULL_WIDTH),
    "one text": text_at(40, 500, f"{LABEL}{ENTRY_ID}（洋山海关）") + text_at(300, 500, OTHER),
    "below": text_at(40, 500, LABEL) + text_at(40, 480, ENTRY_ID),
    "invisible": SCAN_CONTENT + text_at(40, 480, LABEL + ENTRY_ID, mode=INVISIBLE),
}


async def test_the_own_number_is_found_however_the_form_is_written(checker: PrintChecker) -> None:
    for name, content in OWN.items():
        assert (await checker.check(ENTRY_ID, drawn_pdf(content + REMARK, content))).number_found, name
    assert (await checker.check(ENTRY_ID, small_pdf([f"No. {ENTRY_ID}"]))).number_found


async def test_the_same_forms_are_refused_for_the_number_in_their_remark(checker: PrintChecker) -> None:
    for content in OWN.values():
        with pytest.raises(PrintOfAnother, match=f"里面是 {ENTRY_ID}"):
            await checker.check(OTHER, drawn_pdf(content + REMARK))


@pytest.mark.parametrize("degrees", [90, 270])
async def test_a_turned_form_is_read_beside_its_label_too(checker: PrintChecker, degrees: int) -> None:
    data = turned((await asyncio.to_thread(make_pdf, [declaration(1)])).data, degrees)
    entry_id = declaration(1).summary.entry_id
    assert (await checker.check(entry_id, data)).number_found
    with pytest.raises(PrintOfAnother, match=f"里面是 {entry_id}"):
        await checker.check(OTHER, data)


async def test_the_value_of_a_form_field_is_read_and_a_wrong_one_refused(checker: PrintChecker) -> None:
    assert (await checker.check(ENTRY_ID, form_with_field(ENTRY_ID))).number_found
    with pytest.raises(PrintOfAnother, match=OTHER):
        await checker.check(ENTRY_ID, form_with_field(OTHER))


async def test_a_print_that_opens_the_print_dialog_by_a_script_is_read(checker: PrintChecker) -> None:
    script = "/OpenAction << /S /JavaScript /JS (this.print\\(\\);) >>"
    assert (await checker.check(ENTRY_ID, drawn_pdf(OWN["beside"], catalog=script))).number_found


async def test_the_cover_of_a_portfolio_is_no_print(checker: PrintChecker) -> None:
    cover = drawn_pdf(text_at(40, 500, "Open this portfolio"), catalog="/Collection << /Type /Collection >>")
    with pytest.raises(PrintUnclear, match="Open this portfolio"):
        await checker.check(ENTRY_ID, cover)


async def test_an_encrypted_pdf_is_refused(checker: PrintChecker) -> None:
    key = "0" * 64
    encrypted = drawn_pdf(OWN["beside"]).replace(
        b"/Root 1 0 R",
        f"/Root 1 0 R /ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{key}> /U <{key}> >>".encode(),
    )
    with pytest.raises(PrintUnusable, match="密码"):
        await checker.check(ENTRY_ID, encrypted)


async def test_a_number_on_a_later_page_that_mentions_it_does_not_make_the_print_its_own(checker: PrintChecker) -> None:
    data = small_pdf([f"Customs no {OTHER}"], [f"replaces {ENTRY_ID}"])
    with pytest.raises(PrintUnclear, match="备注"):
        await checker.check(ENTRY_ID, data)
    assert not (await checker.check(OTHER, data)).number_found


async def test_a_number_outside_the_page_is_not_read(checker: PrintChecker) -> None:
    with pytest.raises(PrintUnclear, match="System error"):
        await checker.check(ENTRY_ID, drawn_pdf(text_at(40, 500, "System error") + text_at(4000, 500, ENTRY_ID)))


async def test_pages_of_two_declarations_are_refused(checker: PrintChecker) -> None:
    data = drawn_pdf(text_at(40, 500, LABEL + ENTRY_ID), text_at(40, 500, LABEL + OTHER))
    for asked in (ENTRY_ID, OTHER):
        with pytest.raises(PrintOfAnother):
            await checker.check(asked, data)


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


def test_control_characters_of_a_print_are_made_visible() -> None:
    hostile = OfficialPrint(ENTRY_ID, b"", ("a\x1b[2Jb\u202ec",), number_found=False)
    (line,) = text_lines(hostile, 0)
    assert "\x1b" not in line
    assert "\u202e" not in line


def _workers() -> set[int]:
    """The PDF workers among the children of this process."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return {int(child) for child in children if b"pdf_text_worker.py" in Path(f"/proc/{child}/cmdline").read_bytes()}
