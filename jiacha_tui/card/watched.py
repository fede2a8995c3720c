"""An open card in a medium that notices by itself when a card has gone."""

from contextlib import aclosing

from jiacha_tui.card.medium import ObservableMedium, OpenCard


async def wait_until_removed(card: OpenCard, medium: ObservableMedium) -> None:
    """What `OpenCard.wait_until_removed` is there."""
    async with aclosing(medium.changes()) as changes:
        async for _ in changes:
            await card.check_present()
