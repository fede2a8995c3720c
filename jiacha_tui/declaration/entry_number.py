"""报关单号 (海关编号) and its parts."""

import re
import unicodedata
from dataclasses import dataclass

from jiacha_tui.declaration.problem import Problem

ENTRY_ID_LENGTH = 18
_ENTRY_ID = re.compile(rf"[0-9]{{{ENTRY_ID_LENGTH}}}")
# Spaces and hyphens as people group digits, and the zero-width and direction marks that come along when a number is
# copied from a web page.
_FILLING = re.compile(r"[\s\-\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_EXPORT = "0"
_IMPORT = "1"


class BadEntryNumber(Problem):
    def __init__(self, what: str) -> None:
        super().__init__("declaration.bad-number", what, "请录入 18 位出口报关单号")


@dataclass(frozen=True, slots=True)
class EntryNumber:
    """The parts of a 报关单号 (海关总署公告 2018年第60号).

    4 digits 接受申报海关, 4 year, 1 direction, 9 serial. `parse` is the way to make one.
    """

    text: str

    @classmethod
    def parse(cls, text: str) -> "EntryNumber":
        """Raises BadEntryNumber."""
        return cls(parse_entry_id(text))

    @property
    def office(self) -> str:
        """Code of the customs office that accepted the declaration (关区)."""
        return self.text[:4]

    @property
    def year(self) -> int:
        return int(self.text[4:8])

    @property
    def is_export(self) -> bool:
        return self.text[8] == _EXPORT

    @property
    def is_import(self) -> bool:
        """Neither export nor import is possible too: the digit is not ours to judge further."""
        return self.text[8] == _IMPORT

    @property
    def serial(self) -> str:
        return self.text[9:]


def parse_entry_id(text: str) -> str:
    """The 18 digits, from what was typed or pasted: full-width digits too, and whatever only groups them is dropped.

    Raises BadEntryNumber with the length where it is wrong.
    """
    compact = _FILLING.sub("", unicodedata.normalize("NFKC", text))
    if not compact:
        raise BadEntryNumber("报关单号为必填")
    if not re.fullmatch(r"[0-9]+", compact):
        raise BadEntryNumber("报关单号只能是数字")
    if not _ENTRY_ID.fullmatch(compact):
        raise BadEntryNumber(f"报关单号为 {ENTRY_ID_LENGTH} 位，现在是 {len(compact)} 位")
    return compact
