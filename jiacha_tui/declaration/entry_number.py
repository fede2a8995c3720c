"""报关单号 (海关编号), the number of a declaration, as people type and paste it."""

import re
import unicodedata

from jiacha_tui.declaration.problem import Problem

ENTRY_ID_LENGTH = 18
_ENTRY_ID = re.compile(rf"[0-9]{{{ENTRY_ID_LENGTH}}}")
# People group digits with spaces and hyphens. Copying from a web page adds zero-width characters and direction marks.
_SEPARATORS = re.compile(r"[\s\-\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DIRECTION_INDEX = 8
_IMPORT = "1"


class BadEntryNumber(Problem):
    """The text is not an 18-digit number; `message` says why."""

    def __init__(self, message: str) -> None:
        super().__init__("declaration.bad-number", message, "请录入 18 位出口报关单号")


def parse_entry_id(text: str) -> str:
    """The 18 digits in typed or pasted text. Full-width digits are converted, separators removed.

    Raises BadEntryNumber; its message gives the length if the length is wrong.
    """
    compact = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if not compact:
        raise BadEntryNumber("报关单号为必填")
    if not re.fullmatch(r"[0-9]+", compact):
        raise BadEntryNumber("报关单号只能是数字")
    if not _ENTRY_ID.fullmatch(compact):
        raise BadEntryNumber(f"报关单号为 {ENTRY_ID_LENGTH} 位，现在是 {len(compact)} 位")
    return compact


def is_import(entry_id: str) -> bool:
    """Whether a parsed 报关单号 is that of an import: its ninth digit is 1 (海关总署公告 2018年第60号).

    The digits are: 4 customs office, 4 year, 1 direction (0 export, 1 import), 9 serial number. Any direction digit
    other than 1 passes: the port decides about it.
    """
    return entry_id[_DIRECTION_INDEX] == _IMPORT
