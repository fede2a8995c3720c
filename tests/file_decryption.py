"""Takes the two ciphertexts out of a downloaded file, for tests that decrypt the content key with tools not ours."""

import base64
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

NAMESPACES = {"xenc": "http://www.w3.org/2001/04/xmlenc#", "ds": "http://www.w3.org/2000/09/xmldsig#"}
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class EncryptedParts:
    """The two ciphertexts of a file: the content key, encrypted for the card, and the content."""

    key: bytes
    content: bytes

    @classmethod
    def of(cls, data: bytes) -> "EncryptedParts":
        root = etree.fromstring(data, etree.XMLParser(huge_tree=True))
        key, content = (
            base64.b64decode(str(element.text)) for element in root.iterfind(".//xenc:CipherValue", NAMESPACES)
        )
        return cls(key, content)

    def decrypt_content(self, content_key: bytes) -> bytes:
        return AESGCM(content_key).decrypt(self.content[:_NONCE_BYTES], self.content[_NONCE_BYTES:], None)
