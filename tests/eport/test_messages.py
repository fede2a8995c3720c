from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.model import Kind, Summary
from jiacha_tui.eport.assumptions import Assumptions, UnknownAssumption
from jiacha_tui.eport.messages import (
    ListPage,
    read_detail,
    read_page,
    read_response,
    text_to_sign_for_resend,
)
from jiacha_tui.eport.problems import InvalidPortResponse
from tests.declaration.test_wire import HEADS, ITEMS, SUMMARIES
from tests.declaration.test_wire_values import ANY_JSON
from tests.declaration.wire_writing import head_to_wire, item_to_wire, summary_to_wire
from tests.eport.calls import ENTRY_ID, JUNE, OTHER_ID

ASSUMPTIONS = Assumptions()
SUMMARY = Summary(entry_id=ENTRY_ID)
NUMBERS_AS_NUMBERS = msgspec.json.Encoder(decimal_format="number")


@given(st.lists(SUMMARIES, max_size=5, unique_by=lambda summary: summary.entry_id), st.sampled_from(Kind))
def test_a_page_written_and_read_is_equal(summaries: list[Summary], kind: Kind) -> None:
    rows = [summary_to_wire(summary) for summary in summaries]
    data = NUMBERS_AS_NUMBERS.encode({"total": len(rows), "rows": rows})
    assert read_page(data, replace(JUNE, kind=kind), ASSUMPTIONS) == ListPage(
        len(rows), tuple(replace(row, kind=kind) for row in summaries)
    )


@given(st.data())
def test_a_detail_written_and_read_is_equal(data: st.DataObject) -> None:
    head, items = data.draw(HEADS), data.draw(st.lists(ITEMS, max_size=3))
    wire = {
        "cardHeadVo": head_to_wire(head) | {"entryId": ENTRY_ID},
        "cardList": [item_to_wire(i, head) for i in items],
    }
    declaration = read_detail(msgspec.json.encode(wire), SUMMARY)
    assert declaration.items == tuple(items)
    assert declaration.head is not None
    assert head_to_wire(declaration.head) == head_to_wire(head) | {"entryId": ENTRY_ID}


@given(st.binary() | ANY_JSON.map(msgspec.json.encode))
def test_any_other_content_is_not_a_response(content: bytes) -> None:
    with pytest.raises(InvalidPortResponse):
        read_response(content, ASSUMPTIONS)


@given(st.binary() | ANY_JSON.map(msgspec.json.encode))
def test_any_other_content_is_not_a_page_or_a_detail(content: bytes) -> None:
    if content != b"null":
        with pytest.raises(InvalidPortResponse):
            read_page(content, JUNE, ASSUMPTIONS)
    with pytest.raises(InvalidPortResponse):
        read_detail(content, SUMMARY)


@given(st.dictionaries(st.sampled_from(["total", "rows", "code", "cardHeadVo", "cardList"]), ANY_JSON))
def test_unusual_members_are_read_or_refused(members: dict[str, object]) -> None:
    content = msgspec.json.encode(members)
    for read in (lambda: read_page(content, JUNE, ASSUMPTIONS), lambda: read_detail(content, SUMMARY)):
        try:
            read()
        except InvalidPortResponse:
            continue


def test_a_response_has_code_message_and_data() -> None:
    response = read_response(
        b'\xef\xbb\xbf{"responseCode":100,"responseMsg":" a\\nb ","responseData":{"a":[1]}}', ASSUMPTIONS
    )
    assert (response.code, response.message, response.data) == (100, "a b", b'{"a":[1]}')


def test_the_member_of_the_message_is_configurable() -> None:
    content = b'{"responseCode":7,"responseMsg":["no text"],"tip":"text"}'
    assert read_response(content, ASSUMPTIONS).message == ""
    assert read_response(content, Assumptions.with_overrides({"message_field": "tip"})).message == "text"


@pytest.mark.parametrize("name", ["msg", "message", "responseData"])
def test_a_message_is_found_under_the_usual_names(name: str) -> None:
    content = msgspec.json.encode({"responseCode": 7, "responseMsg": None, name: "text"})
    assert read_response(content, ASSUMPTIONS).message == "text"


