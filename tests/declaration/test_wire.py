from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jiacha_tui.declaration.model import HEAD_FIELDS, ITEM_FIELDS, FieldInfo, Head, Item, Kind, Summary
from jiacha_tui.declaration.text_limits import cut_text
from jiacha_tui.declaration.wire import (
    MAX_UNPARSED,
    MemberMissing,
    head_from_wire,
    item_from_wire,
    summary_from_wire,
)
from tests.declaration.test_wire_values import ANY_JSON, DATES, DATETIMES
from tests.declaration.wire_writing import TRANSFER_STATE, head_to_wire, item_to_wire, summary_to_wire

ENTRY_ID = "223320250000012345"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(str.strip)
AMOUNT = st.decimals(-(10**13), 10**13, places=4)
BY_TYPE: dict[type, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.none() | st.integers(0, 2**31 - 1),
    Decimal: st.none() | AMOUNT,
    date: st.none() | DATES,
}


def _values(fields: tuple[FieldInfo, ...]) -> dict[str, st.SearchStrategy[Any]]:
    return {field.name: BY_TYPE[field.type] for field in fields}


FEES = dict.fromkeys(("freight", "insurance", "other"), st.none() | BY_TYPE[Decimal].filter(bool))
"""A fee of 0 in the JSON means that there is no fee, so it is read as None."""

HEADS = st.fixed_dictionaries(_values(HEAD_FIELDS) | FEES).map(lambda values: Head(**values))
ITEMS = st.fixed_dictionaries({**_values(ITEM_FIELDS), "number": st.integers(1, 50)}).map(lambda values: Item(**values))
SUMMARIES = st.builds(
    Summary,
    entry_id=st.from_regex(r"[0-9]{18}", fullmatch=True),
    kind=st.sampled_from(Kind),
    exported_on=st.none() | DATES,
    exit_customs=TEXT,
    reported_at=st.none() | DATETIMES.map(lambda time: time.replace(microsecond=0)),
    usd_amount=st.none() | AMOUNT,
    print_count=st.integers(0, 99),
    transfer_state=TEXT,
    dec_flag=TEXT,
    container_flag=TEXT,
    detail_token=TEXT,
)


@given(HEADS)
def test_a_head_written_and_read_is_equal(head: Head) -> None:
    assert head_from_wire(head_to_wire(head)) == head


@given(ITEMS, HEADS)
def test_an_item_written_and_read_is_equal(item: Item, head: Head) -> None:
    assert item_from_wire(item_to_wire(item, head)) == item


@given(SUMMARIES)
def test_a_row_written_and_read_is_equal(summary: Summary) -> None:
    assert summary_from_wire(summary_to_wire(summary), summary.kind, transfer_state=TRANSFER_STATE) == summary


def test_an_observed_head() -> None:
    head = head_from_wire(
        {
            "entryId": ENTRY_ID,
            "seqNo": None,
            "modNum": "2",
            "dDate": "20250627",
            "iEDate": "20250630000000",
            "iEPort": "浦东机场",
            "packNo": 1250,
            "grossWt": Decimal("18750.5"),
            "feeRate": "0",
            "rtxType": "000",
        }
    )
    assert head == Head(
        entry_id=ENTRY_ID,
        amendment_count=2,
        declared_on=date(2025, 6, 27),
        exported_on=date(2025, 6, 30),
        exit_customs="浦东机场",
        package_count=1250,
        gross_weight=Decimal("18750.5"),
        freight=None,
        rtx_type="000",
    )
    assert not head.unparsed


def test_an_observed_item() -> None:
    item = item_from_wire(
        {
            "gNo": "1",
            "codeT": "6911101900",
            "codeS": "00",
            "gModel": "3|2|餐桌用|机织|",
            "usdPrice": "           131.00",
            "originCountry": "美国",
            "entryId": ENTRY_ID,
            "seqNo": "000000001234567890",
        }
    )
    assert item == Item(
        number=1,
        hs_code="6911101900",
        hs_suffix="00",
        model="3|2|餐桌用|机织|",
        usd_value=Decimal("131.00"),
        destination_country="美国",
    )
    assert not item.unparsed


