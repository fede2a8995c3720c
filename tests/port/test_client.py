import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from jiacha_tui.declaration.entry_number import BadEntryNumber
from jiacha_tui.declaration.model import Kind, Summary
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import ByNumber, BySpan, Span
from jiacha_tui.port.client import PortClient
from jiacha_tui.port.messages import Page, ResendReply
from jiacha_tui.port.problems import (
    AnswerUnknown,
    NotLoggedIn,
    PortGarbage,
    PortRefused,
    ServerFault,
    SessionEnded,
)
from tests.port.cards import PaperCard, signature_of
from tests.port.stand_in import (
    DETAIL,
    DOWNLOAD,
    LIST,
    PREVIEW,
    RDTIME,
    RESEND,
    Answer,
    StandIn,
    answering,
    html,
    login_page,
    raw,
    seal,
    sealed,
)

ENTRY_ID, OTHER_ID = "223320250000012345", "310120250000147213"
JUNE = BySpan(Span(date(2025, 6, 1), date(2025, 6, 30)))
ROW = {
    "entryId": ENTRY_ID,
    "iEDate": "20250630",
    "iEPort": "浦东机场",
    "dateDec": "2025-07-02 10:11:12",
    "usdPrices": 18234.1,
    "printNum": 1,
    "opMode": "修改",
    "flagDec": "1",
    "flagConta": "0",
    "encryptStr": "abc=",
}
SUMMARY = Summary(
    entry_id=ENTRY_ID,
    exported_on=date(2025, 6, 30),
    exit_customs="浦东机场",
    reported_at=datetime.fromisoformat("2025-07-02T10:11:12"),
    usd_amount=Decimal("18234.1"),
    print_count=1,
    transfer_state="修改",
    dec_flag="1",
    container_flag="0",
    detail_token="abc=",
)
HTML_PAGE = "<html><head><title>维护中</title></head><body>\x1b[2J</body></html>"

Call = Callable[[PortClient], Awaitable[object]]
CALLS: dict[str, Call] = {
    LIST: lambda client: client.list_page(JUNE, 1),
    DETAIL: lambda client: client.detail(SUMMARY),
    PREVIEW: lambda client: client.preview_pdf(ENTRY_ID, Kind.CLEARED),
    RESEND: lambda client: client.resend([ENTRY_ID]),
    DOWNLOAD: lambda client: client.download(JUNE),
}
READING = [LIST, DETAIL, PREVIEW, DOWNLOAD]


def _wants_signature(then: Response, *, in_envelope: bool = True) -> Answer:
    """30001 until a call comes signed."""

    async def answer(request: Request) -> Response:
        if request.headers.get("isverify") == "1":
            return then
        return sealed(None, 30001) if in_envelope else JSONResponse({"responseCode": 30001})

    return answer


async def test_a_page_of_the_list(session: PortClient, stand_in: StandIn, card: PaperCard) -> None:
    stand_in.answers[LIST] = answering(sealed({"total": 41, "code": 0, "rows": [ROW]}))
    assert await session.list_page(JUNE, 2) == Page(41, (SUMMARY,))
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


async def test_a_query_by_number_of_the_other_kind(session: PortClient, stand_in: StandIn) -> None:
    stand_in.answers[LIST] = answering(sealed({"total": 1, "rows": [ROW]}))
    page = await session.list_page(ByNumber(ENTRY_ID, Kind.DEPARTURE_PORT), 1, size=10)
    assert page.rows[0].kind is Kind.DEPARTURE_PORT
    assert stand_in.seen[0].json == {
        "curPage": 1,
        "pageSize": 10,
        "decType": "2",
        "entryId": ENTRY_ID,
        "startDate": "",
        "endDate": "",
    }


async def test_nothing_found(session: PortClient, stand_in: StandIn) -> None:
    stand_in.answers[LIST] = answering(sealed({"total": 0, "code": 0, "rows": None}))
    assert await session.list_page(JUNE, 1) == Page(0, ())


async def test_a_detail(session: PortClient, stand_in: StandIn) -> None:
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


async def test_another_declarations_detail_is_refused(session: PortClient, stand_in: StandIn) -> None:
    stand_in.answers[DETAIL] = answering(sealed({"cardHeadVo": {"entryId": OTHER_ID}, "cardList": []}))
    with pytest.raises(PortGarbage):
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
    session: PortClient, stand_in: StandIn, card: PaperCard, signed: tuple[str, Answer, str]
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
async def test_a_pulled_card_signs_nothing(session: PortClient, stand_in: StandIn, card: PaperCard, path: str) -> None:
    stand_in.answers[path] = _wants_signature(Response(), in_envelope=False)
    card.gone = True
    with pytest.raises(Problem, match=r"card\.gone"):
        await CALLS[path](session)
    assert not any("sign" in seen.headers for seen in stand_in.seen)
    assert card.asked == ["present"]


