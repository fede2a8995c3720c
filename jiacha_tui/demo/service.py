"""The calls of a session: list, detail, preview, resend and download. docs/port.md describes the wire and its rules."""

import enum
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final, TypeVar

import msgspec
from cryptography import x509
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from jiacha_tui.declaration.model import Declaration, Head, Kind
from jiacha_tui.declaration.query import DateRangeQuery
from jiacha_tui.demo import refusals, rules, wire
from jiacha_tui.demo.amendment_simulator import AmendmentSimulator
from jiacha_tui.demo.clock import Clock
from jiacha_tui.demo.content_faults import content_fault, remaining_rows, rows_per_page, spoil_detail, spoil_page
from jiacha_tui.demo.downloads import Downloads
from jiacha_tui.demo.faults import FaultKind
from jiacha_tui.demo.http_bodies import json_response, read_body, response_frame, to_json
from jiacha_tui.demo.login import COOKIE, SERVICE_PATH, login_url, set_cookie
from jiacha_tui.demo.pki import is_signed_by
from jiacha_tui.demo.population import Population
from jiacha_tui.demo.port_store import PortStore
from jiacha_tui.demo.refusals import RequestRefused, ResponseCode
from jiacha_tui.demo.sessions import PortSession, Sessions, new_token

_Request = TypeVar("_Request", bound=msgspec.Struct)
_Handler = Callable[[PortSession], Awaitable[object]]
"""Serves one call: returns a whole response, or the `responseData` of one. Raises RequestRefused."""

PrintForm = Callable[[Declaration], bytes]
"""Makes the official form of a declaration as PDF."""

MAX_ROWS: Final = 200
"""The most rows on one page of a list; the official site asks for 30."""

_RESEND: Final = "RTXJG"
_SIGNED: Final = "1"
_LIST: Final = "list"
_DETAIL: Final = "detail"


class SignaturePolicy(enum.Enum):
    """How often a call for a list or a detail must be signed; otherwise the port responds with 30001."""

    NEVER = enum.auto()
    ONCE = enum.auto()
    """Once in each session for lists, and once for details."""

    ALWAYS = enum.auto()


class _DownloadRequest(msgspec.Struct, rename="camel"):
    dec_type: str = Kind.CLEARED.value
    entry_id: str = ""
    start_date: str = ""
    end_date: str = ""


class _ListRequest(_DownloadRequest, rename="camel"):
    cur_page: Annotated[int, msgspec.Meta(ge=1, le=10**9)] = 1
    page_size: Annotated[int, msgspec.Meta(ge=1, le=MAX_ROWS)] = 30


class _DetailRequest(msgspec.Struct, rename="camel"):
    entry_id: str
    dec_type: str
    encrypt_str: str


class _ResendRequest(msgspec.Struct, rename="camel"):
    ids: str
    msg_type: str


