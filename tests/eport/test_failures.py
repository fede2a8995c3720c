"""Refusals, the end of the session and invalid responses."""

import pytest
from starlette.responses import JSONResponse, RedirectResponse

from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.problems import (
    InvalidPortResponse,
    NotLoggedIn,
    OutcomeUnknown,
    PortBusy,
    PortRefused,
    ServerError,
    SessionEnded,
)
from tests.eport.calls import CALLS, ENTRY_ID, JUNE, READ_CALLS
from tests.eport.cards import FakeCard
from tests.eport.fake_port import (
    DETAIL,
    DOWNLOAD,
    LIST,
    PREVIEW,
    RESEND,
    SESSION,
    FakePort,
    Handler,
    enveloped,
    login_page,
    respond_bytes,
    respond_html,
    respond_with,
    wrap_in_envelope,
)

HTML_PAGE = "<html><head><title>维护中</title></head><body>\x1b[2J</body></html>"


@pytest.mark.parametrize("path", READ_CALLS)
async def test_a_refusal_has_the_message_of_the_port(logged_in: PortClient, fake_port: FakePort, path: str) -> None:
    message = "下载失败：您本次下载的2316条数据，超过了 1000 条的下载上限，请重新设置查询条件进行下载，缩小查询范围"
    fake_port.handlers[path] = respond_with(JSONResponse({"responseCode": "500", "responseMsg": message}))
    with pytest.raises(PortRefused) as refused:
        await CALLS[path](logged_in)
    assert refused.value.message == message
    assert refused.value.response_code == 500


async def test_a_refusal_contains_no_control_characters(logged_in: PortClient, fake_port: FakePort) -> None:
    refusal = {"responseCode": 1, "responseMsg": "\x1b[2J\u202e" + "x" * 9999}
    fake_port.handlers[LIST] = respond_with(JSONResponse(refusal))
    with pytest.raises(PortRefused) as refused:
        await logged_in.list_page(JUNE, 1)
    assert "\x1b" not in refused.value.message
    assert "\u202e" not in refused.value.message
    assert len(refused.value.message) < 400


@pytest.mark.parametrize("path", READ_CALLS)
async def test_a_refusal_in_gb18030_is_shown(logged_in: PortClient, fake_port: FakePort, path: str) -> None:
    refusal = '{"responseCode":500,"responseMsg":"系统维护中\x85"}'.encode("gb18030")
    fake_port.handlers[path] = respond_bytes(refusal, "application/json")
    with pytest.raises(PortRefused) as refused:
        await CALLS[path](logged_in)
    assert refused.value.message.startswith("系统维护中")
    assert "\x85" not in refused.value.message


async def test_a_refusal_in_no_known_encoding_shows_its_code(logged_in: PortClient, fake_port: FakePort) -> None:
    fake_port.handlers[LIST] = respond_bytes(b'{"responseCode":500,"responseMsg":"\xff\xff"}', "application/json")
    with pytest.raises(PortRefused, match="500"):
        await logged_in.list_page(JUNE, 1)


async def test_a_refusal_without_a_message_shows_its_code(logged_in: PortClient, fake_port: FakePort) -> None:
    fake_port.handlers[LIST] = respond_with(enveloped(None, 20007))
    with pytest.raises(PortRefused, match="20007"):
        await logged_in.list_page(JUNE, 1)


SESSION_ENDS = [
    respond_html(login_page()),
    respond_html("\ufeff\n" + login_page("4|x")),
    respond_bytes(login_page().encode(), "text/plain"),
    respond_bytes(login_page().encode("gb18030"), "application/xml"),
    respond_with(RedirectResponse("https://port.test/cas/login", 302)),
    respond_with(RedirectResponse("https://elsewhere.test/", 303)),
    respond_bytes(b"", status=401),
    respond_html("<html><script>top.location.href = '/cas/login?service=x';</script></html>"),
    respond_html('<html><head><meta http-equiv="refresh" content="0; url=/cas/login"></head></html>'),
]


