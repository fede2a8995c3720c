"""Read and set the clerk's own marks. The journal has each change."""

import asyncio
from collections.abc import Sequence

from jiacha_tui.actions.recording import record_done
from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.clerk_marks import ClerkMarks
from jiacha_tui.declaration.journal import JournalKind, Outcome


async def common_marks(session: Session, entry_ids: Sequence[str]) -> ClerkMarks | None:
    """The marks of these declarations; None if they have different ones."""
    found = await asyncio.to_thread(session.declarations.clerk_marks, entry_ids)
    return found.pop() if len(found) == 1 else None


async def set_marks(session: Session, entry_ids: Sequence[str], marks: ClerkMarks) -> str:
    """Replaces the marks of these declarations. Returns what was done, in Chinese."""
    message = f"{len(entry_ids):,} 票：{'，'.join(marks.texts) or '已去掉标记'}"
    return message + await run_to_completion(asyncio.to_thread(_set, session, entry_ids, marks, message))


def _set(session: Session, entry_ids: Sequence[str], marks: ClerkMarks, message: str) -> str:
    session.declarations.set_clerk_marks(entry_ids, marks)
    return record_done(session, lambda: session.journal.write(JournalKind.MARK, entry_ids, Outcome.DONE, message))
