"""Decrypts a downloaded file with the card that it was encrypted for."""

from collections.abc import Awaitable, Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

from jiacha_tui.encrypted_xml.container import (
    AES256_GCM,
    AES256_KEY_BYTES,
    GCM_NONCE_BYTES,
    GCM_TAG_BYTES,
    MGF1_SHA256,
    NAMESPACES,
    RSA_OAEP,
    SHA256,
    decode_base64,
    parse_xml,
)
from jiacha_tui.encrypted_xml.problems import EncryptedFileDamaged, UnsupportedEncryption

_CONTENT = "xenc:EncryptedData"
_KEY = f"{_CONTENT}/ds:KeyInfo/xenc:EncryptedKey"
_ALGORITHMS = {
    f"{_CONTENT}/xenc:EncryptionMethod": AES256_GCM,
    f"{_KEY}/xenc:EncryptionMethod": RSA_OAEP,
    f"{_KEY}/xenc:EncryptionMethod/ds:DigestMethod": SHA256,
    f"{_KEY}/xenc:EncryptionMethod/xenc11:MGF": MGF1_SHA256,
}


async def decrypt_file(data: bytes, decrypt: Callable[[bytes], Awaitable[bytes]]) -> bytes:
    """Returns the RtxMessage in `data`, a file as the embedded port makes it.

    `decrypt` is the card's RSA-OAEP with SHA-256: it takes the ciphertext and returns the content key. The signature is
    not checked here (see `inspection`), but AES-GCM proves that the content is what was encrypted.
    Raises UnsupportedEncryption for any other format, EncryptedFileDamaged, and what `decrypt` raises.
    """
    root = parse_xml(data)
    for path, algorithm in _ALGORITHMS.items():
        method = root.find(path, NAMESPACES)
        if method is None or method.get("Algorithm") != algorithm:
            raise UnsupportedEncryption
    content = _cipher_value(root, _CONTENT)
    key = await decrypt(_cipher_value(root, _KEY))
    if len(key) != AES256_KEY_BYTES or len(content) < GCM_NONCE_BYTES + GCM_TAG_BYTES:
        raise EncryptedFileDamaged("密文长度不符")
    try:
        return AESGCM(key).decrypt(content[:GCM_NONCE_BYTES], content[GCM_NONCE_BYTES:], None)
    except InvalidTag:
        raise EncryptedFileDamaged("内容与签发时不符") from None


def _cipher_value(root: etree._Element, parent: str) -> bytes:
    element = root.find(f"{parent}/xenc:CipherData/xenc:CipherValue", NAMESPACES)
    if element is None:
        raise EncryptedFileDamaged("缺少密文")
    return decode_base64(element)
