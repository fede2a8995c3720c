"""Decides what an HTTP response of the port is: JSON, a file, a refusal, a failure or the end of the session."""

import re
from http import HTTPStatus

from jiacha_tui.eport.assumptions import Assumptions
from jiacha_tui.eport.envelope import Envelope
from jiacha_tui.eport.excerpt import excerpt
from jiacha_tui.eport.http_transport import HttpResponse
from jiacha_tui.eport.login_page import LoginPage
from jiacha_tui.eport.messages import SUCCESS, PortResponse, read_response
from jiacha_tui.eport.problems import InvalidPortResponse, PortRefused, ServerError, SessionEnded

_BLANK_OR_BOM = b"\xef\xbb\xbf \t\r\n"
_PDF_START = b"%PDF-"
_HTML_START = re.compile(rb"[\xef\xbb\xbf\s]*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_FILE_TYPES = frozenset({"application/xml", "text/xml", "application/octet-stream", "application/x-download"})


def check_status(response: HttpResponse) -> None:
    """Returns if the HTTP status is 200. Raises SessionEnded, ServerError, PortRefused, InvalidPortResponse."""
    status = response.status
    if 300 <= status < 400 or status == HTTPStatus.UNAUTHORIZED:  # noqa: PLR2004 - the redirect statuses
        raise SessionEnded
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ServerError(status)
    if status >= HTTPStatus.BAD_REQUEST:
        raise PortRefused(None, f"服务器拒绝了请求（HTTP {status}）")
    if status != HTTPStatus.OK:
        raise InvalidPortResponse("HTTP 200 的答复", str(status))


def read_json(response: HttpResponse, envelope: Envelope, assumptions: Assumptions) -> PortResponse:
    """The JSON of a response, in its envelope or, as a refusal may come, without one.

    Raises the exceptions of `check_status`.
    """
    check_status(response)
    _check_not_html(response)
    if _starts_with(response, b"{"):
        return read_response(response.content, assumptions)
    return read_response(envelope.open(response.content), assumptions)


def read_xml(response: HttpResponse, assumptions: Assumptions) -> PortResponse:
    """A downloaded file as the `data` of a successful response, byte for byte; or the refusal that came instead.

    The content of the file is not checked, because its format is not published.
    """
    content = response.content
    is_file = bool(content) and response.content_type in _FILE_TYPES and not _HTML_START.match(content)
    return _read_file(response, assumptions, "XML 文件", is_file=is_file)


def read_pdf(response: HttpResponse, assumptions: Assumptions) -> PortResponse:
    """A PDF as the `data` of a successful response; or the refusal that came instead."""
    return _read_file(response, assumptions, "PDF 文件", is_file=response.content.startswith(_PDF_START))


def _read_file(response: HttpResponse, assumptions: Assumptions, expected: str, *, is_file: bool) -> PortResponse:
    check_status(response)
    if is_file:
        return PortResponse(SUCCESS, "", response.content)
    _check_not_html(response)
    if not _starts_with(response, b"{"):
        raise InvalidPortResponse(expected, excerpt(response.content))
    refusal = read_response(response.content, assumptions)
    if refusal.code == SUCCESS:
        raise InvalidPortResponse(expected, excerpt(response.content))
    return refusal


def _check_not_html(response: HttpResponse) -> None:
    if not _starts_with(response, b"<"):
        return
    if LoginPage.parse(response.content) is not None:
        raise SessionEnded
    raise InvalidPortResponse("数据", excerpt(response.content))


def _starts_with(response: HttpResponse, prefix: bytes) -> bool:
    return response.content[:64].lstrip(_BLANK_OR_BOM).startswith(prefix)
