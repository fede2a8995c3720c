"""Decrypts with an open card what was encrypted to its certificate."""

from collections.abc import Awaitable, Callable

from jiacha_tui.card.medium import OpenCard
from jiacha_tui.card_encryption import EncryptedSecret, SecretScheme


def decrypt_with(card: OpenCard) -> Callable[[bytes], Awaitable[bytes]]:
    return lambda ciphertext: card.decrypt_secret(EncryptedSecret(SecretScheme.CERTIFICATE, ciphertext))
