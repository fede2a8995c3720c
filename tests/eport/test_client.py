import asyncio
import json
from decimal import Decimal

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import NumberQuery
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.messages import ListPage
from jiacha_tui.eport.problems import (
    InvalidPortResponse,
    PortRefused,
)
from tests.eport.calls import CALLS, ENTRY_ID, JUNE, OTHER_ID, ROW, SUMMARY
from tests.eport.cards import FakeCard, signature_of
from tests.eport.fake_port import (
    DETAIL,
    DOWNLOAD,
    LIST,
    PREVIEW,
    RDTIME,
    RESEND,
    FakePort,
    Handler,
    enveloped,
    respond_bytes,
    respond_with,
    wrap_in_envelope,
)


def _require_signature(then: Response, *, in_envelope: bool = True) -> Handler:
    """A handler that returns 30001 until a request is signed."""

    async def handle(request: Request) -> Response:
        if request.headers.get("isverify") == "1":
            return then
        return enveloped(None, 30001) if in_envelope else JSONResponse({"responseCode": 30001})

    return handle


async def test_a_list_page_is_requested_and_read(logged_in: PortClient, fake_port: FakePort, card: FakeCard) -> None:
    fake_port.handlers[LIST] = respond_with(enveloped({"total": 41, "code": 0, "rows": [ROW]}))
    assert await logged_in.list_page(JUNE, 2) == ListPage(41, (SUMMARY,))
    (request,) = fake_port.requests
    assert request.method == "POST"
    assert request.headers["rdtime"] == RDTIME
    assert request.headers["content-type"] == "application/json"
    assert request.json == {
        "curPage": 2,
        "pageSize": 30,
        "decType": "1",
        "entryId": "",
        "startDate": "20250601",
        "endDate": "20250630",
    }
    assert card.calls == []


async def test_a_query_by_number_of_the_other_kind(logged_in: PortClient, fake_port: FakePort) -> None:
    fake_port.handlers[LIST] = respond_with(enveloped({"total": 1, "rows": [ROW]}))
    page = await logged_in.list_page(NumberQuery(ENTRY_ID, Kind.DEPARTURE_PORT), 1, size=10)
    assert page.rows[0].kind is Kind.DEPARTURE_PORT
    assert fake_port.requests[0].json == {
        "curPage": 1,
        "pageSize": 10,
        "decType": "2",
        "entryId": ENTRY_ID,
        "startDate": "",
        "endDate": "",
    }


async def test_an_empty_list_is_read(logged_in: PortClient, fake_port: FakePort) -> None:
    fake_port.handlers[LIST] = respond_with(enveloped({"total": 0, "code": 0, "rows": None}))
    assert await logged_in.list_page(JUNE, 1) == ListPage(0, ())


async def test_a_detail_is_requested_and_read(logged_in: PortClient, fake_port: FakePort) -> None:
    head = {"entryId": ENTRY_ID, "tradeName": "示例进出口有限公司", "grossWt": "18,750.5"}
    items = [{"gNo": "1", "gName": "笔记本电脑", "usdPrice": "           131.00"}, {"gNo": 2, "gName": "T恤"}]
    fake_port.handlers[DETAIL] = respond_with(enveloped({"cardHeadVo": head, "cardList": items}))
    declaration = await logged_in.detail(SUMMARY)
    assert declaration.summary is SUMMARY
    assert declaration.head is not None
    assert declaration.head.consignor_name == "示例进出口有限公司"
    assert declaration.head.gross_weight == Decimal("18750.5")
    assert [(item.number, item.usd_value) for item in declaration.items] == [(1, Decimal("131.00")), (2, None)]
    assert fake_port.requests[0].json == {"entryId": ENTRY_ID, "decType": "1", "encryptStr": "abc="}


async def test_the_detail_of_another_declaration_is_refused(logged_in: PortClient, fake_port: FakePort) -> None:
    fake_port.handlers[DETAIL] = respond_with(enveloped({"cardHeadVo": {"entryId": OTHER_ID}, "cardList": []}))
    with pytest.raises(InvalidPortResponse):
        await logged_in.detail(SUMMARY)


SPAN_TEXT, NUMBER_TEXT = "JJ0G900000001||2025060120250630", f"JJ0G900000001||{ENTRY_ID}"
NO_ROWS, NO_ITEMS = enveloped({"total": 0, "rows": []}), enveloped({"cardHeadVo": {}, "cardList": []})
SIGNED_CALLS = [
    (LIST, _require_signature(NO_ROWS), SPAN_TEXT),
    (LIST, _require_signature(NO_ROWS, in_envelope=False), SPAN_TEXT),
    (DETAIL, _require_signature(NO_ITEMS), NUMBER_TEXT),
    (DETAIL, _require_signature(NO_ITEMS, in_envelope=False), NUMBER_TEXT),
    (PREVIEW, _require_signature(Response(b"%PDF-1.4"), in_envelope=False), NUMBER_TEXT),
    (DOWNLOAD, _require_signature(Response(b"<x/>", media_type="text/xml"), in_envelope=False), SPAN_TEXT),
]


