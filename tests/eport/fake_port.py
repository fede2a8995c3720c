"""A port for tests: a few lines of the wire, and every call can be made to answer anything at all.

It shares no code with the client, so that both would have to be wrong in the same way.
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
"""What the real port may carry back in `pwd`."""

LOGIN = "/cas/login"
SERVICE = "/rtxwebserver/sw/rtx/"
SESSION = f"{SERVICE}commonQuery/getSession"
MENU = "/rtxwebserver/menuType"
LIST = f"{SERVICE}billDownload/queryEntryIdBill"
DETAIL = f"{SERVICE}decDetail/viewDetail"
PREVIEW = f"{SERVICE}decDetail/preview"
RESEND = f"{SERVICE}send1"
DOWNLOAD = f"{SERVICE}billDownload/downloadXml"

Answer = Callable[[Request], Awaitable[Response]]


def seal(text: str, key: bytes = KEY, iv: bytes = IV, marker: str = MARKER) -> str:
    """The envelope, written from the wire's description."""
    padded = (text + marker).encode()
    padded += b"\0" * (-len(padded) % 16)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def sealed(data: Any, code: int = 100) -> PlainTextResponse:
    return PlainTextResponse(seal(json.dumps({"responseCode": code, "responseData": data}, ensure_ascii=False)))


def script(key: bytes = KEY, iv: bytes = IV, marker: str = MARKER) -> str:
    return f"""function openAnswer(result) {{
    var key = CryptoJS.enc.Latin1.parse('{key.decode("latin-1")}');
    var iv  = CryptoJS.enc.Latin1.parse('{iv.decode("latin-1")}');
    result = CryptoJS.AES.decrypt(result, key, {{iv: iv, padding: CryptoJS.pad.ZeroPadding}}).toString();
    return JSON.parse(result.replace('{marker}', ''));
}}"""


def login_page(status: str = "", extra: str = "", *, without: str = "") -> str:
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


def answering(response: Response) -> Answer:
    """Always the same."""

    async def answer(_request: Request) -> Response:
        return response

    return answer


def html(text: str) -> Answer:
    return answering(HTMLResponse(text))


def raw(content: bytes, media_type: str = "text/plain", status: int = 200) -> Answer:
    return answering(Response(content, status, media_type=media_type))


def on_post(answer: Answer) -> Answer:
    """The ordinary login page at first; `answer` to the form."""

    async def respond(request: Request) -> Response:
        return await (answer if request.method == "POST" else html(login_page()))(request)

    return respond


@dataclass
class Seen:
    """One request as it came."""

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
    """The port. `answers` takes a path's ordinary answer out of the way, `seen` has every request."""

    card_number: str = "JJ0G900000001"
    answers: dict[str, Answer] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    @property
    def application(self) -> Starlette:
        methods = ["GET", "POST", "PUT"]
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=methods)])

    def calls(self, path: str) -> list[Seen]:
        return [seen for seen in self.seen if seen.path.startswith(path)]

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        self.seen.append(
            Seen(request.method, path, dict(request.headers), await request.body(), str(request.url.query))
        )
        for prefix, answer in self.answers.items():
            if path.startswith(prefix):
                return await answer(request)
        return await self._ordinary(request, path)

    async def _ordinary(self, request: Request, path: str) -> Response:
        if path == LOGIN:
            return self._cas(request)
        if path == SESSION and "ticket" in request.query_params:
            response = RedirectResponse(SESSION, 302)
            response.set_cookie("JSESSIONID", "session-secret", path="/rtxwebserver", secure=True)
            return response
        if request.cookies.get("JSESSIONID") != "session-secret":
            return RedirectResponse(LOGIN, 302)
        if path == SESSION:
            return JSONResponse({"rdtime": RDTIME, "cards": self.card_number, "pwd": PWD, "more": {"a": [1]}})
        if path == MENU and request.headers.get("rdtime") == RDTIME:
            return PlainTextResponse(script())
        return Response(status_code=404)

    def _cas(self, request: Request) -> Response:
        if request.method == "GET":
            return HTMLResponse(login_page())
        response = RedirectResponse(f"{request.query_params['service']}?ticket=ST-1-secret", 302)
        response.set_cookie("CASTGC", "TGT-secret", path="/cas", secure=True, httponly=True)
        return response
