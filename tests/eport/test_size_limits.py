"""What the port sends too much of: it is cut with a mark, counted or refused, and takes neither memory nor time."""

import asyncio
import gzip
import zlib
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from jiacha_tui.declaration.formatting import format_text
from jiacha_tui.declaration.hints import hints
from jiacha_tui.declaration.model import ITEMS_LEFT_OUT, MAX_ITEMS, Declaration, Summary
from jiacha_tui.declaration.text_limits import CUT_MARK, MAX_TEXT_CHARACTERS
from jiacha_tui.declaration.wire import MAX_UNPARSED
from jiacha_tui.eport.assumptions import Assumptions
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.content_coding import Expander, NotExpandable
from jiacha_tui.eport.cookie_jar import MAX_COOKIE_BYTES, MAX_COOKIES
from jiacha_tui.eport.excerpt import safe_message
from jiacha_tui.eport.http_transport import HttpResponse
from jiacha_tui.eport.messages import MAX_ITEM_CHARACTERS, MAX_ROWS, read_detail, read_page, read_response
from jiacha_tui.eport.problems import InvalidPortResponse
from jiacha_tui.eport.resend_response import judge_resend
from jiacha_tui.eport.response_parsing import is_html, read_xml
from jiacha_tui.printing.form import lay_out
from tests.eport.calls import ENTRY_ID, JUNE, ROW
from tests.eport.fake_port import DETAIL, LIST, FakePort, enveloped, respond_with

ASSUMPTIONS = Assumptions()
LONG = "货" * 1_000_000


def _page(*rows: object) -> Any:
    return read_page(msgspec.json.encode({"total": len(rows), "rows": rows}), JUNE, ASSUMPTIONS)


def _detail(*items: Mapping[str, object], **head: object) -> Declaration:
    data = msgspec.json.encode({"cardHeadVo": head, "cardList": items})
    return read_detail(data, Summary(entry_id=ENTRY_ID))


def test_a_long_text_of_a_row_is_cut_with_a_mark() -> None:
    (row,) = _page({**ROW, "iEPort": LONG, "flagNew": LONG}).rows
    for text in (row.exit_customs, row.unparsed["flagNew"]):
        assert len(text) == MAX_TEXT_CHARACTERS
        assert text.endswith(CUT_MARK)


def test_a_token_that_is_too_long_is_not_sent_back_cut() -> None:
    (row,) = _page({**ROW, "encryptStr": LONG}).rows
    assert row.detail_token == ""
    assert row.unparsed["encryptStr"].endswith(CUT_MARK)


def test_a_long_text_of_a_head_and_an_item_is_cut_and_told() -> None:
    declaration = _detail({"gNo": 1, "gName": LONG}, noteS=LONG)
    assert declaration.head is not None
    for text in (declaration.items[0].name, declaration.head.remarks):
        assert len(text) == MAX_TEXT_CHARACTERS
        assert text.endswith(CUT_MARK)
    assert declaration.is_cut
    assert CUT_MARK in hints(declaration)[0]


def test_a_declaration_of_the_usual_size_is_not_cut() -> None:
    declaration = _detail(*({"gNo": number, "gName": "货" * 255} for number in range(1, 51)), noteS="注" * 255)
    assert len(declaration.items) == 50
    assert not declaration.is_cut
    assert not declaration.items_left_out


def test_items_beyond_the_limit_are_counted_and_told() -> None:
    declaration = _detail(*({"gNo": number} for number in range(1, 10_001)))
    assert len(declaration.items) == MAX_ITEMS
    assert declaration.items_left_out == 9_000
    assert declaration.is_cut
    assert "9,000" in hints(declaration)[0]
    page = lay_out(declaration)[0]
    assert "表体不全" in page.marks.stamp
    assert "9000" in page.marks.note


def test_items_with_too_much_text_together_are_left_out() -> None:
    size = MAX_TEXT_CHARACTERS
    declaration = _detail(*({"gNo": number, "gModel": "型" * size} for number in range(1, 300)))
    assert len(declaration.items) == MAX_ITEM_CHARACTERS // size
    assert declaration.items_left_out == 299 - len(declaration.items)


def test_the_port_cannot_set_the_number_of_items_left_out() -> None:
    declaration = _detail({"gNo": 1}, **{ITEMS_LEFT_OUT: "77"})
    assert declaration.items_left_out == 0


def test_unknown_members_beyond_the_limit_are_counted() -> None:
    (row,) = _page({**ROW, **{f"new{number}": number for number in range(1_000)}}).rows
    assert len(row.unparsed) == MAX_UNPARSED + 1
    assert str(1_000 - MAX_UNPARSED) in list(row.unparsed.values())[-1]


def test_a_page_with_too_many_rows_is_refused() -> None:
    with pytest.raises(InvalidPortResponse, match="1,001"):
        _page(*[ROW] * (MAX_ROWS + 1))


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 1_000_000,
        b'{"responseCode":100,"responseData":' + b"[" * 1_000_000,
        b'{"responseCode":100,"more":[' + b"0," * 600_000 + b"0]}",
        b'{"responseCode":' + b"9" * 100_000 + b"}",
        b'{"responseCode":1e99999999}',
    ],
    ids=["deep", "deep data", "many values", "many digits", "great exponent"],
)
def test_json_that_would_take_too_much_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidPortResponse):
        read_response(content, ASSUMPTIONS)


