"""An open card in a medium that notices by itself when a card has gone."""

from contextlib import aclosing

from jiacha_tui.card.medium import OpenCard, Watched


async def until_gone(card: OpenCard, medium: Watched) -> None:
    """What `OpenCard.until_gone` is there."""
    async with aclosing(medium.changes()) as changes:
        async for _ in changes:
            await card.check_present()
