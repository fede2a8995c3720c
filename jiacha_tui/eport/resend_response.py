"""Decides whether the response to a resend says clearly that it succeeded.

A resend that is wrongly taken for done costs the company its refund, one that is wrongly taken for unknown costs a
look at the port. So everything in the response counts, at any depth, and whatever is not clearly success is doubtful.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from jiacha_tui.eport.excerpt import safe_message
from jiacha_tui.eport.port_words import says_success

_CODE: Final = "responseCode"
_OK_CODES: Final = frozenset({0, 100, 200})
_FAILURE_NAME: Final = re.compile(r"fail|err|except|reject|refus|invalid|unsucc|denied|失败|错误|异常", re.IGNORECASE)
_SUCCESS_NAME: Final = re.compile(r"succ|成功", re.IGNORECASE)
_COUNT_NAME: Final = re.compile(r"count|num|total|qty", re.IGNORECASE)
_CODE_NAME: Final = re.compile(r"code|status", re.IGNORECASE)
_TIME: Final = re.compile(r"\d{4}-?\d\d-?\d\d(?:[T ]?\d\d:?\d\d(?::?\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?|\d{13}")
_DIGITS: Final = re.compile(r"-?\d{1,18}")
_MAX_MEMBERS: Final = 1_000
_MAX_PATH_CHARACTERS: Final = 500
_ENTRY_IDS: Final = re.compile(r"\d{18}(?:,\d{18})*")


@dataclass(frozen=True, slots=True)
class _Member:
    """A value that is no collection, or an empty one, and how the way to it is called.

    `name` is that of the nearest object member, `path` joins the names of all members around it, `siblings` counts the
    values of the list that it is in, 0 if it is in none.
    """

    name: str
    path: str
    value: object
    siblings: int = 0


@dataclass(frozen=True, slots=True)
class ResendVerdict:
    """`is_success` only if nothing in the response speaks against it. `words` are what the port said, safe to show."""

    is_success: bool
    words: str


def judge_resend(members: dict[str, object], code: int, entry_ids: Sequence[str], success_code: int) -> ResendVerdict:
    """What the JSON object `members` of a response with `code` says of the resend of `entry_ids`.

    It is success with `success_code` and without any words, or with words that all say success. All values count: an
    object with a list of failures, a count of zero, a `false`, or another code inside is none.
    """
    try:
        found = list(_members(members))
    except _TooComplex:
        return ResendVerdict(False, "答复过于复杂")
    texts: list[str] = []
    doubts: list[str] = []
    for member in found:
        if member.path == _CODE:
            continue
        value = member.value
        if isinstance(value, str) and value.strip() and not _is_known_token(value, entry_ids, member):
            texts.append(value)
        if _is_doubtful(member, entry_ids) and value not in texts:
            path = member.path.removeprefix("responseData.")
            doubts.append(f"{path}：{'[]' if isinstance(value, list | dict) else value}")
    has_words_if_needed = code == success_code or bool(texts)
    is_success = (
        has_words_if_needed
        and not doubts
        and all(says_success(_without_numbers(text, entry_ids), len(entry_ids)) for text in texts)
    )
    return ResendVerdict(is_success, safe_message("；".join(dict.fromkeys([*texts, *doubts]))))


class _TooComplex(Exception):
    """The response has more members, or longer names, than a response to a resend can need."""


def _members(members: dict[str, object]) -> Iterator[_Member]:
    """All values. Raises _TooComplex."""
    waiting = [_Member("", "", members)]
    left = _MAX_MEMBERS
    while waiting:
        member = waiting.pop()
        value = member.value
        left -= len(value) if isinstance(value, dict | list) else 0
        if left < 0 or len(member.path) > _MAX_PATH_CHARACTERS:
            raise _TooComplex
        if isinstance(value, dict) and value:
            waiting.extend(
                _Member(name, f"{member.path}.{name}".lstrip("."), one, member.siblings)
                for name, one in reversed(value.items())
            )
        elif isinstance(value, list) and value:
            waiting.extend(_Member(member.name, member.path, one, len(value)) for one in reversed(value))
        else:
            yield member


def _without_numbers(text: str, entry_ids: Sequence[str]) -> str:
    """The text without the numbers that were sent, if it names all of them and no others."""
    named = re.findall(r"(?<!\d)\d{18}(?!\d)", text)
    if set(named) != set(entry_ids):
        return text
    return re.sub(r"(?<!\d)\d{18}(?!\d)[,，、\s]*", "", text)


def _is_known_token(text: str, entry_ids: Sequence[str], member: _Member) -> bool:
    """Whether the text is no word: a number that was sent, a time, or the value of a member that takes numbers."""
    stripped = text.strip()
    if _ENTRY_IDS.fullmatch(stripped):
        return set(stripped.split(",")) <= set(entry_ids)
    is_count = _SUCCESS_NAME.search(member.path) or _FAILURE_NAME.search(member.path) or _CODE_NAME.search(member.name)
    return bool(_TIME.fullmatch(stripped) or (is_count and _DIGITS.fullmatch(stripped)))


def _is_doubtful(member: _Member, entry_ids: Sequence[str]) -> bool:
    value = _number(member.value)
    count = len(entry_ids)
    if _FAILURE_NAME.search(member.path):
        says_otherwise = isinstance(value, str) and says_success(value, count)
        return value not in (None, False, 0, "", [], {}) and not says_otherwise
    if isinstance(value, bool):
        return not value
    if isinstance(value, int) and _CODE_NAME.search(member.name):
        return value not in _OK_CODES
    if isinstance(value, int | Decimal):
        is_partial = _SUCCESS_NAME.search(member.path) and _COUNT_NAME.search(member.name) and value != count
        return value <= 0 or bool(is_partial)
    return bool(_SUCCESS_NAME.search(member.path)) and (
        value in ("", [], {})
        or member.siblings not in (0, count)
        or (not member.siblings and _names_some(value, entry_ids))
    )


def _names_some(value: object, entry_ids: Sequence[str]) -> bool:
    """Whether the value is a text of numbers that are not all that were sent."""
    text = value.strip() if isinstance(value, str) else ""
    return _ENTRY_IDS.fullmatch(text) is not None and set(text.split(",")) != set(entry_ids)


def _number(value: object) -> object:
    """The value, or the number that it is if it is the text of a short one."""
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()) and len(value.strip()) < 18:  # noqa: PLR2004 - a 报关单号
        return int(value)
    return value
