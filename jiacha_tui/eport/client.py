"""The port's client: logs in with a card, then lists, details, previews, resends and downloads.

The client never repeats a login or a signed request. It repeats an unsigned request for a list page or a detail if the
connection fails or the port is overloaded, because such a request changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import httpx

from jiacha_tui.declaration.entry_number import parse_entry_id
from jiacha_tui.declaration.model import Declaration, Kind, Summary
from jiacha_tui.declaration.query import NumberQuery, Query
from jiacha_tui.eport import messages
from jiacha_tui.eport.http_transport import HttpBody, HttpRequest, HttpResponse, HttpTransport
from jiacha_tui.eport.login import PortLogin
from jiacha_tui.eport.messages import SIGNATURE_REQUIRED, SUCCESS, ListPage, PortResponse, ResendResponse, SessionInfo
from jiacha_tui.eport.port_words import may_mean_session_end
from jiacha_tui.eport.problems import (
    NotLoggedIn,
    OutcomeUnknown,
    PortProblem,
    PortRefused,
    PortUnreachable,
    ResponseLost,
    ResponseTooLarge,
    ScriptFailed,
    SessionCardMismatch,
    SessionEnded,
    TlsFailed,
    UnexpectedPage,
)
from jiacha_tui.eport.proxy import proxy_places
from jiacha_tui.eport.response_parsing import check_not_html, check_status, read_json, read_pdf, read_xml
from jiacha_tui.eport.retrying import send_with_retries
from jiacha_tui.eport.session_info import request_session_info
from jiacha_tui.eport.session_script import SessionScript
from jiacha_tui.eport.settings import PortSettings
from jiacha_tui.eport.signer import Signer
from jiacha_tui.eport.slow_calls import OnSlowCall, ignore_slow_calls
from jiacha_tui.eport.time_limit import TimeLimit

PAGE_SIZE = 30
"""Rows in a list page; the official site requests the same number."""


@dataclass(frozen=True, slots=True)
class _Session:
    card: Signer
    info: SessionInfo
    script: SessionScript


@dataclass(frozen=True, slots=True)
class _Call:
    """One call, with its limits and the text that the card signs if the port wants a signature."""

    method: str
    path: str
    text_to_sign: str
    max_bytes: int
    max_seconds: float
    body: HttpBody | None = None
    may_repeat: bool = False


class PortClient:
    """A client with one session at a time. Calls may run concurrently; the card signs for one at a time.

    Every call raises PortUnreachable, TlsFailed, SessionEnded, PortBusy, ServerError, InvalidPortResponse or
    PortRefused. Before `log_in` and after `aclose` it raises NotLoggedIn. If the port wants a signature, it also raises
    what the card raises.
    """

    def __init__(
        self,
        settings: PortSettings,
        transport: httpx.AsyncBaseTransport | None = None,
        on_slow_call: OnSlowCall = ignore_slow_calls,
    ) -> None:
        """`transport` replaces the network if the port runs in this process.

        `on_slow_call` is called while a response takes long, as HttpTransport describes. Raises BadAddress, BadCaFile.
        """
        self._settings = settings
        self._transport = HttpTransport(settings, transport, on_slow_call)
        self._is_in_process = transport is not None
        self._session: _Session | None = None
        self._card_mutex = asyncio.Lock()
        self._large_detail = asyncio.Lock()

    @property
    def route(self) -> str:
        """How the port is reached, for the message log: the proxy, without its password, and the agent that is named.

        "" for a direct connection.
        """
        if self._is_in_process:
            return ""
        places = proxy_places(self._settings.proxy, (self._settings.login_url, self._settings.service_url))
        return f"经代理 {'、'.join(places)}，User-Agent {self._settings.user_agent}" if places else ""

    async def log_in(self, card: Signer, reveal_pin: Callable[[], str] | None = None) -> None:
        """Opens a session for the card. `reveal_pin` returns the PIN; it is called only if the settings say to send it.

        Raises LoginFailed, PinEncryptionUnsupported, SessionCardMismatch, ScriptUnknown, other PortProblems, and what
        the card raises.
        """
        await self._end_session()
        self._transport.clear_cookies()
        time_limit = TimeLimit(self._settings.timeouts.login_total)
        async with self._card_mutex:
            info = await PortLogin(self._transport, self._settings, time_limit).run(card, reveal_pin)
        max_seconds = self._settings.timeouts.total
        script = await self._load_script(info, min(max_seconds, time_limit.seconds_left))
        try:
            limits = self._settings.script_limits
            async with asyncio.timeout(time_limit.seconds_left):
                load = partial(self._load_script, info, max_seconds)
                with self._transport.opening(limits.seconds):
                    session_script = await SessionScript.start(script, load, limits)
        except TimeoutError:
            raise ScriptFailed("time") from None
        self._session = _Session(card, info, session_script)

    async def list_page(self, query: Query, page: int, size: int = PAGE_SIZE) -> ListPage:
        """One page of the query's result. Pages are counted from 1; `size` is the number of rows in a page."""
        assumptions = self._settings.assumptions
        request = messages.list_request(query, page, size, assumptions)
        data = await self._fetch("sw/rtx/billDownload/queryEntryIdBill", query, request, self._settings.limits.response)
        return messages.read_page(data, query, assumptions)

    async def detail(self, summary: Summary) -> Declaration:
        """Head and items of a declaration in the list."""
        query = NumberQuery(summary.entry_id, summary.kind)
        request = messages.detail_request(summary, self._settings.assumptions)
        path, limits = "sw/rtx/decDetail/viewDetail", self._settings.limits
        try:
            data = await self._fetch(path, query, request, limits.usual_detail)
        except ResponseTooLarge:
            # Many details are requested at the same time. A large one is requested again, alone: all of them together
            # would take too much memory.
            async with self._large_detail:
                data = await self._fetch(path, query, request, limits.detail)
                return messages.read_detail(data, summary)
        return messages.read_detail(data, summary)

    async def official_print_pdf(self, entry_id: str, kind: Kind) -> bytes:
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

        async def read(response: HttpResponse) -> PortResponse:
            return read_pdf(response, assumptions)

        return await self._call(session, call, read)

    async def resend(self, entry_ids: Sequence[str]) -> ResendResponse:
        """重新发往税务总局: resends declarations with one signed request. Raises ValueError if `entry_ids` is empty.

        The session is checked right before the request. The request is never repeated, and whatever is raised besides
        OutcomeUnknown means that nothing was resent. Once the request has left, everything that does not clearly say
        success raises OutcomeUnknown, except that the port did not accept the signature (PortRefused).

        A public client takes any `responseCode` for success. This one does not, because a port says 失败 with a code
        of its own: `resend_response` decides.
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
        headers = await self._sign(session, call)
        session = await self._check_session(session)
        problem: PortProblem
        try:
            response = await self._read_json(session, await self._send(session, call, headers, call.max_seconds))
            if response.code != SIGNATURE_REQUIRED:
                return messages.read_resend(response, ids)
            problem = _refusal(response)
        except ResponseLost:
            problem = OutcomeUnknown()
        except (PortUnreachable, TlsFailed, OutcomeUnknown):
            raise
        except PortProblem as unclear:
            problem = OutcomeUnknown(unclear.message)
        # Raised outside of the `except` block, so that the first exception is not attached to this one.
        raise problem

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

        async def read(response: HttpResponse) -> PortResponse:
            return read_xml(response, assumptions)

        return await self._call(session, call, read)

    async def aclose(self) -> None:
        """Drops the session and closes the connections. May be called more than once."""
        await self._end_session()
        await self._transport.aclose()

    async def _end_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.script.aclose()

    async def _load_script(self, info: SessionInfo, max_seconds: float) -> bytes:
        response = await send_with_retries(
            self._transport,
            HttpRequest(
                "GET",
                self._settings.service_address(self._settings.assumptions.script_path),
                headers={"rdtime": info.rdtime},
            ),
            max_bytes=self._settings.limits.login,
            max_seconds=max_seconds,
            timeouts=self._settings.timeouts,
        )
        check_status(response)
        check_not_html(response)
        return response.content

    def _require_session(self) -> _Session:
        if self._session is None:
            raise NotLoggedIn
        return self._session

    async def _fetch(self, path: str, query: Query, request: bytes, max_bytes: int) -> bytes:
        """The data of a call that may be repeated, because it changes nothing."""
        session = self._require_session()
        call = _Call(
            "POST",
            path,
            messages.text_to_sign(session.info.card_number, query),
            max_bytes,
            self._settings.timeouts.total,
            HttpBody.json(request),
            may_repeat=True,
        )
        return await self._call(session, call, partial(self._read_json, session))

    async def _call(
        self, session: _Session, call: _Call, read: Callable[[HttpResponse], Awaitable[PortResponse]]
    ) -> bytes:
        """The data of a successful response. Sends the call again with a signature if the port asks for one.

        All of it shares the time limit of the call, in which the card's time does not count.
        A response that may mean the end of the session is compared with what `getSession` says.
        """
        problem: PortProblem
        time_limit = TimeLimit(call.max_seconds)
        try:
            response = await read(await self._send(session, call, {}, time_limit.seconds_left))
            if response.code == SIGNATURE_REQUIRED:
                with time_limit.suspended():
                    headers = await self._sign(session, call)
                response = await read(await self._send(session, call, headers, time_limit.seconds_left))
        except UnexpectedPage as page:
            problem = page
        except PortRefused as refused:  # HTTP 4xx
            problem = refused
        else:
            if response.code == SUCCESS:
                return response.data
            problem = _refusal(response)
            if response.code == SIGNATURE_REQUIRED or not may_mean_session_end(response.message):
                raise problem
        if await self._has_ended(session, time_limit.seconds_left):
            problem = SessionEnded()
        raise problem

    async def _has_ended(self, session: _Session, max_seconds: float) -> bool:
        try:
            await self._check_session(session, max_seconds)
        except SessionEnded:
            return True
        except PortProblem:
            return False
        return False

    async def _check_session(self, session: _Session, max_seconds: float | None = None) -> _Session:
        """The session with what the port says of it at this moment. Raises SessionEnded and other PortProblems."""
        info = await request_session_info(self._transport, self._settings, max_seconds)
        if info.card_number != session.info.card_number:
            raise SessionCardMismatch
        checked = replace(session, info=info)
        if self._session is session:
            self._session = checked
        return checked

    async def _read_json(self, session: _Session, response: HttpResponse) -> PortResponse:
        with self._transport.opening(self._settings.script_limits.seconds):
            return await read_json(response, session.script, self._settings.assumptions)

    async def _sign(self, session: _Session, call: _Call) -> Mapping[str, str]:
        """The headers with the card's signature."""
        async with self._card_mutex:
            await session.card.check_present()
            return {"sign": await session.card.sign(call.text_to_sign), "isVerify": "1"}

    async def _send(
        self, session: _Session, call: _Call, headers: Mapping[str, str], max_seconds: float
    ) -> HttpResponse:
        """Sends the call; an unsigned one that may be repeated, with retries."""
        url = self._settings.service_address(call.path)
        request = HttpRequest(call.method, url, call.body, {"rdtime": session.info.rdtime, **headers})
        if not call.may_repeat or headers:
            return await self._transport.send(request, max_bytes=call.max_bytes, max_seconds=max_seconds)
        return await send_with_retries(
            self._transport,
            request,
            max_bytes=call.max_bytes,
            max_seconds=max_seconds,
            timeouts=self._settings.timeouts,
        )


def _refusal(response: PortResponse) -> PortRefused:
    if response.code == SIGNATURE_REQUIRED:
        message = response.message or "服务器没有接受卡的签名"
        return PortRefused(response.code, message, "请核对插入的是登录时的卡，退出后重新登录再试")
    return PortRefused(response.code, response.message)
