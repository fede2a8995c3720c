"""The faults that the embedded port can be made to have, as values: what goes wrong, at which call, and when."""

import enum
import re
from dataclasses import dataclass
from typing import Final

_SPECIFICATION: Final = re.compile(
    r"(?P<name>[a-z0-9-]+)(?P<applied>\+applied)?(@(?P<call>[a-z-]+)(:(?P<number>[1-9][0-9]{0,8})(?P<on>-)?)?)?"
)


class CallKind(enum.Enum):
    """A call of the wire. The values are those of `jiacha port --fault`."""

    LOGIN_PAGE = "login-page"
    LOGIN_FORM = "login-form"
    SESSION = "session"
    SCRIPT = "script"
    LIST = "list"
    DETAIL = "detail"
    PREVIEW = "preview"
    RESEND = "resend"
    DOWNLOAD = "download"

    @classmethod
    def of(cls, method: str, path: str) -> "CallKind | None":
        """The kind of a request; None if the port has no such call."""
        if path == "/cas/login":
            return cls.LOGIN_FORM if method == "POST" else cls.LOGIN_PAGE
        return next((kind for part, kind in _PATHS.items() if part in path), None)


_PATHS: Final = {
    "/commonQuery/getSession": CallKind.SESSION,
    "/menuType": CallKind.SCRIPT,
    "/billDownload/queryEntryIdBill": CallKind.LIST,
    "/decDetail/viewDetail": CallKind.DETAIL,
    "/decDetail/preview/": CallKind.PREVIEW,
    "/send1": CallKind.RESEND,
    "/billDownload/downloadXml": CallKind.DOWNLOAD,
}


class FaultKind(enum.Enum):
    """What goes wrong. `word` names it in `jiacha port --fault`, `meaning` says in Chinese what the port then does."""

    HANG = "hang", "不答复"
    DRIP = "drip", "答复每隔一会儿只来一个字节"
    CUT_BEFORE = "cut-before", "答复之前断开连接"
    CUT_MIDDLE = "cut-middle", "答复到一半断开连接"
    BUSY = "busy", "HTTP 429，1 秒后可再来"
    BUSY_LONG = "busy-long", "HTTP 429，一小时后可再来"
    UNAVAILABLE = "unavailable", "HTTP 503"
    NOT_FOUND = "not-found", "HTTP 404"
    REDIRECT_LOGIN = "redirect-login", "重定向到登录页面，会话还在"
    REDIRECT_REPEAT = "redirect-repeat", "HTTP 307，要求把同一请求发到登录页面"
    REDIRECT_ELSEWHERE = "redirect-elsewhere", "重定向到别的网站"
    LOGIN_PAGE = "login-page", "以登录页面答复，会话还在"
    SCRIPT_REDIRECT = "script-redirect", "以用脚本跳转到登录的网页答复，会话还在"
    NOTICE_PAGE = "notice-page", "以维护公告的网页答复"
    SESSION_ENDED = "session-ended", "会话结束，重定向到登录页面"
    SESSION_ENDED_CODE = "session-ended-code", "会话结束，以 JSON 代码答复"
    SESSION_ENDED_PAGE = "session-ended-page", "会话结束，以用脚本跳转到登录的网页答复"
    FAILURE_WORDS = "failure-words", "代码 501，msg 为失败"
    NULL_MEMBERS = "null-members", "代码 100，其余成员为 null"
    REFUSAL_AS_XML = "refusal-as-xml", "拒绝的 JSON，类型写作 application/xml"
    REFUSAL_AS_PDF = "refusal-as-pdf", "拒绝的 JSON，类型写作 application/pdf"
    GARBAGE = "garbage", "以乱码答复"
    EMPTY = "empty", "答复是空的"
    WRONG_TYPE = "wrong-type", "答复的类型写作 text/html"
    GIGANTIC = "gigantic", "答复没完没了"
    SCRIPT_OTHER = "script-other", "给出的脚本解不开答复"
    SCRIPT_UNKNOWN = "script-unknown", "给出的脚本里没有解开答复的办法"
    SHORT_PAGES_20 = "short-pages-20", "清单每页最多 20 行"
    SHORT_PAGES_10 = "short-pages-10", "清单每页最多 10 行"
    ROW_COMES = "row-comes", "读完清单第一页后多出一行"
    ROW_GOES = "row-goes", "读完清单第一页后少了一行"
    DROPPED_ROWS = "dropped-rows", "清单里没有五分之一的报关单"
    TOTAL_ABSENT = "total-absent", "清单没有总数"
    TOTAL_NULL = "total-null", "清单的总数为 null"
    TOTAL_TEXT = "total-text", "清单的总数是文字"
    TOTAL_HIGH = "total-high", "清单的总数多了 7"
    TOTAL_LOW = "total-low", "清单的总数只是本页的行数"
    ROWS_NULL = "rows-null", "清单有总数，行为 null"
    BAD_ROW = "bad-row", "清单一行的报关单号只有 17 位"
    ROW_TWICE = "row-twice", "清单一行出现两次"
    MANY_ROWS = "many-rows", "清单一页有十万行"
    MANY_ITEMS = "many-items", "详情有一万项商品"
    LONG_TEXTS = "long-texts", "详情三项商品的名称各有一百万字"
    MANY_VALUES = "many-values", "以几百万个空对象的 JSON 答复"
    DEEP_JSON = "deep-json", "以嵌套一百万层的 JSON 答复"
    EXPANDING = "expanding", "答复是压缩的，解开后有 1 GiB"
    MANY_COMMENTS = "many-comments", "以全是注释的网页答复"
    MANY_COOKIES = "many-cookies", "每次答复带一千个新 Cookie"
    HUGE_HEADERS = "huge-headers", "答复的头有 16 MiB"

    def __init__(self, word: str, meaning: str) -> None:
        self.word = word
        self.meaning = meaning

    @property
    def is_about_lists(self) -> bool:
        """Whether it changes what a list says; at other calls it does nothing."""
        return self in LIST_FAULTS

    @property
    def is_about_content(self) -> bool:
        """Whether it changes what a list or a detail says; at other calls it does nothing."""
        return self.is_about_lists or self in DETAIL_FAULTS

    @property
    def is_too_much(self) -> bool:
        """Whether the answer has more than a program can keep."""
        return self in _TOO_MUCH

    @property
    def needs_answer(self) -> bool:
        """Whether it spoils the port's own answer, so that the request is always carried out."""
        return self.is_about_content or self in _SPOILING