def test_a_response_without_data_has_null() -> None:
    assert read_response(b'{"responseCode":30001}', ASSUMPTIONS).data == b"null"


def test_more_rows_than_the_total_are_refused() -> None:
    with pytest.raises(InvalidPortResponse):
        read_page(msgspec.json.encode({"total": 0, "rows": [{"entryId": ENTRY_ID}]}), JUNE, ASSUMPTIONS)


@pytest.mark.parametrize(
    ("total", "read"), [("41", 41), (" 41 ", 41), (41.0, 41), ("41.0", 41), (None, None), ("", None), (0, 0)]
)
def test_the_total_may_have_any_form(total: object, read: int | None) -> None:
    content = msgspec.json.encode({"total": total, "rows": None})
    assert read_page(content, JUNE, ASSUMPTIONS) == ListPage(read, ())


@pytest.mark.parametrize("total", ["many", -1, 1.5, [], {}, True])
def test_a_total_that_is_no_number_is_refused(total: object) -> None:
    with pytest.raises(InvalidPortResponse):
        read_page(msgspec.json.encode({"total": total, "rows": []}), JUNE, ASSUMPTIONS)


@pytest.mark.parametrize(
    ("content", "page"),
    [
        (b"null", ListPage(None, ())),
        (b'{"total":3}', ListPage(3, ())),
        (b'{"rows":[]}', ListPage(None, ())),
    ],
)
def test_parts_of_a_list_may_be_absent(content: bytes, page: ListPage) -> None:
    assert read_page(content, JUNE, ASSUMPTIONS) == page


def test_a_row_that_is_there_twice_counts_once() -> None:
    content = msgspec.json.encode({"total": 1, "rows": [{"entryId": ENTRY_ID}, {"entryId": ENTRY_ID}]})
    assert read_page(content, JUNE, ASSUMPTIONS).rows == (SUMMARY,)


def test_unusable_rows_are_set_aside_and_the_others_read() -> None:
    rows = [{"entryId": ENTRY_ID[:17]}, {"entryId": ENTRY_ID}, {"iEPort": "\x1b[2J"}, "text", None]
    page = read_page(msgspec.json.encode({"total": 5, "rows": rows}), JUNE, ASSUMPTIONS)
    assert page.rows == (SUMMARY,)
    assert [(row.text, row.reason) for row in page.rejected[:1]] == [(ENTRY_ID[:17], "报关单号不是 18 位数字")]
    assert [row.reason for row in page.rejected[1:]] == ["没有报关单号", "不是一行报关单数据", "不是一行报关单数据"]
    assert "\x1b" not in page.rejected[1].text


@pytest.mark.parametrize("content", [b'{"cardHeadVo":{}}', b'{"cardHeadVo":{},"cardList":null}'])
def test_a_detail_may_have_no_items(content: bytes) -> None:
    assert read_detail(content, SUMMARY).items == ()


def test_a_head_without_a_number_gets_that_of_the_row() -> None:
    declaration = read_detail(b'{"cardHeadVo":{"entryId":null},"cardList":[]}', SUMMARY)
    assert declaration.head is not None
    assert declaration.head.entry_id == ENTRY_ID


def test_the_signed_text_of_a_resend_is_configurable() -> None:
    ids = [ENTRY_ID, OTHER_ID]
    assert text_to_sign_for_resend("C", ids[:1], ASSUMPTIONS) == f"C||{ENTRY_ID}"
    assert text_to_sign_for_resend("C", ids, ASSUMPTIONS) == f"C||{ENTRY_ID},{OTHER_ID}"
    other = Assumptions.with_overrides({"resend_signature_separator": ""})
    assert text_to_sign_for_resend("C", ids, other) == f"C||{ENTRY_ID}{OTHER_ID}"


def test_an_unknown_assumption_suggests_the_nearest_name() -> None:
    with pytest.raises(UnknownAssumption) as problem:
        Assumptions.with_overrides({"mesage_field": "x"})
    assert "message_field" in problem.value.hint
