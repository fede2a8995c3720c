"""Logins at a page that wants the PIN encrypted by one of its scripts, over real TLS sockets."""

import logging
from random import Random

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from jiacha_tui.card.pin import Pin
from jiacha_tui.demo.obfuscated_script import obfuscated_script
from jiacha_tui.demo.variant_cipher import VariantCipher
from jiacha_tui.eport.problems import PinEncryptionUnsupported
from jiacha_tui.eport.settings import ScriptLimits
from tests.crash_output import crash_output
from tests.eport.cards import FakeCard
from tests.eport.conftest import StartClient
from tests.eport.fake_port import LOGIN, FakePort, Handler, login_page, respond_bytes, respond_html

KEY = "a1B2c3D4e5F6g7H8"
PIN = "97531864"
SCRIPT = "/cas/js/KXC.js"
CHANCE = Random(5)  # noqa: S311 - a cipher of tests
LIMITS = ScriptLimits(seconds=2.0, memory_bytes=32 * 1024 * 1024)
CIPHER = VariantCipher.draw(CHANCE)
OBFUSCATED = obfuscated_script(CIPHER, "0123456789abcdef", CHANCE)


def _page(fake_port: FakePort, *sources: str) -> Handler:
    """The login page with a key for the PIN and these scripts; its form is answered as usual."""
    scripts = "".join(f'<script src="{source}"></script>' for source in sources)
    html = login_page(extra=f"<span id='user_sm_dt'>{KEY}</span><input name='sgm' value='0'>{scripts}")

    async def handle(request: Request) -> Response:
        return HTMLResponse(html) if request.method == "GET" else fake_port._cas_response(request)

    return handle


def _form(fake_port: FakePort) -> dict[str, str]:
    (request,) = [request for request in fake_port.requests_to(LOGIN) if request.method == "POST"]
    return request.form


@pytest.mark.parametrize("source", [SCRIPT, "js/KXC.js", "{root}/cas/js/KXC.js"])
async def test_the_pin_is_encrypted_by_a_script_of_the_page(
    start_client: StartClient, fake_port: FakePort, card: FakeCard, root: str, source: str
) -> None:
    fake_port.handlers["/cas/js/jquery.js"] = respond_bytes(b"document.ready(1);")
    fake_port.handlers["/cas/js/gone.js"] = respond_bytes(b"", status=404)
    fake_port.handlers["/cas/js/page.js"] = respond_html("<html>page</html>")
    fake_port.handlers[SCRIPT] = respond_bytes(OBFUSCATED.encode(), "application/javascript")
    sources = ("/cas/js/jquery.js", "/cas/js/gone.js", "/cas/js/page.js", "https://elsewhere.test/x.js", "http://[")
    fake_port.handlers[LOGIN] = _page(fake_port, *sources, source.format(root=root))
    await start_client(send_pin=True, script_limits=LIMITS).log_in(card, Pin(PIN).reveal)
    form = _form(fake_port)
    assert form["sgm"] == "1"
    assert CIPHER.decrypt(form["userPin"], KEY.encode()) == PIN
    assert all(PIN.encode() not in request.body for request in fake_port.requests)


async def test_without_send_pin_the_login_goes_on_with_an_empty_pin(
    start_client: StartClient, fake_port: FakePort, card: FakeCard
) -> None:
    fake_port.handlers[LOGIN] = _page(fake_port, SCRIPT)
    await start_client(send_pin=False, script_limits=LIMITS).log_in(card, Pin(PIN).reveal)
    assert _form(fake_port)["userPin"] == ""
    assert fake_port.requests_to(SCRIPT) == [], "nothing has to be encrypted"


@pytest.mark.parametrize(
    "script",
    [
        "",
        "var other = 1;",
        "syntax error here",
        "function CaData_KXC(pin, key) { throw new Error(pin); }",
        "function CaData_KXC(pin, key) { return pin; }",
        "function CaData_KXC(pin, key) { return key + pin; }",
        "function CaData_KXC(pin, key) { return ''; }",
        "function CaData_KXC(pin, key) { return 7; }",
        "function CaData_KXC(pin, key) { for (;;) {} }",
        "function CaData_KXC(pin, key) { const kept = []; for (;;) kept.push(new Uint8Array(1 << 22).fill(pin)); }",
    ],
)
async def test_the_pin_is_never_sent_in_clear_if_the_page_wants_it_encrypted(
    start_client: StartClient, fake_port: FakePort, card: FakeCard, caplog: pytest.LogCaptureFixture, script: str
) -> None:
    caplog.set_level(logging.DEBUG)
    fake_port.handlers[SCRIPT] = respond_bytes(script.encode(), "application/javascript")
    fake_port.handlers[LOGIN] = _page(fake_port, SCRIPT)
    pin = Pin(PIN)
    with pytest.raises(PinEncryptionUnsupported) as problem:
        await start_client(send_pin=True, script_limits=LIMITS).log_in(card, pin.reveal)
    assert [request.method for request in fake_port.requests_to(LOGIN) if request.path == LOGIN] == ["GET"]
    frames = problem.value.__traceback__
    shown = crash_output(problem.value.with_traceback(frames.tb_next if frames else None)) + caplog.text
    assert PIN not in shown


async def test_a_page_without_scripts_cannot_encrypt(
    start_client: StartClient, fake_port: FakePort, card: FakeCard
) -> None:
    fake_port.handlers[LOGIN] = _page(fake_port)
    with pytest.raises(PinEncryptionUnsupported) as problem:
        await start_client(send_pin=True, script_limits=LIMITS).log_in(card, Pin(PIN).reveal)
    assert "send_pin" in problem.value.hint
    assert card.calls == [], "the card is not asked"
