"""Reading declarations from an RtxMessage."""

import io
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.model import Declaration, Head, Item, Origin, Summary
from jiacha_tui.encrypted_xml.problems import NotRtxMessage
from jiacha_tui.encrypted_xml.rtx_message import UnreadableDec, read_rtx_message

ENTRY_ID = "223320250000012345"
DEC = f"""
<Dec>
  <DecHead><bgd_no>{ENTRY_ID}</bgd_no><lj_date>20250630</lj_date><ht_no>示例-2025-0871</ht_no><cj_type>FOB</cj_type>
    <yf>0</yf><bf>12.5</bf><my_type>0110</my_type></DecHead>
  <DecLists><DecList><spxh>1</spxh><cmcode>8471300000</cmcode><cm_name>便携式自动数据处理机</cm_name>
    <Yb_bz>USD</Yb_bz><yb_amt>18234.00</yb_amt>
    <Fd_unit>001</Fd_unit><Fd_qnt>3908</Fd_qnt><No2_Fd_unit>035</No2_Fd_unit><No2_Fd_qnt>.5</No2_Fd_qnt>
    <Cj_unit>001</Cj_unit><Cj_qnt>3908</Cj_qnt></DecList></DecLists>
</Dec>
"""
EXPECTED = Declaration(
    Summary(entry_id=ENTRY_ID, exported_on=date(2025, 6, 30)),
    Head(
        entry_id=ENTRY_ID,
        exported_on=date(2025, 6, 30),
        contract_no="示例-2025-0871",
        trans_mode="FOB",
        insurance=Decimal("12.5"),
        trade_mode="一般贸易",
    ),
    (
        Item(
            number=1,
            hs_code="8471300000",
            name="便携式自动数据处理机",
            currency="美元",
            total=Decimal(18234),
            first_unit="台",
            first_quantity=Decimal(3908),
            second_unit="千克",
            second_quantity=Decimal("0.5"),
            unit="台",
            quantity=Decimal(3908),
        ),
    ),
    Origin.FILE,
)


def message(*decs: str, prolog: str = "") -> str:
    return f"{prolog}<RtxMessage>{''.join(decs)}</RtxMessage>"


def only(data: bytes) -> Declaration | UnreadableDec:
    (result,) = read_rtx_message(data)
    return result


@pytest.mark.parametrize(
    "data",
    [
        message(DEC).encode(),
        b"\xef\xbb\xbf" + message(DEC).encode(),
        message(DEC).encode("gb18030"),
        message(DEC, prolog='<?xml version="1.0" encoding="GB2312"?>').encode("gb18030"),
        message(DEC, prolog='<?xml version="1.0" encoding="gb18030"?>').encode("gb18030"),
        message(DEC, prolog='<?xml version="1.0" encoding="UTF-8"?>').encode(),
        message(DEC, prolog='<?xml version="1.0" encoding="UTF-8"?>').encode("gb18030"),
        message(DEC).replace("\n", "\r\n").encode(),
    ],
    ids=["utf-8", "bom", "gb18030", "as gb2312", "as gb18030", "as utf-8", "gb18030 as utf-8", "crlf"],
)
def test_every_encoding_is_read(data: bytes) -> None:
    assert only(data) == EXPECTED


@pytest.mark.parametrize("change", [str.upper, str.lower])
def test_tags_may_be_in_any_case(change: Any) -> None:
    def tags_changed(text: str) -> str:
        parts = text.replace(">", "<").split("<")
        return "".join(f"<{change(part)}>" if index % 2 else part for index, part in enumerate(parts))

    assert only(tags_changed(message(DEC)).encode()) == EXPECTED


def test_characters_that_gb2312_lacks_are_read() -> None:
    prolog = '<?xml version="1.0" encoding="GB2312"?>'
    result = only(message(DEC.replace("便携式", "镕堃㐱"), prolog=prolog).encode("gb18030"))
    assert isinstance(result, Declaration)
    assert result.items[0].name.startswith("镕堃㐱")


def test_unknown_codes_are_kept() -> None:
    result = only(message(DEC.replace("USD", "XQZ").replace("0110", "ZZ99")).encode())
    assert isinstance(result, Declaration)
    assert result.items[0].currency == "XQZ"
    assert result.head is not None
    assert result.head.trade_mode == "ZZ99"


