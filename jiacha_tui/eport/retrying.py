"""Repeats a request that changes nothing if the connection fails or the port is overloaded."""

import asyncio
import random
from http import HTTPStatus
from typing import Final

from jiacha_tui.eport.http_transport import HttpRequest, HttpResponse, HttpTransport
from jiacha_tui.eport.problems import PortUnreachable
from jiacha_tui.eport.settings import Timeouts

_JITTER: Final = (0.75, 1.5)
"""The bounds of the random factor of a delay: clients that failed together do not come back together."""


async def send_with_retries(
    transport: HttpTransport, request: HttpRequest, *, max_bytes: int, max_seconds: float, timeouts: Timeouts
) -> HttpResponse:
    """The response to the last of at most `len(timeouts.retry_delays) + 1` requests, within `max_seconds` in all.

    A response with HTTP 429 or 5xx leads to another request, after the time that it asks for or after the next of
    the delays, whichever is longer. If it asks for more than `timeouts.max_retry_after`, or for more than the time
    that is left, it is returned at once. Raises the exceptions of `HttpTransport.send`.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + max_seconds
    with transport.open_call(max_seconds) as call:
        for delay in timeouts.retry_delays:
            pause = delay * random.uniform(*_JITTER)  # noqa: S311 - spreads the load, no secret
            left = deadline - loop.time()
            try:
                response = await transport.send_once(request, call, max_bytes=max_bytes, max_seconds=left)
            except PortUnreachable:
                if loop.time() + pause >= deadline:
                    raise
            else:
                wanted = response.retry_after or 0.0
                pause = max(pause, wanted)
                if not _is_overloaded(response) or wanted > timeouts.max_retry_after or loop.time() + pause >= deadline:
                    return response
                call.is_paused = True
            call.received = 0
            await asyncio.sleep(pause)
            call.is_paused = False
        left = deadline - loop.time()
        return await transport.send_once(request, call, max_bytes=max_bytes, max_seconds=left)


def _is_overloaded(response: HttpResponse) -> bool:
    return response.status == HTTPStatus.TOO_MANY_REQUESTS or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR
