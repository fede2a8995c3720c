"""The port's script of one session. It is loaded again if it no longer opens what the port sends."""

import asyncio
from collections.abc import Awaitable, Callable

from jiacha_tui.eport.envelope import Envelope
from jiacha_tui.eport.excerpt import excerpt
from jiacha_tui.eport.problems import InvalidPortResponse, PortProblem, SessionEnded
from jiacha_tui.eport.script_envelope import ScriptEnvelope, envelope_from_script
from jiacha_tui.eport.settings import ScriptLimits


class SessionScript:
    """Opens the responses of one session. Calls may run concurrently.

    A port may change its script without ending its sessions (assumed). The script is therefore loaded again if it does
    not open a response. If the script is the same as before, it is not loaded again until it has opened a response.
    The script before is kept for responses that were on their way when the script changed.
    """

    def __init__(
        self,
        script: bytes,
        envelope: Envelope | ScriptEnvelope,
        load: Callable[[], Awaitable[bytes]],
        limits: ScriptLimits,
    ) -> None:
        self._script = script
        self._envelope = envelope
        self._previous: Envelope | ScriptEnvelope | None = None
        self._load = load
        self._limits = limits
        self._reloading = asyncio.Lock()
        self._may_reload = True
        self._is_closed = False

    @classmethod
    async def start(cls, script: bytes, load: Callable[[], Awaitable[bytes]], limits: ScriptLimits) -> "SessionScript":
        """`script` is the one that the login loaded, `load` gets it from the port again.

        Raises ScriptUnknown, ScriptFailed and EngineUnavailable.
        """
        return cls(script, await envelope_from_script(script, limits), load, limits)

    async def open(self, content: bytes) -> bytes:
        """The JSON object in a response, in UTF-8.

        Raises InvalidPortResponse if neither the script nor a newer one opens it, SessionEnded after `aclose`, and for
        a newer script the exceptions of `start` that concern the script.
        """
        envelope = self._envelope
        try:
            opened = await _open(envelope, content)
        except (InvalidPortResponse, SessionEnded):
            other = await self._other_than(envelope, content)
            if other is None:
                raise
            return other
        self._may_reload = True
        return opened

    async def aclose(self) -> None:
        """Ends the script's engines. May be called more than once."""
        self._is_closed = True
        async with self._reloading:
            await _close(self._envelope)
            await _close(self._previous)

    async def _other_than(self, envelope: Envelope | ScriptEnvelope, content: bytes) -> bytes | None:
        """What the script before or after that of `envelope` opens; None if neither can."""
        async with self._reloading:
            if self._is_closed:
                return None
            for known in (self._envelope, self._previous):
                if known is not None and known is not envelope:
                    try:
                        return await _open(known, content)
                    except InvalidPortResponse:
                        continue
            return await _open(self._envelope, content) if await self._reload() else None

    async def _reload(self) -> bool:
        """Loads the script again, unless that was in vain the last time. False if the port has no other script."""
        if not self._may_reload:
            return False
        try:
            script = await self._load()
        except PortProblem:
            return False
        if script == self._script:
            self._may_reload = False
            return False
        newer = await envelope_from_script(script, self._limits)
        await _close(self._previous)
        self._script, self._previous, self._envelope = script, self._envelope, newer
        return True


async def _open(envelope: Envelope | ScriptEnvelope, content: bytes) -> bytes:
    """Raises InvalidPortResponse also if what was opened is no JSON object: with other keys it may be any bytes."""
    opened = await envelope.open(content)
    if not opened.lstrip().startswith(b"{"):
        raise InvalidPortResponse("加密的答复", excerpt(content))
    return opened


async def _close(envelope: Envelope | ScriptEnvelope | None) -> None:
    if isinstance(envelope, ScriptEnvelope):
        await envelope.aclose()
