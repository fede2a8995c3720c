"""What the login screen says about the card media: no card, a medium that cannot be used, a card that needs care."""

from collections.abc import Sequence

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cards import MediumStatus, insert_hint
from jiacha_tui.actions.login import check_expiry, expiry_warnings
from jiacha_tui.actions.messages import Severity
from jiacha_tui.declaration.problem import Problem
from screens.login.form_message import FormText

_NO_CARD = "请插入IC卡或者Key"
"""What the official page says when there is no card."""

_FEW_PIN_RETRIES = 2
"""From this number of remaining PIN tries on, the number is shown before anybody types."""


def reading_text(attempt: int = 0, attempts: int = 0) -> str:
    """What is done to read a medium: `attempt` of `attempts` to connect to it, 0 if it need not be connected to."""
    if not attempt:
        return "正在读卡…"
    return f"正在连接控件…（第 {attempt} 次{f'，共 {attempts} 次' if attempts > 1 else ''}）"


def progress_text(media: Sequence[MediumStatus]) -> str:
    """The same for all media together: an attempt to connect takes longest, so it comes first."""
    reading = [medium for medium in media if medium.reading]
    slowest = max(reading, key=lambda medium: medium.attempt, default=None)
    return reading_text(slowest.attempt, slowest.attempts) if slowest is not None else reading_text()


def no_card_text(app_context: AppContext, media: Sequence[MediumStatus]) -> FormText:
    """No medium has a card that can be used: how to insert one, and the hint of every medium that has a problem."""
    return FormText(_NO_CARD, "\n".join([insert_hint(app_context), *_hints(media)]), Severity.PROBLEM)


def no_medium_problem(media: Sequence[MediumStatus]) -> Problem | None:
    """The problem of the first medium, with the hints of all, if no medium can be used; else None."""
    problems = [medium.problem for medium in media if medium.problem is not None]
    if not problems or len(problems) < len(media):
        return None
    first = problems[0]
    return Problem(first.code, first.message, "；".join(_hints(media)) if len(problems) > 1 else first.hint)


def card_text(medium: MediumStatus) -> FormText:
    """What the operator should know of the card in `medium` before typing its PIN; "" for nothing."""
    if medium.card is not None and (problem := check_expiry(medium.card)):
        return FormText.of(problem)
    warnings = [*expiry_warnings(medium.card)] if medium.card is not None else []
    if medium.pin_retries_left is not None and medium.pin_retries_left <= _FEW_PIN_RETRIES:
        warnings.append(f"这张卡的密码还可以尝试 {medium.pin_retries_left} 次，连续错误会锁卡")
    return FormText("；".join(warnings), severity=Severity.PROBLEM if warnings else Severity.NOTE)


def _hints(media: Sequence[MediumStatus]) -> list[str]:
    """What to do about each medium that cannot be used. The row of the medium may have no room for it."""
    return [
        f"{medium.medium_name}：{medium.problem.hint}"
        for medium in media
        if medium.problem is not None and medium.problem.hint
    ]
