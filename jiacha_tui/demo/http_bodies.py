"""Reads request bodies up to a limit, and writes response bodies."""

import urllib.parse
from collections.abc import Mapping
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jiacha_tui.demo import refusals
from jiacha_tui.demo.refusals import RequestRefused, ResponseCode

MAX_REQUEST_BYTES: Final = 64 * 1024
_MAX_FORM_FIELDS: Final = 64
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


async def read_body(request: Request) -> bytes:
    """The body. Raises RequestRefused if it is longer than `MAX_REQUEST_BYTES`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_REQUEST_BYTES:
            raise RequestRefused(ResponseCode.MALFORMED, refusals.REQUEST_TOO_LARGE)
    return bytes(body)


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields of a web form; of several with one name, the last. Empty if the body is not a web form."""
    try:
        text = (await read_body(request)).decode("ascii")
        fields = urllib.parse.parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FORM_FIELDS)
    except (ValueError, RequestRefused):
        return {}
    return dict(fields)


def to_json(value: object) -> bytes:
    """JSON in which a Decimal keeps all its digits."""
    return _ENCODER.encode(value)


def response_frame(code: ResponseCode, data: object = None, message: str = "") -> bytes:
    """`{"responseCode": …, "responseMsg": …, "responseData": …}`."""
    members: dict[str, object] = {"responseCode": int(code)}
    if message:
        members["responseMsg"] = message
    if data is not None:
        members["responseData"] = data
    return to_json(members)


def json_response(content: bytes, status: int = 200) -> Response:
    """A response whose body is `content`, which is JSON already."""
    return Response(content, status, media_type="application/json")