@dataclass(frozen=True, slots=True)
class Service:
    """The routes under `/rtxwebserver/`. Without a session each one redirects to the login."""

    population: Population
    store: PortStore
    amendment_simulator: AmendmentSimulator
    sessions: Sessions
    downloads: Downloads
    clock: Clock
    print_form: PrintForm
    signature_policy: SignaturePolicy
    token_key: bytes = field(repr=False)

    async def get_session(self, request: Request) -> Response:
        """`sw/rtx/commonQuery/getSession`: opens a session for the ticket of a login, or describes the open session."""
        new_session = self.sessions.tickets.take(request.query_params.get("ticket", ""))
        if new_session is not None:
            token = new_token()
            self.sessions.open.put(token, new_session)
            response: Response = RedirectResponse(str(request.url.replace(query="")), 302)
            set_cookie(response, token, SERVICE_PATH)
            return response
        session = self._session(request)
        if session is None:
            return _redirect_to_login(request)
        company = session.company
        return json_response(
            to_json(
                {
                    "rdtime": session.rdtime,
                    "cards": session.card_number,
                    "tradeCo": company.customs_code,
                    "tradeName": company.name,
                    "pwd": "",
                }
            )
        )

    async def menu(self, request: Request) -> Response:
        """`menuType`: the script that decrypts the envelope of lists and details."""

        async def script(session: PortSession) -> Response:
            return Response(session.envelope.script, media_type="application/javascript")

        return await self._respond(request, script)

    async def list_declarations(self, request: Request) -> Response:
        """`sw/rtx/billDownload/queryEntryIdBill`"""

        async def page(session: PortSession) -> object:
            wanted = _decode(await read_body(request), _ListRequest)
            first = (wanted.cur_page - 1) * wanted.page_size
            if wanted.entry_id:
                entry_id = rules.parse_entry_id(wanted.entry_id)
                self._check_signature(request, session, _LIST, entry_id)
                found = self._find(session, entry_id, _kind(wanted.dec_type))
                return self._list_page(session, int(found is not None), [found] if found and not first else [])
            query = _date_range_query(wanted)
            rules.check_query_range(query.date_range)
            self._check_signature(request, session, _LIST, wanted.start_date + wanted.end_date)
            fault = content_fault(request.scope)
            return await run_in_threadpool(self._date_range_page, session, query, wanted, fault)

        return await self._respond(request, page, encrypted=True)

    async def detail(self, request: Request) -> Response:
        """`sw/rtx/decDetail/viewDetail`"""

        async def head_and_items(session: PortSession) -> object:
            wanted = _decode(await read_body(request), _DetailRequest)
            entry_id = rules.parse_entry_id(wanted.entry_id)
            found = self._get(session, entry_id, _kind(wanted.dec_type))
            if not _equal(wanted.encrypt_str, self._token(session, entry_id)):
                raise RequestRefused(ResponseCode.MALFORMED, refusals.STALE_ROW)
            self._check_signature(request, session, _DETAIL, entry_id)
            head = found.head or Head()
            members = {
                "cardHeadVo": wire.head_members(head),
                "cardList": [wire.item_members(item, head) for item in found.items],
            }
            return spoil_detail(content_fault(request.scope), members)

        return await self._respond(request, head_and_items, encrypted=True)

    async def preview(self, request: Request) -> Response:
        """`sw/rtx/decDetail/preview/<entryId>,<decType>`: the form as PDF. Each call counts as one print."""

        async def pdf(session: PortSession) -> Response:
            entry_id, _, dec_type = request.path_params["which"].partition(",")
            found = self._get(session, rules.parse_entry_id(entry_id), _kind(dec_type))
            content = await run_in_threadpool(self.print_form, found)
            await run_in_threadpool(self.store.add_print, entry_id)
            return Response(content, media_type="application/pdf")

        return await self._respond(request, pdf)

    async def resend(self, request: Request) -> Response:
        """`sw/rtx/send1`, which must always be signed."""

        async def done(session: PortSession) -> object:
            wanted = _decode(await read_body(request), _ResendRequest)
            if wanted.msg_type != _RESEND:
                raise RequestRefused(ResponseCode.MALFORMED, refusals.NOT_JSON)
            entry_ids = rules.parse_batch(wanted.ids)
            self._verify(request, session, wanted.ids)
            for entry_id in entry_ids:
                self._get(session, entry_id, None)
            await run_in_threadpool(self.store.add_resends, entry_ids, self.clock())
            return json_response(response_frame(ResponseCode.DONE, message=refusals.RESENT))

        return await self._respond(request, done)

    async def download(self, request: Request) -> Response:
        """`sw/rtx/billDownload/downloadXml`"""

        async def file(session: PortSession) -> Response:
            wanted = _decode(await read_body(request), _DownloadRequest)
            if wanted.entry_id:
                found = self._get(session, rules.parse_entry_id(wanted.entry_id), None)
                content = await run_in_threadpool(self.downloads.make_for_declarations, session, [found])
            else:
                query = _date_range_query(wanted)
                content = await run_in_threadpool(self.downloads.make_for_range, session, query, self.clock())
            return Response(content, media_type="application/xml")

        return await self._respond(request, file)

    async def _respond(self, request: Request, handler: _Handler, *, encrypted: bool = False) -> Response:
        """The result of `handler`, or the refusal that it raised, as a response; in the envelope if `encrypted`."""
        session = self._session(request)
        if session is None:
            return _redirect_to_login(request)
        try:
            if not _equal(request.headers.get("rdtime", ""), session.rdtime):
                raise RequestRefused(ResponseCode.SESSION_MISMATCH, refusals.SESSION_MISMATCH)
            result = await handler(session)
            if isinstance(result, Response):
                return result
            content = response_frame(ResponseCode.DONE, result)
        except RequestRefused as refused:
            content = response_frame(refused.code, message=refused.message)
        if encrypted:
            return Response(session.envelope.encrypt(content), media_type="text/plain")
        return json_response(content)

    def _session(self, request: Request) -> PortSession | None:
        return self.sessions.open.renew(request.cookies.get(COOKIE, ""))

    def _check_signature(self, request: Request, session: PortSession, call: str, subject: str) -> None:
        """Raises RequestRefused if the signature is wrong, or missing although the policy demands one."""
        if request.headers.get("isVerify") == _SIGNED:
            self._verify(request, session, subject)
            session.signed.add(call)
        elif self.signature_policy is SignaturePolicy.ALWAYS or (
            self.signature_policy is SignaturePolicy.ONCE and call not in session.signed
        ):
            raise RequestRefused(ResponseCode.SIGN_FIRST, refusals.SIGN_FIRST)

    @staticmethod
    def _verify(request: Request, session: PortSession, subject: str) -> None:
        if request.headers.get("isVerify") != _SIGNED:
            raise RequestRefused(ResponseCode.SIGN_FIRST, refusals.SIGN_FIRST)
        certificate = x509.load_der_x509_certificate(session.certificate)
        if not is_signed_by(certificate, f"{session.card_number}||{subject}", request.headers.get("sign", "")):
            raise RequestRefused(ResponseCode.BAD_SIGNATURE, refusals.BAD_SIGNATURE)

    def _date_range_page(
        self, session: PortSession, query: DateRangeQuery, wanted: _ListRequest, fault: FaultKind | None
    ) -> object:
        now = self.clock()
        self.amendment_simulator.simulate_until(now)
        size = rows_per_page(fault, wanted.page_size)
        first = (wanted.cur_page - 1) * size
        total = self.population.count(session.company, query, now)
        if fault is None:
            return self._list_page(session, total, list(self.population.page(session.company, query, now, first, size)))
        listed = list(self.population.page(session.company, query, now, 0, total))
        rows = remaining_rows(fault, listed, wanted.cur_page)
        return spoil_page(fault, self._list_page(session, len(rows), rows[first : first + size]))

    def _list_page(self, session: PortSession, total: int, declarations: Sequence[Declaration]) -> Mapping[str, object]:
        entry_ids = [declaration.summary.entry_id for declaration in declarations]
        prints = self.store.print_counts(entry_ids)
        rows = [
            wire.row_members(declaration, prints.get(entry_id, 0), self._token(session, entry_id))
            for entry_id, declaration in zip(entry_ids, declarations, strict=True)
        ]
        return {"total": total, "code": 0, "rows": rows}

    def _find(self, session: PortSession, entry_id: str, kind: Kind | None) -> Declaration | None:
        """A declaration of the session's company; None if there is none or it belongs to another company."""
        found = self.population.find(entry_id, self.clock())
        if found is None or found[0] is not session.company or kind not in (None, found[1].summary.kind):
            return None
        return found[1]

    def _get(self, session: PortSession, entry_id: str, kind: Kind | None) -> Declaration:
        """As `_find`. Raises RequestRefused if there is none."""
        found = self._find(session, entry_id, kind)
        if found is None:
            raise RequestRefused(ResponseCode.NOT_FOUND, refusals.NOT_YOURS)
        return found

    def _token(self, session: PortSession, entry_id: str) -> str:
        """The `encryptStr` of a list row: a detail can be requested only with it, by the company that saw the row."""
        text = f"{session.company.customs_code} {entry_id}".encode()
        return hmac.new(self.token_key, text, hashlib.sha256).hexdigest()[:32]


def _decode(body: bytes, shape: type[_Request]) -> _Request:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise RequestRefused(ResponseCode.MALFORMED, refusals.NOT_JSON) from None


def _date_range_query(wanted: _DownloadRequest) -> DateRangeQuery:
    return DateRangeQuery(rules.parse_date_range(wanted.start_date, wanted.end_date), _kind(wanted.dec_type))


def _kind(dec_type: str) -> Kind:
    try:
        return Kind(dec_type)
    except ValueError:
        raise RequestRefused(ResponseCode.MALFORMED, refusals.NOT_JSON) from None


def _equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def _redirect_to_login(request: Request) -> Response:
    return RedirectResponse(login_url(request), 302)
