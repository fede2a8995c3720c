"""Logging in, over the stand-in within this process."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

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
    PinEncryptionUnsupported,
    PortProblem,
    PortRefused,
    ServerError,
    SessionCardMismatch,
)
from tests.eport.cards import PaperCard, PaperIdentity, signature_of
from tests.eport.conftest import IN_PROCESS
from tests.eport.fake_port import (
    LOGIN,
    MENU,
    NONCE,
    PWD,
    RDTIME,
    SESSION,
    Answer,
    FakePort,
    answering,
    html,
    login_page,
    on_post,
    raw,
)

SERVICE_ADDRESS = "https://port.test/rtxwebserver/sw/rtx/commonQuery/getSession"


async def _failure(client: PortClient, card: PaperCard) -> PortProblem:
    with pytest.raises(PortProblem) as problem:
        await client.log_in(card, lambda: PWD)
    return problem.value


async def test_the_whole_way_in(client: PortClient, stand_in: FakePort, card: PaperCard) -> None:
    await client.log_in(card)
    assert [(seen.method, seen.path, seen.query) for seen in stand_in.seen] == [
        ("GET", LOGIN, "service=https%3A%2F%2Fport.test%2Frtxwebserver%2Fsw%2Frtx%2FcommonQuery%2FgetSession"),
        ("POST", LOGIN, "service=https%3A%2F%2Fport.test%2Frtxwebserver%2Fsw%2Frtx%2FcommonQuery%2FgetSession"),
        ("GET", SESSION, "ticket=ST-1-secret"),
        ("GET", SESSION, ""),
        ("POST", SESSION, ""),
        ("GET", MENU, ""),
    ]
    assert card.asked == ["present", NONCE]
    form = stand_in.seen[1].form
    assert form["signData"] == signature_of(NONCE)
    assert form["userPin"] == ""
    opening = stand_in.seen[4]
    assert opening.body == b""
    assert "rdtime" not in opening.headers
    assert stand_in.seen[5].headers["rdtime"] == RDTIME


async def test_a_real_card_logs_in(client: PortClient, stand_in: FakePort, tmp_path: Path) -> None:
    """The card of `jiacha_tui.card` is what the client needs, though the two do not know each other."""
    path, now = tmp_path / "card.p12", datetime.now(UTC)
    holder = Holder(card_number="JJ0G900000001", name="张三", company="公司", organisation_code="MA1FL0001")
    issued = issue_card(make_ca(now - timedelta(days=2)), holder, valid_from=now - timedelta(days=1))
    save_card(issued, Pin("12345678"), path)
    card = await SoftCard(path).open(Pin("12345678"))
    await client.log_in(card)
    form = stand_in.seen[1].form
    verify(issued.identity.certificate, NONCE, form["signData"])
    assert form["certNo"] == issued.identity.certificate_serial
    await card.close()


async def test_the_pin_stays_here_unless_it_is_to_be_sent(stand_in: FakePort, card: PaperCard) -> None:
    for send_pin, sent in ((False, ""), (True, PWD)):
        stand_in.seen.clear()
        client = PortClient(replace(IN_PROCESS, send_pin=send_pin), httpx.ASGITransport(stand_in.application))
        await client.log_in(card, lambda: PWD)
        assert stand_in.seen[1].form["userPin"] == sent
        others = [seen for seen in stand_in.seen if seen.method != "POST" or seen.path != LOGIN]
        assert all(PWD.encode() not in seen.body and PWD not in str(seen.headers) + seen.query for seen in others)
        await client.aclose()


@pytest.mark.parametrize("send_pin", [False, True])
async def test_a_page_that_wants_the_pin_encrypted_gets_nothing(
    stand_in: FakePort, card: PaperCard, *, send_pin: bool
) -> None:
    stand_in.answers[LOGIN] = html(login_page(extra='<input type="hidden" id="user_sm_dt" value="04AB">'))
    client = PortClient(replace(IN_PROCESS, send_pin=send_pin), httpx.ASGITransport(stand_in.application))
    assert isinstance(await _failure(client, card), PinEncryptionUnsupported)
    assert [seen.method for seen in stand_in.seen] == ["GET"]
    assert card.asked == []
    await client.aclose()


async def test_a_refused_card_gets_the_official_text(client: PortClient, stand_in: FakePort, card: PaperCard) -> None:
    stand_in.answers[LOGIN] = on_post(answering(Response(login_page("5|证书异常"), media_type="text/html")))
    problem = await _failure(client, card)
    assert isinstance(problem, LoginFailed)
    assert problem.status == 5
    assert problem.message == "卡信息异常，请尝试用证书延期方式更正!"
    assert len(stand_in.calls(LOGIN)) == 2, "a login is not tried again"


async def test_a_refusal_with_http_401_is_one_too(client: PortClient, stand_in: FakePort, card: PaperCard) -> None:
    stand_in.answers[LOGIN] = on_post(answering(Response(login_page("4|x"), 401, media_type="text/html")))
    problem = await _failure(client, card)
    assert isinstance(problem, LoginFailed)
    assert problem.status == 4


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (html("<html><body>请先认证上网</body></html>"), InvalidPortResponse),
        (html(login_page(without="random")), InvalidPortResponse),
        (html(login_page().replace(NONCE, "JJ0G900000001||223320250000012345")), InvalidPortResponse),
        (raw(b"", status=500), ServerError),
        (raw(b"", status=404), PortRefused),
        (raw(b"\xff\x00" * 99), InvalidPortResponse),
    ],
)
async def test_another_page_than_the_login_is_not_answered(
    client: PortClient, stand_in: FakePort, card: PaperCard, answer: Answer, expected: type[PortProblem]
) -> None:
    stand_in.answers[LOGIN] = answer
    assert isinstance(await _failure(client, card), expected)
    assert card.asked == []
    assert [seen.method for seen in stand_in.seen] == ["GET"]


@pytest.mark.parametrize(
    "location",
    [
        "https://elsewhere.test/cas/login",
        "http://port.test/rtxwebserver/",
        "https://port.test:8443/",
        "https://port.test.elsewhere.test/",
        "//elsewhere.test/x",
        "file:///etc/passwd",
        "https://user@elsewhere.test/",
    ],
)
@pytest.mark.parametrize("at", ["GET", "POST"])
async def test_a_redirect_to_anywhere_else_is_not_followed(
    client: PortClient, stand_in: FakePort, card: PaperCard, location: str, at: str
) -> None:
    redirect = Response(status_code=302, headers={"location": location})
    stand_in.answers[LOGIN] = on_post(answering(redirect)) if at == "POST" else answering(redirect)
    assert isinstance(await _failure(client, card), InvalidPortResponse)
    assert [seen.method for seen in stand_in.seen] == (["GET", "POST"] if at == "POST" else ["GET"])


@given(st.text() | st.from_regex(r"(https?:)?//[^/]*(:[0-9]*)?/.*", fullmatch=True))
def test_no_location_can_break_the_login(location: str) -> None:
    async def log_in() -> None:
        stand_in = FakePort()
        header = {"location": location.encode("utf-8", "replace").decode("latin-1")}
        stand_in.answers[LOGIN] = answering(Response(status_code=302, headers=header))
        client = PortClient(IN_PROCESS, httpx.ASGITransport(stand_in.application))
        with pytest.raises(PortProblem):
            await client.log_in(PaperCard())
        await client.aclose()

    asyncio.run(log_in())


@pytest.mark.parametrize("status", [307, 308])
async def test_the_form_is_not_sent_on(client: PortClient, stand_in: FakePort, card: PaperCard, status: int) -> None:
    stand_in.answers[LOGIN] = on_post(answering(RedirectResponse("https://port.test/other", status)))
    assert isinstance(await _failure(client, card), InvalidPortResponse)
    assert stand_in.calls("/other") == []


async def test_redirects_in_a_circle_end(client: PortClient, stand_in: FakePort, card: PaperCard) -> None:
    stand_in.answers[LOGIN] = answering(RedirectResponse(LOGIN, 302))
    assert isinstance(await _failure(client, card), InvalidPortResponse)
    assert len(stand_in.seen) < 12


async def test_a_session_of_another_card_is_not_used(client: PortClient, stand_in: FakePort, card: PaperCard) -> None:
    stand_in.card_number = "JJ0G900000002"
    assert isinstance(await _failure(client, card), SessionCardMismatch)
    assert stand_in.calls(MENU) == []
    with pytest.raises(NotLoggedIn):
        await client.resend(["223320250000012345"])


async def test_the_prefix_of_some_card_numbers_is_no_other_card(
    client: PortClient, stand_in: FakePort, card: PaperCard
) -> None:
    stand_in.card_number = "03-JJ0G900000001"
    await client.log_in(card)


@pytest.mark.parametrize(
    "answer",
    [
        raw(b""),
        raw(b"null", "application/json"),
        raw(f'{{"rdtime":"x","pwd":"{PWD}"}}'.encode()),
        raw(f'{{"cards":"JJ0G900000001","pwd":"{PWD}"}}'.encode()),
        raw(f'{{"cards":["{PWD}"],"rdtime":"x"}}'.encode()),
        raw(f'{{"cards":"{PWD}||x","rdtime":"x"}}'.encode()),
        raw(f'{{"cards":"JJ0G900000001","rdtime":"a\\r\\nb: c","pwd":"{PWD}"}}'.encode()),
        raw(f'{{"cards":"JJ0G900000001","rdtime":"{PWD} "}}'.encode()),
        raw(b"[" * 100_000),
        raw(f"<html>{PWD}</html>".encode()),
    ],
)
async def test_session_facts_that_are_none_are_not_shown(
    client: PortClient, stand_in: FakePort, card: PaperCard, answer: Answer
) -> None:
    stand_in.answers[SESSION] = answer
    problem = await _failure(client, card)
    assert isinstance(problem, InvalidPortResponse)
    assert problem.excerpt == ""
    assert PWD not in problem.message


@pytest.mark.parametrize("answer", [html(login_page()), answering(RedirectResponse(LOGIN, 302))])
async def test_no_session_after_all_is_a_failed_login(
    client: PortClient, stand_in: FakePort, card: PaperCard, answer: Answer
) -> None:
    stand_in.answers[SESSION] = answer
    problem = await _failure(client, card)
    assert isinstance(problem, LoginFailed)


async def test_a_number_for_rdtime_is_sent_as_it_is(client: PortClient, stand_in: FakePort, card: PaperCard) -> None:
    stand_in.answers[SESSION] = answering(JSONResponse({"rdtime": 1718443800123, "cards": "JJ0G900000001"}))
    stand_in.answers[MENU] = raw(b"stop here")
    await _failure(client, card)
    assert stand_in.calls(MENU)[0].headers["rdtime"] == "1718443800123"


async def test_a_menu_that_is_none_is_no_login(client: PortClient, stand_in: FakePort, card: PaperCard) -> None:
    stand_in.answers[MENU] = html("<html>menu</html>")
    assert isinstance(await _failure(client, card), InvalidPortResponse)
    with pytest.raises(NotLoggedIn):
        await client.resend(["223320250000012345"])


async def test_a_second_login_starts_without_the_first_ones_cookies(
    client: PortClient, stand_in: FakePort, card: PaperCard
) -> None:
    await client.log_in(card)
    stand_in.seen.clear()
    await client.log_in(card)
    assert "cookie" not in stand_in.seen[0].headers
    assert "session-secret" in stand_in.seen[-1].headers["cookie"]


async def test_cookies_go_to_where_they_came_from_only(client: PortClient, stand_in: FakePort, card: PaperCard) -> None:
    await client.log_in(card)
    for seen in stand_in.seen:
        assert ("TGT-secret" in seen.headers.get("cookie", "")) <= seen.path.startswith("/cas")
        assert ("session-secret" in seen.headers.get("cookie", "")) <= seen.path.startswith("/rtxwebserver")


async def test_a_card_that_is_pulled_while_logging_in_sends_nothing(client: PortClient, stand_in: FakePort) -> None:
    card = PaperCard(gone=True)
    with pytest.raises(Problem, match=r"card\.gone"):
        await client.log_in(card)
    assert [seen.method for seen in stand_in.seen] == ["GET"]


async def test_the_card_number_of_the_card_goes_into_the_form(client: PortClient, stand_in: FakePort) -> None:
    card = PaperCard(PaperIdentity("JJ0G900000009", "00000000000000ab"))
    with pytest.raises(SessionCardMismatch):
        await client.log_in(card)
    form = stand_in.seen[1].form
    assert (form["icCard"], form["certNo"]) == ("JJ0G900000009", "00000000000000ab")
    assert SERVICE_ADDRESS.endswith(SESSION)
