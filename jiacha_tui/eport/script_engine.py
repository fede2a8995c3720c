"""Runs the script that the port serves, as a browser would, in a process that has no way out.

The port's answers are wrapped by a cipher that differs from release to release and is only defined by that script
(observed; see docs/port.md). The script is not trusted: it gets text and gives text, within limits of time and memory.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from jiacha_tui.eport.problems import ScriptFailed

_WORKER: Final = Path(__file__).with_name("script_worker.py")
_GRACE_SECONDS: Final = 5.0
"""The worker keeps the time limit; this much later the worker itself is ended."""

_MAX_ANSWER_BYTES: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ScriptLimits:
    """`seconds` bounds the start of the scripts and each call, `memory_bytes` what they allocate."""

    seconds: float = 20.0
    memory_bytes: int = 256 * 1024 * 1024


class ScriptEngine:
    """One process with the scripts of one session loaded. Calls wait for one another."""

    def __init__(self, process: asyncio.subprocess.Process, limits: ScriptLimits) -> None:
        self._process = process
        self._limits = limits
        self._busy = asyncio.Lock()

    @classmethod
    async def start(cls, scripts: Sequence[str], limits: ScriptLimits = ScriptLimits()) -> Self:
        """Starts the process and runs `scripts` in order. Raises ScriptFailed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(_WORKER)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd="/",
            env={},
            limit=_MAX_ANSWER_BYTES,
            start_new_session=True,
        )
        engine = cls(process, limits)
        try:
            await engine._ask(
                {"scripts": list(scripts), "seconds": limits.seconds, "memory_bytes": limits.memory_bytes}
            )
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

    async def _ask(self, request: dict[str, object]) -> str:
        async with self._busy:
            answer = await self._exchange(json.dumps(request).encode("ascii") + b"\n")
        if not isinstance(result := answer.get("result"), str):
            raise ScriptFailed(str(answer.get("error", "")))
        return result

    async def _exchange(self, line: bytes) -> dict[str, object]:
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
            self._process.kill()
            raise
        if not received.endswith(b"\n"):
            await self.aclose()
            return {"error": "ended"}
        answer: dict[str, object] = json.loads(received)
        return answer
