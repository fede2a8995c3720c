"""Records what has been done already. If the cache fails then, what was done is still reported as done."""

from collections.abc import Callable

from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.problem import Problem


def record_done(session: Session, *writes: Callable[[], object]) -> str:
    """Calls `writes`, which write to the cache, up to the first that fails.

    Returns "", or what to add to the message for the operator, who would repeat what seems not to be done.
    """
    try:
        for write in writes:
            write()
    except Problem as problem:
        session.app_context.messages.problem(problem)
        return f"（本机没有记下：{problem.message}）"
    return ""
