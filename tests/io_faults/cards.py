"""The demo card, as one that can decrypt and as one that cannot."""

from pathlib import Path

from jiacha_tui.card.pin import Pin
from jiacha_tui.card.softcard import OpenSoftCard, SoftCard
from tests.actions.signing_card import signing_only


class SigningCard(SoftCard):
    """A card file whose card only signs, like many cards behind the client control."""

    async def open(self, pin: Pin) -> OpenSoftCard:
        return signing_only(await super().open(pin))


def card_of_kind(path: Path, *, decrypts: bool) -> SoftCard:
    """The card in the file at `path`."""
    return SoftCard(path) if decrypts else SigningCard(path)
