"""When to stop a kind of call: after failures in a row, the next call would most probably fail in the same way.

Each call may cost a signature of the card, or minutes of waiting, and it loads a port that may be overloaded already.
"""

from dataclasses import dataclass
from typing import Final

from jiacha_tui.declaration.problem import Problem
from jiacha_tui.eport.problems import PortBusy, PortRefused, PortUnreachable

MAX_EQUAL_FAILURES: Final = 5
"""This many equal failures in a row stop a kind of call."""

MAX_LOST_CONNECTIONS: Final = 2
"""This many lost connections in a row stop it: each has lasted through all retries of its call, up to 90 seconds."""

MAX_FAILURES: Final = 20
"""This many failures in a row stop it, even if they differ."""


@dataclass(frozen=True, slots=True)
class _Cause:
    """What makes two failures equal. Messages may name a declaration, so they count only where there is no code."""

    code: str
    response_code: int | None
    message: str


class FailureLimit:
    """Counts the failures in a row of one kind of call."""

    def __init__(self) -> None:
        self._in_row = 0
        self._equal_in_row = 0
        self._last: _Cause | None = None
        self._stopped_by: Problem | None = None

    @property
    def stopped_by(self) -> Problem | None:
        """The failure that stopped this kind of call. None while it goes on."""
        return self._stopped_by

    @property
    def failures(self) -> int:
        """How many calls in a row have failed."""
        return self._in_row

    def record_success(self) -> None:
        """Resets the count. A kind of call that was stopped remains stopped."""
        self._in_row = self._equal_in_row = 0
        self._last = None

    def record_failure(self, problem: Problem) -> bool:
        """Counts a failure and returns whether it is the one that stops this kind of call.

        A port that names the pause it wants stops it at once.
        """
        cause = _cause_of(problem)
        self._equal_in_row = self._equal_in_row + 1 if cause == self._last else 1
        self._in_row += 1
        self._last = cause
        limit = MAX_LOST_CONNECTIONS if isinstance(problem, PortUnreachable) else MAX_EQUAL_FAILURES
        wants_pause = isinstance(problem, PortBusy) and problem.retry_after is not None
        is_over = wants_pause or self._equal_in_row >= limit or self._in_row >= MAX_FAILURES
        if self._stopped_by is not None or not is_over:
            return False
        self._stopped_by = problem
        return True


def _cause_of(problem: Problem) -> _Cause:
    response_code = problem.response_code if isinstance(problem, PortRefused) else None
    has_only_words = isinstance(problem, PortRefused) and response_code is None
    return _Cause(problem.code, response_code, problem.message if has_only_words else "")
