"""The wrapping of list and detail: base64 of AES-128-CBC over the JSON and a marker, padded with zeros."""

import base64
import secrets
import string
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK: Final = 16
_MARKER_LENGTH: Final = 24
_SCRIPT: Final = """\
function openAnswer(data) {{
  var key = CryptoJS.enc.Latin1.parse('{key}');
  var iv = CryptoJS.enc.Latin1.parse('{iv}');
  var result = CryptoJS.AES.decrypt(data, key, {{iv: iv, mode: CryptoJS.mode.CBC, padding: CryptoJS.pad.ZeroPadding}})
    .toString(CryptoJS.enc.Utf8);
  result = result.replace('{marker}', '');
  return JSON.parse(result);
}}
"""


@dataclass(frozen=True, slots=True)
class EnvelopeWriter:
    """Key and IV of 16 characters each, and the marker that ends what is wrapped: new ones at each start."""

    key: str
    iv: str
    marker: str

    @classmethod
    def new(cls) -> "EnvelopeWriter":
        return cls(_letters(_BLOCK), _letters(_BLOCK), _letters(_MARKER_LENGTH))

    @property
    def script(self) -> str:
        """What `menuType` answers."""
        return _SCRIPT.format(key=self.key, iv=self.iv, marker=self.marker)

    def seal(self, answer: bytes) -> bytes:
        content = answer + self.marker.encode()
        padded = content + bytes(-len(content) % _BLOCK)
        encryptor = Cipher(algorithms.AES(self.key.encode()), modes.CBC(self.iv.encode())).encryptor()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize())


def _letters(count: int) -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(count))
