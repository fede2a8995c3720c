"""All assumptions about the port, in one place: what nobody has published and nobody has observed.

No value here could be tried against the live site. The configuration can override each of them. Observed values are
in the code that uses them. docs/port.md lists both.
"""

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.problem import Problem


class UnknownAssumption(Problem):
    """The configuration overrides an assumption that does not exist. `name` is the name in the configuration."""

    def __init__(self, name: str, nearest: str | None) -> None:
        hint = f"是否要写 {nearest}？" if nearest else "可用的名称见手册"
        super().__init__("config.unknown-assumption", f"配置 [port.assumptions] 里没有 {name} 这一项", hint)
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """The assumptions. The configuration overrides each by the name that it has here."""

    cleared_dec_type: str = Kind.CLEARED.value
    """The `decType` of 结关报关单. "1" was observed; its meaning is assumed."""

    departure_port_dec_type: str = Kind.DEPARTURE_PORT.value
    """The `decType` of 启运港退税报关单."""

    message_field: str = "responseMsg"
    """The member of a response with the message to a `responseCode` other than 100."""

    transfer_state_field: str = "opMode"
    """The member of a list row that holds 数据传输状态 (新增 or 修改)."""

    script_path: str = "menuType"
    """The path of the script that opens responses, relative to the service address.

    It was observed for the readable script of 2020 to 2023; that the obfuscated one has the same path is assumed.
    """

    download_path: str = "sw/rtx/billDownload/downloadXml"
    """The path of XML 文件下载, relative to the service address.

    The request body is assumed too: that of the list call, or `{"entryId": …}` for one declaration.
    """

    resend_signature_separator: str = ","
    """Joins the numbers in the text that the card signs for a resend of several declarations.

    For one declaration the text was observed: `<cards>||<entryId>`.
    """

    preview_separator: str = ","
    """Comes before the `decType` in the path of the preview.

    `preview/<entryId>,1` was observed; that the 1 is the `decType` is assumed.
    """

    login_dominate: str = ""
    login_t1: str = ""
    login_tps: str = ""
    login_lpid: str = ""
    login_event_id: str = "submit"
    """The login form's fields `dominate`, `t1`, `tps`, `lpid` and `_eventId`, if the login page gives no value."""

    @classmethod
    def with_overrides(cls, values: Mapping[str, str]) -> Self:
        """The default assumptions with some values replaced, by name. Raises UnknownAssumption."""
        names = [field.name for field in dataclasses.fields(cls)]
        for name in values:
            if name not in names:
                raise UnknownAssumption(name, next(iter(difflib.get_close_matches(name, names, 1)), None))
        return cls(**values)

    def dec_type(self, kind: Kind) -> str:
        """The `decType` of a kind of declaration."""
        return self.cleared_dec_type if kind is Kind.CLEARED else self.departure_port_dec_type
