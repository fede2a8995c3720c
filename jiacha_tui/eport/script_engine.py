"""Runs the script that the port serves, as a browser would, in a process that has no way out.

The port's answers are wrapped by a cipher that differs from release to release and is only defined by that script
(observed; see docs/port.md). The script is not trusted: it gets text and gives text, within limits of time and memory.
"""

import asyncio
import contextlib
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

import msgspec

from jiacha_tui.eport.problems import EngineUnavailable, ScriptFailed
from jiacha_tui.eport.settings import ScriptLimits

_WORKER: Final = Path(__file__).with_name("script_worker.py")
_GRACE_SECONDS: Final = 5.0
"""The worker keeps the time limit; this much later the worker itself is ended."""

_LINE_BYTES: Final = 1024
"""What a line has besides a result."""

LIMITS_REACHED: Final = frozenset({"time", "memory", "size"})
"""The kinds of ScriptFailed after which the engine has ended because a call reached one of its limits."""


class _WorkerReply(msgspec.Struct, frozen=True):
    """A line from the worker: the text that a call returned, or the kind of its failure."""

    result: str | None = None
    error: str = "ended"


class ScriptEngine:
    """One process with the scripts of one session loaded. Calls wait for one another."""

    def __init__(self, process: asyncio.subprocess.Process, limits: ScriptLimits) -> None:
        self._process = process
        self._limits = limits
        self._busy = asyncio.Lock()

    @classmethod
    async def start(cls, scripts: Sequence[str], limits: ScriptLimits) -> Self:
        """Starts the process and runs `scripts` in order. Raises EngineUnavailable, ScriptFailed."""
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", str(_WORKER)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                cwd="/",
                env={},
                limit=limits.result_bytes + _LINE_BYTES,
                start_new_session=True,
            )
        except OSError:
            raise EngineUnavailable from None
        engine = cls(process, limits)
        try:
            await engine._start(limits)
            for script in scripts:
                await engine._ask({"script": script})
        except BaseException:
            await engine.aclose()
            raise
        return engine

    @property
    def pid(self) -> int:
        """The process number of the worker."""
        return self._process.pid

    async def has(self, function: str) -> bool:
        """Whether the scripts have defined a global function of this name."""
        return await self._ask({"call": "eval", "arguments": [f"String(typeof globalThis.{function})"]}) == "function"

    async def call(self, function: str, *arguments: str) -> str:
        """The text that a global function of the scripts returns. Raises ScriptFailed, which holds no argument."""
        return await self._ask({"call": function, "arguments": list(arguments)})

    async def aclose(self) -> None:
        """Ends the process; may be called again."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()

    async def _start(self, limits: ScriptLimits) -> None:
        request = {
            "seconds": limits.seconds,
            "memory_bytes": limits.memory_bytes,
            "result_bytes": limits.result_bytes,
        }
        try:
            await self._ask(request)
        except ScriptFailed:
            raise EngineUnavailable from None

    async def _ask(self, request: Mapping[str, object]) -> str:
        async with self._busy:
            reply = await self._send(msgspec.json.encode(request) + b"\n")
        if reply.result is None:
            if reply.error in LIMITS_REACHED:  # what the script left running or in memory would hit later calls
                await self.aclose()
            raise ScriptFailed(reply.error)
        return reply.result

    async def _send(self, line: bytes) -> _WorkerReply:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the script worker was started without pipes")
        try:
            async with asyncio.timeout(self._limits.seconds + _GRACE_SECONDS):
                stdin.write(line)
                await stdin.drain()
                received = await stdout.readline()
        except (OSError, ValueError, TimeoutError):
            received = b""
        except asyncio.CancelledError:
            # An answer that nobody waits for would be taken for that of the next call.
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            raise
        try:
            return msgspec.json.decode(received, type=_WorkerReply)
        except msgspec.DecodeError:
            await self.aclose()
            return _WorkerReply()
