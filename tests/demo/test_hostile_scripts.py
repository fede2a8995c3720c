"""The client at a port whose script is hostile, over a TLS socket: the script reaches nothing and ends nothing."""

import json
import logging
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jiacha_tui.card.pin import Pin
from jiacha_tui.card.softcard import OpenSoftCard, SoftCard
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.demo import Demo, make_demo
from jiacha_tui.demo.envelope import ObfuscatedEnvelope, ScriptShape, draw_envelope
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.pin_script import LoginPageKind
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.problems import InvalidPortResponse, PortProblem, PortRefused, ScriptFailed, ScriptUnknown
from jiacha_tui.eport.settings import PortSettings, ScriptLimits
from tests.demo.conftest import TODAY
from tests.eport.tls import ServerFiles, make_server_files, serve
from tests.script_processes import script_processes

JUNE = DateRangeQuery(DateRange.month(2026, 6))
PIN = Pin(DEMO_PIN)
LIMITS_REACHED = {"time", "memory", "size", "ended"}
"""How an engine ends at a limit; "ended" if the kernel keeps it."""

LIMITS = ScriptLimits(seconds=2.0, memory_bytes=32 * 1024 * 1024, result_bytes=100_000)

FOREVER = "for (;;) {}"
MEMORY = "const kept = []; for (;;) kept.push(new Array(1e5).fill(kept.length));"
RECURSION = "(function deeper() { return [deeper()]; })()"
REACHES_OUT = {
    "file": "require('fs').readFileSync('/etc/passwd', 'utf8')",
    "import": "(() => { let text = ''; import('fs').then(module => { text = 'read'; }); return text.at(0).big(); })()",
    "network": "new XMLHttpRequest().open('GET', 'https://127.0.0.1/')",
    "fetch": "fetch('https://127.0.0.1/')",
    "worker": "new Worker('data:,')",
    "wasm": "new WebAssembly.Memory({initial: 1})",
    "process": "[].constructor.constructor('return process')().env",
    "host function": "setTimeout.constructor('return this')().process.binding('fs')",
    "timer": "new __TimerManager().setTimeout(() => {}, 0)",
}
"""Each throws in a script that can reach nothing."""


@pytest.fixture
def demo(port_folder: Path, tmp_path: Path) -> Iterator[Demo]:
    shutil.copytree(port_folder / "demo", tmp_path / "home" / "demo")
    demo = make_demo(tmp_path / "home", today=TODAY, login_page=LoginPageKind.ENCRYPTED_PIN)
    yield demo
    demo.close()
    assert script_processes(os.getpid()) == set()


@pytest.fixture
async def card(demo: Demo) -> AsyncIterator[OpenSoftCard]:
    card = await SoftCard(demo.card).open(Pin.parse(DEMO_PIN))
    yield card
    await card.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> ServerFiles:
    return make_server_files(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def client(demo: Demo, files: ServerFiles) -> AsyncIterator[PortClient]:
    """A client that sends the PIN, at a page that wants it encrypted."""
    with serve(demo.application, files) as root:
        settings = PortSettings.under_root(root, files.ca)
        client = PortClient(replace(settings, send_pin=True, script_limits=LIMITS))
        yield client
        await client.aclose()


def release(demo: Demo, script: str) -> None:
    """From the next login on the port serves `script`."""
    drawn = draw_envelope(ScriptShape.OBFUSCATED)
    assert isinstance(drawn, ObfuscatedEnvelope)
    demo.release(replace(drawn, script=script))


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (FOREVER, ScriptFailed),
        (MEMORY, ScriptFailed),
        (RECURSION, ScriptUnknown),
        ("var x = 1;", ScriptUnknown),
        ("throw new Error(document.cookie);", ScriptUnknown),
        (REACHES_OUT["file"], ScriptUnknown),
    ],
    ids=["endless", "memory", "recursion", "neither shape", "throws", "file"],
)
async def test_a_script_that_is_hostile_when_it_is_loaded_ends_the_login(
    client: PortClient, demo: Demo, card: OpenSoftCard, script: str, expected: type[PortProblem]
) -> None:
    release(demo, script)
    with pytest.raises(expected) as failure:
        await client.log_in(card, PIN.reveal)
    assert not isinstance(failure.value, ScriptFailed) or failure.value.kind in LIMITS_REACHED
    assert not isinstance(failure.value, ScriptUnknown) or "script_path" in failure.value.hint
    assert script_processes(os.getpid()) == set()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (FOREVER, ScriptFailed),
        (MEMORY, ScriptFailed),
        ("return 'x'.repeat(100001);", ScriptFailed),
        ("return 'x'.repeat(2 ** 28);", ScriptFailed),
        (f"return {RECURSION};", InvalidPortResponse),
        ("return '{\"responseCode\": 100, \"responseData\": ' + '['.repeat(50000);", InvalidPortResponse),
        ("return 'PIN ' + text;", InvalidPortResponse),
    ],
    ids=["endless", "memory", "huge", "gigantic", "recursion", "nested", "no JSON"],
)
async def test_a_script_that_is_hostile_when_it_is_called_fails_that_call(
    client: PortClient, demo: Demo, card: OpenSoftCard, body: str, expected: type[PortProblem]
) -> None:
    release(demo, f"function loadAESDecryptStr(text) {{ {body} }}")
    await client.log_in(card, PIN.reveal)
    with pytest.raises(expected) as failure:
        await client.list_page(JUNE, 1)
    assert not isinstance(failure.value, ScriptFailed) or failure.value.kind in LIMITS_REACHED
    demo.release(draw_envelope(ScriptShape.OBFUSCATED))
    await client.log_in(card, PIN.reveal)
    assert (await client.list_page(JUNE, 1)).rows, "the next login has the port's next script"


async def test_a_script_reaches_nothing(client: PortClient, demo: Demo, card: OpenSoftCard) -> None:
    release(
        demo,
        f"""function loadAESDecryptStr() {{
          const reached = [];
          for (const [name, code] of Object.entries({json.dumps(REACHES_OUT)})) {{
            try {{ reached.push(name + '=' + (0, eval)(code)); }} catch (error) {{}}
          }}
          return JSON.stringify({{responseCode: 700, responseMsg: 'reached [' + reached + ']'}});
        }}""",
    )
    await client.log_in(card, PIN.reveal)
    with pytest.raises(PortRefused, match=r"reached \[\]"):
        await client.list_page(JUNE, 1)


async def test_a_script_that_computes_on_after_its_call_is_ended_and_replaced(
    client: PortClient, demo: Demo, card: OpenSoftCard
) -> None:
    answer = '{\\"responseCode\\": 100, \\"responseData\\": {\\"total\\": 0, \\"rows\\": []}}'
    release(
        demo, f'function loadAESDecryptStr() {{ Promise.resolve().then(() => {{ {FOREVER} }}); return "{answer}"; }}'
    )
    await client.log_in(card, PIN.reveal)
    assert (await client.list_page(JUNE, 1)).total == 0
    with pytest.raises(ScriptFailed):
        await client.list_page(JUNE, 1)
    assert (await client.list_page(JUNE, 1)).total == 0


async def test_the_pin_is_nowhere_but_encrypted_in_the_form(
    client: PortClient, demo: Demo, card: OpenSoftCard, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    release(demo, "syntax error here")
    with pytest.raises(ScriptUnknown) as failure:
        await client.log_in(card, PIN.reveal)
    assert DEMO_PIN not in caplog.text + repr(failure.value) + repr(vars(client))