@pytest.mark.parametrize("path", READ_CALLS)
@pytest.mark.parametrize("handler", SESSION_ENDS)
async def test_a_login_page_or_redirect_ends_the_session(
    logged_in: PortClient, fake_port: FakePort, path: str, handler: Handler
) -> None:
    fake_port.handlers[path] = handler
    with pytest.raises(SessionEnded):
        await CALLS[path](logged_in)
    assert len(fake_port.requests) == 1, "a redirect is not followed"


@pytest.mark.parametrize("handler", SESSION_ENDS)
async def test_a_resend_that_is_answered_by_the_end_of_the_session_is_unknown(
    logged_in: PortClient, fake_port: FakePort, handler: Handler
) -> None:
    fake_port.handlers[RESEND] = handler
    with pytest.raises(OutcomeUnknown):
        await logged_in.resend([ENTRY_ID])
    assert [request.path for request in fake_port.requests] == [SESSION, RESEND]


@pytest.mark.parametrize("handler", SESSION_ENDS)
async def test_a_resend_is_not_sent_if_the_session_has_ended(
    logged_in: PortClient, fake_port: FakePort, handler: Handler
) -> None:
    fake_port.handlers[SESSION] = handler
    with pytest.raises(SessionEnded):
        await logged_in.resend([ENTRY_ID])
    assert fake_port.requests_to(RESEND) == []


MAYBE_ENDED = [
    respond_html(HTML_PAGE),
    respond_with(JSONResponse({"responseCode": 20007})),
    respond_with(JSONResponse({"responseCode": 401, "msg": "您还没有登录"})),
    respond_bytes(b"forbidden", status=403),
]


@pytest.mark.parametrize("path", READ_CALLS)
@pytest.mark.parametrize("handler", MAYBE_ENDED)
@pytest.mark.parametrize("answer", [*SESSION_ENDS, respond_with(JSONResponse({"cards": None, "code": 1}))])
async def test_an_unclear_response_is_the_end_of_the_session_if_there_is_no_session(
    logged_in: PortClient, fake_port: FakePort, path: str, handler: Handler, answer: Handler
) -> None:
    fake_port.handlers |= {path: handler, SESSION: answer}
    with pytest.raises(SessionEnded):
        await CALLS[path](logged_in)
    assert [request.path.startswith(path) for request in fake_port.requests] == [True, False]


@pytest.mark.parametrize("path", READ_CALLS)
@pytest.mark.parametrize("handler", MAYBE_ENDED)
@pytest.mark.parametrize("answer", [None, respond_bytes(b"", status=500), respond_html(HTML_PAGE)])
async def test_an_unclear_response_is_a_failure_if_the_session_may_be_alive(
    logged_in: PortClient, fake_port: FakePort, path: str, handler: Handler, answer: Handler | None
) -> None:
    fake_port.handlers[path] = handler
    if answer is not None:
        fake_port.handlers[SESSION] = answer
    with pytest.raises((PortRefused, InvalidPortResponse)):
        await CALLS[path](logged_in)
    assert len(fake_port.requests_to(path)) == 1


