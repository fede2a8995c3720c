"""The login at a fake port, over TLS sockets."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import JSONResponse, RedirectResponse, Response

from jiacha_tui.card.pin import Pin
from jiacha_tui.card.signature import verify
from jiacha_tui.card.softcard import SoftCard
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.card_issuing import Holder, issue_card, make_ca, save_card
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.problems import (
    InvalidPortResponse,
    LoginFailed,
    NotLoggedIn,
    PortProblem,
    PortRefused,
    RedirectElsewhere,
    ServerError,
    SessionCardMismatch,
)
from jiacha_tui.eport.settings import PortSettings
from tests.eport.cards import FakeCard, FakeIdentity, signature_of
from tests.eport.fake_port import (
    LOGIN,
    MENU,
    NONCE,
    PWD,
    RDTIME,
    SESSION,
    FakePort,
    Handler,
    login_page,
    on_post,
    respond_bytes,
    respond_html,
    respond_with,
)

IN_PROCESS = PortSettings.under_root("https://port.test")
SESSION_PATH = "sw/rtx/commonQuery/getSession"


async def _failure(client: PortClient, card: FakeCard) -> PortProblem:
    with pytest.raises(PortProblem) as problem:
        await client.log_in(card, lambda: PWD)
    return problem.value


async def test_the_requests_of_a_login(
    client: PortClient, fake_port: FakePort, card: FakeCard, settings: PortSettings
) -> None:
    await client.log_in(card)
    service = urlencode({"service": settings.service_address(SESSION_PATH)})
    assert [(request.method, request.path, request.query) for request in fake_port.requests] == [
        ("GET", LOGIN, service),
        ("POST", LOGIN, service),
        ("GET", SESSION, "ticket=ST-1-secret"),
        ("GET", SESSION, ""),
        ("POST", SESSION, ""),
        ("GET", MENU, ""),
    ]
    assert card.calls == ["present", NONCE]
    form = fake_port.requests[1].form
    assert form["signData"] == signature_of(NONCE)
    assert form["userPin"] == ""
    session_request = fake_port.requests[4]
    assert session_request.body == b""
    assert "rdtime" not in session_request.headers
    assert fake_port.requests[5].headers["rdtime"] == RDTIME


async def test_a_real_card_logs_in(client: PortClient, fake_port: FakePort, tmp_path: Path) -> None:
    """A card of `jiacha_tui.card` fits the protocol `Signer`, though neither package imports the other."""
    path, now = tmp_path / "card.p12", datetime.now(UTC)
    holder = Holder(card_number="JJ0G900000001", name="张三", company="公司", organisation_code="MA1FL0001")
    issued = issue_card(make_ca(now - timedelta(days=2)), holder, valid_from=now - timedelta(days=1))
    save_card(issued, Pin("12345678"), path)
    card = await SoftCard(path).open(Pin("12345678"))
    await client.log_in(card)
    form = fake_port.requests[1].form
    verify(issued.identity.certificate, NONCE, form["signData"])
    assert form["certNo"] == issued.identity.certificate_serial
    await card.close()


async def test_the_pin_is_sent_only_if_the_settings_say_so(
    client: PortClient, pin_client: PortClient, fake_port: FakePort, card: FakeCard
) -> None:
    for one, sent in ((client, ""), (pin_client, PWD)):
        fake_port.requests.clear()
        await one.log_in(card, lambda: PWD)
        assert fake_port.requests[1].form["userPin"] == sent
        others = [request for request in fake_port.requests if request.method != "POST" or request.path != LOGIN]
        assert all(
            PWD.encode() not in request.body and PWD not in str(request.headers) + request.query for request in others
        )


async def test_a_refused_card_has_the_official_message(client: PortClient, fake_port: FakePort, card: FakeCard) -> None:
    fake_port.handlers[LOGIN] = on_post(respond_with(Response(login_page("5|证书异常"), media_type="text/html")))
    problem = await _failure(client, card)
    assert isinstance(problem, LoginFailed)
    assert problem.status == 5
    assert problem.message == "卡信息异常，请尝试用证书延期方式更正!"
    assert len(fake_port.requests_to(LOGIN)) == 2, "the login was repeated"


async def test_a_refusal_may_have_the_status_401(client: PortClient, fake_port: FakePort, card: FakeCard) -> None:
    fake_port.handlers[LOGIN] = on_post(respond_with(Response(login_page("4|x"), 401, media_type="text/html")))
    problem = await _failure(client, card)
    assert isinstance(problem, LoginFailed)
    assert problem.status == 4


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        (respond_html("<html><body>请先认证上网</body></html>"), InvalidPortResponse),
        (respond_html(login_page(without="random")), InvalidPortResponse),
        (respond_html(login_page().replace(NONCE, "JJ0G900000001||223320250000012345")), InvalidPortResponse),
        (respond_bytes(b"", status=500), ServerError),
        (respond_bytes(b"", status=404), PortRefused),
        (respond_bytes(b"\xff\x00" * 99), InvalidPortResponse),
    ],
)
async def test_a_page_other_than_the_login_page_gets_no_form(
    client: PortClient, fake_port: FakePort, card: FakeCard, handler: Handler, expected: type[PortProblem]
) -> None:
    fake_port.handlers[LOGIN] = handler
    assert isinstance(await _failure(client, card), expected)
    assert card.calls == []
    assert [request.method for request in fake_port.requests] == ["GET"]


@pytest.mark.parametrize(
    "location",
    [
        "https://elsewhere.test/cas/login",
        "http://{port}/rtxwebserver/",
        "https://{host}:8443/",
        "https://{host}.elsewhere.test/",
        "//elsewhere.test/x",
        "file:///etc/passwd",
        "https://user@elsewhere.test/",
    ],
)
@pytest.mark.parametrize("at", ["GET", "POST"])
async def test_a_redirect_to_another_host_is_not_followed(
    client: PortClient, fake_port: FakePort, card: FakeCard, settings: PortSettings, *, location: str, at: str
) -> None:
    port = urlsplit(settings.login_url)
    redirect = Response(status_code=302, headers={"location": location.format(port=port.netloc, host=port.hostname)})
    fake_port.handlers[LOGIN] = on_post(respond_with(redirect)) if at == "POST" else respond_with(redirect)
    assert isinstance(await _failure(client, card), RedirectElsewhere)
    assert [request.method for request in fake_port.requests] == (["GET", "POST"] if at == "POST" else ["GET"])


@given(st.text() | st.from_regex(r"(https?:)?//[^/]*(:[0-9]*)?/.*", fullmatch=True))
def test_any_redirect_location_is_handled(location: str) -> None:
    async def log_in() -> None:
        fake_port = FakePort()
        header = {"location": location.encode("utf-8", "replace").decode("latin-1")}
        fake_port.handlers[LOGIN] = respond_with(Response(status_code=302, headers=header))
        client = PortClient(IN_PROCESS, httpx.ASGITransport(fake_port.application))
        with pytest.raises(PortProblem):
            await client.log_in(FakeCard())
        await client.aclose()

    asyncio.run(log_in())


@pytest.mark.parametrize("status", [307, 308])
async def test_the_form_is_not_sent_to_a_redirect(
    client: PortClient, fake_port: FakePort, card: FakeCard, status: int
) -> None:
    fake_port.handlers[LOGIN] = on_post(respond_with(RedirectResponse("/other", status)))
    assert isinstance(await _failure(client, card), InvalidPortResponse)
    assert fake_port.requests_to("/other") == []


async def test_a_redirect_loop_ends(client: PortClient, fake_port: FakePort, card: FakeCard) -> None:
    fake_port.handlers[LOGIN] = respond_with(RedirectResponse(LOGIN, 302))
    assert isinstance(await _failure(client, card), InvalidPortResponse)
    assert len(fake_port.requests) < 12


async def test_a_session_of_another_card_is_refused(client: PortClient, fake_port: FakePort, card: FakeCard) -> None:
    fake_port.card_number = "JJ0G900000002"
    assert isinstance(await _failure(client, card), SessionCardMismatch)
    assert fake_port.requests_to(MENU) == []
    with pytest.raises(NotLoggedIn):
        await client.resend(["223320250000012345"])


async def test_the_prefix_of_a_card_number_is_ignored(client: PortClient, fake_port: FakePort, card: FakeCard) -> None:
    fake_port.card_number = "03-JJ0G900000001"
    await client.log_in(card)


@pytest.mark.parametrize(
    "handler",
    [
        respond_bytes(b""),
        respond_bytes(b"null", "application/json"),
        respond_bytes(f'{{"rdtime":"x","pwd":"{PWD}"}}'.encode()),
        respond_bytes(f'{{"cards":"JJ0G900000001","pwd":"{PWD}"}}'.encode()),
        respond_bytes(f'{{"cards":["{PWD}"],"rdtime":"x"}}'.encode()),
        respond_bytes(f'{{"cards":"{PWD}||x","rdtime":"x"}}'.encode()),
        respond_bytes(f'{{"cards":"JJ0G900000001","rdtime":"a\\r\\nb: c","pwd":"{PWD}"}}'.encode()),
        respond_bytes(f'{{"cards":"JJ0G900000001","rdtime":"{PWD} "}}'.encode()),
        respond_bytes(b"[" * 100_000),
        respond_bytes(f"<html>{PWD}</html>".encode()),
    ],
)
async def test_invalid_session_information_is_not_shown(
    client: PortClient, fake_port: FakePort, card: FakeCard, handler: Handler
) -> None:
    fake_port.handlers[SESSION] = handler
    problem = await _failure(client, card)
    assert isinstance(problem, InvalidPortResponse)
    assert problem.excerpt == ""
    assert PWD not in problem.message


@pytest.mark.parametrize("handler", [respond_html(login_page()), respond_with(RedirectResponse(LOGIN, 302))])
async def test_a_login_without_a_session_has_failed(
    client: PortClient, fake_port: FakePort, card: FakeCard, handler: Handler
) -> None:
    fake_port.handlers[SESSION] = handler
    problem = await _failure(client, card)
    assert isinstance(problem, LoginFailed)


async def test_a_numeric_rdtime_is_sent_unchanged(client: PortClient, fake_port: FakePort, card: FakeCard) -> None:
    fake_port.handlers[SESSION] = respond_with(JSONResponse({"rdtime": 1718443800123, "cards": "JJ0G900000001"}))
    fake_port.handlers[MENU] = respond_bytes(b"stop here")
    await _failure(client, card)
    assert fake_port.requests_to(MENU)[0].headers["rdtime"] == "1718443800123"


async def test_an_invalid_menu_script_ends_the_login(client: PortClient, fake_port: FakePort, card: FakeCard) -> None:
    fake_port.handlers[MENU] = respond_html("<html>menu</html>")
    assert isinstance(await _failure(client, card), InvalidPortResponse)
    with pytest.raises(NotLoggedIn):
        await client.resend(["223320250000012345"])


async def test_a_second_login_starts_without_cookies(client: PortClient, fake_port: FakePort, card: FakeCard) -> None:
    await client.log_in(card)
    fake_port.requests.clear()
    await client.log_in(card)
    assert "cookie" not in fake_port.requests[0].headers
    assert "session-secret" in fake_port.requests[-1].headers["cookie"]


async def test_cookies_are_sent_only_to_their_paths(client: PortClient, fake_port: FakePort, card: FakeCard) -> None:
    await client.log_in(card)
    for request in fake_port.requests:
        assert ("TGT-secret" in request.headers.get("cookie", "")) <= request.path.startswith("/cas")
        assert ("session-secret" in request.headers.get("cookie", "")) <= request.path.startswith("/rtxwebserver")


async def test_a_login_with_a_removed_card_sends_no_form(client: PortClient, fake_port: FakePort) -> None:
    card = FakeCard(is_removed=True)
    with pytest.raises(Problem, match=r"card\.gone"):
        await client.log_in(card)
    assert [request.method for request in fake_port.requests] == ["GET"]


async def test_the_form_has_the_numbers_of_the_card(client: PortClient, fake_port: FakePort) -> None:
    card = FakeCard(FakeIdentity("JJ0G900000009", "00000000000000ab"))
    with pytest.raises(SessionCardMismatch):
        await client.log_in(card)
    form = fake_port.requests[1].form
    assert (form["icCard"], form["certNo"]) == ("JJ0G900000009", "00000000000000ab")
