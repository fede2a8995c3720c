"""Opens responses with the port's own script, if the script cannot be read.

Since 2023 the port serves obfuscated scripts whose cipher differs from release to release (observed; docs/port.md).
"""

import asyncio
from typing import Final

from jiacha_tui.eport.envelope import Envelope, decode_script
from jiacha_tui.eport.excerpt import excerpt
from jiacha_tui.eport.problems import InvalidPortResponse, ScriptFailed, ScriptUnknown, SessionEnded
from jiacha_tui.eport.script_engine import LIMITS_REACHED, ScriptEngine
from jiacha_tui.eport.settings import ScriptLimits

OPEN_FUNCTION: Final = "loadAESDecryptStr"
"""The function that turns a response into its JSON."""

_FAULTS_OF_THE_CONTENT: Final = frozenset({"script", "no text"})


class ScriptEnvelope:
    """The script of one session, running in an engine. Calls may run concurrently."""

    def __init__(self, script: str, engine: ScriptEngine, limits: ScriptLimits) -> None:
        self._script = script
        self._limits = limits
        self._engine = engine
        self._restarting = asyncio.Lock()
        self._is_closed = False

    @classmethod
    async def start(cls, script: str, limits: ScriptLimits) -> "ScriptEnvelope":
        """Starts an engine with the script.

        Raises ScriptUnknown if it defines no such function, EngineUnavailable, or ScriptFailed.
        """
        try:
            engine = await ScriptEngine.start([script], limits)
        except ScriptFailed as failure:
            if failure.kind not in _FAULTS_OF_THE_CONTENT:
                raise
            raise ScriptUnknown from None
        try:
            is_known = await engine.has(OPEN_FUNCTION)
        except BaseException:
            await engine.aclose()
            raise
        if not is_known:
            await engine.aclose()
            raise ScriptUnknown
        return cls(script, engine, limits)

    async def open(self, content: bytes) -> bytes:
        """The JSON in the response, in UTF-8. A failed engine is replaced once, unless the script reached a limit.

        Raises InvalidPortResponse if the script cannot open the content, ScriptFailed if the script itself fails, and
        SessionEnded after `aclose`: a new login may have ended this session while the response was on its way.
        """
        text = content.decode("utf-8", "replace").strip()
        engine = self._engine
        opened: str | None
        try:
            opened = await engine.call(OPEN_FUNCTION, text)
        except ScriptFailed as failure:
            if failure.kind in LIMITS_REACHED:
                raise
            opened = await self._open_again(engine, text)
        if opened is None:
            raise InvalidPortResponse("加密的答复", excerpt(content))
        return opened.encode("utf-8", "replace")

    async def aclose(self) -> None:
        """Ends the engine. May be called more than once."""
        self._is_closed = True
        async with self._restarting:
            await self._engine.aclose()

    async def _open_again(self, failed: ScriptEngine, text: str) -> str | None:
        """What an engine in place of the failed one returns; None if the text is at fault. Raises ScriptFailed."""
        engine = await self._replace(failed)
        try:
            return await engine.call(OPEN_FUNCTION, text)
        except ScriptFailed as failure:
            if failure.kind not in _FAULTS_OF_THE_CONTENT:
                raise
            return None

    async def _replace(self, failed: ScriptEngine) -> ScriptEngine:
        """The engine in place of a failed one. Calls that failed together get the same."""
        async with self._restarting:
            if self._is_closed:
                raise SessionEnded
            if self._engine is failed:
                await failed.aclose()
                self._engine = await ScriptEngine.start([self._script], self._limits)
            return self._engine


async def envelope_from_script(script: bytes, limits: ScriptLimits) -> Envelope | ScriptEnvelope:
    """What opens the responses of a session whose script this is. Raises as `ScriptEnvelope.start`."""
    return Envelope.from_script(script) or await ScriptEnvelope.start(decode_script(script), limits)
