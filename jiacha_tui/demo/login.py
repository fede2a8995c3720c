"""The login: a CAS web form with a nonce that the card signs, and the ticket that opens a session."""

import hmac
import html
import re
import secrets
import time
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from cryptography import x509
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.problems import CardProblem
from jiacha_tui.clock import utc_now
from jiacha_tui.demo import refusals
from jiacha_tui.demo.card_issuing import Authority
from jiacha_tui.demo.cards import company_of
from jiacha_tui.demo.clock import Clock
from jiacha_tui.demo.envelope import KEY_LENGTH, random_letters
from jiacha_tui.demo.http_bodies import read_form
from jiacha_tui.demo.pin_script import PinScript
from jiacha_tui.demo.pki import CertificateStatus, is_issued_by, is_signed_by, is_valid_at
from jiacha_tui.demo.port_store import PortStore
from jiacha_tui.demo.refusals import LoginRefused, LoginStatus
from jiacha_tui.demo.script_release import ScriptRelease
from jiacha_tui.demo.sessions import (
    IssuedLoginPage,
    PortSession,
    Sessions,
    new_token,
)

COOKIE: Final = "JSESSIONID"
LOGIN_PATH: Final = "/cas/login"
PIN_SCRIPT_PATH: Final = "/cas/js/kxc.js"
SERVICE_PATH: Final = "/rtxwebserver/"
SESSION_CALL: Final = "sw/rtx/commonQuery/getSession"

_HOST: Final = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_TOKEN: Final = re.compile(r"[0-9a-f]{32}")
_PAGE: Final = """\
<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>中国电子口岸（演示）</title></head>
<body>
<form id="fm1" method="post" action="{action}">
<input type="hidden" id="random" name="random" value="{random}">
<input type="hidden" id="serverDate" name="serverDate" value="{server_date}">
<input type="hidden" id="userPin" name="userPin" value="">
<input type="hidden" id="lt" name="lt" value="{lt}">
<input type="hidden" id="execution" name="execution" value="{execution}">
<input type="hidden" id="swLoginFlag" name="swLoginFlag" value="swUser">
{pin_mark}</form>
{status}{pin_encryption}
</body>
</html>
"""
_PIN_MARK: Final = '<input type="hidden" name="sgm" value="0">\n'
_PIN_ENCRYPTION: Final = """
<span id="user_sm_dt" hidden>{key}</span>
<script src="js/kxc.js"></script>"""


