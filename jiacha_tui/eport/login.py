"""Logging in: the card signs the login page's nonce, the port answers with a session."""

from collections.abc import Callable
from http import HTTPStatus

import httpx

from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.eport.excerpt import excerpt
from jiacha_tui.eport.http_transport import HttpRequest, HttpResponse, HttpTransport
from jiacha_tui.eport.login_page import LoginPage
from jiacha_tui.eport.messages import SessionInfo, read_session
from jiacha_tui.eport.problems import InvalidPortResponse, LoginFailed, SessionCardMismatch, SessionEnded
from jiacha_tui.eport.response_parsing import check_status
from jiacha_tui.eport.settings import PortSettings
from jiacha_tui.eport.signer import Signer

_SESSION_PATH = "sw/rtx/commonQuery/getSession"
_MAX_REDIRECTS = 8
_KEEP_THE_METHOD = frozenset({HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT})
_PREFIX_OF_SOME_CARD_NUMBERS = "03-"


class PortLogin:
    """One login over one exchange, whose cookies hold the session afterwards."""

    def __init__(self, exchange: HttpTransport, settings: PortSettings) -> None:
        self._exchange = exchange
        self._settings = settings
        self._session_url = settings.service(_SESSION_PATH)
        self._login_url = httpx.URL(settings.login_url).copy_merge_params({"service": self._session_url})

    async def run(self, card: Signer, pin_text: Callable[[], str] | None) -> SessionInfo:
        """Logs in once. Raises LoginFailed, PinEncryptionUnsupported, SessionCardMismatch, other PortProblems, the card's own."""
        page = await self._page()
        nonce = page.nonce
        await card.check_present()
        signature = await card.sign_challenge(nonce)
        # The PIN goes from its holder into the form without a name in between that a traceback could show.
        form = page.answer(card.identity, signature, self._pin_source(pin_text)(), self._settings.assumptions)
        reply = await self._send(HttpRequest("POST", self._login_url, form))
        if reply.status in _KEEP_THE_METHOD:
            raise InvalidPortResponse("登录跳转")
        self._check_landing(await self._follow(reply))
        facts = await self._facts()
        if facts.cards.removeprefix(_PREFIX_OF_SOME_CARD_NUMBERS) != card.identity.card_number:
            raise SessionCardMismatch
        return facts

    def _pin_source(self, pin_text: Callable[[], str] | None) -> Callable[[], str]:
        return pin_text if pin_text is not None and self._settings.send_pin else str

    async def _page(self) -> LoginPage:
        reply = await self._follow(await self._send(HttpRequest("GET", self._login_url)))
        check_status(reply)
        page = LoginPage.parse(reply.content)
        if page is None:
            raise InvalidPortResponse("登录页面", excerpt(reply.content))
        page.check_pin_handling()
        return page

    async def _follow(self, reply: HttpResponse) -> HttpResponse:
        """Where the redirects end. They may lead to the two hosts of the settings only."""
        for _hop in range(_MAX_REDIRECTS):
            if reply.location is None:
                return reply
            if not self._exchange.knows(reply.location):
                raise InvalidPortResponse("登录跳转", escape_controls(reply.location.host))
            reply = await self._send(HttpRequest("GET", reply.location))
        raise InvalidPortResponse(f"不超过 {_MAX_REDIRECTS} 次的登录跳转")

    async def _send(self, request: HttpRequest) -> HttpResponse:
        return await self._exchange.send(
            request, limit=self._settings.limits.page, within=self._settings.timeouts.whole
        )

    @staticmethod
    def _check_landing(reply: HttpResponse) -> None:
        """Returns if the login page let us go on."""
        page = LoginPage.parse(reply.content)
        if page is not None:
            raise page.refusal()
        if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            check_status(reply)

    async def _facts(self) -> SessionInfo:
        reply = await self._send(HttpRequest("POST", self._session_url))
        try:
            check_status(reply)
        except SessionEnded:
            raise LoginFailed(None, "登录失败，服务器没有建立会话") from None
        if LoginPage.parse(reply.content) is not None:
            raise LoginFailed(None, "登录失败，服务器没有建立会话")
        return read_session(reply)