def test_a_trade_term_may_be_a_code_or_a_name() -> None:
    result = only(message(DEC.replace("FOB", "3")).encode())
    assert isinstance(result, Declaration)
    assert result.head is not None
    assert result.head.trans_mode == "FOB"


def test_fields_that_the_file_lacks_stay_blank() -> None:
    result = only(message(f"<Dec><DecHead><bgd_no>{ENTRY_ID}</bgd_no></DecHead><DecLists/></Dec>").encode())
    assert result == Declaration(Summary(entry_id=ENTRY_ID), Head(entry_id=ENTRY_ID), (), Origin.FILE)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("<yb_amt>18234.00", "<yb_amt>1E5", 7, "yb_amt"),
        ("<yb_amt>18234.00", "<yb_amt>NaN", 7, "yb_amt"),
        ("<yb_amt>18234.00", "<yb_amt>123456789012345", 7, "yb_amt"),
        ("<lj_date>20250630", "<lj_date>20250631", 4, "lj_date"),
        ("<lj_date>20250630", "<lj_date>30.06.2025", 4, "lj_date"),
        ("<spxh>1<", "<spxh>x<", 6, "spxh"),
        ("<spxh>1</spxh>", "", 6, "spxh"),
        ("<spxh>1</spxh>", "<spxh>1</spxh><SPXH>2</SPXH>", 6, "spxh"),
        (ENTRY_ID, ENTRY_ID[:-1], 4, "17 位"),
        ("</bgd_no>", "", 5, "XML"),
        ("便携式", "便<b>携</b>式", 6, "cm_name"),
        ("<DecLists>", "<DecLists/><DecLists>", 3, "DecLists"),
        ("便携式", "&evil;", 6, "XML"),
        ("</DecLists>", "<DecList><spxh>01</spxh></DecList></DecLists>", 9, "项号 1 重复"),
    ],
)
def test_a_bad_dec_is_reported_with_its_line_and_the_others_are_read(
    old: str, new: str, line: int, reason: str
) -> None:
    assert old in DEC
    before, bad, after = read_rtx_message(message(DEC, DEC.replace(old, new), DEC).encode())
    assert (before, after) == (EXPECTED, EXPECTED)
    assert isinstance(bad, UnreadableDec)
    assert bad.line == line + DEC.count("\n") - 1
    assert reason in bad.reason


def test_a_bad_item_is_reported_with_the_number_of_its_declaration() -> None:
    result = only(message(DEC.replace("3908", "many")).encode())
    assert isinstance(result, UnreadableDec)
    assert result.entry_id == ENTRY_ID


def test_an_unreadable_encoding_is_reported() -> None:
    result = only(b"<RtxMessage>\n<Dec>\xff\xff</Dec></RtxMessage>")
    assert isinstance(result, UnreadableDec)
    assert result.line == 2


def test_a_dtd_is_refused_before_any_declaration_is_read() -> None:
    with pytest.raises(NotRtxMessage, match="DTD"):
        next(iter(read_rtx_message(message(DEC, prolog="<!DOCTYPE RtxMessage [<!ENTITY evil 'x'>]>").encode())))


@given(st.binary(max_size=120))
def test_any_content_gives_a_declaration_or_a_reason(content: bytes) -> None:
    try:
        results = list(read_rtx_message(b"<RtxMessage><Dec>" + content + b"</Dec></RtxMessage>"))
    except NotRtxMessage:
        return
    assert results


class LargeFile(io.RawIOBase):
    """A file of `count` declarations, each as long as one of fifty items, that is never whole in memory."""

    def __init__(self, count: int) -> None:
        self._chunks = self._make(count)
        self.size = 0

    @staticmethod
    def _make(count: int) -> Iterator[bytes]:
        dec = DEC.replace("</Dec>\n", f"<!-- {'x' * 20_000} --></Dec>\n").encode()
        yield b"<RtxMessage>"
        for _ in range(count):
            yield dec
        yield b"</RtxMessage>"

    def read(self, size: int = -1) -> bytes:
        chunk = next(self._chunks, b"")
        self.size += len(chunk)
        return chunk


def test_a_large_file_is_read_in_little_memory() -> None:
    file = LargeFile(800)
    tracemalloc.start()
    try:
        results = Counter(map(type, read_rtx_message(file)))  # type: ignore[arg-type]  # a raw file reads bytes too
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert results == {Declaration: 800}
    assert peak < file.size / 8, f"{peak} bytes for a file of {file.size}"
