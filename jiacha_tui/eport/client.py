"""The port as the rest of the program sees it: log in with a card, list, detail, preview, resend, download.

Nothing that was signed, and no login, is ever sent twice by itself. A list page or a detail that was asked for without
a signature is asked for again when the line is cut, because asking changes nothing.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import httpx

from jiacha_tui.declaration.entry_number import parse_entry_id
from jiacha_tui.declaration.model import Declaration, Kind, Summary
from jiacha_tui.declaration.query import NumberQuery, Query
from jiacha_tui.eport import messages
from jiacha_tui.eport.envelope import Envelope
from jiacha_tui.eport.http_transport import HttpBody, HttpRequest, HttpResponse, HttpTransport
from jiacha_tui.eport.login import PortLogin
from jiacha_tui.eport.messages import SIGNATURE_REQUIRED, SUCCESS, ListPage, PortResponse, ResendReply, SessionInfo
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
"""Rows of a list page, as the official site asks for them."""


@dataclass(frozen=True, slots=True)
class _Session:
    card: Signer
    facts: SessionInfo
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class _Call:
    """One call, and the text that the card signs if the port wants it signed."""

    method: str
    path: str
    to_sign: str
    limit: int
    within: float
    body: HttpBody | None = None
    pauses: tuple[float, ...] = field(default=())


class PortClient:
    """One session with the port at a time. Calls may run side by side; the card signs for one after the other.

    Every call raises PortUnreachable, TlsFailed, SessionEnded, ServerError, InvalidPortResponse, PortRefused, and NotLoggedIn
    before `log_in` and after `aclose`; where the port wants a signature, also what the card raises.
    """

    def __init__(self, settings: PortSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """`transport` takes the place of the network, for a port in this process. Raises BadAddress, BadCaFile."""
        self._settings = settings
        self._exchange = HttpTransport(settings, transport)
        self._session: _Session | None = None
        self._card_is_busy = asyncio.Lock()

    async def log_in(self, card: Signer, pin_text: Callable[[], str] | None = None) -> None:
        """Opens a session for the card. `pin_text` is asked for the PIN only if the settings say to send it.

        Raises LoginFailed with the official text, PinEncryptionUnsupported, SessionCardMismatch, PortProblem, the card's own.
        """
        self._session = None
        self._exchange.clear_cookies()
        async with self._card_is_busy:
            facts = await PortLogin(self._exchange, self._settings).run(card, pin_text)
        reply = await self._exchange.send(
            HttpRequest("GET", self._settings.service("menuType"), headers={"rdtime": facts.rdtime}),
            limit=self._settings.limits.page,
            within=self._settings.timeouts.whole,
        )
        check_status(reply)
        self._session = _Session(card, facts, Envelope.from_script(reply.content))

    async def list_page(self, query: Query, page: int, size: int = PAGE_SIZE) -> ListPage:
        """Page `page`, counted from 1, of what the query finds."""
        assumptions = self._settings.assumptions
        request = messages.list_request(query, page, size, assumptions)
        data = await self._ask_for_data("sw/rtx/billDownload/queryEntryIdBill", query, request)
        return messages.read_page(data, query.kind, assumptions)

    async def detail(self, summary: Summary) -> Declaration:
        """Head and items of a declaration from the list."""
        query = NumberQuery(summary.entry_id, summary.kind)
        request = messages.detail_request(summary, self._settings.assumptions)
        data = await self._ask_for_data("sw/rtx/decDetail/viewDetail", query, request)
        return messages.read_detail(data, summary)

    async def preview_pdf(self, entry_id: str, kind: Kind) -> bytes:
        """The official print of one declaration. Never repeated by itself: the port may count it as a print."""
        session, assumptions = self._in_session(), self._settings.assumptions
        query = NumberQuery(parse_entry_id(entry_id), kind)
        ending = f"{query.entry_id}{assumptions.preview_separator}{assumptions.dec_type(kind)}"
        call = _Call(
            "GET",
            f"sw/rtx/decDetail/preview/{ending}",
            messages.text_to_sign(session.facts.cards, query),
            self._settings.limits.pdf,
            self._settings.timeouts.whole,
        )
        return await self._ask(session, call, partial(read_pdf, assumptions=assumptions))

    async def resend(self, entry_ids: Sequence[str]) -> ResendReply:
        """重新发往税务总局, signed, sent once. Any `responseCode` means that it was taken, unless words say why not.

        Raises OutcomeUnknown when the request may have arrived but no answer came that tells; PortUnreachable,
        SessionEnded and PortRefused mean that nothing was resent.
        """
        session, assumptions = self._in_session(), self._settings.assumptions
        ids = [parse_entry_id(entry_id) for entry_id in entry_ids]
        if not ids:
            raise ValueError("a resend names at least one declaration")
        call = _Call(
            "POST",
            "sw/rtx/send1",
            messages.text_to_sign_for_resend(session.facts.cards, ids, assumptions),
            self._settings.limits.answer,
            self._settings.timeouts.whole,
            HttpBody.json(messages.resend_request(ids)),
        )
        answer: PortResponse | None
        try:
            answer = self._read(session, await self._send_signed(session, call))
        except (ResponseLost, ServerError, InvalidPortResponse):
            answer = None
        if answer is None:
            raise OutcomeUnknown
        if answer.code == SIGNATURE_REQUIRED or (answer.code != SUCCESS and answer.message):
            raise _refusal(answer)
        return ResendReply(answer.code, answer.message)

    async def download(self, query: Query) -> bytes:
        """XML 文件下载: the file's bytes, unchanged. PortRefused has the port's text, as when it is over a cap."""
        session, assumptions = self._in_session(), self._settings.assumptions
        call = _Call(
            "POST",
            assumptions.download_path,
            messages.text_to_sign(session.facts.cards, query),
            self._settings.limits.download,
            self._settings.timeouts.whole_download,
            HttpBody.json(messages.download_request(query, PAGE_SIZE, assumptions)),
        )
        return await self._ask(session, call, partial(read_xml, assumptions=assumptions))

    async def aclose(self) -> None:
        """Forgets the session and closes the connections; may be called again."""
        self._session = None
        await self._exchange.aclose()

    def _in_session(self) -> _Session:
        if self._session is None:
            raise NotLoggedIn
        return self._session

    async def _ask_for_data(self, path: str, query: Query, request: bytes) -> bytes:
        session, patience = self._in_session(), self._settings.timeouts
        call = _Call(
            "POST",
            path,
            messages.text_to_sign(session.facts.cards, query),
            self._settings.limits.answer,
            patience.whole,
            HttpBody.json(request),
            patience.retry_delays,
        )
        return await self._ask(session, call, partial(self._read, session))

    async def _ask(self, session: _Session, call: _Call, read: Callable[[HttpResponse], PortResponse]) -> bytes:
        """The data of a successful answer, signed for if the port wants that."""
        answer = read(await self._send_patiently(session, call))
        if answer.code == SIGNATURE_REQUIRED:
            answer = read(await self._send_signed(session, call))
        if answer.code != SUCCESS:
            raise _refusal(answer)
        return answer.data

    def _read(self, session: _Session, reply: HttpResponse) -> PortResponse:
        return read_json(reply, session.envelope, self._settings.assumptions)

    async def _send_patiently(self, session: _Session, call: _Call) -> HttpResponse:
        for pause in call.pauses:
            try:
                return await self._send(session, call, {})
            except PortUnreachable:
                await asyncio.sleep(pause)
        return await self._send(session, call, {})

    async def _send_signed(self, session: _Session, call: _Call) -> HttpResponse:
        async with self._card_is_busy:
            await session.card.check_present()
            signed = {"sign": await session.card.sign(call.to_sign), "isVerify": "1"}
        return await self._send(session, call, signed)

    async def _send(self, session: _Session, call: _Call, headers: Mapping[str, str]) -> HttpResponse:
        url = self._settings.service(call.path)
        return await self._exchange.send(
            HttpRequest(call.method, url, call.body, {"rdtime": session.facts.rdtime, **headers}),
            limit=call.limit,
            within=call.within,
        )


def _refusal(answer: PortResponse) -> PortRefused:
    unsigned = "服务器没有接受卡的签名" if answer.code == SIGNATURE_REQUIRED else ""
    return PortRefused(answer.code, answer.message or unsigned)
