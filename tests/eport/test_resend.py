import pytest
from starlette.responses import JSONResponse

from jiacha_tui.declaration.entry_number import BadEntryNumber
from jiacha_tui.declaration.model import Kind
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.messages import ResendResponse
from jiacha_tui.eport.problems import OutcomeUnknown, SessionCardMismatch
from jiacha_tui.eport.resend_response import judge_resend
from tests.eport.calls import ENTRY_ID, OTHER_ID
from tests.eport.cards import FakeCard, signature_of
from tests.eport.fake_port import (
    RESEND,
    SESSION,
    FakePort,
    Handler,
    respond_bytes,
    respond_html,
    respond_with,
)

HTML_PAGE = "<html><head><title>维护中</title></head><body>\x1b[2J</body></html>"


async def test_the_first_request_of_a_resend_is_signed(
    logged_in: PortClient, fake_port: FakePort, card: FakeCard
) -> None:
    fake_port.handlers[RESEND] = respond_with(JSONResponse({"responseCode": 100, "responseMsg": "发送成功"}))
    assert await logged_in.resend([ENTRY_ID, OTHER_ID]) == ResendResponse(100, "发送成功")
    session, request = fake_port.requests
    assert session.path == SESSION, "the session is checked right before"
    assert request.json == {"ids": f"{ENTRY_ID},{OTHER_ID}", "msgType": "RTXJG"}
    text = f"JJ0G900000001||{ENTRY_ID},{OTHER_ID}"
    assert request.headers["sign"] == signature_of(text)
    assert card.calls == ["present", text]


@pytest.mark.parametrize(
    "response",
    [
        {"responseCode": 100},
        {"responseCode": 100, "responseMsg": None, "responseData": None},
        {"responseCode": 100, "responseMsg": "", "responseData": {}},
        {"responseCode": "100", "responseMsg": "已受理"},
        {"responseCode": 200, "msg": "发送成功！"},
        {"responseCode": 1, "message": "Success"},
        {"responseCode": 0, "message": "操作成功", "timestamp": "2026-06-15 17:30:00", "error": None},
        {"responseCode": 100, "responseData": {"success": [ENTRY_ID], "fail": [], "failCount": 0, "errorCode": "0"}},
        {"responseCode": 100, "responseData": {"successCount": 1, "ok": True, "ids": ENTRY_ID}},
        {"responseCode": 501, "responseData": {"result": [{"entryId": ENTRY_ID, "msg": "成功"}]}},
    ],
)
async def test_a_response_that_says_nothing_but_success_means_success(
    logged_in: PortClient, fake_port: FakePort, response: dict[str, object]
) -> None:
    fake_port.handlers[RESEND] = respond_with(JSONResponse(response))
    assert (await logged_in.resend([ENTRY_ID])).code == int(str(response["responseCode"]))


@pytest.mark.parametrize(
    ("response", "words"),
    [
        ({"responseCode": 501, "msg": "失败：申报系统忙"}, "失败：申报系统忙（501）"),
        ({"responseCode": 501, "msg": "重发不成功"}, "重发不成功（501）"),
        ({"responseCode": 100, "responseMsg": "操作失败"}, "操作失败（100）"),
        ({"responseCode": 100, "responseMsg": "系统维护中，请稍后"}, "系统维护中，请稍后（100）"),
        ({"responseCode": 100, "msg": "unsuccessful"}, "unsuccessful（100）"),
        ({"responseCode": 0, "message": "部分成功，1 票发送异常"}, "部分成功，1 票发送异常（0）"),
        ({"responseCode": 300, "responseData": "您无权重发"}, "您无权重发（300）"),
        ({"responseCode": 300, "responseMsg": "请联系管理员"}, "请联系管理员（300）"),
        ({"responseCode": 500, "errorMsg": "Internal Error"}, "Internal Error（500）"),
        ({"responseCode": 501, "errorMessage": "数据库连接失败"}, "数据库连接失败（501）"),
        ({"responseCode": 100, "whatever": "数据库连接失败"}, "数据库连接失败（100）"),
        ({"responseCode": 501, "responseData": {"msg": "发送失败"}}, "发送失败（501）"),
        ({"responseCode": 100, "msg": "发送成功", "responseData": [{"a": [{"b": "失败"}]}]}, "发送成功；失败（100）"),
        ({"responseCode": 100, "responseData": {"fail": [ENTRY_ID]}}, f"fail：{ENTRY_ID}（100）"),
        (
            {"responseCode": 100, "responseData": {"failList": [{"entryId": ENTRY_ID}]}},
            f"failList.entryId：{ENTRY_ID}（100）",
        ),
        ({"responseCode": 100, "responseData": {"success": []}}, "success：[]（100）"),
        ({"responseCode": 100, "success": False}, "success：False（100）"),
        ({"responseCode": 100, "responseData": 0}, "responseData：0（100）"),
        ({"responseCode": 100, "responseData": {"successCount": "0"}}, "successCount：0（100）"),
        ({"responseCode": 100, "responseData": {"code": 500}}, "code：500（100）"),
        ({"responseCode": 100, "responseData": {"success": [ENTRY_ID, OTHER_ID]}}, f"{OTHER_ID}；success：{ENTRY_ID}"),
        ({"responseCode": 100, "responseData": OTHER_ID}, f"{OTHER_ID}（100）"),
        ({"responseCode": 100, "msg": f"报关单{OTHER_ID}发送成功"}, f"报关单{OTHER_ID}发送成功（100）"),
        ({"responseCode": 0}, "没有说明（0）"),
        ({"responseCode": 500}, "没有说明（500）"),
    ],
)
async def test_everything_else_makes_the_outcome_unknown_with_the_words_of_the_port(
    logged_in: PortClient, fake_port: FakePort, response: dict[str, object], words: str
) -> None:
    fake_port.handlers[RESEND] = respond_with(JSONResponse(response))
    with pytest.raises(OutcomeUnknown) as problem:
        await logged_in.resend([ENTRY_ID])
    assert problem.value.received.startswith(words)
    assert words in problem.value.message
    assert len(fake_port.requests_to(RESEND)) == 1


