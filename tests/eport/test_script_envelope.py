"""Responses that only the port's own script can open, over real TLS sockets and with a real engine."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from starlette.responses import JSONResponse, PlainTextResponse

from jiacha_tui.demo.obfuscated_script import obfuscated_script
from jiacha_tui.demo.variant_cipher import VariantCipher
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.messages import ListPage
from jiacha_tui.eport.problems import InvalidPortResponse, PortRefused, ScriptUnknown, SessionEnded
from jiacha_tui.eport.script_envelope import ScriptEnvelope
from jiacha_tui.eport.settings import PortSettings, ScriptLimits
from tests.eport.calls import JUNE, ROW, SUMMARY
from tests.eport.cards import FakeCard
from tests.eport.fake_port import LIST, MENU, FakePort, respond_bytes, respond_html, respond_with
from tests.eport.tls import make_server_files, serve
from tests.script_processes import script_processes

KEY = "0123456789abcdef"
PAGE = {"responseCode": 100, "responseData": {"total": 1, "rows": [ROW]}}


class Release:
    """One release of the port's script, and responses that it can open."""

    def __init__(self, seed: int) -> None:
        chance = Random(seed)  # noqa: S311 - a cipher of tests
        self.cipher = VariantCipher.draw(chance)
        self.script = obfuscated_script(self.cipher, KEY, chance)

    def serve_in(self, fake_port: FakePort) -> None:
        fake_port.handlers[MENU] = respond_bytes(self.script.encode(), "application/javascript")
        wrapped = self.cipher.encrypt(json.dumps(PAGE, ensure_ascii=False), KEY.encode())
        fake_port.handlers[LIST] = respond_with(PlainTextResponse(wrapped))


@pytest.fixture
async def tls_client(fake_port: FakePort, tmp_path: Path) -> AsyncIterator[PortClient]:
    files = make_server_files(tmp_path)
    with serve(fake_port.application, files) as root:
        client = PortClient(PortSettings.under_root(root, files.ca))
        yield client
        await client.aclose()


def _workers() -> set[int]:
    """The processes of engines that are running."""
    return script_processes(os.getpid())


async def test_a_list_is_read_with_the_script_of_each_login(
    tls_client: PortClient, fake_port: FakePort, card: FakeCard
) -> None:
    for seed in (1, 2):
        Release(seed).serve_in(fake_port)
        await tls_client.log_in(card)
        assert await tls_client.list_page(JUNE, 1) == ListPage(1, (SUMMARY,))
        assert len(_workers()) == 1, "the engine of the session before has ended"
    await tls_client.aclose()
    assert _workers() == set()


async def test_a_response_of_another_release_is_invalid_and_loads_the_script_once_more(
    tls_client: PortClient, fake_port: FakePort, card: FakeCard
) -> None:
    Release(1).serve_in(fake_port)
    await tls_client.log_in(card)
    script = fake_port.handlers[MENU]
    Release(2).serve_in(fake_port)
    fake_port.handlers[MENU] = script
    for _ in range(3):
        with pytest.raises(InvalidPortResponse):
            await tls_client.list_page(JUNE, 1)
    assert len(fake_port.requests_to(MENU)) == 2, "the script is the same, so it is not loaded for each response"
    fake_port.handlers[LIST] = respond_with(JSONResponse({"responseCode": 700, "responseMsg": "缩小查询范围"}))
    with pytest.raises(PortRefused, match="缩小查询范围"):
        await tls_client.list_page(JUNE, 1)


async def test_an_engine_that_was_killed_is_replaced(
    tls_client: PortClient, fake_port: FakePort, card: FakeCard
) -> None:
    Release(1).serve_in(fake_port)
    await tls_client.log_in(card)
    (worker,) = _workers()
    os.kill(worker, signal.SIGKILL)
    pages = await asyncio.gather(*(tls_client.list_page(JUNE, page) for page in range(1, 4)))
    assert [page.total for page in pages] == [1, 1, 1]
    assert len(_workers()) == 1


@pytest.mark.parametrize("script", ["", "var x = 1;", "syntax error here", "var loadAESDecryptStr = 7;", "throw 1;"])
async def test_a_script_without_the_function_names_the_configuration_key(
    tls_client: PortClient, fake_port: FakePort, card: FakeCard, script: str
) -> None:
    fake_port.handlers[MENU] = respond_bytes(script.encode(), "application/javascript")
    with pytest.raises(ScriptUnknown) as problem:
        await tls_client.log_in(card)
    assert "script_path" in problem.value.hint
    assert _workers() == set()


async def test_a_page_instead_of_the_script_is_not_run(
    tls_client: PortClient, fake_port: FakePort, card: FakeCard
) -> None:
    fake_port.handlers[MENU] = respond_html("<html>menu</html>")
    with pytest.raises(InvalidPortResponse):
        await tls_client.log_in(card)


async def test_a_closed_envelope_starts_no_engine() -> None:
    envelope = await ScriptEnvelope.start("function loadAESDecryptStr(text) { return text; }", ScriptLimits())
    assert await envelope.open(b' {"a":1}\n') == b'{"a":1}'
    await envelope.aclose()
    with pytest.raises(SessionEnded):
        await envelope.open(b"{}")
    assert _workers() == set()
