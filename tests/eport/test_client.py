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
from tests.eport.cards import PaperCard, signature_of
from tests.eport.fake_port import (
    DETAIL,
    DOWNLOAD,
    LIST,
    PREVIEW,
    RDTIME,
    RESEND,
    Answer,
    FakePort,
    answering,
    raw,
    seal,
    sealed,
)


def _wants_signature(then: Response, *, in_envelope: bool = True) -> Answer:
    """30001 until a call comes signed."""

    async def answer(request: Request) -> Response:
        if request.headers.get("isverify") == "1":
            return then
        return sealed(None, 30001) if in_envelope else JSONResponse({"responseCode": 30001})

    return answer


async def test_a_page_of_the_list(session: PortClient, stand_in: FakePort, card: PaperCard) -> None:
    stand_in.answers[LIST] = answering(sealed({"total": 41, "code": 0, "rows": [ROW]}))
    assert await session.list_page(JUNE, 2) == ListPage(41, (SUMMARY,))
    (seen,) = stand_in.seen
    assert seen.method == "POST"
    assert seen.headers["rdtime"] == RDTIME
    assert seen.headers["content-type"] == "application/json"
    assert seen.json == {
        "curPage": 2,
        "pageSize": 30,
        "decType": "1",
        "entryId": "",
        "startDate": "20250601",
        "endDate": "20250630",
    }
    assert card.asked == []


async def test_a_query_by_number_of_the_other_kind(session: PortClient, stand_in: FakePort) -> None:
    stand_in.answers[LIST] = answering(sealed({"total": 1, "rows": [ROW]}))
    page = await session.list_page(NumberQuery(ENTRY_ID, Kind.DEPARTURE_PORT), 1, size=10)
    assert page.rows[0].kind is Kind.DEPARTURE_PORT
    assert stand_in.seen[0].json == {
        "curPage": 1,
        "pageSize": 10,
        "decType": "2",
        "entryId": ENTRY_ID,
        "startDate": "",
        "endDate": "",
    }


async def test_nothing_found(session: PortClient, stand_in: FakePort) -> None:
    stand_in.answers[LIST] = answering(sealed({"total": 0, "code": 0, "rows": None}))
    assert await session.list_page(JUNE, 1) == ListPage(0, ())


async def test_a_detail(session: PortClient, stand_in: FakePort) -> None:
    head = {"entryId": ENTRY_ID, "tradeName": "示例进出口有限公司", "grossWt": "18,750.5"}
    items = [{"gNo": "1", "gName": "笔记本电脑", "usdPrice": "           131.00"}, {"gNo": 2, "gName": "T恤"}]
    stand_in.answers[DETAIL] = answering(sealed({"cardHeadVo": head, "cardList": items}))
    declaration = await session.detail(SUMMARY)
    assert declaration.summary is SUMMARY
    assert declaration.head is not None
    assert declaration.head.consignor_name == "示例进出口有限公司"
    assert declaration.head.gross_weight == Decimal("18750.5")
    assert [(item.number, item.usd_value) for item in declaration.items] == [(1, Decimal("131.00")), (2, None)]
    assert stand_in.seen[0].json == {"entryId": ENTRY_ID, "decType": "1", "encryptStr": "abc="}


async def test_another_declarations_detail_is_refused(session: PortClient, stand_in: FakePort) -> None:
    stand_in.answers[DETAIL] = answering(sealed({"cardHeadVo": {"entryId": OTHER_ID}, "cardList": []}))
    with pytest.raises(InvalidPortResponse):
        await session.detail(SUMMARY)


SPAN_TEXT, NUMBER_TEXT = "JJ0G900000001||2025060120250630", f"JJ0G900000001||{ENTRY_ID}"
NO_ROWS, NO_ITEMS = sealed({"total": 0, "rows": []}), sealed({"cardHeadVo": {}, "cardList": []})
SIGNED = [
    (LIST, _wants_signature(NO_ROWS), SPAN_TEXT),
    (LIST, _wants_signature(NO_ROWS, in_envelope=False), SPAN_TEXT),
    (DETAIL, _wants_signature(NO_ITEMS), NUMBER_TEXT),
    (DETAIL, _wants_signature(NO_ITEMS, in_envelope=False), NUMBER_TEXT),
    (PREVIEW, _wants_signature(Response(b"%PDF-1.4"), in_envelope=False), NUMBER_TEXT),
    (DOWNLOAD, _wants_signature(Response(b"<x/>", media_type="text/xml"), in_envelope=False), SPAN_TEXT),
]


