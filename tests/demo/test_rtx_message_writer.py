"""What is written as an RtxMessage is read back by the program's own reader."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.codes import CodeTable, code_of
from jiacha_tui.declaration.model import Declaration, Head, Item, Origin, Summary
from jiacha_tui.demo.rtx_message_writer import write_rtx_message
from jiacha_tui.encrypted_xml.rtx_message import read_rtx_message
from tests.code_tables import read_code_table

ENTRY_ID = "223320250000012345"


def test_markup_in_a_value_stays_text() -> None:
    head = Head(entry_id=ENTRY_ID, contract_no="</ht_no><x>&amp;]]>")
    declaration = Declaration(Summary(entry_id=ENTRY_ID), head, (), Origin.FILE)
    assert list(read_rtx_message(write_rtx_message([declaration]))) == [declaration]


def test_characters_that_xml_cannot_carry_are_replaced() -> None:
    head = Head(entry_id=ENTRY_ID, contract_no="A\x1b[31mB\ud800")
    (result,) = read_rtx_message(write_rtx_message([Declaration(Summary(entry_id=ENTRY_ID), head)]))
    assert isinstance(result, Declaration)
    assert result.head is not None
    assert result.head.contract_no == "A\ufffd[31mB\ufffd"


def test_a_declaration_without_detail_cannot_be_written() -> None:
    with pytest.raises(ValueError, match=ENTRY_ID):
        write_rtx_message([Declaration(Summary(entry_id=ENTRY_ID))])


def coded(table: CodeTable) -> st.SearchStrategy[str]:
    """Names that are read back as they were written: the code of an ambiguous name may stand for another name."""
    unambiguous = [name for code, name in read_code_table(table).items() if code_of(table, name) == code]
    return st.sampled_from(["", *unambiguous])


def _stripped(text: str) -> str:
    return text.strip()


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=40).map(
    _stripped
)
AMOUNTS = st.none() | st.decimals(min_value=0, max_value=10**13, places=4)
FEES = st.none() | st.decimals(min_value="0.0001", max_value=10**9, places=4)
DATES = st.none() | st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31))
ITEMS = st.builds(
    Item,
    number=st.just(1),
    hs_code=st.from_regex(r"[0-9]{10}", fullmatch=True),
    name=TEXTS,
    currency=coded(CodeTable.CURRENCY),
    total=AMOUNTS,
    first_unit=coded(CodeTable.UNIT),
    first_quantity=AMOUNTS,
    second_unit=coded(CodeTable.UNIT),
    second_quantity=AMOUNTS,
    unit=coded(CodeTable.UNIT),
    quantity=AMOUNTS,
)
HEADS = st.builds(
    Head,
    entry_id=st.from_regex(r"[0-9]{18}", fullmatch=True),
    exported_on=DATES,
    contract_no=TEXTS,
    trans_mode=coded(CodeTable.TRANS_MODE),
    freight=FEES,
    insurance=FEES,
    trade_mode=coded(CodeTable.TRADE_MODE),
)


def numbered(items: list[Item]) -> tuple[Item, ...]:
    return tuple(replace(item, number=number) for number, item in enumerate(items, 1))


DECLARATIONS = st.builds(
    lambda head, items: Declaration(
        Summary(entry_id=head.entry_id, exported_on=head.exported_on), head, numbered(items), Origin.FILE
    ),
    HEADS,
    st.lists(ITEMS, max_size=4),
)


@given(st.lists(DECLARATIONS, max_size=4))
def test_what_is_written_is_read_back(declarations: list[Declaration]) -> None:
    assert list(read_rtx_message(write_rtx_message(declarations))) == declarations
