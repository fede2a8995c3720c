"""A look at one declaration as the cache has it, for a pane that follows the cursor: nothing is asked of the port."""

import asyncio

from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.model import Declaration


async def cached_declaration(session: Session, entry_id: str) -> Declaration | None:
    """The declaration with as much as is cached; None where the cache no longer holds it."""
    return await asyncio.to_thread(session.declarations.get, entry_id)
