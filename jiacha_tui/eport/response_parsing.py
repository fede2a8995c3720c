"""What an answer of the port is: the end of the session, a failure, a frame in the clear or in its envelope, a file."""

import re
from http import HTTPStatus

from jiacha_tui.eport.assumptions import Assumptions
from jiacha_tui.eport.envelope import Envelope
from jiacha_tui.eport.excerpt import excerpt
from jiacha_tui.eport.http_transport import HttpResponse
from jiacha_tui.eport.login_page import LoginPage
from jiacha_tui.eport.messages import SUCCESS, PortResponse, read_answer
from jiacha_tui.eport.problems import InvalidPortResponse, PortRefused, ServerError, SessionEnded

_BLANK_OR_BOM = b"\xef\xbb\xbf \t\r\n"
_PDF_START = b"%PDF-"
_HTML_START = re.compile(rb"[\xef\xbb\xbf\s]*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_FILE_TYPES = frozenset({"application/xml", "text/xml", "application/octet-stream", "application/x-download"})


def check_status(reply: HttpResponse) -> None:
    """Returns if the reply has an answer in it. Raises SessionEnded, ServerError, PortRefused, InvalidPortResponse."""
    status = reply.status
    if 300 <= status < 400 or status == HTTPStatus.UNAUTHORIZED:  # noqa: PLR2004 - the class of redirects
        raise SessionEnded
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ServerError(status)
    if status >= HTTPStatus.BAD_REQUEST:
        raise PortRefused(None, f"服务器拒绝了请求（HTTP {status}）")
    if status != HTTPStatus.OK:
        raise InvalidPortResponse("HTTP 200 的答复", str(status))


def read_json(reply: HttpResponse, envelope: Envelope, assumptions: Assumptions) -> PortResponse:
    """The frame in a reply, in its envelope or, as refusals may come, without. Raises what `check_status` does."""
    check_status(reply)
    _check_not_html(reply)
    if _starts(reply, b"{"):
        return read_answer(reply.content, assumptions)
    return read_answer(envelope.open(reply.content), assumptions)


def read_xml(reply: HttpResponse, assumptions: Assumptions) -> PortResponse:
    """A downloaded file, as the `data` of a successful answer, byte for byte; or the refusal that came instead.

    What is in the file is not looked at: its container is the port's affair.
    """
    is_file = bool(reply.content) and reply.content_type in _FILE_TYPES and not _HTML_START.match(reply.content)
    return _read_file(reply, assumptions, "XML 文件", is_file=is_file)


def read_pdf(reply: HttpResponse, assumptions: Assumptions) -> PortResponse:
    """A PDF, as the `data` of a successful answer; or the refusal that came instead."""
    return _read_file(reply, assumptions, "PDF 文件", is_file=reply.content.startswith(_PDF_START))


def _read_file(reply: HttpResponse, assumptions: Assumptions, expected: str, *, is_file: bool) -> PortResponse:
    check_status(reply)
    if is_file:
        return PortResponse(SUCCESS, "", reply.content)
    _check_not_html(reply)
    if not _starts(reply, b"{"):
        raise InvalidPortResponse(expected, excerpt(reply.content))
    answer = read_answer(reply.content, assumptions)
    if answer.code == SUCCESS:
        raise InvalidPortResponse(expected, excerpt(reply.content))
    return answer


def _check_not_html(reply: HttpResponse) -> None:
    if not _starts(reply, b"<"):
        return
    if LoginPage.parse(reply.content) is not None:
        raise SessionEnded
    raise InvalidPortResponse("数据", excerpt(reply.content))


def _starts(reply: HttpResponse, with_: bytes) -> bool:
    return reply.content[:64].lstrip(_BLANK_OR_BOM).startswith(with_)
