"""Decides from the text of a print whether it is that of a declaration: whether the 报关单号 asked for is its own.

A wrong paper that is filed costs more than one that is asked for again. So the number is confirmed only without doubt:

1. The number at the label 海关编号 counts, and is the same on every page that has it. First what stands beside the
   label on the page, or else after it in the order of the text.
2. If no label has a number, the number must be the only one of its shape in the whole text, except those at other
   labels such as 预录入编号, and must not stand in a remark or in a message about an error.

Text that can be read and does not pass is refused, with one exception: a text that has the number and others of its
shape, none at a label, is not confirmed and not refused. In which order the port's own PDF has its text is not known,
and a good print must not be refused for it. The label is that of the form (海关总署公告 2018年第61号, and real prints).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.declaration.entry_number import ENTRY_ID_LENGTH
from jiacha_tui.printing.problems import PrintOfAnother, PrintUnclear

_MAX_NAMED: Final = 3
_MAX_FIRST_WORDS: Final = 40

_BLANKS: Final = r"[\s:：]*"
_OWN_LABEL: Final = re.compile(r"海\s*关\s*编\s*号")
_OTHER_LABEL: Final = re.compile(r"(?:预\s*录\s*入|统\s*一)\s*编\s*号")
_ANY_LABEL_BEFORE: Final = re.compile(rf"(?:{_OWN_LABEL.pattern}|{_OTHER_LABEL.pattern}){_BLANKS}$")
_AT_LABEL: Final = re.compile(_BLANKS)

_DIGITS: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]+(?![0-9A-Za-z])")
_BETWEEN_DIGITS: Final = re.compile(r"\s*")
_DECLARATION: Final = re.compile(r"[0-9]{4}20[0-9]{2}[01][0-9]{9}")
"""4 digits of the customs office, the year, 0 for an export or 1 for an import, 9 of a serial number."""

_REMARK: Final = re.compile(r"备注|原报关单|关联|[替取]代|replac|remark", re.IGNORECASE)
_ERROR: Final = re.compile(
    r"错误|异常|失败|不存在|没有找到|未找到|未查到|\b(?:error|exception|fail(?:ed|ure)?|not found)\b", re.IGNORECASE
)
_READABLE: Final = re.compile(r"[\u3400-\u9fff]|[^\W_]{2}")
"""Text of which a person could read something. Fonts without a table of characters give text without either."""


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of a page in the order in which the PDF has it, and what stands beside each label 海关编号, from the end
    of the label on.
    """

    text: str
    beside_labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Number:
    """A number of 18 digits in a text. `in_remark` is true if its line mentions another declaration before it."""

    digits: str
    in_remark: bool


def has_readable_text(pages: Sequence[PageText]) -> bool:
    """Whether a person could read something of the text."""
    return any(_READABLE.search(_plain(page.text)) for page in pages)


def check_number(entry_id: str, pages: Sequence[PageText]) -> bool:
    """Whether the number is confirmed; False if it is one of several that nothing tells apart.

    Raises PrintOfAnother if the text is that of another declaration, PrintUnclear if it does not look like a print.
    """
    labelled = {number for page in pages for number in _labelled(page)}
    if labelled:
        if labelled != {entry_id}:
            raise PrintOfAnother(entry_id, sorted(labelled)[:_MAX_NAMED])
        return True
    numbers = [number for page in pages for number in _unlabelled(_plain(page.text), entry_id)]
    found = {number.digits for number in numbers}
    if entry_id not in found:
        if found:
            raise PrintOfAnother(entry_id, sorted(found)[:_MAX_NAMED])
        raise PrintUnclear(entry_id, f"里面没有这个报关单号，文字是「{_first_words(pages)}」")
    if all(number.in_remark for number in numbers if number.digits == entry_id):
        raise PrintUnclear(entry_id, "这个报关单号只出现在备注里")
    has_label = any(_OWN_LABEL.search(_plain(page.text)) for page in pages)
    if not has_label and any(_ERROR.search(_plain(page.text)) for page in pages):
        raise PrintUnclear(entry_id, f"文字是「{_first_words(pages)}」")
    return found == {entry_id}


def _plain(text: str) -> str:
    """The text with full-width digits, ligatures and radicals in their usual form, without characters of no width."""
    normalized = unicodedata.normalize("NFKC", text)
    return "".join(one for one in normalized if one not in "\x02\ufffe" and unicodedata.category(one) != "Cf")


def _labelled(page: PageText) -> set[str]:
    """The numbers at the labels 海关编号 of a page."""
    beside = {_number_at(_plain(text), 0) for text in page.beside_labels} - {""}
    if beside:
        return beside
    text = _plain(page.text)
    return {_number_at(text, label.end()) for label in _OWN_LABEL.finditer(text) if _has_own_value(text, label)} - {""}


def _has_own_value(text: str, label: re.Match[str]) -> bool:
    """Whether what follows a label is its own. After two labels in a row the first value may be that of either."""
    return not _ANY_LABEL_BEFORE.search(text, 0, label.start())


def _number_at(text: str, start: int) -> str:
    """The 18 digits after a label that ends at `start`, also if blanks split them, or an empty text."""
    return _number_from(text, _end(_AT_LABEL, text, start))


def _number_from(text: str, start: int) -> str:
    """The 18 digits that begin exactly at `start`; an empty text if it is fewer or more."""
    digits, position = "", start
    while len(digits) < ENTRY_ID_LENGTH and (group := _DIGITS.match(text, position)):
        digits += group[0]
        position = _end(_BETWEEN_DIGITS, text, group.end())
    return digits if len(digits) == ENTRY_ID_LENGTH else ""


def _unlabelled(text: str, entry_id: str) -> Iterator[_Number]:
    """The numbers that have the shape of a 报关单号, or are `entry_id`, and do not stand at another label."""
    others = {
        _end(_AT_LABEL, text, label.end()) for label in _OTHER_LABEL.finditer(text) if _has_own_value(text, label)
    }
    for group in _DIGITS.finditer(text):
        digits = _number_from(text, group.start())
        if group.start() not in others and (digits == entry_id or _DECLARATION.fullmatch(digits)):
            line_start = text.rfind("\n", 0, group.start()) + 1
            yield _Number(digits, _REMARK.search(text, line_start, group.start()) is not None)


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def _first_words(pages: Sequence[PageText]) -> str:
    words = escape_controls(" ".join(" ".join(_plain(page.text) for page in pages).split()))
    return words if len(words) <= _MAX_FIRST_WORDS else f"{words[:_MAX_FIRST_WORDS]}…"