@pytest.mark.parametrize("path", READ_CALLS)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not base64!",
        b"AAAA",
        "报关单".encode(),
        wrap_in_envelope('{"responseCode":100}', key=b"another key, 16!").encode(),
        wrap_in_envelope('{"responseCode":100}', marker="").encode(),
        wrap_in_envelope("[]").encode(),
        wrap_in_envelope('{"responseCode":100,"responseData":{}}').encode(),
        wrap_in_envelope('{"responseCode":100,"responseData":[]}').encode(),
        wrap_in_envelope('{"responseCode":100,"responseData":{"total":"many","rows":[]}}').encode(),
        wrap_in_envelope('{"responseCode":100,"responseData":{"total":1,"rows":[{}]}}').encode(),
        wrap_in_envelope('{"responseCode":100,"responseData":{"total":-1,"rows":[]}}').encode(),
        wrap_in_envelope('{"responseCode":100,"responseData":{"cardHeadVo":[],"cardList":{}}}').encode(),
        wrap_in_envelope('{"responseCode":100,"responseData":{"cardHeadVo":{},"cardList":[{"gNo":"x"}]}}').encode(),
        wrap_in_envelope('{"responseData":{"total":0,"rows":[]}}').encode(),
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
async def test_an_invalid_response_is_refused(
    logged_in: PortClient, fake_port: FakePort, path: str, content: bytes
) -> None:
    fake_port.handlers[path] = respond_bytes(content)
    with pytest.raises(InvalidPortResponse) as problem:
        await CALLS[path](logged_in)
    assert len(problem.value.message) < 200
    assert "\x1b" not in problem.value.message


@pytest.mark.parametrize("path", READ_CALLS)
async def test_http_errors_are_told_apart(logged_in: PortClient, fake_port: FakePort, path: str) -> None:
    fake_port.handlers[path] = respond_bytes(b"<html>bad gateway</html>", "text/html", 503)
    with pytest.raises(ServerError, match="503"):
        await CALLS[path](logged_in)
    fake_port.handlers[path] = respond_bytes(b"", "text/plain", 429)
    with pytest.raises(PortBusy):
        await CALLS[path](logged_in)
    fake_port.handlers[path] = respond_bytes(b"no such thing", "text/plain", 404)
    with pytest.raises(PortRefused, match="404"):
        await CALLS[path](logged_in)
    fake_port.handlers[path] = respond_bytes(b"", "text/plain", 204)
    with pytest.raises(InvalidPortResponse):
        await CALLS[path](logged_in)


@pytest.mark.parametrize("media_type", ["application/xml", "text/xml", "application/octet-stream", "text/html"])
async def test_a_refusal_of_any_content_type_is_no_file(
    logged_in: PortClient, fake_port: FakePort, media_type: str
) -> None:
    content = '\ufeff\n{"responseCode":700,"responseMsg":"查询区间过大"}'.encode()
    fake_port.handlers[DOWNLOAD] = respond_bytes(content, media_type)
    with pytest.raises(PortRefused, match="查询区间过大"):
        await logged_in.download(JUNE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain text",
        b"PK\x03\x04",
        b"%PDF-1.4",
        b"< x/>",
        b"[]",
        HTML_PAGE.encode(),
        b"<?xml version='1.0'?>\n<!DOCTYPE html><html/>",
        b"<!-- note --><HTML></HTML>",
    ],
)
async def test_content_that_is_not_xml_is_no_file(logged_in: PortClient, fake_port: FakePort, content: bytes) -> None:
    fake_port.handlers[DOWNLOAD] = respond_bytes(content, "application/xml")
    with pytest.raises(InvalidPortResponse):
        await logged_in.download(JUNE)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
async def test_xml_of_any_content_type_and_encoding_is_a_file(
    logged_in: PortClient, fake_port: FakePort, encoding: str
) -> None:
    content = "\r\n<报关单>1</报关单>".encode(encoding)
    fake_port.handlers[DOWNLOAD] = respond_bytes(content, "text/plain")
    assert await logged_in.download(JUNE) == content


@pytest.mark.parametrize("path", [LIST, DETAIL, PREVIEW, DOWNLOAD, RESEND])
async def test_a_call_without_a_session_sends_nothing(client: PortClient, fake_port: FakePort, path: str) -> None:
    with pytest.raises(NotLoggedIn):
        await CALLS[path](client)
    await client.log_in(FakeCard())
    await client.aclose()
    await client.aclose()
    fake_port.requests.clear()
    with pytest.raises(NotLoggedIn):
        await CALLS[path](client)
    assert fake_port.requests == []
