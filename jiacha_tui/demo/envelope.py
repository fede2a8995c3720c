"""The envelope of list and detail responses: base64 of AES-128-CBC over the JSON and a marker, zero-padded."""

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
    """Encrypts responses. Key and IV have 16 characters each, `marker` follows the JSON; each start draws new ones."""

    key: str
    iv: str
    marker: str

    @classmethod
    def new(cls) -> "EnvelopeWriter":
        """An envelope with random key, IV and marker."""
        return cls(_letters(_BLOCK), _letters(_BLOCK), _letters(_MARKER_LENGTH))

    @property
    def script(self) -> str:
        """The script that `menuType` returns: with it a browser decrypts the responses."""
        return _SCRIPT.format(key=self.key, iv=self.iv, marker=self.marker)

    def encrypt(self, response: bytes) -> bytes:
        """The text that carries `response`, which is JSON in UTF-8."""
        content = response + self.marker.encode()
        padded = content + bytes(-len(content) % _BLOCK)
        encryptor = Cipher(algorithms.AES(self.key.encode()), modes.CBC(self.iv.encode())).encryptor()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize())


def _letters(count: int) -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(count))
