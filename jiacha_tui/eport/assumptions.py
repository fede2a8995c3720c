"""Everything about the wire that nobody published and nobody observed, in one place.

Each value here is a guess that could not be tried against the live site; the configuration can replace every one of
them. What was observed stands in the code that uses it. docs/port.md tells the two apart.
"""

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.problem import Problem


class UnknownAssumption(Problem):
    """The configuration overrides an assumption that there is not; `name` is what it wrote."""

    def __init__(self, name: str, nearest: str | None) -> None:
        hint = f"是否要写 {nearest}？" if nearest else "可用的名称见手册"
        super().__init__("config.unknown-assumption", f"配置 [port.assumptions] 里没有 {name} 这一项", hint)
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What is assumed of the port, by the name under which the configuration overrides it."""

    cleared_dec_type: str = Kind.CLEARED.value
    """`decType` "1" was seen; that it stands for 结关报关单 is assumed."""

    departure_port_dec_type: str = Kind.DEPARTURE_PORT.value
    """That `decType` "2" stands for 启运港退税报关单."""

    message_field: str = "responseMsg"
    """The member of an answer that says in words why `responseCode` is not 100."""

    transfer_state_field: str = "opMode"
    """The member of a list row that is 数据传输状态 (新增, 修改)."""

    download_path: str = "sw/rtx/billDownload/downloadXml"
    """XML 文件下载, under the service address: the body of the list call, or `{"entryId": …}` for one declaration."""

    resend_signature_separator: str = ","
    """A resend of one declaration signs `<cards>||<entryId>`; of several, the numbers joined by this."""

    preview_separator: str = ","
    """`preview/<entryId>,1` was seen; that what follows the separator is the `decType` is assumed."""

    login_dominate: str = ""
    login_t1: str = ""
    login_tps: str = ""
    login_lpid: str = ""
    login_event_id: str = "submit"
    """What the login form's fields `dominate`, `t1`, `tps`, `lpid`, `_eventId` hold where its page does not say."""

    @classmethod
    def overridden(cls, values: Mapping[str, str]) -> Self:
        """The assumptions with some replaced, by name. Raises UnknownAssumption."""
        names = [field.name for field in dataclasses.fields(cls)]
        for name in values:
            if name not in names:
                raise UnknownAssumption(name, next(iter(difflib.get_close_matches(name, names, 1)), None))
        return cls(**values)

    def dec_type(self, kind: Kind) -> str:
        return self.cleared_dec_type if kind is Kind.CLEARED else self.departure_port_dec_type
