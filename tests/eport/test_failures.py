"""Refusals, the end of the session and invalid responses."""

import pytest
from starlette.responses import JSONResponse, RedirectResponse

from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.problems import (
    InvalidPortResponse,
    NotLoggedIn,
    PortRefused,
    ServerError,
    SessionEnded,
)
from tests.eport.calls import CALLS, JUNE, READ_CALLS
from tests.eport.cards import FakeCard
from tests.eport.fake_port import (
    DETAIL,
    DOWNLOAD,
    LIST,
    PREVIEW,
    RESEND,
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


@pytest.mark.parametrize("path", [LIST, DETAIL, PREVIEW, DOWNLOAD, RESEND])
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


async def test_a_refusal_without_a_message_shows_its_code(logged_in: PortClient, fake_port: FakePort) -> None:
    fake_port.handlers[LIST] = respond_with(enveloped(None, 20007))
    with pytest.raises(PortRefused, match="20007"):
        await logged_in.list_page(JUNE, 1)


@pytest.mark.parametrize("path", [LIST, DETAIL, PREVIEW, DOWNLOAD, RESEND])
@pytest.mark.parametrize(
    "handler",
    [
        respond_html(login_page()),
        respond_html("\ufeff\n" + login_page("4|x")),
        respond_bytes(login_page().encode(), "text/plain"),
        respond_bytes(login_page().encode("gb18030"), "application/xml"),
        respond_with(RedirectResponse("https://port.test/cas/login", 302)),
        respond_with(RedirectResponse("https://elsewhere.test/", 303)),
        respond_bytes(b"", status=401),
    ],
)
async def test_a_login_page_or_redirect_ends_the_session(
    logged_in: PortClient, fake_port: FakePort, path: str, handler: Handler
) -> None:
    fake_port.handlers[path] = handler
    with pytest.raises(SessionEnded):
        await CALLS[path](logged_in)
    assert len(fake_port.requests) == 1, "a redirect is not followed"


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
    fake_port.handlers[path] = respond_bytes(b"no such thing", "text/plain", 404)
    with pytest.raises(PortRefused, match="404"):
        await CALLS[path](logged_in)
    fake_port.handlers[path] = respond_bytes(b"", "text/plain", 204)
    with pytest.raises(InvalidPortResponse):
        await CALLS[path](logged_in)


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
