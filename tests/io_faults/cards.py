"""The demo card, as one that can decrypt and as one that cannot."""

from pathlib import Path

from jiacha_tui.card.pin import Pin
from jiacha_tui.card.softcard import OpenSoftCard, SoftCard


class SigningCard(SoftCard):
    """A card file whose card only signs, like many cards behind the client control."""

    async def open(self, pin: Pin) -> OpenSoftCard:
        card = await super().open(pin)
        card.__class__ = _OpenSigningCard
        return card


class _OpenSigningCard(OpenSoftCard):
    @property
    def encryption_certificate(self) -> None:  # type: ignore[override]  # the base class always has one
        return None


def card_of_kind(path: Path, *, decrypts: bool) -> SoftCard:
    """The card in the file at `path`."""
    return SoftCard(path) if decrypts else SigningCard(path)
