"""The envelope around the answers of list and detail: base64 of AES-128-CBC, zero-padded, with a marker at the end.

Key, IV and marker come from the port's own script (`menuType`). This hides nothing from anybody who has the script;
TLS is what protects the wire, and an envelope that opens proves nothing.
"""

import base64
import re
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from jiacha_tui.eport.excerpt import excerpt
from jiacha_tui.eport.problems import InvalidPortResponse

_SIXTEEN_CHARACTERS = re.compile(r"CryptoJS\s*\.\s*enc\s*\.\s*Latin1\s*\.\s*parse\(\s*'([^'\\\x00-\x1f]{16})'\s*\)")
_REPLACED = re.compile(r"\bresult\s*\.\s*replace\(\s*'([^'\\\x00-\x1f]{1,256})'")
_LINE_BREAKS = str.maketrans("", "", "\r\n")


@dataclass(frozen=True, slots=True)
class Envelope:
    """How the answers of one session are wrapped."""

    key: bytes = field(repr=False)
    iv: bytes = field(repr=False)
    marker: str

    @classmethod
    def from_script(cls, script: bytes) -> "Envelope":
        """What `menuType` says: two 16-character Latin-1 texts, key first, and one marker. Raises InvalidPortResponse."""
        try:
            text = script.decode("utf-8")
            key, iv = (found.encode("latin-1") for found in _SIXTEEN_CHARACTERS.findall(text))
            (marker,) = _REPLACED.findall(text)
        except ValueError:
            raise InvalidPortResponse("菜单脚本") from None
        return cls(key, iv, marker)

    def open(self, answer: bytes) -> bytes:
        """The JSON in `answer`, UTF-8. Raises InvalidPortResponse for what is wrapped otherwise or by another key."""
        try:
            wrapped = base64.b64decode(answer.decode("ascii").translate(_LINE_BREAKS).strip(), validate=True)
            decryptor = Cipher(algorithms.AES(self.key), modes.CBC(self.iv)).decryptor()
            text = (decryptor.update(wrapped) + decryptor.finalize()).rstrip(b"\0").decode("utf-8")
        except ValueError:
            raise InvalidPortResponse("加密的答复", excerpt(answer)) from None
        before, marker, after = text.rpartition(self.marker)
        if not marker:
            raise InvalidPortResponse("带标记的答复", excerpt(text.encode("utf-8")))
        return (before + after).encode("utf-8")