async def test_the_card_signs_for_one_call_after_the_other(
    session: PortClient, stand_in: StandIn, card: PaperCard, monkeypatch: pytest.MonkeyPatch
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
async def test_a_signature_is_not_offered_twice(session: PortClient, stand_in: StandIn, path: str) -> None:
    stand_in.answers[path] = answering(JSONResponse({"responseCode": 30001}))
    with pytest.raises(PortRefused) as refused:
        await CALLS[path](session)
    assert refused.value.response_code == 30001
    assert refused.value.what == "服务器没有接受卡的签名"
    assert sum("sign" in seen.headers for seen in stand_in.seen) == 1


async def test_a_preview(session: PortClient, stand_in: StandIn) -> None:
    stand_in.answers[PREVIEW] = raw(b"%PDF-1.7\nbody", "application/octet-stream")
    assert await session.preview_pdf(ENTRY_ID, Kind.DEPARTURE_PORT) == b"%PDF-1.7\nbody"
    (seen,) = stand_in.seen
    assert (seen.method, seen.path) == ("GET", f"{PREVIEW}/{ENTRY_ID},2")


@pytest.mark.parametrize("media_type", ["application/xml", "text/xml; charset=UTF-8", "application/octet-stream"])
async def test_a_download_keeps_every_byte(session: PortClient, stand_in: StandIn, media_type: str) -> None:
    content = b"\xef\xbb\xbf<?xml version='1.0'?>\r\n<Sealed>\x00\xff</Sealed>\r\n"
    stand_in.answers[DOWNLOAD] = raw(content, media_type)
    assert await session.download(JUNE) == content
    assert stand_in.seen[0].json["startDate"] == "20250601"


async def test_a_download_of_one_declaration(session: PortClient, stand_in: StandIn) -> None:
    stand_in.answers[DOWNLOAD] = raw(b"<x/>", "application/xml")
    await session.download(ByNumber(ENTRY_ID))
    assert stand_in.seen[0].json == {"entryId": ENTRY_ID}


@pytest.mark.parametrize("path", [LIST, DETAIL, PREVIEW, DOWNLOAD, RESEND])
async def test_a_refusal_has_the_ports_words(session: PortClient, stand_in: StandIn, path: str) -> None:
    words = "下载失败：您本次下载的2316条数据，超过了 1000 条的下载上限，请重新设置查询条件进行下载，缩小查询范围"
    stand_in.answers[path] = answering(JSONResponse({"responseCode": "500", "responseMsg": words}))
    with pytest.raises(PortRefused) as refused:
        await CALLS[path](session)
    assert refused.value.what == words
    assert refused.value.response_code == 500


async def test_a_refusal_cannot_command_the_terminal(session: PortClient, stand_in: StandIn) -> None:
    message = {"responseCode": 1, "responseMsg": "\x1b[2J\u202e" + "x" * 9999}
    stand_in.answers[LIST] = answering(JSONResponse(message))
    with pytest.raises(PortRefused) as refused:
        await session.list_page(JUNE, 1)
    assert "\x1b" not in refused.value.what
    assert "\u202e" not in refused.value.what
    assert len(refused.value.what) < 400


async def test_a_refusal_without_words_says_its_code(session: PortClient, stand_in: StandIn) -> None:
    stand_in.answers[LIST] = answering(sealed(None, 20007))
    with pytest.raises(PortRefused, match="20007"):
        await session.list_page(JUNE, 1)


async def test_a_resend_is_signed_at_once(session: PortClient, stand_in: StandIn, card: PaperCard) -> None:
    stand_in.answers[RESEND] = answering(JSONResponse({"responseCode": 100, "responseMsg": "发送成功"}))
    assert await session.resend([ENTRY_ID, OTHER_ID]) == ResendReply(100, "发送成功")
    (seen,) = stand_in.seen
    assert seen.json == {"ids": f"{ENTRY_ID},{OTHER_ID}", "msgType": "RTXJG"}
    text = f"JJ0G900000001||{ENTRY_ID},{OTHER_ID}"
    assert seen.headers["sign"] == signature_of(text)
    assert card.asked == ["present", text]


async def test_any_code_without_words_means_that_a_resend_was_taken(session: PortClient, stand_in: StandIn) -> None:
    stand_in.answers[RESEND] = answering(JSONResponse({"responseCode": 0}))
    assert await session.resend([ENTRY_ID]) == ResendReply(0, "")


@pytest.mark.parametrize(
    "answer",
    [
        raw(b"", status=502),
        raw(b"{}", "application/json"),
        raw(b'{"responseCode":1', "application/json"),
        raw(b"", "application/json"),
        html(HTML_PAGE),
        raw(b"\xff\xfe"),
    ],
)
async def test_a_resend_whose_answer_tells_nothing_is_unknown(
    session: PortClient, stand_in: StandIn, answer: Answer
) -> None:
    stand_in.answers[RESEND] = answer
    with pytest.raises(AnswerUnknown):
        await session.resend([ENTRY_ID])
    assert len(stand_in.seen) == 1


@pytest.mark.parametrize("entry_ids", [["123"], ["../../../x"], [f"{ENTRY_ID},{OTHER_ID}"]])
async def test_only_numbers_are_resent(session: PortClient, stand_in: StandIn, entry_ids: list[str]) -> None:
    with pytest.raises(BadEntryNumber):
        await session.resend(entry_ids)
    with pytest.raises(BadEntryNumber):
        await session.preview_pdf(entry_ids[0], Kind.CLEARED)
    assert stand_in.seen == []


async def test_an_empty_resend_is_a_mistake_of_the_caller(session: PortClient) -> None:
    with pytest.raises(ValueError, match="at least one"):
        await session.resend([])


@pytest.mark.parametrize("path", [LIST, DETAIL, PREVIEW, DOWNLOAD, RESEND])
@pytest.mark.parametrize(
    "answer",
    [
        html(login_page()),
        html("\ufeff\n" + login_page("4|x")),
        raw(login_page().encode(), "text/plain"),
        raw(login_page().encode("gb18030"), "application/xml"),
        answering(RedirectResponse("https://port.test/cas/login", 302)),
        answering(RedirectResponse("https://elsewhere.test/", 303)),
        raw(b"", status=401),
    ],
)
async def test_a_login_page_instead_of_an_answer_ends_the_session(
    session: PortClient, stand_in: StandIn, path: str, answer: Answer
) -> None:
    stand_in.answers[path] = answer
    with pytest.raises(SessionEnded):
        await CALLS[path](session)
    assert len(stand_in.seen) == 1, "a redirect is not followed"


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not base64!",
        b"AAAA",
        "报关单".encode(),
        seal('{"responseCode":100}', key=b"another key, 16!").encode(),
        seal('{"responseCode":100}', marker="").encode(),
        seal("[]").encode(),
        seal('{"responseCode":100,"responseData":{}}').encode(),
        seal('{"responseCode":100,"responseData":[]}').encode(),
        seal('{"responseCode":100,"responseData":{"total":"many","rows":[]}}').encode(),
        seal('{"responseCode":100,"responseData":{"total":1,"rows":[{}]}}').encode(),
        seal('{"responseCode":100,"responseData":{"total":-1,"rows":[]}}').encode(),
        seal('{"responseCode":100,"responseData":{"cardHeadVo":[],"cardList":{}}}').encode(),
        seal('{"responseCode":100,"responseData":{"cardHeadVo":{},"cardList":[{"gNo":"x"}]}}').encode(),
        seal('{"responseData":{"total":0,"rows":[]}}').encode(),
        b'{"responseCode":100,"responseData":',
        b'{"responseCode":null}',
        b'{"responseCode":[100]}',
        b'{"responseCode":1e99999999999999999999}',
        b'{"responseCode":' + b"[" * 100_000,
        b"{" * 100_000,
        b'{"responseCode":"' + b"9" * 5000 + b'"}',
        HTML_PAGE.encode(),
        b"<",
        b"%PDF",
    ],
)
async def test_garbage_is_garbage(session: PortClient, stand_in: StandIn, path: str, content: bytes) -> None:
    stand_in.answers[path] = raw(content)
    with pytest.raises(PortGarbage) as problem:
        await CALLS[path](session)
    assert len(problem.value.what) < 200
    assert "\x1b" not in problem.value.what


