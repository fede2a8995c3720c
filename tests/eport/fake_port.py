"""A port for tests, which a test can make return any response to any call.

It shares no code with the client: a mistake would have to be in both to go unnoticed.
"""

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

KEY, IV, MARKER = b"0123456789abcdef", b"fedcba9876543210", "#~MARK~#"
NONCE = "7F3A-nonce-0001"
RDTIME = "rd-55-0102"
PWD = "Zq7#kW2!"
"""The value of `pwd`: in the real port this may be the PIN."""

LOGIN = "/cas/login"
SERVICE = "/rtxwebserver/sw/rtx/"
SESSION = f"{SERVICE}commonQuery/getSession"
MENU = "/rtxwebserver/menuType"
LIST = f"{SERVICE}billDownload/queryEntryIdBill"
DETAIL = f"{SERVICE}decDetail/viewDetail"
PREVIEW = f"{SERVICE}decDetail/preview"
RESEND = f"{SERVICE}send1"
DOWNLOAD = f"{SERVICE}billDownload/downloadXml"

Handler = Callable[[Request], Awaitable[Response]]


def wrap_in_envelope(text: str, key: bytes = KEY, iv: bytes = IV, marker: str = MARKER) -> str:
    """The envelope of docs/port.md."""
    padded = (text + marker).encode()
    padded += b"\0" * (-len(padded) % 16)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def enveloped(data: Any, code: int = 100) -> PlainTextResponse:
    """A response with `data` in the envelope."""
    return PlainTextResponse(
        wrap_in_envelope(json.dumps({"responseCode": code, "responseData": data}, ensure_ascii=False))
    )


def menu_script(key: bytes = KEY, iv: bytes = IV, marker: str = MARKER) -> str:
    """The script of `menuType`."""
    return f"""function openAnswer(result) {{
    var key = CryptoJS.enc.Latin1.parse('{key.decode("latin-1")}');
    var iv  = CryptoJS.enc.Latin1.parse('{iv.decode("latin-1")}');
    result = CryptoJS.AES.decrypt(result, key, {{iv: iv, padding: CryptoJS.pad.ZeroPadding}}).toString();
    return JSON.parse(result.replace('{marker}', ''));
}}"""


def login_page(status: str = "", extra: str = "", *, without: str = "") -> str:
    """The HTML of the login page. `extra` goes into the form; `without` is the id of an input to leave out."""
    values = {
        "random": NONCE,
        "serverDate": "2026-06-15 17:30:00",
        "userPin": "",
        "lt": "LT-1",
        "execution": "e1s1",
        "swLoginFlag": "1",
    }
    inputs = "".join(
        f'<input type="hidden" id="{name}" value="{value}"/>' for name, value in values.items() if name != without
    )
    return f"<!DOCTYPE html><html><body><form>{inputs}{extra}<span id='status'>{status}</span></form></body></html>"


def respond_with(response: Response) -> Handler:
    """A handler that always returns the same response."""

    async def handle(_request: Request) -> Response:
        return response

    return handle


def respond_html(text: str) -> Handler:
    return respond_with(HTMLResponse(text))


def respond_bytes(content: bytes, media_type: str = "text/plain", status: int = 200) -> Handler:
    return respond_with(Response(content, status, media_type=media_type))


def on_post(handler: Handler) -> Handler:
    """A handler that returns the usual login page, and leaves the response to the form to `handler`."""

    async def handle(request: Request) -> Response:
        return await (handler if request.method == "POST" else respond_html(login_page()))(request)

    return handle


@dataclass
class RecordedRequest:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: str

    @property
    def form(self) -> dict[str, str]:
        fields = parse_qs(self.body.decode(), keep_blank_values=True, strict_parsing=True)
        assert all(len(values) == 1 for values in fields.values())
        return {name: values[0] for name, values in fields.items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class FakePort:
    """The port. `handlers` replaces the usual response to a path or its prefix; `requests` lists all requests."""

    card_number: str = "JJ0G900000001"
    handlers: dict[str, Handler] = field(default_factory=dict)
    requests: list[RecordedRequest] = field(default_factory=list)

    @property
    def application(self) -> Starlette:
        methods = ["GET", "POST", "PUT"]
        return Starlette(routes=[Route("/{path:path}", self._handle, methods=methods)])

    def requests_to(self, path: str) -> list[RecordedRequest]:
        return [request for request in self.requests if request.path.startswith(path)]

    async def _handle(self, request: Request) -> Response:
        path = request.url.path
        self.requests.append(
            RecordedRequest(request.method, path, dict(request.headers), await request.body(), str(request.url.query))
        )
        for prefix, handler in self.handlers.items():
            if path.startswith(prefix):
                return await handler(request)
        return await self._usual_response(request, path)

    async def _usual_response(self, request: Request, path: str) -> Response:
        if path == LOGIN:
            return self._cas_response(request)
        if path == SESSION and "ticket" in request.query_params:
            response = RedirectResponse(SESSION, 302)
            response.set_cookie("JSESSIONID", "session-secret", path="/rtxwebserver", secure=True)
            return response
        if request.cookies.get("JSESSIONID") != "session-secret":
            return RedirectResponse(LOGIN, 302)
        if path == SESSION:
            return JSONResponse({"rdtime": RDTIME, "cards": self.card_number, "pwd": PWD, "more": {"a": [1]}})
        if path == MENU and request.headers.get("rdtime") == RDTIME:
            return PlainTextResponse(menu_script())
        return Response(status_code=404)

    def _cas_response(self, request: Request) -> Response:
        if request.method == "GET":
            return HTMLResponse(login_page())
        response = RedirectResponse(f"{request.query_params['service']}?ticket=ST-1-secret", 302)
        response.set_cookie("CASTGC", "TGT-secret", path="/cas", secure=True, httponly=True)
        return response
