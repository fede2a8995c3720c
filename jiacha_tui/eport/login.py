"""The login: the card signs the nonce of the login page, and the port opens a session."""

from collections.abc import Callable
from http import HTTPStatus

import httpx

from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.eport.excerpt import excerpt
from jiacha_tui.eport.http_transport import HttpRequest, HttpResponse, HttpTransport
from jiacha_tui.eport.login_page import LoginPage
from jiacha_tui.eport.messages import SessionInfo
from jiacha_tui.eport.pin_encryption import PinEncryption
from jiacha_tui.eport.problems import (
    InvalidPortResponse,
    LoginFailed,
    RedirectElsewhere,
    SessionCardMismatch,
    SessionEnded,
)
from jiacha_tui.eport.response_parsing import check_status
from jiacha_tui.eport.session_info import SESSION_PATH, request_session_info
from jiacha_tui.eport.settings import PortSettings
from jiacha_tui.eport.signer import Signer
from jiacha_tui.eport.time_limit import TimeLimit

_MAX_REDIRECTS = 8
_REDIRECTS_OF_A_POST = frozenset({HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT})
_OPTIONAL_CARD_NUMBER_PREFIX = "03-"


class PortLogin:
    """One login. Afterwards the cookies of the transport hold the session."""

    def __init__(self, transport: HttpTransport, settings: PortSettings, time_limit: TimeLimit) -> None:
        self._transport = transport
        self._settings = settings
        self._time_limit = time_limit
        service = settings.service_address(SESSION_PATH)
        login_url = httpx.URL(settings.login_url)
        self._page_url = login_url.copy_merge_params({"service": settings.login_page_service or service})
        self._login_url = login_url.copy_merge_params({"service": service})

    async def run(self, card: Signer, reveal_pin: Callable[[], str] | None) -> SessionInfo:
        """Logs in once, within the time limit, in which the card's time does not count.

        `reveal_pin` is called only if the settings say to send the PIN.

        Raises LoginFailed, PinEncryptionUnsupported, SessionCardMismatch, other PortProblems, and what the card raises.
        """
        page, page_url = await self._fetch_page()
        nonce = page.nonce
        is_pin_sent = reveal_pin is not None and self._settings.send_pin
        encryption = await self._pin_encryption(page, page_url) if is_pin_sent else None
        try:
            with self._time_limit.suspended():
                await card.check_present()
                signature = await card.sign_challenge(nonce)
            # No local variable holds the PIN: a traceback could show it.
            form = page.fill_form(
                card.identity,
                signature,
                await _pin_for_form(reveal_pin if is_pin_sent else None, encryption),
                self._settings.assumptions,
            )
        finally:
            if encryption is not None:
                await encryption.aclose()
        response = await self._send(HttpRequest("POST", self._login_url, form))
        if response.status in _REDIRECTS_OF_A_POST:
            raise InvalidPortResponse("登录跳转")
        self._check_accepted(await self._follow_redirects(response))
        info = await self._fetch_session_info()
        if info.card_number.removeprefix(_OPTIONAL_CARD_NUMBER_PREFIX) != card.identity.card_number:
            raise SessionCardMismatch
        return info

    async def _fetch_page(self) -> tuple[LoginPage, httpx.URL]:
        """The login page and its address."""
        response = await self._follow_redirects(await self._send(HttpRequest("GET", self._page_url)))
        check_status(response)
        page = LoginPage.parse(response.content)
        if page is None:
            raise InvalidPortResponse("登录页面", excerpt(response.content))
        return page, response.url

    async def _pin_encryption(self, page: LoginPage, page_url: httpx.URL) -> PinEncryption | None:
        """What encrypts the PIN, or None if the page wants it as it is, inside TLS."""
        if page.pin_key is None:
            return None
        sources = [url for source in page.script_sources if (url := _joined(page_url, source)) is not None]
        return await PinEncryption.find(self._transport, self._settings, sources, page.pin_key, self._time_limit)

    async def _follow_redirects(self, response: HttpResponse) -> HttpResponse:
        """The response at the end of the redirects. Each must lead to one of the two hosts in the settings."""
        for _redirect in range(_MAX_REDIRECTS):
            if response.location is None:
                return response
            if not self._transport.is_port_address(response.location):
                raise RedirectElsewhere(escape_controls(response.location.host))
            response = await self._send(HttpRequest("GET", response.location))
        raise InvalidPortResponse(f"不超过 {_MAX_REDIRECTS} 次的登录跳转")

    async def _send(self, request: HttpRequest) -> HttpResponse:
        max_seconds = min(self._settings.timeouts.total, self._time_limit.seconds_left)
        return await self._transport.send(request, max_bytes=self._settings.limits.login, max_seconds=max_seconds)

    @staticmethod
    def _check_accepted(response: HttpResponse) -> None:
        """Returns if the port accepted the form: it did not show the login page again and did not fail."""
        page = LoginPage.parse(response.content)
        if page is not None:
            raise page.login_failure()
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            check_status(response)

    async def _fetch_session_info(self) -> SessionInfo:
        try:
            return await request_session_info(self._transport, self._settings, self._time_limit.seconds_left)
        except SessionEnded:
            raise LoginFailed(None, "登录失败，服务器没有建立会话") from None


async def _pin_for_form(reveal_pin: Callable[[], str] | None, encryption: PinEncryption | None) -> str:
    """The PIN as the form has it, or "" without `reveal_pin`."""
    if reveal_pin is None:
        return ""
    return reveal_pin() if encryption is None else await encryption.encrypt(reveal_pin)


def _joined(page_url: httpx.URL, source: str) -> httpx.URL | None:
    try:
        return page_url.join(source)
    except (httpx.InvalidURL, ValueError):
        return None
