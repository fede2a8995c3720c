"""What the words of a response tell: failure, success, or the end of the session.

Nobody has published the port's codes, so the words decide if a code is not known. All lists are assumed.
"""

from typing import Final

FAILURE_WORDS: Final = (
    *(
        "失败",
        "错误",
        "出错",
        "异常",
        "不能",
        "拒绝",
        "未",
        "无法",
        "无权",
        "没有",
        "不存在",
        "不允许",
        "不支持",
        "不正确",
    ),
    *("不合法", "非法", "无效", "失效", "超时", "禁止", "驳回", "重试", "繁忙"),
    *("fail", "error", "exception", "denied", "reject", "invalid", "timeout", "unable", "not "),
)
SUCCESS_WORDS: Final = ("成功", "success")
SESSION_END_WORDS: Final = (
    *("登录", "登陆", "会话", "失效", "未认证", "身份"),
    *("session", "login", "log in", "unauthorized", "expired"),
)


def says_failure(text: str) -> bool:
    """Whether the text has a word of failure, even if it has a word of success too."""
    return _has_any(text, FAILURE_WORDS)


def says_success(text: str) -> bool:
    """Whether the text has a word of success and none of failure."""
    return _has_any(text, SUCCESS_WORDS) and not says_failure(text)


def may_mean_session_end(text: str) -> bool:
    """Whether the text may mean that the session has ended. An empty text may mean anything."""
    return not text or _has_any(text, SESSION_END_WORDS)


def _has_any(text: str, words: tuple[str, ...]) -> bool:
    lowered = text.lower()
    return any(word in lowered for word in words)
