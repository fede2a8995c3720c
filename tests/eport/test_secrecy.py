"""No PIN and no session secret appears in an exception, a log or a `repr`."""

import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from jiacha_tui.card.pin import Pin
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.eport.client import PortClient
from tests.crash_output import crash_output
from tests.eport.calls import JUNE
from tests.eport.cards import FakeCard
from tests.eport.fake_port import (
    LIST,
    LOGIN,
    MENU,
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

SECRETS = (PWD, RDTIME, "ST-1-secret", "TGT-secret", "session-secret")


def _echo_pin() -> Handler:
    """A login page that contains the PIN that was sent, as pages may."""
    return respond_html(login_page("17|no").replace('id="userPin" value=""', f'id="userPin" value="{PWD}"'))


def _cut_off() -> Handler:
    async def handle(_request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            yield b"half"
            raise httpx.ReadError("cut off")

        return StreamingResponse(body())

    return handle


@pytest.mark.parametrize(
    ("path", "handler"),
    [
        (LOGIN, on_post(_echo_pin())),
        (LOGIN, on_post(respond_bytes(b"", status=500))),
        (LOGIN, on_post(_cut_off())),
        (
            LOGIN,
            on_post(respond_with(Response(status_code=302, headers={"location": "https://elsewhere.test/?t=ST-1"}))),
        ),
        (SESSION, respond_bytes(f'{{"cards":1,"pwd":"{PWD}"}}'.encode())),
        (SESSION, respond_bytes(f'{{"cards":"JJ0G900000002","rdtime":"x","pwd":"{PWD}"}}'.encode())),
        (SESSION, respond_bytes(f"<p>{PWD}</p>".encode(), status=404)),
        (SESSION, _cut_off()),
        (MENU, respond_html("<html>menu</html>")),
        (MENU, _cut_off()),
    ],
)
async def test_no_secret_in_a_failed_login(
    pin_client: PortClient,
    fake_port: FakePort,
    card: FakeCard,
    caplog: pytest.LogCaptureFixture,
    *,
    path: str,
    handler: Handler,
) -> None:
    caplog.set_level(logging.DEBUG)
    fake_port.handlers[path] = handler
    with pytest.raises(Problem) as failure:
        await pin_client.log_in(card, Pin(PWD).reveal)
    assert PWD in fake_port.requests_to(LOGIN)[1].form["userPin"], "the PIN was not sent"
    _check_no_secret(failure.value, caplog.text + repr(vars(pin_client)))


@pytest.mark.parametrize("handler", [_cut_off(), respond_html("<p>garbage</p>"), respond_html(login_page())])
async def test_no_secret_in_a_failed_call(
    logged_in: PortClient, fake_port: FakePort, caplog: pytest.LogCaptureFixture, handler: Handler
) -> None:
    caplog.set_level(logging.DEBUG)
    fake_port.handlers[LIST] = handler
    with pytest.raises(Problem) as failure:
        await logged_in.list_page(JUNE, 1)
    _check_no_secret(failure.value, caplog.text + repr(vars(logged_in)))


def _check_no_secret(problem: BaseException, elsewhere: str) -> None:
    # The source of the test contains the secrets, so its own frame is left out.
    frames = problem.__traceback__.tb_next if problem.__traceback__ else None
    shown = crash_output(problem.with_traceback(frames)) + elsewhere
    assert "jiacha_tui" in shown
    for secret in SECRETS:
        assert secret not in shown
