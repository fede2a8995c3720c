"""`getSession`: whose session the cookies hold, if any. The call changes nothing."""

from typing import Final

from jiacha_tui.eport.http_transport import HttpRequest, HttpTransport
from jiacha_tui.eport.messages import SessionInfo, read_session
from jiacha_tui.eport.problems import SessionEnded
from jiacha_tui.eport.response_parsing import check_status, leads_to_login
from jiacha_tui.eport.retrying import send_with_retries
from jiacha_tui.eport.settings import PortSettings

SESSION_PATH: Final = "sw/rtx/commonQuery/getSession"


async def request_session_info(
    transport: HttpTransport, settings: PortSettings, max_seconds: float | None = None
) -> SessionInfo:
    """The port's information about the session, within `max_seconds` (by default those of a whole call).

    Raises SessionEnded if there is none, and other PortProblems. None of them has an excerpt: the real response may
    hold the PIN.
    """
    request = HttpRequest("POST", settings.service_address(SESSION_PATH))
    timeouts = settings.timeouts
    response = await send_with_retries(
        transport,
        request,
        max_bytes=settings.limits.login,
        max_seconds=timeouts.total if max_seconds is None else min(timeouts.total, max_seconds),
        timeouts=timeouts,
    )
    check_status(response)
    if leads_to_login(response):
        raise SessionEnded
    info = read_session(response)
    if info is None:
        raise SessionEnded
    return info
