"""The process that runs a script: what it inherits, its limits, and that it never outlives the program."""

import asyncio
import json
import os
import re
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jiacha_tui.eport import script_engine
from jiacha_tui.eport.problems import ScriptFailed
from jiacha_tui.eport.script_engine import ScriptEngine
from jiacha_tui.eport.settings import ScriptLimits
from tests.script_processes import script_processes

MEBIBYTE = 1024 * 1024
SHORT = ScriptLimits(seconds=1.0, memory_bytes=32 * MEBIBYTE, result_bytes=1000)
ECHO = "function echo(text) { return text; }"
SECONDS_TO_END = 60.0

REPORT = """
import json, os, sys
sys.stdin.readline()
report = {"environment": dict(os.environ), "files": sorted(map(int, os.listdir("/proc/self/fd")))[:-1],
          "folder": os.getcwd(), "arguments": sys.orig_argv[1:-1], "is_leader": os.getsid(0) == os.getpid(),
          "errors": os.readlink("/proc/self/fd/2")}
print(json.dumps({"result": ""}), flush=True)
sys.stdin.readline()
print(json.dumps({"result": ""}), flush=True)
sys.stdin.readline()
print(json.dumps({"result": json.dumps(report)}), flush=True)
"""
"""A worker that says what it was started with."""

PROGRAM = """
import asyncio, sys
from jiacha_tui.eport.script_engine import ScriptEngine
from jiacha_tui.eport.settings import ScriptLimits
from tests.script_processes import script_processes

async def run():
    engine = await ScriptEngine.start([sys.argv[1]], ScriptLimits(seconds=600.0))
    print(engine.pid, flush=True)
    await engine.call("loadAESDecryptStr", "text")
    await asyncio.sleep(600)

asyncio.run(run())
"""


PROGRAM_WITHOUT_MEMORY = """
import asyncio, resource
from jiacha_tui.eport.problems import PortProblem
from jiacha_tui.eport.script_envelope import ScriptEnvelope
from jiacha_tui.eport.settings import ScriptLimits
from tests.script_processes import script_processes
resource.setrlimit(resource.RLIMIT_AS, (2 ** 30, 2 ** 30))
try:
    asyncio.run(ScriptEnvelope.start("function loadAESDecryptStr(text) { return text; }", ScriptLimits()))
except PortProblem as problem:
    print(problem.code)
"""


@pytest.fixture
async def engine() -> AsyncIterator[ScriptEngine]:
    started = await ScriptEngine.start([ECHO], SHORT)
    yield started
    await started.aclose()


