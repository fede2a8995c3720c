"""Decrypting a downloaded file with its card."""

import secrets

import pytest
from cryptography.exceptions import InvalidKey
from lxml import etree

from jiacha_tui.demo.file_encryption import encrypt
from jiacha_tui.encrypted_xml.container import NAMESPACES
from jiacha_tui.encrypted_xml.decrypt import decrypt_file
from jiacha_tui.encrypted_xml.problems import EncryptedFileDamaged, UnsupportedEncryption
from tests.encrypted_xml.keys import card, other_card, port

MESSAGE = "<RtxMessage>报关单</RtxMessage>".encode()
ENCRYPTED = encrypt(MESSAGE, card().certificate, port().key, port().certificate)


def edited(path: str, *, text: str | None = None, algorithm: str | None = None) -> bytes:
    root = etree.fromstring(ENCRYPTED)
    element = next(root.iterfind(path, NAMESPACES))
    if text is not None:
        element.text = text
    if algorithm is not None:
        element.set("Algorithm", algorithm)
    return etree.tostring(root)


@pytest.mark.parametrize("size", [0, 1, 8 * 1024 * 1024, 20_000_000])
async def test_a_file_decrypts_to_the_message_that_was_encrypted(size: int) -> None:
    message = secrets.token_bytes(size)
    encrypted = encrypt(message, card().certificate, port().key, port().certificate)
    assert await decrypt_file(encrypted, card().decrypt) == message


async def test_another_card_cannot_decrypt_it() -> None:
    with pytest.raises(ValueError, match=r"(?i)decrypt"):
        await decrypt_file(ENCRYPTED, other_card().decrypt)


async def test_an_error_of_the_card_reaches_the_caller() -> None:
    async def fail(ciphertext: bytes) -> bytes:
        raise InvalidKey

    with pytest.raises(InvalidKey):
        await decrypt_file(ENCRYPTED, fail)


@pytest.mark.parametrize(
    "data",
    [
        b"<Bill/>",
        edited("xenc:EncryptedData/xenc:EncryptionMethod", algorithm="http://www.w3.org/2001/04/xmlenc#aes256-cbc"),
        edited(".//xenc:EncryptedKey/xenc:EncryptionMethod", algorithm="http://www.w3.org/2001/04/xmlenc#rsa-1_5"),
        edited(".//ds:DigestMethod", algorithm="http://www.w3.org/2000/09/xmldsig#sha1"),
        edited(".//xenc11:MGF", algorithm="http://www.w3.org/2009/xmlenc11#mgf1sha1"),
    ],
    ids=["foreign", "content cipher", "key cipher", "digest", "mask"],
)
async def test_a_file_in_another_format_is_not_given_to_the_card(data: bytes) -> None:
    async def never(ciphertext: bytes) -> bytes:
        raise AssertionError(ciphertext)

    with pytest.raises(UnsupportedEncryption):
        await decrypt_file(data, never)


@pytest.mark.parametrize("text", ["", "AAAA", "A" * 64, "报关单"], ids=["empty", "short", "other bytes", "not base64"])
async def test_a_file_with_changed_content_is_damaged(text: str) -> None:
    data = edited("xenc:EncryptedData/xenc:CipherData/xenc:CipherValue", text=text)
    with pytest.raises(EncryptedFileDamaged):
        await decrypt_file(data, card().decrypt)


async def test_a_file_with_a_key_of_the_wrong_length_is_damaged() -> None:
    async def short(ciphertext: bytes) -> bytes:
        return bytes(16)

    with pytest.raises(EncryptedFileDamaged):
        await decrypt_file(ENCRYPTED, short)