@pytest.mark.parametrize("signed", SIGNED)
async def test_a_call_is_signed_when_the_port_wants_it(
    session: PortClient, stand_in: FakePort, card: PaperCard, signed: tuple[str, Answer, str]
) -> None:
    path, answer, text = signed
    stand_in.answers[path] = answer
    await CALLS[path](session)
    first, second = stand_in.seen
    assert "sign" not in first.headers
    assert "isverify" not in first.headers
    assert second.headers["sign"] == signature_of(text)
    assert second.headers["isverify"] == "1"
    assert second.headers["rdtime"] == RDTIME
    assert first.body == second.body
    assert card.asked == ["present", text]


@pytest.mark.parametrize("path", [LIST, DETAIL, PREVIEW, DOWNLOAD, RESEND])
async def test_a_pulled_card_signs_nothing(session: PortClient, stand_in: FakePort, card: PaperCard, path: str) -> None:
    stand_in.answers[path] = _wants_signature(Response(), in_envelope=False)
    card.gone = True
    with pytest.raises(Problem, match=r"card\.gone"):
        await CALLS[path](session)
    assert not any("sign" in seen.headers for seen in stand_in.seen)
    assert card.asked == ["present"]


async def test_the_card_signs_for_one_call_after_the_other(
    session: PortClient, stand_in: FakePort, card: PaperCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing = 0

    async def sign(text: str) -> str:
        nonlocal signing
        assert not signing, "the card is asked while it is busy"
        signing += 1
        await asyncio.sleep(0)
        signing -= 1
        return signature_of(text)

    monkeypatch.setattr(card, "sign", sign)
    stand_in.answers[LIST] = _wants_signature(NO_ROWS)
    await asyncio.gather(*(session.list_page(JUNE, page) for page in range(1, 6)))
    assert sum("sign" in seen.headers for seen in stand_in.seen) == 5


@pytest.mark.parametrize("path", [LIST, DETAIL, PREVIEW, DOWNLOAD, RESEND])
async def test_a_signature_is_not_offered_twice(session: PortClient, stand_in: FakePort, path: str) -> None:
    stand_in.answers[path] = answering(JSONResponse({"responseCode": 30001}))
    with pytest.raises(PortRefused) as refused:
        await CALLS[path](session)
    assert refused.value.response_code == 30001
    assert refused.value.message == "服务器没有接受卡的签名"
    assert sum("sign" in seen.headers for seen in stand_in.seen) == 1


async def test_a_preview(session: PortClient, stand_in: FakePort) -> None:
    stand_in.answers[PREVIEW] = raw(b"%PDF-1.7\nbody", "application/octet-stream")
    assert await session.preview_pdf(ENTRY_ID, Kind.DEPARTURE_PORT) == b"%PDF-1.7\nbody"
    (seen,) = stand_in.seen
    assert (seen.method, seen.path) == ("GET", f"{PREVIEW}/{ENTRY_ID},2")


@pytest.mark.parametrize("media_type", ["application/xml", "text/xml; charset=UTF-8", "application/octet-stream"])
async def test_a_download_keeps_every_byte(session: PortClient, stand_in: FakePort, media_type: str) -> None:
    content = b"\xef\xbb\xbf<?xml version='1.0'?>\r\n<Sealed>\x00\xff</Sealed>\r\n"
    stand_in.answers[DOWNLOAD] = raw(content, media_type)
    assert await session.download(JUNE) == content
    assert stand_in.seen[0].json["startDate"] == "20250601"


async def test_a_download_of_one_declaration(session: PortClient, stand_in: FakePort) -> None:
    stand_in.answers[DOWNLOAD] = raw(b"<x/>", "application/xml")
    await session.download(NumberQuery(ENTRY_ID))
    assert stand_in.seen[0].json == {"entryId": ENTRY_ID}


async def test_json_numbers_never_pass_through_a_float(session: PortClient, stand_in: FakePort) -> None:
    row = json.dumps(ROW).replace("18234.1", "12345678901234.10001")
    text = f'{{"responseCode":100,"responseData":{{"total":1,"rows":[{row}]}}}}'
    stand_in.answers[LIST] = raw(seal(text).encode())
    page = await session.list_page(JUNE, 1)
    assert str(page.rows[0].usd_amount) == "12345678901234.10001"
