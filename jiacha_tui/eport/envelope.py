"""The envelope of list and detail responses: base64 of AES-128-CBC with zero padding and a marker at the end.

Key, IV and marker come from the script that the port served until 2023 (`menuType`). `script_envelope` opens the
responses of later scripts. The envelope is no protection, because anyone can get the script: TLS protects the
connection. That an envelope can be opened proves nothing about its sender.
"""

import base64
import codecs
import re
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from jiacha_tui.eport.excerpt import excerpt
from jiacha_tui.eport.problems import InvalidPortResponse

_TEXT = r"\(\s*(?P<quote>['\"])(?P<text>[^'\"\\\x00-\x1f]{%s})(?P=quote)"
_KEY_OR_IV = re.compile(r"CryptoJS\s*\.\s*enc\s*\.\s*Latin1\s*\.\s*parse\s*" + _TEXT % "16" + r"\s*\)")
_MARKER = re.compile(r"\bresult\s*\.\s*replace\s*" + _TEXT % "1,256")
_LINE_BREAKS = b"\r\n"


@dataclass(frozen=True, slots=True)
class Envelope:
    """The key, IV and marker with which the port wraps the responses of one session."""

    key: bytes = field(repr=False)
    iv: bytes = field(repr=False)
    marker: str

    @classmethod
    def from_script(cls, script: bytes) -> "Envelope | None":
        """Reads the script of `menuType`: two Latin-1 texts of 16 characters, key first, and one marker.

        None if the script is of another form.
        """
        text = decode_script(script)
        try:
            key, iv = (found["text"].encode("latin-1") for found in _KEY_OR_IV.finditer(text))
            (marker,) = (found["text"] for found in _MARKER.finditer(text))
        except ValueError:
            return None
        return cls(key, iv, marker)

    async def open(self, content: bytes) -> bytes:
        """The JSON in the envelope. Large responses are not decoded here: a text takes up to four times as much.

        Raises InvalidPortResponse if `content` is not an envelope or was made with another key.
        """
        try:
            wrapped = base64.b64decode(content.translate(None, _LINE_BREAKS).strip(), validate=True)
            decryptor = Cipher(algorithms.AES(self.key), modes.CBC(self.iv)).decryptor()
            text = (decryptor.update(wrapped) + decryptor.finalize()).rstrip(b"\0")
        except ValueError:
            raise InvalidPortResponse("加密的答复", excerpt(content)) from None
        before, marker, after = text.rpartition(self.marker.encode("utf-8"))
        if not marker:
            raise InvalidPortResponse("带标记的答复", excerpt(text))
        return before + after


def decode_script(script: bytes) -> str:
    """The text of a script in UTF-8 or GB18030. Like a browser, it replaces bytes that are no text."""
    content = script.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace")