def _ends(pid: int, seconds: float = SECONDS_TO_END) -> bool:
    """Waits until the process has ended, whether or not somebody has collected its status."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], seconds)[0])
    finally:
        os.close(process)


def _computes(pid: int) -> bool:
    """Waits until the process has used more computing time than its start takes."""
    wanted = _computing_time(pid) + 0.3
    for _ in range(2000):
        if _computing_time(pid) >= wanted:
            return True
        time.sleep(0.02)
    return False


def _computing_time(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_bytes(pid: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


async def test_it_inherits_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "report.py"
    report.write_text(REPORT)
    monkeypatch.setenv("SECRET", "in the environment")
    monkeypatch.setattr(script_engine, "_WORKER", report)
    with report.open() as inheritable:
        os.set_inheritable(inheritable.fileno(), True)
        engine = await ScriptEngine.start(["a script"], SHORT)
        told = json.loads(await engine.call("function", "an argument"))
        await engine.aclose()
    assert told.pop("environment").keys() <= {"LC_CTYPE"}, "which Python itself may set"
    assert told == {"files": [0, 1, 2], "folder": "/", "arguments": ["-I"], "is_leader": True, "errors": "/dev/null"}


@pytest.mark.parametrize(
    ("script", "is_busy"),
    [
        ("function loadAESDecryptStr(text) { return text; }", False),
        ("function loadAESDecryptStr() { for (;;) {} }", True),
    ],
    ids=["waiting", "in the middle of a call"],
)
def test_it_ends_with_a_program_that_is_killed(script: str, is_busy: bool, child_environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", PROGRAM, script]
    with subprocess.Popen(command, env=child_environment, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        worker = int(program.stdout.readline())
        assert not _ends(worker, 0)
        assert not is_busy or _computes(worker)
        program.send_signal(signal.SIGKILL)
    assert _ends(worker)


async def test_it_can_open_no_file_and_no_connection(engine: ScriptEngine) -> None:
    limits = await asyncio.to_thread(Path(f"/proc/{engine.pid}/limits").read_text)
    for name in ("Max open files", "Max file size", "Max core file size"):
        assert re.search(rf"{name} +0 +0 ", limits), name
    assert await engine.call("echo", "text") == "text"


async def test_its_memory_is_limited_also_where_the_engine_does_not_count() -> None:
    script = "function fill() { const kept = []; for (;;) kept.push(new Uint8Array(1 << 22).fill(7)); }"
    engine = await ScriptEngine.start([script], ScriptLimits(seconds=60.0, memory_bytes=SHORT.memory_bytes))
    before = _peak_bytes(engine.pid)
    with pytest.raises(ScriptFailed):
        await engine.call("fill")
    if not _ends(engine.pid, 0):
        assert _peak_bytes(engine.pid) < before + 3 * SHORT.memory_bytes
    await engine.aclose()


async def test_it_is_ended_if_it_computes_on_after_a_call() -> None:
    script = "function leave() { Promise.resolve().then(() => { for (;;) {} }); return 'done'; }"
    engine = await ScriptEngine.start([script], SHORT)
    assert await engine.call("leave") == "done"
    assert await asyncio.to_thread(_ends, engine.pid), "nobody calls it again, and it does not compute forever"
    await engine.aclose()


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("function f() { for (;;) {} }", "time"),
        ("function f() { return 'x'.repeat(3000); }", "size"),
    ],
)
async def test_it_ends_once_a_call_has_reached_a_limit(script: str, kind: str) -> None:
    engine = await ScriptEngine.start([script], SHORT)
    with pytest.raises(ScriptFailed) as failure:
        await engine.call("f")
    assert failure.value.kind == kind
    assert _ends(engine.pid, 0)


@pytest.mark.parametrize("answer", ["", "no JSON\n", "[]\n", '{"result": 7}\n', '{"result": "cut'])
async def test_a_worker_that_answers_garbage_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    worker = tmp_path / "worker.py"
    started = 'import sys\nsys.stdin.readline()\nprint(\'{"result": ""}\', flush=True)\n'
    worker.write_text(f"{started}sys.stdin.readline()\nsys.stdout.write({answer!r})\n")
    monkeypatch.setattr(script_engine, "_WORKER", worker)
    with pytest.raises(ScriptFailed) as failure:
        await ScriptEngine.start([ECHO], SHORT)
    assert failure.value.kind == "ended"


def test_a_machine_on_which_the_engine_does_not_start_is_told_from_a_script_that_fails(
    child_environment: dict[str, str],
) -> None:
    command = [sys.executable, "-c", PROGRAM_WITHOUT_MEMORY]
    done = subprocess.run(command, env=child_environment, capture_output=True, text=True, check=True)
    assert done.stdout == "port.script-engine\n"


@pytest.mark.usefixtures("engine")
async def test_it_leaves_no_core_dump() -> None:
    (pid,) = script_processes(os.getpid())
    assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0)


@pytest.mark.parametrize(
    "expression",
    [
        "String(Date.now())",
        "String(+new Date())",
        "String(+new (Object.getPrototypeOf(new Date()).constructor)())",
        "String(+new (new Date(5).constructor)())",
        "String(Date.parse(Date()))",
        "String(Date.parse(Date.prototype.constructor()))",
    ],
)
async def test_every_clock_stands_still(engine: ScriptEngine, expression: str) -> None:
    assert await engine.call("eval", expression) == "0"


@pytest.mark.parametrize("name", ["Intl", "Temporal", "performance", "__timer_manager"])
async def test_nothing_else_tells_the_time(engine: ScriptEngine, name: str) -> None:
    assert await engine.call("eval", f"String(typeof globalThis.{name})") == "undefined"


async def test_a_date_works_otherwise(engine: ScriptEngine) -> None:
    text = "[new Date(2026, 5, 17) instanceof Date, new Date(86400000).toISOString(), Date.UTC(1970, 0, 2)].join()"
    assert await engine.call("eval", text) == "true,1970-01-02T00:00:00.000Z,86400000"
