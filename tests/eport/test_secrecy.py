"""A PIN on its way to the port must not turn up where somebody could read it later."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from jiacha_tui.card.pin import Pin
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.eport.client import PortClient
from tests.eport.calls import JUNE
from tests.eport.cards import PaperCard
from tests.eport.conftest import IN_PROCESS
from tests.eport.fake_port import (
    LIST,
    LOGIN,
    MENU,
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
from tests.everything_shown import everything_shown

SECRETS = (PWD, RDTIME, "ST-1-secret", "TGT-secret", "session-secret")


def _echo() -> Answer:
    """A page that gives back what was typed into it, as pages do."""
    return html(login_page("17|no").replace('id="userPin" value=""', f'id="userPin" value="{PWD}"'))


def _cut() -> Answer:
    async def broken(_request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            yield b"half"
            raise httpx.ReadError("cut")

        return StreamingResponse(body())

    return broken


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (LOGIN, on_post(_echo())),
        (LOGIN, on_post(raw(b"", status=500))),
        (LOGIN, on_post(_cut())),
        (LOGIN, on_post(answering(Response(status_code=302, headers={"location": "https://elsewhere.test/?t=ST-1"})))),
        (SESSION, raw(f'{{"cards":1,"pwd":"{PWD}"}}'.encode())),
        (SESSION, raw(f'{{"cards":"JJ0G900000002","rdtime":"x","pwd":"{PWD}"}}'.encode())),
        (SESSION, raw(f"<p>{PWD}</p>".encode(), status=404)),
        (SESSION, _cut()),
        (MENU, html("<html>menu</html>")),
        (MENU, _cut()),
    ],
)
async def test_no_secret_in_a_failed_login(
    stand_in: FakePort, card: PaperCard, caplog: pytest.LogCaptureFixture, path: str, answer: Answer
) -> None:
    caplog.set_level(logging.DEBUG)
    stand_in.answers[path] = answer
    client = PortClient(replace(IN_PROCESS, send_pin=True), httpx.ASGITransport(stand_in.application))
    with pytest.raises(Problem) as failure:
        await client.log_in(card, Pin(PWD).reveal)
    await client.aclose()
    assert PWD in stand_in.calls(LOGIN)[1].form["userPin"], "the PIN was on its way"
    _check(failure.value, caplog.text + repr(vars(client)))


@pytest.mark.parametrize("answer", [_cut(), html("<p>garbage</p>"), html(login_page())])
async def test_no_secret_in_a_failed_call(
    session: PortClient, stand_in: FakePort, caplog: pytest.LogCaptureFixture, answer: Answer
) -> None:
    caplog.set_level(logging.DEBUG)
    stand_in.answers[LIST] = answer
    with pytest.raises(Problem) as failure:
        await session.list_page(JUNE, 1)
    _check(failure.value, caplog.text + repr(vars(session)))


def _check(problem: BaseException, elsewhere: str) -> None:
    # The lines of a test name the secret in their own source, so only what the program's frames hold is looked at.
    frames = problem.__traceback__.tb_next if problem.__traceback__ else None
    shown = everything_shown(problem.with_traceback(frames)) + elsewhere
    assert "jiacha_tui" in shown
    for secret in SECRETS:
        assert secret not in shown