async def test_a_resend_of_which_a_part_succeeded_is_unknown(logged_in: PortClient, fake_port: FakePort) -> None:
    for data in ({"success": [ENTRY_ID]}, {"successCount": 1}, {"msg": "成功 1 票"}):
        fake_port.handlers[RESEND] = respond_with(JSONResponse({"responseCode": 100, "responseData": data}))
        with pytest.raises(OutcomeUnknown):
            await logged_in.resend([ENTRY_ID, OTHER_ID])


@pytest.mark.parametrize("text", ["失败", "维护中", "\u202e成功", "成功" * 400])
async def test_deep_responses_are_read_whole(logged_in: PortClient, fake_port: FakePort, text: str) -> None:
    nested = '{"a":[' * 60 + f'"{text}"' + "]}" * 60
    content = f'{{"responseCode":100,"responseData":{nested}}}'.encode()
    fake_port.handlers[RESEND] = respond_bytes(content, "application/json")
    with pytest.raises(OutcomeUnknown) as problem:
        await logged_in.resend([ENTRY_ID])
    assert "\u202e" not in problem.value.message


@pytest.mark.parametrize(
    "handler",
    [
        respond_bytes(b"", status=502),
        respond_bytes(b"", status=429),
        respond_bytes(b"", status=404),
        respond_bytes(b"{}", "application/json"),
        respond_bytes(b'{"responseCode":1', "application/json"),
        respond_bytes(b"", "application/json"),
        respond_html(HTML_PAGE),
        respond_bytes(b"\xff\xfe"),
        respond_bytes('{"responseCode":100,"responseData":{"msg":"发送失败"}}'.encode("gb18030"), "application/json"),
        respond_bytes('{"responseCode":100,"responseMsg":"发送成功"}'.encode("gb18030"), "application/json"),
        respond_bytes(b'{"responseCode":100,"responseData":{"n":1e99999999999999999999}}', "application/json"),
    ],
)
async def test_a_resend_with_an_invalid_response_is_unknown(
    logged_in: PortClient, fake_port: FakePort, handler: Handler
) -> None:
    fake_port.handlers[RESEND] = handler
    with pytest.raises(OutcomeUnknown):
        await logged_in.resend([ENTRY_ID])
    assert len(fake_port.requests_to(RESEND)) == 1


async def test_the_resend_has_the_newest_rdtime(logged_in: PortClient, fake_port: FakePort) -> None:
    fake_port.handlers[SESSION] = respond_with(JSONResponse({"rdtime": "newer", "cards": fake_port.card_number}))
    fake_port.handlers[RESEND] = respond_with(JSONResponse({"responseCode": 100}))
    await logged_in.resend([ENTRY_ID])
    assert fake_port.requests[-1].headers["rdtime"] == "newer"


async def test_nothing_is_resent_in_the_session_of_another_card(logged_in: PortClient, fake_port: FakePort) -> None:
    fake_port.card_number = "JJ0G900000002"
    with pytest.raises(SessionCardMismatch):
        await logged_in.resend([ENTRY_ID])
    assert fake_port.requests_to(RESEND) == []


@pytest.mark.parametrize("entry_ids", [["123"], ["../../../x"], [f"{ENTRY_ID},{OTHER_ID}"]])
async def test_a_wrong_entry_number_is_not_sent(
    logged_in: PortClient, fake_port: FakePort, entry_ids: list[str]
) -> None:
    with pytest.raises(BadEntryNumber):
        await logged_in.resend(entry_ids)
    with pytest.raises(BadEntryNumber):
        await logged_in.official_print_pdf(entry_ids[0], Kind.CLEARED)
    assert fake_port.requests == []


async def test_an_empty_resend_raises_value_error(logged_in: PortClient) -> None:
    with pytest.raises(ValueError, match="at least one"):
        await logged_in.resend([])


@pytest.mark.parametrize(
    ("data", "is_success"),
    [
        ({"success": ENTRY_ID}, False),
        ({"success": f"{ENTRY_ID},{OTHER_ID}"}, True),
        ({"msg": f"报关单{ENTRY_ID}发送成功"}, False),
        ({"msg": f"报关单{ENTRY_ID}、{OTHER_ID}发送成功"}, True),
    ],
)
def test_two_are_resent_only_if_the_port_names_both(data: dict[str, object], is_success: bool) -> None:
    members = {"responseCode": 100, "responseData": data}
    assert judge_resend(members, 100, [ENTRY_ID, OTHER_ID], 100).is_success is is_success
