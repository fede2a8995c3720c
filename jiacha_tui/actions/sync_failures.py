"""What a sync does about failures of the port: it sets aside what failed, and stops a kind of call, or all of them."""

from typing import Final

from jiacha_tui.actions.failure_limit import FailureLimit
from jiacha_tui.actions.messages import MessageLog
from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.eport.problems import (
    InvalidPortResponse,
    PortBusy,
    PortProblem,
    PortRefused,
    PortUnreachable,
    ResponseLost,
    ScriptFailed,
    ServerError,
)

SET_ASIDE: Final = (PortRefused, InvalidPortResponse, ServerError, PortBusy, ResponseLost, ScriptFailed)
"""Failures that may concern one list or one detail only. All others end the sync."""

_END_OF_SYNC: Final = (PortUnreachable, PortBusy)
"""If one of these stops the lists or the details, nothing else can be had from the port at the moment."""


class SyncFailures:
    """The failures of one sync. `stopped` says in Chinese which kinds of calls have stopped, and why."""

    def __init__(self, messages: MessageLog) -> None:
        self._messages = messages
        self.stopped: list[str] = []

    def warn(self, text: str) -> None:
        """Writes a warning into the message log."""
        self._messages.warning(escape_controls(text))

    def count(self, limit: FailureLimit, problem: PortProblem, what: str) -> None:
        """Counts a failure of the calls that get `what`, and notes if it stops them.

        Raises `problem` if nothing else can be had from the port then.
        """
        if not limit.record_failure(problem):
            return
        text = f"连续 {limit.failures} 次失败，已停止取{what}：{problem.message}"
        self.stopped.append(text)
        self.warn(f"{text}。{problem.hint}" if problem.hint else text)
        if isinstance(problem, _END_OF_SYNC):
            raise problem
