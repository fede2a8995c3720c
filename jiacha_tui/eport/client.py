"""The port's client: logs in with a card, then lists, details, previews, resends and downloads.

The client never repeats a login or a signed request. It repeats an unsigned request for a list page or a detail if the
connection fails, because such a request changes nothing.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import httpx

from jiacha_tui.declaration.entry_number import parse_entry_id
from jiacha_tui.declaration.model import Declaration, Kind, Summary
from jiacha_tui.declaration.query import NumberQuery, Query
from jiacha_tui.eport import messages
from jiacha_tui.eport.envelope import Envelope
from jiacha_tui.eport.http_transport import HttpBody, HttpRequest, HttpResponse, HttpTransport
from jiacha_tui.eport.login import PortLogin
from jiacha_tui.eport.messages import SIGNATURE_REQUIRED, SUCCESS, ListPage, PortResponse, ResendResponse, SessionInfo
from jiacha_tui.eport.problems import (
    InvalidPortResponse,
    NotLoggedIn,
    OutcomeUnknown,
    PortRefused,
    PortUnreachable,
    ResponseLost,
    ServerError,
)
from jiacha_tui.eport.response_parsing import check_status, read_json, read_pdf, read_xml
from jiacha_tui.eport.settings import PortSettings
from jiacha_tui.eport.signer import Signer

PAGE_SIZE = 30
"""Rows in a list page; the official site requests the same number."""


@dataclass(frozen=True, slots=True)
class _Session:
    card: Signer
    info: SessionInfo
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class _Call:
    """One call, with its limits and the text that the card signs if the port wants a signature."""

    method: str
    path: str
    text_to_sign: str
    max_bytes: int
    max_seconds: float
    body: HttpBody | None = None
    retry_delays: tuple[float, ...] = ()


class PortClient:
    """A client with one session at a time. Calls may run concurrently; the card signs for one at a time.

    Every call raises PortUnreachable, TlsFailed, SessionEnded, ServerError, InvalidPortResponse or PortRefused. Before
    `log_in` and after `aclose` it raises NotLoggedIn. If the port wants a signature, it also raises what the card
    raises.
    """

    def __init__(self, settings: PortSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """`transport` replaces the network if the port runs in this process. Raises BadAddress, BadCaFile."""
        self._settings = settings
        self._transport = HttpTransport(settings, transport)
        self._session: _Session | None = None
        self._card_lock = asyncio.Lock()

    async def log_in(self, card: Signer, reveal_pin: Callable[[], str] | None = None) -> None:
        """Opens a session for the card. `reveal_pin` returns the PIN; it is called only if the settings say to send it.

        Raises LoginFailed, PinEncryptionUnsupported, SessionCardMismatch, other PortProblems, and what the card raises.
        """
        self._session = None
        self._transport.clear_cookies()
        async with self._card_lock:
            info = await PortLogin(self._transport, self._settings).run(card, reveal_pin)
        response = await self._transport.send(
            HttpRequest("GET", self._settings.service_address("menuType"), headers={"rdtime": info.rdtime}),
            max_bytes=self._settings.limits.login,
            max_seconds=self._settings.timeouts.total,
        )
        check_status(response)
        self._session = _Session(card, info, Envelope.from_script(response.content))

    async def list_page(self, query: Query, page: int, size: int = PAGE_SIZE) -> ListPage:
        """One page of the query's result. Pages are counted from 1; `size` is the number of rows in a page."""
        assumptions = self._settings.assumptions
        request = messages.list_request(query, page, size, assumptions)
        data = await self._fetch("sw/rtx/billDownload/queryEntryIdBill", query, request)
        return messages.read_page(data, query.kind, assumptions)

    async def detail(self, summary: Summary) -> Declaration:
        """Head and items of a declaration in the list."""
        query = NumberQuery(summary.entry_id, summary.kind)
        request = messages.detail_request(summary, self._settings.assumptions)
        data = await self._fetch("sw/rtx/decDetail/viewDetail", query, request)
        return messages.read_detail(data, summary)

    async def preview_pdf(self, entry_id: str, kind: Kind) -> bytes:
        """The official print of one declaration. The request is not repeated: the port may count it as a print."""
        session, assumptions = self._require_session(), self._settings.assumptions
        query = NumberQuery(parse_entry_id(entry_id), kind)
        path_end = f"{query.entry_id}{assumptions.preview_separator}{assumptions.dec_type(kind)}"
        call = _Call(
            "GET",
            f"sw/rtx/decDetail/preview/{path_end}",
            messages.text_to_sign(session.info.card_number, query),
            self._settings.limits.pdf,
            self._settings.timeouts.total,
        )
        return await self._call(session, call, partial(read_pdf, assumptions=assumptions))

    async def resend(self, entry_ids: Sequence[str]) -> ResendResponse:
        """重新发往税务总局: resends declarations with one signed request. Raises ValueError if `entry_ids` is empty.

        Any `responseCode` means success, unless the response has a message that says otherwise. PortUnreachable,
        SessionEnded and PortRefused mean that nothing was resent. OutcomeUnknown means that the request may have
        reached the port, but no valid response came.
        """
        session, assumptions = self._require_session(), self._settings.assumptions
        ids = [parse_entry_id(entry_id) for entry_id in entry_ids]
        if not ids:
            raise ValueError("a resend needs at least one declaration")
        call = _Call(
            "POST",
            "sw/rtx/send1",
            messages.text_to_sign_for_resend(session.info.card_number, ids, assumptions),
            self._settings.limits.response,
            self._settings.timeouts.total,
            HttpBody.json(messages.resend_request(ids)),
        )
        response: PortResponse | None
        try:
            response = self._read_json(session, await self._send_signed(session, call))
        except (ResponseLost, ServerError, InvalidPortResponse):
            response = None
        # Raised outside of the `except` block, so that the first exception is not attached to this one.
        if response is None:
            raise OutcomeUnknown
        if response.code == SIGNATURE_REQUIRED or (response.code != SUCCESS and response.message):
            raise _refusal(response)
        return ResendResponse(response.code, response.message)

    async def download(self, query: Query) -> bytes:
        """XML 文件下载: the bytes of the file, unchanged.

        Raises PortRefused with the port's text, for example if the download exceeds a cap.
        """
        session, assumptions = self._require_session(), self._settings.assumptions
        call = _Call(
            "POST",
            assumptions.download_path,
            messages.text_to_sign(session.info.card_number, query),
            self._settings.limits.download,
            self._settings.timeouts.download_total,
            HttpBody.json(messages.download_request(query, PAGE_SIZE, assumptions)),
        )
        return await self._call(session, call, partial(read_xml, assumptions=assumptions))

    async def aclose(self) -> None:
        """Drops the session and closes the connections. May be called more than once."""
        self._session = None
        await self._transport.aclose()

    def _require_session(self) -> _Session:
        if self._session is None:
            raise NotLoggedIn
        return self._session

    async def _fetch(self, path: str, query: Query, request: bytes) -> bytes:
        """The data of a call that may be repeated, because it changes nothing."""
        session, timeouts = self._require_session(), self._settings.timeouts
        call = _Call(
            "POST",
            path,
            messages.text_to_sign(session.info.card_number, query),
            self._settings.limits.response,
            timeouts.total,
            HttpBody.json(request),
            timeouts.retry_delays,
        )
        return await self._call(session, call, partial(self._read_json, session))

    async def _call(self, session: _Session, call: _Call, read: Callable[[HttpResponse], PortResponse]) -> bytes:
        """The data of a successful response. Sends the call again with a signature if the port asks for one."""
        response = read(await self._send_with_retries(session, call))
        if response.code == SIGNATURE_REQUIRED:
            response = read(await self._send_signed(session, call))
        if response.code != SUCCESS:
            raise _refusal(response)
        return response.data

    def _read_json(self, session: _Session, response: HttpResponse) -> PortResponse:
        return read_json(response, session.envelope, self._settings.assumptions)

    async def _send_with_retries(self, session: _Session, call: _Call) -> HttpResponse:
        for delay in call.retry_delays:
            try:
                return await self._send(session, call, {})
            except PortUnreachable:
                await asyncio.sleep(delay)
        return await self._send(session, call, {})

    async def _send_signed(self, session: _Session, call: _Call) -> HttpResponse:
        async with self._card_lock:
            await session.card.check_present()
            headers = {"sign": await session.card.sign(call.text_to_sign), "isVerify": "1"}
        return await self._send(session, call, headers)

    async def _send(self, session: _Session, call: _Call, headers: Mapping[str, str]) -> HttpResponse:
        url = self._settings.service_address(call.path)
        return await self._transport.send(
            HttpRequest(call.method, url, call.body, {"rdtime": session.info.rdtime, **headers}),
            max_bytes=call.max_bytes,
            max_seconds=call.max_seconds,
        )


def _refusal(response: PortResponse) -> PortRefused:
    default = "服务器没有接受卡的签名" if response.code == SIGNATURE_REQUIRED else ""
    return PortRefused(response.code, response.message or default)