@dataclass(frozen=True, slots=True)
class LoginHandler:
    """The routes under `/cas/`."""

    store: PortStore
    authority: Authority
    sessions: Sessions
    clock: Clock
    release: ScriptRelease
    pin_script: PinScript | None
    """What the page encrypts the PIN with, or None if it does not."""

    async def show(self, request: Request) -> Response:
        """`GET /cas/login?service=…`"""
        return self._page(request)

    async def submit(self, request: Request) -> Response:
        """`POST /cas/login?service=…`: a redirect to the service with a ticket, or the page again with its status."""
        form = dict(await read_form(request))
        if self.pin_script is None:
            form.pop("userPin", None)  # it may be a PIN in clear, which this page does not ask for
        try:
            session = self._check_answer(request, form)
        except LoginRefused as refused:
            return self._page(request, f"{int(refused.status)}|{refused.message}")
        ticket = f"ST-{new_token()}-cas"
        self.sessions.tickets.put(ticket, session)
        service = _service(request)
        return RedirectResponse(f"{service}{'&' if '?' in service else '?'}ticket={ticket}", 302)

    async def send_pin_script(self, _: Request) -> Response:
        """`GET` of the script that encrypts the PIN."""
        if self.pin_script is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return Response(self.pin_script.text, media_type="application/javascript")

    def _page(self, request: Request, status: str = "") -> Response:
        page = IssuedLoginPage(
            browser=_browser(request),
            nonce=secrets.token_hex(16),
            lt=f"LT-{new_token()}-cas",
            execution="e1s1",
            server_date=f"{self.clock():%Y%m%d%H%M%S}",
            pin_key="" if self.pin_script is None else random_letters(KEY_LENGTH),
        )
        self.sessions.pages.put(page.lt, page)
        content = _PAGE.format(
            action=html.escape(f"{LOGIN_PATH}?{urllib.parse.urlencode({'service': _service(request)})}"),
            random=page.nonce,
            server_date=page.server_date,
            lt=page.lt,
            execution=page.execution,
            status=f'<div id="status">{html.escape(status)}</div>' if status else "",
            pin_mark=_PIN_MARK if page.pin_key else "",
            pin_encryption=_PIN_ENCRYPTION.format(key=page.pin_key) if page.pin_key else "",
        )
        response = HTMLResponse(content)
        set_cookie(response, page.browser, "/cas")
        return response

    def _check_answer(self, request: Request, form: Mapping[str, str]) -> PortSession:
        """A session for the card that signed the login page. Raises LoginRefused."""
        names = ("lt", "execution", "random", "certNo", "icCard", "signData")
        if not all(form.get(name) for name in names):
            raise LoginRefused(LoginStatus.FAULT, refusals.LOGIN_MALFORMED)
        lt, execution, nonce, serial, number, signature = (form[name] for name in names)
        page = self.sessions.pages.take(lt)
        # A page accepts one answer, right or wrong, and only from the browser that it was sent to.
        if (
            page is None
            or not hmac.compare_digest(page.browser.encode(), request.cookies.get(COOKIE, "").encode(errors="replace"))
            or (page.execution, page.nonce) != (execution, nonce)
        ):
            raise LoginRefused(LoginStatus.EXPIRED_PAGE, refusals.LOGIN_PAGE_USED)
        if self.pin_script is not None:
            self.pin_script.check(form.get("userPin", ""), form.get("sgm", ""), page.pin_key)
        return self._check_card(serial, number, nonce, signature)

    def _check_card(self, serial: str, number: str, nonce: str, signature: str) -> PortSession:
        """A session for the card. Checks the signature first, so that only its holder learns the card's status.

        Raises LoginRefused.
        """
        issued = self.store.find_certificate(serial)
        if issued is None:
            raise LoginRefused(LoginStatus.ABNORMAL, refusals.CARD_ABNORMAL)
        certificate = x509.load_der_x509_certificate(issued.der)
        try:
            identity = CardIdentity.from_certificate(issued.der)
        except CardProblem:
            raise LoginRefused(LoginStatus.ABNORMAL, refusals.CARD_ABNORMAL) from None
        company = company_of(identity)
        if company is None or identity.card_number != number or not is_signed_by(certificate, nonce, signature):
            raise LoginRefused(LoginStatus.ABNORMAL, refusals.CARD_ABNORMAL)
        if issued.status is CertificateStatus.BLACKLISTED:
            raise LoginRefused(LoginStatus.BLACKLISTED, refusals.CARD_BLACKLISTED)
        if issued.status is CertificateStatus.REVOKED or not is_issued_by(certificate, self.authority):
            raise LoginRefused(LoginStatus.ABNORMAL, refusals.CARD_ABNORMAL)
        if not is_valid_at(certificate, utc_now()):
            raise LoginRefused(LoginStatus.ABNORMAL, refusals.CARD_EXPIRED)
        rdtime = f"{time.time_ns() // 1_000_000}{secrets.randbelow(10**6):06d}"
        return PortSession(company, number, issued.der, rdtime, self.release.envelope)


def login_url(request: Request) -> str:
    """The address of the login page that leads back to the service that was requested."""
    return f"{_root(request)}{LOGIN_PATH}?{urllib.parse.urlencode({'service': _own_service(request)})}"


def set_cookie(response: Response, value: str, path: str) -> None:
    """Sets the one cookie of this port, for addresses below `path`."""
    response.set_cookie(COOKIE, value, path=path, secure=True, httponly=True, samesite="lax")


def _browser(request: Request) -> str:
    """The browser's cookie from an earlier login page, or a new one."""
    token = request.cookies.get(COOKIE, "")
    return token if _TOKEN.fullmatch(token) else new_token()


def _service(request: Request) -> str:
    """Where the login redirects to: the requested service if it is at this port, else `getSession`."""
    service = request.query_params.get("service", "")
    return service if service.startswith(_root(request) + SERVICE_PATH) else _own_service(request)


def _own_service(request: Request) -> str:
    return f"{_root(request)}{SERVICE_PATH}{SESSION_CALL}"


def _root(request: Request) -> str:
    """The address of the port as the browser sees it; empty, for relative links, if its Host header is not a host."""
    return str(request.base_url).rstrip("/") if _HOST.fullmatch(request.headers.get("host", "")) else ""
