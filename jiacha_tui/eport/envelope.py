"""The envelope of list and detail responses: base64 of AES-128-CBC with zero padding and a marker at the end.

Key, IV and marker come from a script that the port serves (`menuType`). The envelope is no protection, because anyone
can get the script: TLS protects the connection. That an envelope can be opened proves nothing about its sender.
"""

import base64
import re
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from jiacha_tui.eport.excerpt import excerpt
from jiacha_tui.eport.problems import InvalidPortResponse

_KEY_OR_IV = re.compile(r"CryptoJS\s*\.\s*enc\s*\.\s*Latin1\s*\.\s*parse\(\s*'([^'\\\x00-\x1f]{16})'\s*\)")
_MARKER = re.compile(r"\bresult\s*\.\s*replace\(\s*'([^'\\\x00-\x1f]{1,256})'")
_LINE_BREAKS = str.maketrans("", "", "\r\n")


@dataclass(frozen=True, slots=True)
class Envelope:
    """The key, IV and marker with which the port wraps the responses of one session."""

    key: bytes = field(repr=False)
    iv: bytes = field(repr=False)
    marker: str

    @classmethod
    def from_script(cls, script: bytes) -> "Envelope":
        """Reads the script of `menuType`: two Latin-1 texts of 16 characters, key first, and one marker.

        Raises InvalidPortResponse if the script has anything else.
        """
        try:
            text = script.decode("utf-8")
            key, iv = (found.encode("latin-1") for found in _KEY_OR_IV.findall(text))
            (marker,) = _MARKER.findall(text)
        except ValueError:
            raise InvalidPortResponse("菜单脚本") from None
        return cls(key, iv, marker)

    def open(self, content: bytes) -> bytes:
        """The JSON in the envelope, in UTF-8.

        Raises InvalidPortResponse if `content` is not an envelope or was made with another key.
        """
        try:
            wrapped = base64.b64decode(content.decode("ascii").translate(_LINE_BREAKS).strip(), validate=True)
            decryptor = Cipher(algorithms.AES(self.key), modes.CBC(self.iv)).decryptor()
            text = (decryptor.update(wrapped) + decryptor.finalize()).rstrip(b"\0").decode("utf-8")
        except ValueError:
            raise InvalidPortResponse("加密的答复", excerpt(content)) from None
        before, marker, after = text.rpartition(self.marker)
        if not marker:
            raise InvalidPortResponse("带标记的答复", excerpt(text.encode("utf-8")))
        return (before + after).encode("utf-8")
