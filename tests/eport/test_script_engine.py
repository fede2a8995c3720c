"""The port's script runs as in a browser, and nothing of what it tries reaches out of its process."""

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random

import pytest

from jiacha_tui.demo.obfuscated_script import obfuscated_script
from jiacha_tui.demo.variant_cipher import VariantCipher
from jiacha_tui.eport.problems import ScriptFailed
from jiacha_tui.eport.script_engine import ScriptEngine
from jiacha_tui.eport.settings import ScriptLimits

KEY = "0123456789abcdef"
PIN = "13572468"
SHORT = ScriptLimits(seconds=3.0, memory_bytes=32 * 1024 * 1024)


@pytest.fixture
async def engine_for() -> AsyncIterator[Callable[[str], "asyncio.Future[ScriptEngine]"]]:
    """Starts an engine with one script and ends it after the test."""
    engines: list[ScriptEngine] = []

    async def start(script: str) -> ScriptEngine:
        engines.append(await ScriptEngine.start([script], SHORT))
        return engines[-1]

    yield lambda script: asyncio.ensure_future(start(script))
    for engine in engines:
        await engine.aclose()


StartEngine = Callable[[str], "asyncio.Future[ScriptEngine]"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("text", ["", "{}", "报关单" * 400, "𠮷\x00\n'\\"], ids=["empty", "short", "long", "rare"])
async def test_an_obfuscated_script_decrypts_what_its_cipher_encrypted(
    engine_for: StartEngine, seed: int, text: str
) -> None:
    random = Random(seed)  # noqa: S311 - a cipher of tests
    cipher = VariantCipher.draw(random)
    engine = await engine_for(obfuscated_script(cipher, KEY, random))
    assert await engine.call("loadAESDecryptStr", cipher.encrypt(text, KEY.encode())) == text


async def test_it_encrypts_a_pin_as_the_login_page_asks(engine_for: StartEngine) -> None:
    random = Random(7)  # noqa: S311 - a cipher of tests
    cipher = VariantCipher.draw(random)
    engine = await engine_for(obfuscated_script(cipher, KEY, random))
    assert await engine.has("CaData_KXC")
    assert await engine.call("CaData_KXC", PIN, "fedcba9876543210") == cipher.encrypt(PIN, b"fedcba9876543210")


def test_neither_key_nor_tables_can_be_read_from_the_script() -> None:
    random = Random(7)  # noqa: S311 - a cipher of tests
    script = obfuscated_script(VariantCipher.draw(random), KEY, random)
    assert KEY not in script
    assert not re.search(r"CryptoJS|Latin1|result\.replace", script)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("function loadAESDecryptStr() { while (true) {} }", "time"),
        ("function loadAESDecryptStr() { let a = []; while (true) a.push(new Array(1e5).fill(a.length)); }", "memory"),
        ("function loadAESDecryptStr() { return loadAESDecryptStr(); }", "script"),
        ("function loadAESDecryptStr(text) { throw new Error(text); }", "script"),
        ("function loadAESDecryptStr() { return 7; }", "no text"),
        ("function loadAESDecryptStr() { return null; }", "no text"),
        ("", "script"),
    ],
)
async def test_a_call_that_goes_wrong_names_its_kind_and_not_its_argument(
    engine_for: StartEngine, script: str, kind: str
) -> None:
    engine = await engine_for(script)
    with pytest.raises(ScriptFailed) as failed:
        await engine.call("loadAESDecryptStr", PIN)
    assert failed.value.kind == kind
    assert PIN not in f"{failed.value!r} {failed.value} {failed.value.__cause__!r} {failed.value.__context__!r}"


@pytest.mark.parametrize("script", ["while (true) {}", "syntax error here", "throw 1"])
async def test_a_script_that_cannot_be_loaded_ends_its_process(script: str) -> None:
    with pytest.raises(ScriptFailed):
        await ScriptEngine.start([script], SHORT)


@pytest.mark.parametrize(
    "name",
    [
        "require",
        "process",
        "fetch",
        "XMLHttpRequest",
        "WebSocket",
        "WebAssembly",
        "SharedArrayBuffer",
        "Atomics",
        "Deno",
    ],
)
async def test_nothing_that_leads_out_is_there(engine_for: StartEngine, name: str) -> None:
    engine = await engine_for("")
    assert not await engine.has(name)
    assert await engine.call("eval", f"String(typeof globalThis.{name})") == "undefined"


async def test_the_clock_stands_still_and_timers_never_fire(engine_for: StartEngine) -> None:
    engine = await engine_for("var fired = ''; setInterval(function () { fired = 'x'; }, 0);")
    assert await engine.call("eval", "String(Date.now()) + String(new Date().getTime()) + fired") == "00"


async def test_the_arguments_of_the_process_hold_no_secret(engine_for: StartEngine) -> None:
    engine = await engine_for("function loadAESDecryptStr(text) { return text; }")
    assert await engine.call("loadAESDecryptStr", PIN) == PIN
    process = Path(f"/proc/{engine.pid}")
    assert PIN.encode() not in process.joinpath("cmdline").read_bytes()
    assert re.search(r"Max file size +0 ", process.joinpath("limits").read_text())


async def test_a_process_that_was_killed_fails_the_call_and_every_later_one(engine_for: StartEngine) -> None:
    engine = await engine_for("function loadAESDecryptStr(text) { return text; }")
    os.kill(engine.pid, signal.SIGKILL)
    for _ in range(2):
        with pytest.raises(ScriptFailed):
            await engine.call("loadAESDecryptStr", "a")


async def test_a_cancelled_call_never_gives_its_answer_to_the_next(engine_for: StartEngine) -> None:
    engine = await engine_for("function slow(t) { for (let i = 0; i < 2e8; i++); return t; }")
    call = asyncio.ensure_future(engine.call("slow", "first"))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    with pytest.raises(ScriptFailed):
        await engine.call("slow", "second")


async def test_calls_side_by_side_get_their_own_answers(engine_for: StartEngine) -> None:
    engine = await engine_for("function echo(t) { return t + t; }")
    texts = [json.dumps(number) for number in range(20)]
    assert await asyncio.gather(*(engine.call("echo", text) for text in texts)) == [text * 2 for text in texts]
