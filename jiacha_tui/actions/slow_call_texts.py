"""What the screens say while the port gives no complete response. Every session and every login report here."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from jiacha_tui.declaration.formatting import format_size

if TYPE_CHECKING:
    from jiacha_tui.eport.slow_calls import SlowCall


def _ignore(_text: str) -> None:
    """The listener of a program without screens."""


class SlowCallTexts:
    """Hands what the port's client reports to one listener, as a text."""

    def __init__(self) -> None:
        self._listener: Callable[[str], None] = _ignore

    def listen(self, listener: Callable[[str], None]) -> None:
        """`listener` is called with the text to show, and with "" once the wait is over. It must not block."""
        self._listener = listener

    def report(self, slow_call: "SlowCall | None") -> None:
        """For the client of the port."""
        self._listener("" if slow_call is None else slow_call_text(slow_call))


def slow_call_text(slow_call: "SlowCall") -> str:
    """How long the port has not answered, what is being done, and how long at most, in Chinese."""
    seconds, limit = f"{slow_call.seconds:.0f} 秒", f"（最长 {slow_call.limit:.0f} 秒）"
    if slow_call.is_opening:
        return f"口岸已答复，口岸的脚本运行了 {seconds}还没有结果，继续等待…（每次最长 {slow_call.limit:.0f} 秒）"
    if slow_call.is_paused:
        return f"口岸正忙，{seconds}还没有处理请求，稍后再试…{limit}"
    if slow_call.received:
        return f"口岸的答复 {seconds}没有收完（已收 {format_size(slow_call.received)}），继续接收…{limit}"
    if slow_call.others_answered:
        return f"口岸有一个请求 {seconds}没有回应，继续等待…{limit}"
    return f"口岸 {seconds}没有回应，继续等待…{limit}"
