"""A card that signs but does not decrypt, like one of a client control without `RSADecrypt`."""

from jiacha_tui.card.problems import CannotDecrypt
from jiacha_tui.card.softcard import OpenSoftCard
from jiacha_tui.card_encryption import EncryptedSecret


class SigningSoftCard(OpenSoftCard):
    """Only signs."""

    async def encrypt_secret(self, secret: bytes) -> EncryptedSecret:
        raise CannotDecrypt

    async def decrypt_secret(self, encrypted: EncryptedSecret) -> bytes:
        raise CannotDecrypt


def signing_only(card: OpenSoftCard) -> OpenSoftCard:
    """The same open card without its decryption."""
    card.__class__ = SigningSoftCard
    return card
