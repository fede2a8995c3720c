"""Decides what an HTTP response of the port is: JSON, a file, a refusal, a failure or the end of the session."""

import codecs
import re
from http import HTTPStatus

from jiacha_tui.eport.assumptions import Assumptions
from jiacha_tui.eport.excerpt import excerpt
from jiacha_tui.eport.http_transport import HttpResponse
from jiacha_tui.eport.login_page import LoginPage, page_title
from jiacha_tui.eport.messages import SUCCESS, PortResponse, read_response
from jiacha_tui.eport.problems import (
    InvalidPortResponse,
    PortBusy,
    PortRefused,
    ServerError,
    SessionEnded,
    UnexpectedPage,
)
from jiacha_tui.eport.session_script import SessionScript

_BLANK_OR_BOM = b"\xef\xbb\xbf \t\r\n"
_PDF_START = b"%PDF-"
_EXAMINED_BYTES = 1024
_XML_START = re.compile(rb"[\xef\xbb\xbf\s]*<[?!A-Za-z_:\x80-\xff]")
_EXAMINED_PAGE_BYTES = 256 * 1024
"""How much of an HTML page is searched. The script of a page that leads to the login is shorter than one kilobyte."""
# The groups are atomic: otherwise a page of many comments could be divided into comments in exponentially many ways.
_HTML = re.compile(
    rb"[\xef\xbb\xbf\s]*+(?:<\?xml[^>]*>\s*+)?+(?>(?><!--.*?-->)\s*+)*+<(?:!doctype\s+html|html|head|body|script)\b",
    re.I | re.S,
)
_REDIRECT_TO_LOGIN = re.compile(
    rb"(?:\blocation(?:\.href)?\s*=|\blocation\.(?:replace|assign)\s*\()[^;]{0,500}login"
    rb"|http-equiv\s*=\s*.?refresh[^>]{0,500}login",
    re.IGNORECASE,
)


def check_status(response: HttpResponse) -> None:
    """Returns if the HTTP status is 200.

    Raises SessionEnded, PortBusy, ServerError, PortRefused, InvalidPortResponse.
    """
    status = response.status
    if 300 <= status < 400 or status == HTTPStatus.UNAUTHORIZED:  # noqa: PLR2004 - the redirect statuses
        raise SessionEnded
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ServerError(status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise PortBusy(response.retry_after)
    if status >= HTTPStatus.BAD_REQUEST:
        hint = "请核对配置 [port] 的地址；地址正确时可能是官网改版或维护，请稍后重试"
        raise PortRefused(None, f"服务器拒绝了请求（HTTP {status}）", hint)
    if status != HTTPStatus.OK:
        raise InvalidPortResponse("HTTP 200 的答复", str(status))


def check_not_html(response: HttpResponse) -> None:
    """Returns if the response is not a page. Raises SessionEnded for the login page, UnexpectedPage for another."""
    if not _starts_with(response, b"<"):
        return
    if leads_to_login(response):
        raise SessionEnded
    raise UnexpectedPage(page_title(response.content) or excerpt(response.content))


async def read_json(response: HttpResponse, script: SessionScript, assumptions: Assumptions) -> PortResponse:
    """The JSON of a response, in its envelope or, as a refusal may come, without one.

    Raises the exceptions of `check_status`, UnexpectedPage, and ScriptFailed.
    """
    check_status(response)
    check_not_html(response)
    if _starts_with(response, b"{"):
        return read_response(response.content, assumptions)
    return read_response(await script.open(response.content), assumptions)


def read_xml(response: HttpResponse, assumptions: Assumptions) -> PortResponse:
    """A downloaded file as the `data` of a successful response, byte for byte; or the refusal that came instead.

    The content of the file is not checked, because its format is not published. But it has to start as XML does:
    whatever the port calls it, anything else is a refusal or an error.
    """
    return _read_file(response, assumptions, "XML 文件", is_file=_starts_as_xml(response.content))


def read_pdf(response: HttpResponse, assumptions: Assumptions) -> PortResponse:
    """A PDF as the `data` of a successful response; or the refusal that came instead."""
    return _read_file(response, assumptions, "PDF 文件", is_file=response.content.startswith(_PDF_START))


def leads_to_login(response: HttpResponse) -> bool:
    """Whether the response is the login page, or a page whose script leads to it."""
    if not _starts_with(response, b"<"):
        return False
    return LoginPage.parse(response.content) is not None or (
        is_html(response) and _REDIRECT_TO_LOGIN.search(response.content[:_EXAMINED_PAGE_BYTES]) is not None
    )


def is_html(response: HttpResponse) -> bool:
    """Whether the response is an HTML page, whatever its content type."""
    return _HTML.match(response.content[:_EXAMINED_PAGE_BYTES]) is not None


def _read_file(response: HttpResponse, assumptions: Assumptions, expected: str, *, is_file: bool) -> PortResponse:
    check_status(response)
    if is_file:
        return PortResponse(SUCCESS, "", response.content)
    check_not_html(response)
    if not _starts_with(response, b"{"):
        raise InvalidPortResponse(expected, excerpt(response.content))
    refusal = read_response(response.content, assumptions)
    if refusal.code == SUCCESS:
        raise InvalidPortResponse(expected, excerpt(response.content))
    return refusal


def _starts_as_xml(content: bytes) -> bool:
    """Whether the first markup can be that of an XML document other than an HTML page."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        beginning = content[: 2 * _EXAMINED_BYTES].decode("utf-16", "ignore").encode()
    else:
        beginning = content[:_EXAMINED_BYTES]
    return _XML_START.match(beginning) is not None and _HTML.match(beginning) is None


def _starts_with(response: HttpResponse, prefix: bytes) -> bool:
    return response.content[:64].lstrip(_BLANK_OR_BOM).startswith(prefix)