@pytest.mark.parametrize("number", ["1e-99999999", "1e99999999", "0." + "0" * 100_000 + "1", "-1e999999999999"])
@pytest.mark.parametrize("name", ["usdPrices", "iEPort", "flagNew", "iEDate"])
def test_a_number_of_any_exponent_is_kept_as_a_short_text(name: str, number: str) -> None:
    row = msgspec.json.encode({**ROW, name: "@"}).replace(b'"@"', number.encode())
    (read,) = read_page(b'{"total":1,"rows":[' + row + b"]}", JUNE, ASSUMPTIONS).rows
    assert 0 < len(read.unparsed[name]) <= MAX_TEXT_CHARACTERS


def test_a_nested_member_of_any_depth_is_kept_as_a_short_text() -> None:
    for depth in (10, 200, 800):
        row = msgspec.json.encode({**ROW, "new": "@"}).replace(b'"@"', b"[" * depth + b"]" * depth)
        data = b'{"total":1,"rows":[' + row + b"]}"
        (read,) = read_page(data, JUNE, ASSUMPTIONS).rows
        assert len(format_text(read.unparsed["new"])) <= MAX_TEXT_CHARACTERS


def test_a_message_of_many_blanks_is_shortened_first() -> None:
    assert safe_message(" 失败 " * 3_000_000).endswith("…")


def test_a_response_to_a_resend_that_is_too_large_is_no_success() -> None:
    for members in ({"a": [1] * 2_000}, {"n" * 100_000: {str(number): 1 for number in range(900)}}):
        assert not judge_resend(dict(members), 100, [ENTRY_ID], 100).is_success


@pytest.mark.parametrize("start", [b"", b"<?xml version='1.0'?>", b"\xef\xbb\xbf \n"])
def test_a_file_that_begins_with_many_comments_is_told_from_a_page(start: bytes) -> None:
    """With a pattern that can divide them in several ways, 128 comments would take for ever."""
    for comments, is_page in ((b"<!--a-->" * 100, False), (b"<!-- --> " * 100, True)):
        content = start + comments + (b"<html>" if is_page else b"<Rtx/>")
        response = HttpResponse(200, "text/xml", httpx.URL("https://port.test"), None, content)
        assert is_html(response) is is_page
        if not is_page:
            assert read_xml(response, ASSUMPTIONS).data == content


@pytest.mark.parametrize(
    ("coding", "content", "is_read"),
    [
        ("gzip", gzip.compress(b'{"responseCode":100,"responseData":null}'), True),
        ("Deflate", zlib.compress(b'{"responseCode":100,"responseData":null}'), True),
        ("gzip", gzip.compress(b" " * 50_000_000), False),
        ("gzip", gzip.compress(b'{"responseCode":100,"responseData":null}')[:-9], False),
        ("gzip", b'{"responseCode":100,"responseData":null}', False),
        ("gzip", gzip.compress(b"{}") + b"more", False),
        ("gzip, gzip", gzip.compress(gzip.compress(b'{"responseCode":100,"responseData":null}')), False),
        ("br", b'{"responseCode":100,"responseData":null}', False),
    ],
    ids=["gzip", "deflate", "bomb", "cut", "not compressed", "more", "twice", "unknown"],
)
async def test_a_compressed_response_is_expanded_up_to_the_limit(
    logged_in: PortClient, fake_port: FakePort, coding: str, content: bytes, *, is_read: bool
) -> None:
    fake_port.handlers[LIST] = respond_with(Response(content, headers={"content-encoding": coding}))
    if is_read:
        assert (await logged_in.list_page(JUNE, 1)).total is None
    else:
        with pytest.raises(InvalidPortResponse):
            await logged_in.list_page(JUNE, 1)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_no_content_is_whole_whatever_its_coding(coding: str) -> None:
    """Some servers name a coding for a redirect without content."""
    expander = Expander(coding)
    expander.finish()
    assert expander.expand(b"", 10) == b""
    expander.finish()
    expander.expand(gzip.compress(b"{}")[:5], 10)
    with pytest.raises(NotExpandable):
        expander.finish()


async def test_a_port_cannot_fill_the_memory_with_cookies(logged_in: PortClient, fake_port: FakePort) -> None:
    """The session's cookie is among those that are kept, and its value can still change."""
    served = 0

    async def with_cookies(_request: Request) -> Response:
        nonlocal served
        served += 1
        response = PlainTextResponse(enveloped({"total": 0, "rows": []}).body)
        for number in range(100):
            response.set_cookie(f"c{served}-{number}", "x" * 100, path="/rtxwebserver")
        response.set_cookie("long", "x" * (MAX_COOKIE_BYTES + 1), path="/rtxwebserver")
        response.set_cookie("JSESSIONID", f"new-{served}", path="/rtxwebserver", secure=True)
        return response

    fake_port.handlers[LIST] = with_cookies
    for _ in range(3):
        await logged_in.list_page(JUNE, 1)
    cookies = fake_port.requests[-1].headers["cookie"].split("; ")
    assert "JSESSIONID=new-2" in cookies
    assert len(cookies) <= MAX_COOKIES
    assert not any(cookie.startswith("long=") for cookie in cookies)


async def test_a_large_detail_is_requested_again_alone(logged_in: PortClient, fake_port: FakePort) -> None:
    """Of many details that are requested at the same time, not more than one that is large is in memory."""
    items = [{"gNo": number, "gName": "货" * 2_000} for number in range(1, 301)]
    fake_port.handlers[DETAIL] = respond_with(enveloped({"cardHeadVo": {}, "cardList": items}))
    details = await asyncio.gather(*(logged_in.detail(Summary(entry_id=ENTRY_ID)) for _ in range(3)))
    assert [len(detail.items) for detail in details] == [300] * 3
    assert len(fake_port.requests_to(DETAIL)) == 6
