"""Encrypts the PIN as the login page wants it: with `CaData_KXC` of a script that the page loads (observed)."""

import asyncio
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final

import httpx

from jiacha_tui.eport.envelope import decode_script
from jiacha_tui.eport.http_transport import HttpRequest, HttpTransport
from jiacha_tui.eport.problems import PinEncryptionUnsupported, ScriptFailed
from jiacha_tui.eport.response_parsing import is_html
from jiacha_tui.eport.retrying import send_with_retries
from jiacha_tui.eport.script_engine import ScriptEngine
from jiacha_tui.eport.settings import PortSettings, ScriptLimits
from jiacha_tui.eport.time_limit import TimeLimit

_ENCRYPT_FUNCTION: Final = "CaData_KXC"
_MAX_SCRIPTS: Final = 30


class PinEncryption:
    """A running script that encrypts a PIN. The PIN passes to its process through a pipe only."""

    def __init__(self, engine: ScriptEngine, key: str) -> None:
        self._engine = engine
        self._key = key

    @classmethod
    async def find(
        cls,
        transport: HttpTransport,
        settings: PortSettings,
        sources: Sequence[httpx.URL],
        key: str,
        time_limit: TimeLimit,
    ) -> "PinEncryption":
        """The first of the scripts that can encrypt. Scripts of other origins than the port's are not loaded.

        Raises PinEncryptionUnsupported if there is none within `time_limit`, EngineUnavailable, PortUnreachable,
        TlsFailed.
        """
        scripts = [
            script
            for source in [source for source in sources if transport.is_port_address(source)][:_MAX_SCRIPTS]
            if (script := await _fetch(transport, settings, source, time_limit))
        ]
        # A script that has the name in clear comes first: most of a page's scripts need the page and do not run here.
        for script in sorted(scripts, key=lambda text: _ENCRYPT_FUNCTION not in text):
            engine = await _engine_with(script, settings.script_limits, time_limit.seconds_left)
            if engine is not None:
                return cls(engine, key)
        raise PinEncryptionUnsupported

    async def encrypt(self, reveal_pin: Callable[[], str]) -> str:
        """The encrypted PIN. Raises PinEncryptionUnsupported if the script fails or leaves the PIN in clear."""
        # No local variable holds the PIN, and what a frame with the PIN raises is not attached: a traceback shows both.
        encrypted = ""
        try:
            encrypted = await self._engine.call(_ENCRYPT_FUNCTION, reveal_pin(), self._key)
        except ScriptFailed:
            encrypted = ""
        if not encrypted or reveal_pin() in encrypted:
            encrypted = ""
            raise PinEncryptionUnsupported
        return encrypted

    async def aclose(self) -> None:
        """Ends the script's process."""
        await self._engine.aclose()


async def _fetch(transport: HttpTransport, settings: PortSettings, source: httpx.URL, time_limit: TimeLimit) -> str:
    """The script, or "" if the port has none at this address."""
    response = await send_with_retries(
        transport,
        HttpRequest("GET", source),
        max_bytes=settings.limits.login,
        max_seconds=min(settings.timeouts.total, time_limit.seconds_left),
        timeouts=settings.timeouts,
    )
    if response.status != HTTPStatus.OK or is_html(response):
        return ""
    return decode_script(response.content)


async def _engine_with(script: str, limits: ScriptLimits, max_seconds: float) -> ScriptEngine | None:
    """An engine with the script, or None if it does not run alone, does not start in time or cannot encrypt."""
    try:
        async with asyncio.timeout(max_seconds):
            engine = await ScriptEngine.start([script], limits)
    except (ScriptFailed, TimeoutError):
        return None
    is_able = False
    try:
        is_able = await engine.has(_ENCRYPT_FUNCTION)
    except ScriptFailed:
        is_able = False
    finally:
        if not is_able:
            await engine.aclose()
    return engine if is_able else None
