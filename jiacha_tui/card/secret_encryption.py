"""What the media share that decrypt by themselves: a secret is encrypted to a certificate, and tried once."""

from collections.abc import Awaitable, Callable

from cryptography.exceptions import UnsupportedAlgorithm

from jiacha_tui.card.problems import CannotDecrypt, DecryptionFailed
from jiacha_tui.card_encryption import EncryptedSecret, SecretScheme, encrypt_to_key
from jiacha_tui.certificates import load_certificate

Decrypt = Callable[[bytes], Awaitable[bytes]]


async def encrypt_and_try(secret: bytes, certificate: bytes | None, decrypt: Decrypt) -> EncryptedSecret:
    """Encrypts `secret` to the DER `certificate`. It is decrypted once and compared.

    Raises CannotDecrypt if there is no certificate, if its key is neither RSA nor P-256, or if the card does not
    decrypt the secret; and what `decrypt` raises.
    """
    if certificate is None:
        raise CannotDecrypt
    try:
        encrypted = encrypt_to_key(secret, load_certificate(certificate).public_key())
    except (ValueError, UnsupportedAlgorithm):
        raise CannotDecrypt from None
    try:
        if await decrypt(encrypted.ciphertext) != secret:
            raise CannotDecrypt
    except DecryptionFailed:
        raise CannotDecrypt from None
    return encrypted


async def decrypt_by_certificate(encrypted: EncryptedSecret, decrypt: Decrypt) -> bytes:
    """Raises CannotDecrypt for a secret that was encrypted for another medium, and what `decrypt` raises."""
    if encrypted.scheme is not SecretScheme.CERTIFICATE:
        raise CannotDecrypt
    return await decrypt(encrypted.ciphertext)
