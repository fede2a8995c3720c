"""The responses that faults put in place of the port's own."""

import random
import zlib
from collections.abc import Callable, Mapping
from typing import Final

from starlette.responses import HTMLResponse, RedirectResponse, Response

from jiacha_tui.demo.faults import FaultKind
from jiacha_tui.demo.http_bodies import json_response, to_json

LOGIN_ADDRESS: Final = "/cas/login?service=%2Frtxwebserver%2Fsw%2Frtx%2FcommonQuery%2FgetSession"
SECONDS_BUSY: Final = 1
SECONDS_BUSY_LONG: Final = 3600

_MEBIBYTE: Final = 1024 * 1024
_GARBAGE_BYTES: Final = 512
_LOGIN_PAGE: Final = """\
<!DOCTYPE html>
<html><head><title>中国电子口岸</title></head><body><form method="post" action="/cas/login">
<input type="hidden" id="random" value="5b0c6ad2"><input type="hidden" id="lt" value="LT-0">
<input type="hidden" id="execution" value="e1s1"><input type="hidden" id="swLoginFlag" value="swUser">
</form></body></html>
"""
_SCRIPT_REDIRECT: Final = f"<html><head><script>top.location.href='{LOGIN_ADDRESS}';</script></head></html>"
_NOTICE: Final = "<!DOCTYPE html><html><head><title>系统维护公告</title></head><body>系统正在维护</body></html>"
_OTHER_SCRIPT: Final = """\
var key = CryptoJS.enc.Latin1.parse('AAAAAAAAAAAAAAAA');
var iv = CryptoJS.enc.Latin1.parse('BBBBBBBBBBBBBBBB');
result = result.replace('CCCCCCCCCCCCCCCC', '');
"""


def response_of(kind: FaultKind) -> Response | None:
    """The response of a fault; None for one that spoils or withholds the port's own response."""
    make = _RESPONSES.get(kind)
    return make() if make else None


def _refusal(media_type: str) -> Response:
    content = to_json({"responseCode": 700, "responseMsg": "系统维护，暂停服务"})
    return Response(content, media_type=media_type)


def _garbage() -> Response:
    return Response(random.Random(1).randbytes(_GARBAGE_BYTES), media_type="text/plain")  # noqa: S311 - no secret


def _busy(seconds: int) -> Response:
    return Response(status_code=429, headers={"retry-after": str(seconds)})


def _json(data: bytes) -> Response:
    return json_response(b'{"responseCode":100,"responseData":' + data + b"}")


def _expanding() -> Response:
    """1 GiB of zeros in 1 MiB."""
    deflate = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    parts = [deflate.compress(bytes(_MEBIBYTE)) for _ in range(1024)]
    return Response(b"".join([*parts, deflate.flush()]), headers={"content-encoding": "gzip"})


def _script(text: str) -> Response:
    return Response(text, media_type="application/javascript")


_RESPONSES: Final[Mapping[FaultKind, Callable[[], Response]]] = {
    FaultKind.BUSY: lambda: _busy(SECONDS_BUSY),
    FaultKind.BUSY_LONG: lambda: _busy(SECONDS_BUSY_LONG),
    FaultKind.UNAVAILABLE: lambda: HTMLResponse("<html><body>503 Service Unavailable</body></html>", 503),
    FaultKind.NOT_FOUND: lambda: HTMLResponse("<html><body>404 Not Found</body></html>", 404),
    FaultKind.REDIRECT_LOGIN: lambda: RedirectResponse(LOGIN_ADDRESS, 302),
    FaultKind.REDIRECT_REPEAT: lambda: RedirectResponse(LOGIN_ADDRESS, 307),
    FaultKind.REDIRECT_ELSEWHERE: lambda: RedirectResponse("https://portal.invalid/", 302),
    FaultKind.LOGIN_PAGE: lambda: HTMLResponse(_LOGIN_PAGE),
    FaultKind.SCRIPT_REDIRECT: lambda: HTMLResponse(_SCRIPT_REDIRECT),
    FaultKind.NOTICE_PAGE: lambda: HTMLResponse(_NOTICE),
    FaultKind.SESSION_ENDED: lambda: RedirectResponse(LOGIN_ADDRESS, 302),
    FaultKind.SESSION_ENDED_CODE: lambda: json_response(
        to_json({"responseCode": 401, "msg": "登录已失效，请重新登录"})
    ),
    FaultKind.SESSION_ENDED_PAGE: lambda: HTMLResponse(_SCRIPT_REDIRECT),
    FaultKind.FAILURE_WORDS: lambda: json_response(to_json({"responseCode": 501, "msg": "失败，请稍后再试"})),
    FaultKind.NULL_MEMBERS: lambda: json_response(
        to_json({"responseCode": 100, "responseMsg": None, "responseData": None})
    ),
    FaultKind.REFUSAL_AS_XML: lambda: _refusal("application/xml"),
    FaultKind.REFUSAL_AS_PDF: lambda: _refusal("application/pdf"),
    FaultKind.GARBAGE: _garbage,
    FaultKind.EMPTY: lambda: Response(b"", media_type="text/plain"),
    FaultKind.SCRIPT_OTHER: lambda: _script(_OTHER_SCRIPT),
    FaultKind.MANY_VALUES: lambda: _json(b'{"rows":[' + b"{}," * 1_300_000 + b'{}],"total":1,"cardHeadVo":{}}'),
    FaultKind.DEEP_JSON: lambda: _json(b"[" * 1_000_000),
    FaultKind.EXPANDING: _expanding,
    FaultKind.MANY_COMMENTS: lambda: HTMLResponse(b"<!--a-->" * 100_000 + b"<x>"),
    FaultKind.HUGE_HEADERS: lambda: Response(b"{}", headers={"x-more": "x" * 16 * _MEBIBYTE}),
    FaultKind.SCRIPT_UNKNOWN: lambda: _script("var menuType = 3;"),
}
