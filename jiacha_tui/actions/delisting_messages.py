"""Tell the operator which declarations the port no longer lists, lists again, or has changed since a download.

The journal has all their numbers, so that each declaration shows it among its own entries. The message log names the
first ones.
"""

import asyncio
from collections.abc import Sequence

from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.journal import JournalKind, Outcome

MAX_NAMED = 20
"""How many numbers a message has."""


def changes_of_list(delisted: int, relisted: int, unconfirmed: int) -> tuple[str, ...]:
    """The counts that are not zero, each in Chinese, for the sentence that sums up what was read."""
    counts = (
        (delisted, f"{delisted:,} 票口岸不再列出，已标记（×）"),
        (relisted, f"{relisted:,} 票口岸重新列出"),
        (unconfirmed, f"清单里少了 {unconfirmed:,} 票，没有核实，未标记"),
    )
    return tuple(text for number, text in counts if number)


async def tell_delisted(session: Session, entry_ids: Sequence[str]) -> None:
    """Tells that these are marked as no longer listed. No number, no message."""
    await _tell(session, entry_ids, "口岸不再列出，已标记（×）", is_warning=True)


async def tell_relisted(session: Session, entry_ids: Sequence[str]) -> None:
    """Tells that the port lists these again. No number, no message."""
    await _tell(session, entry_ids, "口岸重新列出，已去掉“不再列出”的标记", is_warning=False)


async def tell_outdated(session: Session, entry_ids: Sequence[str]) -> None:
    """Tells that the port has changed these after a download or print here. No number, no message."""
    await _tell(session, entry_ids, "下载或打印后口岸数据有变（!），旧文件不要用于申报，请重新下载", is_warning=True)


async def _tell(session: Session, entry_ids: Sequence[str], text: str, *, is_warning: bool) -> None:
    if not entry_ids:
        return
    named = "、".join(entry_ids[:MAX_NAMED])
    more = " 等" if len(entry_ids) > MAX_NAMED else ""
    message = f"{len(entry_ids):,} 票{text}：{named}{more}"
    if is_warning:
        session.app_context.messages.warning(message)
    else:
        session.app_context.messages.note(message)
    await run_to_completion(
        asyncio.to_thread(session.journal.write, JournalKind.LIST, tuple(entry_ids), Outcome.DONE, text)
    )
