"""Writes the JSON requests of the port's calls and reads the JSON responses.

The outer members of a response must have the expected form. The members of a declaration are read leniently, by
`declaration.wire`. JSON numbers are read as Decimal, never as float.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

import msgspec

from jiacha_tui.declaration.model import ITEM_FIELDS, ITEMS_LEFT_OUT, MAX_ITEMS, Declaration, Head, Item, Summary
from jiacha_tui.declaration.query import DateRangeQuery, NumberQuery, Query
from jiacha_tui.declaration.wire import MemberMissing, head_from_wire, item_from_wire, summary_from_wire
from jiacha_tui.declaration.wire_values import UnparsableValue, read_int, write_date
from jiacha_tui.eport.assumptions import Assumptions
from jiacha_tui.eport.excerpt import excerpt, safe_message
from jiacha_tui.eport.http_transport import HttpResponse
from jiacha_tui.eport.problems import InvalidPortResponse, OtherDeclaration, OutcomeUnknown
from jiacha_tui.eport.resend_response import judge_resend

SUCCESS = 100
SIGNATURE_REQUIRED = 30001

MAX_ROWS = 1_000
"""The most rows of a list page. The program asks for 30."""

MAX_ITEM_CHARACTERS = 1_000_000
"""The most text in the items of a declaration that is kept. A thousand items of usual length have a tenth of it."""

_MAX_JSON_VALUES = 500_000
"""The most values in a response, estimated from its punctuation. Ten thousand items have 270,000."""

_ITEM_TEXTS = tuple(info.name for info in ITEM_FIELDS if info.type is str)
_UTF8_BOM = b"\xef\xbb\xbf"
_RESEND_TYPE = "RTXJG"
_OTHER_MESSAGE_FIELDS = (
    "responseMessage",
    "message",
    "msg",
    "errorMsg",
    "errMsg",
    "errorMessage",
    "error",
    "responseData",
)
"""Where else a message may be, because the name of its member is assumed. `responseData` counts if it is a text."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row of the list that cannot be used: its number, or its beginning, and what is wrong with it."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the list. `total` is the number of declarations on all pages, or None if the port does not tell it.

    `rejected` are the rows of the page that are not in `rows`, because they cannot be used.
    """

    total: int | None
    rows: tuple[Summary, ...]
    rejected: tuple[RejectedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ResendResponse:
    """The response to a resend that succeeded: its code, and its message if it sent one."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """The port's information about a new session.

    `card_number` is the member `cards`. `rdtime` goes into a header of every call; it is secret.
    """

    card_number: str
    rdtime: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PortResponse:
    """A response of the form `{"responseCode":…,"responseData":…}`.

    `message` is the text that came with the code, else "". `data` is the JSON of `responseData`, or the bytes of a
    file. `content` is the whole JSON, empty for a file.
    """

    code: int
    message: str
    data: bytes = field(repr=False)
    content: bytes = field(default=b"", repr=False)


class _SessionMembers(msgspec.Struct):
    # Other members are not decoded. The most important of them is `pwd`, which may hold the PIN.
    cards: Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z-]{1,32}$")] | None = None
    rdtime: Annotated[str, msgspec.Meta(pattern="^[!-~]{1,256}$")] | int | None = None


class _ListMembers(msgspec.Struct):
    total: Any = msgspec.UNSET
    rows: list[Any] | msgspec.UnsetType | None = msgspec.UNSET


class _DetailMembers(msgspec.Struct, rename="camel"):
    card_head_vo: dict[str, Any]
    card_list: list[dict[str, Any]] | None = None


def list_request(query: Query, page: int, size: int, assumptions: Assumptions) -> bytes:
    """The body of `queryEntryIdBill`. Pages are counted from 1."""
    start, end = (query.date_range.start, query.date_range.end) if isinstance(query, DateRangeQuery) else (None, None)
    return msgspec.json.encode(
        {
            "curPage": page,
            "pageSize": size,
            "decType": assumptions.dec_type(query.kind),
            "entryId": query.entry_id if isinstance(query, NumberQuery) else "",
            "startDate": write_date(start) if start else "",
            "endDate": write_date(end) if end else "",
        }
    )


def download_request(query: Query, size: int, assumptions: Assumptions) -> bytes:
    """The body of `downloadXml`."""
    if isinstance(query, NumberQuery):
        return msgspec.json.encode({"entryId": query.entry_id})
    return list_request(query, 1, size, assumptions)


def detail_request(summary: Summary, assumptions: Assumptions) -> bytes:
    """The body of `viewDetail`."""
    return msgspec.json.encode(
        {
            "entryId": summary.entry_id,
            "decType": assumptions.dec_type(summary.kind),
            "encryptStr": summary.detail_token,
        }
    )


def resend_request(entry_ids: Sequence[str]) -> bytes:
    """The body of `send1`."""
    return msgspec.json.encode({"ids": ",".join(entry_ids), "msgType": _RESEND_TYPE})


def text_to_sign(card_number: str, query: Query) -> str:
    """The text that the card signs for a list, a detail or a download of `query`."""
    if isinstance(query, NumberQuery):
        return f"{card_number}||{query.entry_id}"
    return f"{card_number}||{write_date(query.date_range.start)}{write_date(query.date_range.end)}"


def text_to_sign_for_resend(card_number: str, entry_ids: Sequence[str], assumptions: Assumptions) -> str:
    """The text that the card signs for a resend."""
    return f"{card_number}||{assumptions.resend_signature_separator.join(entry_ids)}"


def read_session(response: HttpResponse) -> SessionInfo | None:
    """The response to `getSession`; None if it is an object without a card and without `rdtime`: no session.

    Raises InvalidPortResponse. It has no excerpt, because the real response may hold the PIN.
    """
    members: _SessionMembers | None
    try:
        members = msgspec.json.decode(response.content.removeprefix(_UTF8_BOM), type=_SessionMembers)
    except (ValueError, RecursionError):
        members = None
    if members is None or (members.cards is None) != (members.rdtime is None):
        raise InvalidPortResponse("会话信息")
    if members.cards is None:
        return None
    return SessionInfo(card_number=members.cards, rdtime=str(members.rdtime))


def read_response(content: bytes, assumptions: Assumptions) -> PortResponse:
    """A response from its JSON. Raises InvalidPortResponse."""
    members = _decode(content.removeprefix(_UTF8_BOM), dict[str, msgspec.Raw], "JSON 答复")
    try:
        code = read_int(_decode(bytes(members.get("responseCode", b"null")), object, "responseCode 数字"))
    except UnparsableValue:
        code = None
    if code is None:
        raise InvalidPortResponse("带 responseCode 数字的答复", excerpt(content))
    names = (assumptions.message_field, *_OTHER_MESSAGE_FIELDS)
    message = next(filter(None, (_message(members.get(name)) for name in names)), "")
    return PortResponse(code, message, bytes(members.get("responseData", b"null")), content)


def read_resend(response: PortResponse, entry_ids: Sequence[str]) -> ResendResponse:
    """The response to a resend of `entry_ids` if it says clearly that it succeeded. Raises OutcomeUnknown."""
    members = _decode(response.content.removeprefix(_UTF8_BOM), dict[str, Any], "JSON 答复")
    verdict = judge_resend(members, response.code, entry_ids, SUCCESS)
    if not verdict.is_success:
        raise OutcomeUnknown(f"{verdict.words or '没有说明'}（{response.code}）")
    return ResendResponse(response.code, verdict.words)


def read_page(data: bytes, query: Query, assumptions: Assumptions) -> ListPage:
    """The `responseData` of a list call for `query`; null is an empty list. A row that is there twice counts once.

    A row of another number than the one that was asked for cannot be used. Raises OtherDeclaration if there are only
    such rows, InvalidPortResponse if there are rows and none of them can be used for other reasons, more than `total`,
    or more than MAX_ROWS.
    """
    if data == b"null":
        return ListPage(None, ())
    members = _decode(data, _ListMembers, "报关单列表")
    if members.total is msgspec.UNSET and members.rows is msgspec.UNSET:
        raise InvalidPortResponse("报关单列表", excerpt(data))
    if len(members.rows or ()) > MAX_ROWS:
        raise InvalidPortResponse(f"一页不超过 {MAX_ROWS:,} 行的报关单列表", f"{len(members.rows or ()):,} 行")
    total = _total(members, data)
    summaries: dict[str, Summary] = {}
    rejected: list[RejectedRow] = []
    others: list[str] = []
    for row in members.rows or ():
        if not isinstance(row, dict):
            rejected.append(RejectedRow(_shown(row), "不是一行报关单数据"))
            continue
        try:
            summary = summary_from_wire(row, query.kind, transfer_state=assumptions.transfer_state_field)
        except MemberMissing as missing:
            number = row.get(str(missing))
            rejected.append(RejectedRow(_shown(number or row), "报关单号不是 18 位数字" if number else "没有报关单号"))
        else:
            if isinstance(query, NumberQuery) and summary.entry_id != query.entry_id:
                others.append(summary.entry_id)
                rejected.append(RejectedRow(summary.entry_id, f"查的是 {query.entry_id}"))
            else:
                summaries.setdefault(summary.entry_id, summary)
    if isinstance(query, NumberQuery) and others and not summaries:
        raise OtherDeclaration(query.entry_id, others[0])
    if rejected and not summaries:
        raise InvalidPortResponse("带 entryId 的报关单列表", excerpt(data))
    if total is not None and len(summaries) > total:
        raise InvalidPortResponse(f"不超过 {total} 票的报关单列表", excerpt(data))
    return ListPage(total, tuple(summaries.values()), tuple(rejected))


def _total(members: _ListMembers, data: bytes) -> int | None:
    try:
        total = read_int(None if members.total is msgspec.UNSET else members.total)
    except UnparsableValue:
        total = -1
    if total is not None and total < 0:
        raise InvalidPortResponse("带总数的报关单列表", excerpt(data))
    return total


def _shown(value: object) -> str:
    return excerpt(value.encode("utf-8", "replace") if isinstance(value, str) else msgspec.json.encode(value))


def read_detail(data: bytes, summary: Summary) -> Declaration:
    """The `responseData` of a detail call for `summary`.

    Not more than MAX_ITEMS items are kept, nor more than MAX_ITEM_CHARACTERS of text in them. The head says how many
    were left out. Raises InvalidPortResponse, also if it is the detail of another declaration.
    """
    members = _decode(data, _DetailMembers, "报关单详情")
    head = head_from_wire(members.card_head_vo)
    if not head.entry_id:
        head = replace(head, entry_id=summary.entry_id)
    if head.entry_id != summary.entry_id:
        raise InvalidPortResponse(f"报关单 {summary.entry_id} 的详情", excerpt(data))
    try:
        items = tuple(_bounded(map(item_from_wire, (members.card_list or ())[:MAX_ITEMS])))
    except MemberMissing as missing:
        raise InvalidPortResponse(f"带 {missing} 的报关单表体", excerpt(data)) from None
    return Declaration(summary, _with_items_left_out(head, len(members.card_list or ()) - len(items)), items)


def _bounded(items: Iterable[Item]) -> Iterator[Item]:
    """The items up to the one with which their text exceeds MAX_ITEM_CHARACTERS, without that one."""
    characters = 0
    for item in items:
        characters += sum(len(getattr(item, name)) for name in _ITEM_TEXTS) + sum(map(len, item.unparsed.values()))
        if characters > MAX_ITEM_CHARACTERS:
            return
        yield item


def _with_items_left_out(head: Head, count: int) -> Head:
    unparsed = {name: text for name, text in head.unparsed.items() if name != ITEMS_LEFT_OUT}
    if count:
        unparsed[ITEMS_LEFT_OUT] = str(count)
    return replace(head, unparsed=MappingProxyType(unparsed))


def _message(raw: msgspec.Raw | None) -> str:
    """The text in `raw`, also if it is in GB18030 instead of UTF-8; "" if it is not a text."""
    if raw is None:
        return ""
    try:
        return safe_message(msgspec.json.decode(raw, type=str))
    except UnicodeDecodeError:
        return _message_in_gb18030(bytes(raw))
    except ValueError:
        return ""


def _message_in_gb18030(content: bytes) -> str:
    try:
        return safe_message(msgspec.json.decode(content.decode("gb18030"), type=str))
    except ValueError:
        return ""


def _decode(content: bytes, type_: type[_T], expected: str) -> _T:
    """`content` as a value of `type_`. Raises InvalidPortResponse, which says what was `expected`."""
    # A comma or the beginning of a collection stands for at most one value, which takes up to 230 bytes of memory.
    if sum(content.count(mark) for mark in b",[{") >= _MAX_JSON_VALUES:
        raise InvalidPortResponse(f"不超过 {_MAX_JSON_VALUES:,} 个值的{expected}")
    try:
        return msgspec.json.Decoder(type_, float_hook=Decimal).decode(content)
    except (ValueError, ArithmeticError, RecursionError):
        raise InvalidPortResponse(expected, excerpt(content)) from None
