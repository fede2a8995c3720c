"""The envelopes of list and detail responses, and the scripts with which a browser opens them.

docs/port.md describes both shapes of the script. Neither envelope hides anything: TLS protects the connection.
"""

import base64
import enum
import secrets
import string
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from jiacha_tui.demo.obfuscated_script import obfuscated_script
from jiacha_tui.demo.variant_cipher import VariantCipher

KEY_LENGTH: Final = 16
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


class ScriptShape(enum.Enum):
    """The shape of the script that `menuType` returns. The values are those of `jiacha port --script`."""

    PLAIN = "plain"
    """Readable JavaScript, as until 2023: key, IV and marker are written in it."""

    OBFUSCATED = "obfuscated"
    """JavaScript that defines a cipher of its own, as since 2023."""


@dataclass(frozen=True, slots=True)
class PlainEnvelope:
    """Base64 of AES-128-CBC over the JSON and a marker, zero-padded. Key and IV have 16 characters each."""

    key: str
    iv: str
    marker: str

    @classmethod
    def draw(cls) -> "PlainEnvelope":
        """An envelope with random key, IV and marker."""
        return cls(random_letters(KEY_LENGTH), random_letters(KEY_LENGTH), random_letters(_MARKER_LENGTH))

    @property
    def script(self) -> str:
        """The script with which a browser decrypts the responses."""
        return _SCRIPT.format(key=self.key, iv=self.iv, marker=self.marker)

    def encrypt(self, response: bytes) -> bytes:
        """The text that carries `response`, which is JSON in UTF-8."""
        content = response + self.marker.encode()
        padded = content + bytes(-len(content) % KEY_LENGTH)
        encryptor = Cipher(algorithms.AES(self.key.encode()), modes.CBC(self.iv.encode())).encryptor()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize())


@dataclass(frozen=True, slots=True)
class ObfuscatedEnvelope:
    """The JSON under a cipher whose tables only `script` knows."""

    script: str = field(repr=False)
    cipher: VariantCipher = field(repr=False)
    key: str

    @classmethod
    def draw(cls) -> "ObfuscatedEnvelope":
        random = SystemRandom()
        cipher, key = VariantCipher.draw(random), random_letters(KEY_LENGTH)
        return cls(obfuscated_script(cipher, key, random), cipher, key)

    def encrypt(self, response: bytes) -> bytes:
        return self.cipher.encrypt(response.decode(), self.key.encode()).encode()


EnvelopeWriter = PlainEnvelope | ObfuscatedEnvelope


def draw_envelope(shape: ScriptShape) -> EnvelopeWriter:
    """An envelope with new keys, and new tables if its cipher has some."""
    return PlainEnvelope.draw() if shape is ScriptShape.PLAIN else ObfuscatedEnvelope.draw()


def random_letters(count: int) -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(count))