@pytest.mark.parametrize("path", READING)
async def test_http_failures(session: PortClient, stand_in: StandIn, path: str) -> None:
    stand_in.answers[path] = raw(b"<html>bad gateway</html>", "text/html", 503)
    with pytest.raises(ServerFault, match="503"):
        await CALLS[path](session)
    stand_in.answers[path] = raw(b"no such thing", "text/plain", 404)
    with pytest.raises(PortRefused, match="404"):
        await CALLS[path](session)
    stand_in.answers[path] = raw(b"", "text/plain", 204)
    with pytest.raises(PortGarbage):
        await CALLS[path](session)


@pytest.mark.parametrize("path", [LIST, DETAIL, PREVIEW, DOWNLOAD, RESEND])
async def test_no_call_without_a_session(client: PortClient, stand_in: StandIn, path: str) -> None:
    with pytest.raises(NotLoggedIn):
        await CALLS[path](client)
    await client.log_in(PaperCard())
    await client.aclose()
    await client.aclose()
    stand_in.seen.clear()
    with pytest.raises(NotLoggedIn):
        await CALLS[path](client)
    assert stand_in.seen == []


async def test_json_numbers_never_pass_through_a_float(session: PortClient, stand_in: StandIn) -> None:
    row = json.dumps(ROW).replace("18234.1", "12345678901234.10001")
    text = f'{{"responseCode":100,"responseData":{{"total":1,"rows":[{row}]}}}}'
    stand_in.answers[LIST] = raw(seal(text).encode())
    page = await session.list_page(JUNE, 1)
    assert str(page.rows[0].usd_amount) == "12345678901234.10001"