@pytest.mark.parametrize("signed_call", SIGNED_CALLS)
async def test_a_call_is_signed_if_the_port_wants_a_signature(
    logged_in: PortClient, fake_port: FakePort, card: FakeCard, signed_call: tuple[str, Handler, str]
) -> None:
    path, handler, text = signed_call
    fake_port.handlers[path] = handler
    await CALLS[path](logged_in)
    first, second = fake_port.requests
    assert "sign" not in first.headers
    assert "isverify" not in first.headers
    assert second.headers["sign"] == signature_of(text)
    assert second.headers["isverify"] == "1"
    assert second.headers["rdtime"] == RDTIME
    assert first.body == second.body
    assert card.calls == ["present", text]


@pytest.mark.parametrize("path", [LIST, DETAIL, PREVIEW, DOWNLOAD, RESEND])
async def test_a_removed_card_signs_nothing(
    logged_in: PortClient, fake_port: FakePort, card: FakeCard, path: str
) -> None:
    fake_port.handlers[path] = _require_signature(Response(), in_envelope=False)
    card.is_removed = True
    with pytest.raises(Problem, match=r"card\.gone"):
        await CALLS[path](logged_in)
    assert not any("sign" in request.headers for request in fake_port.requests)
    assert card.calls == ["present"]


async def test_the_card_signs_for_one_call_at_a_time(
    logged_in: PortClient, fake_port: FakePort, card: FakeCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing = 0

    async def sign(text: str) -> str:
        nonlocal signing
        assert not signing, "the card got a second request while it was signing"
        signing += 1
        await asyncio.sleep(0)
        signing -= 1
        return signature_of(text)

    monkeypatch.setattr(card, "sign", sign)
    fake_port.handlers[LIST] = _require_signature(NO_ROWS)
    await asyncio.gather(*(logged_in.list_page(JUNE, page) for page in range(1, 6)))
    assert sum("sign" in request.headers for request in fake_port.requests) == 5


@pytest.mark.parametrize("path", [LIST, DETAIL, PREVIEW, DOWNLOAD, RESEND])
async def test_a_signature_is_sent_only_once(logged_in: PortClient, fake_port: FakePort, path: str) -> None:
    fake_port.handlers[path] = respond_with(JSONResponse({"responseCode": 30001}))
    with pytest.raises(PortRefused) as refused:
        await CALLS[path](logged_in)
    assert refused.value.response_code == 30001
    assert refused.value.message == "服务器没有接受卡的签名"
    assert sum("sign" in request.headers for request in fake_port.requests) == 1


async def test_a_preview_returns_the_pdf(logged_in: PortClient, fake_port: FakePort) -> None:
    fake_port.handlers[PREVIEW] = respond_bytes(b"%PDF-1.7\nbody", "application/octet-stream")
    assert await logged_in.official_print_pdf(ENTRY_ID, Kind.DEPARTURE_PORT) == b"%PDF-1.7\nbody"
    (request,) = fake_port.requests
    assert (request.method, request.path) == ("GET", f"{PREVIEW}/{ENTRY_ID},2")


@pytest.mark.parametrize("media_type", ["application/xml", "text/xml; charset=UTF-8", "application/octet-stream"])
async def test_a_download_returns_the_bytes_unchanged(
    logged_in: PortClient, fake_port: FakePort, media_type: str
) -> None:
    content = b"\xef\xbb\xbf<?xml version='1.0'?>\r\n<Sealed>\x00\xff</Sealed>\r\n"
    fake_port.handlers[DOWNLOAD] = respond_bytes(content, media_type)
    assert await logged_in.download(JUNE) == content
    assert fake_port.requests[0].json["startDate"] == "20250601"


async def test_a_download_by_number_sends_only_the_number(logged_in: PortClient, fake_port: FakePort) -> None:
    fake_port.handlers[DOWNLOAD] = respond_bytes(b"<x/>", "application/xml")
    await logged_in.download(NumberQuery(ENTRY_ID))
    assert fake_port.requests[0].json == {"entryId": ENTRY_ID}


async def test_json_numbers_keep_all_digits(logged_in: PortClient, fake_port: FakePort) -> None:
    row = json.dumps(ROW).replace("18234.1", "12345678901234.10001")
    text = f'{{"responseCode":100,"responseData":{{"total":1,"rows":[{row}]}}}}'
    fake_port.handlers[LIST] = respond_bytes(wrap_in_envelope(text).encode())
    page = await logged_in.list_page(JUNE, 1)
    assert str(page.rows[0].usd_amount) == "12345678901234.10001"