LIST_FAULTS: Final = frozenset(
    {
        FaultKind.SHORT_PAGES_20,
        FaultKind.SHORT_PAGES_10,
        FaultKind.ROW_COMES,
        FaultKind.ROW_GOES,
        FaultKind.DROPPED_ROWS,
        FaultKind.TOTAL_ABSENT,
        FaultKind.TOTAL_NULL,
        FaultKind.TOTAL_TEXT,
        FaultKind.TOTAL_HIGH,
        FaultKind.TOTAL_LOW,
        FaultKind.ROWS_NULL,
        FaultKind.BAD_ROW,
        FaultKind.ROW_TWICE,
        FaultKind.MANY_ROWS,
    }
)
DETAIL_FAULTS: Final = frozenset({FaultKind.MANY_ITEMS, FaultKind.LONG_TEXTS})
_SPOILING: Final = frozenset(
    {FaultKind.DRIP, FaultKind.CUT_MIDDLE, FaultKind.WRONG_TYPE, FaultKind.GIGANTIC, FaultKind.MANY_COOKIES}
)
_TOO_MUCH: Final = DETAIL_FAULTS | {
    FaultKind.MANY_ROWS,
    FaultKind.MANY_VALUES,
    FaultKind.DEEP_JSON,
    FaultKind.EXPANDING,
    FaultKind.MANY_COMMENTS,
    FaultKind.MANY_COOKIES,
    FaultKind.HUGE_HEADERS,
}


@dataclass(frozen=True, slots=True)
class PortFault:
    """A fault at certain calls.

    `call` is the kind of call that has it, None for every kind. `first` and `last` limit it to those calls of the kind,
    counted from 1; without `last` all later ones have it too. If `applied`, the port carries out the request before it
    goes wrong; otherwise the request has no effect, unless `kind.needs_answer`.
    """

    kind: FaultKind
    call: CallKind | None = None
    first: int = 1
    last: int | None = None
    applied: bool = False

    def is_due(self, call: CallKind | None, number: int) -> bool:
        """Whether it goes wrong at this call, the `number`-th of its kind (of all calls, if the fault has no kind)."""
        if self.call not in (None, call):
            return False
        return self.first <= number and (self.last is None or number <= self.last)

    @property
    def text(self) -> str:
        """The fault as `parse` reads it."""
        call = f"@{self.call.value}" if self.call else ""
        number = "" if self.last is None and self.first == 1 else f":{self.first}{'' if self.last else '-'}"
        return f"{self.kind.word}{'+applied' if self.applied else ''}{call}{number}"

    @classmethod
    def parse(cls, text: str) -> "PortFault":
        """The fault of `NAME[+applied][@CALL[:N[-]]]`: at the N-th call only, or with `-` from the N-th on.

        Raises ValueError, which says in Chinese what is wrong.
        """
        found = _SPECIFICATION.fullmatch(text)
        if found is None:
            raise ValueError(f"要 名称[+applied][@调用[:N]] 的形式，不是 {text!r}")
        kinds = {kind.word: kind for kind in FaultKind}
        calls = {call.value: call for call in CallKind}
        if found["name"] not in kinds:
            raise ValueError(f"没有故障 {found['name']!r}")
        if found["call"] is not None and found["call"] not in calls:
            raise ValueError(f"没有调用 {found['call']!r}，有 {'、'.join(calls)}")
        number = int(found["number"] or 1)
        return cls(
            kinds[found["name"]],
            calls[found["call"]] if found["call"] else None,
            number,
            number if found["number"] and not found["on"] else None,
            applied=found["applied"] is not None,
        )
