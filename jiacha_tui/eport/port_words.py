"""What the words of a response tell: success, or the end of the session.

Nobody has published the port's texts, so all lists are assumed. Success is a list of the clauses that mean it, and not
the absence of failure: no list of failures would be complete.
"""

import re
import unicodedata
from typing import Final

SESSION_END_WORDS: Final = (
    *("登录", "登陆", "会话", "失效", "未认证", "身份"),
    *("session", "login", "log in", "unauthorized", "expired"),
)

_COUNT: Final = r"(?:\d+(?:票|条|份|笔|个)?(?:报关单|数据)?)"
_WHAT: Final = r"(?:您的|本次|所选|选中的|该)?(?:报关单)?(?:电子)?(?:数据|报文|信息)?"
_DEED: Final = (
    r"(?:(?:数据)?重新发往税务总局|发往税务总局|重新发送|重发|重传|发送"
    r"|上传|提交|报送|操作|处理|请求|申请|接收|受理|保存)"
)
_DONE: Final = r"(?:已经|已)?(?:全部|均|都)?"
_SUCCESS_CLAUSES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_WHAT}{_COUNT}?{_DONE}{_DEED}?{_DONE}成功了?{_COUNT}?",
        rf"{_WHAT}共?{_COUNT}{_DONE}{_DEED}?{_DONE}成功了?",
        rf"{_WHAT}{_DONE}成功{_DEED}(?:至?税务总局)?{_COUNT}?",
        r"(?:已|已经)(?:受理|接收)",
        r"(?:(?:send|sent|resend|resent|operation|request|message|data|submit|submitted|is|was) )*"
        r"(?:success|successful|successfully|succeeded|ok)",
    )
)
_REMARKS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"谢谢(?:使用)?",
        r"请耐心等待",
        _COUNT,
        rf"{_WHAT}{_COUNT}?(?:重新发往税务总局|重发)",
        r"(?:请?重发|请)?\d+(?:[-~—至到]\d+)?个工作日(?:后|以后|之后)(?:再|请)?(?:联系当地税务局)?查询",
    )
)
"""What may stand beside a clause of success without taking anything away from it. The last is from manual 2.1.1."""

_CLAUSE_END: Final = re.compile(r"\s*(?:[,;:!。、]|\.(?!\d))\s*")
_NUMBER: Final = re.compile(r"\d+(?!\d|[-~—至到]\d|个工作日)")
"""A number that is no part of a time in working days."""
_CJK_BLANK: Final = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")


def says_success(text: str, count: int) -> bool:
    """Whether the text says that something succeeded for all of `count` declarations, and says nothing else.

    Each clause has to be one that is known. A number of declarations in it has to be `count`.
    """
    plain = _CJK_BLANK.sub("", unicodedata.normalize("NFKC", text).casefold().strip())
    clauses = [clause for clause in _CLAUSE_END.split(plain) if clause]
    has_success = False
    for clause in clauses:
        if any(int(number) != count for number in _NUMBER.findall(clause)):
            return False
        if _matches(clause, _SUCCESS_CLAUSES):
            has_success = True
        elif not _matches(clause, _REMARKS):
            return False
    return has_success


def may_mean_session_end(text: str) -> bool:
    """Whether the text may mean that the session has ended. An empty text may mean anything."""
    lowered = text.lower()
    return not text or any(word in lowered for word in SESSION_END_WORDS)


def _matches(clause: str, patterns: tuple[re.Pattern[str], ...]) -> bool:
    return any(pattern.fullmatch(clause) for pattern in patterns)