def test_a_value_that_cannot_be_read_is_kept_by_its_wire_name() -> None:
    head = head_from_wire(
        {
            "entryId": ENTRY_ID,
            "packNo": "许多",
            "dDate": "00000000",
            "newMember": {"a": 1},
            "empty": "",
            "nothing": None,
        }
    )
    assert head.package_count is None
    assert head.declared_on is None
    assert head.unparsed == {"packNo": "许多", "dDate": "00000000", "newMember": '{"a": 1}'}


def test_of_two_wire_names_the_first_with_a_value_wins() -> None:
    assert head_from_wire({"iePort": "", "iEPort": "北仑海关"}) == Head(exit_customs="北仑海关")
    assert head_from_wire({"iePort": "北仑海关", "iEPort": "北仑海关"}) == Head(exit_customs="北仑海关")
    both = head_from_wire({"iePort": "北仑海关", "iEPort": "大鹏海关"})
    assert both == Head(exit_customs="北仑海关", unparsed=MappingProxyType({"iEPort": "大鹏海关"}))


@pytest.mark.parametrize("number", [None, "", "0", "-1", "一", "1.5", []])
def test_an_item_without_a_number_is_refused(number: object) -> None:
    with pytest.raises(MemberMissing) as missing:
        item_from_wire({"gNo": number, "gName": "货物"})
    assert str(missing.value) == "gNo"


@pytest.mark.parametrize(
    "entry_id", [None, "", 12, "2233202500000123", "22332025000001234X", "２２３３２０２５００００１２３４５６"]
)
def test_a_row_without_a_number_is_refused(entry_id: object) -> None:
    with pytest.raises(MemberMissing) as missing:
        summary_from_wire({"entryId": entry_id}, Kind.CLEARED, transfer_state=TRANSFER_STATE)
    assert str(missing.value) == "entryId"


def test_a_row_keeps_what_could_not_be_read_and_what_is_not_known() -> None:
    row = {
        "entryId": 223320250000012345,
        "dateDec": "昨天",
        "usdPrices": "1,200.50",
        "printNum": "3",
        "opMode": "修改",
        "portBatch": "B7",
    }
    assert summary_from_wire(row, Kind.DEPARTURE_PORT, transfer_state=TRANSFER_STATE) == Summary(
        entry_id=ENTRY_ID,
        kind=Kind.DEPARTURE_PORT,
        usd_amount=Decimal("1200.50"),
        print_count=3,
        transfer_state="修改",
        unparsed={"dateDec": "昨天", "portBatch": "B7"},
    )


def test_the_member_of_the_transfer_state_is_configurable() -> None:
    row = {"entryId": ENTRY_ID, "opMode": "1", "sendState": "修改"}
    assert summary_from_wire(row, Kind.CLEARED, transfer_state="sendState").transfer_state == "修改"


def test_of_two_long_names_that_are_cut_to_the_same_one_is_kept_and_the_other_counted() -> None:
    unparsed = head_from_wire({"x" * 61 + "1": "first", "x" * 61 + "2": "second"}).unparsed
    assert list(unparsed.values()) == ["first", "1 个，没有收下"]


@given(
    st.dictionaries(
        st.sampled_from([name for field in HEAD_FIELDS for name in field.wire]) | st.text(),
        ANY_JSON,
        max_size=MAX_UNPARSED,
    )
)
@example({"0" * 61: []})
def test_a_head_with_any_members_is_read_and_none_is_lost(members: dict[str, object]) -> None:
    head = head_from_wire(members)
    known = {name: field.name for field in HEAD_FIELDS for name in field.wire}
    for name, value in members.items():
        kept = cut_text(name, 60) in head.unparsed or (name in known and getattr(head, known[name]) not in (None, ""))
        assert kept or value in (None, "") or (isinstance(value, str) and not value.strip())


@given(st.dictionaries(st.sampled_from([field.wire[0] for field in ITEM_FIELDS]) | st.text(), ANY_JSON))
def test_an_item_with_any_members_is_read(members: dict[str, object]) -> None:
    assert item_from_wire({**members, "gNo": "7"}).number == 7
