"""How the simulated control encrypts and decrypts (`RSAEncrypt`, `RSADecrypt`, `GetEnvCertAsPEM`).

Which padding a real control uses, and which of the three methods it has for which card, is not published. So each of
them can be switched off, made to lie, and given another padding.
"""

import enum
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding


class RsaPadding(enum.Enum):
    """The padding of an RSA card. The value is its name in a command."""

    PKCS1V15 = "pkcs1v15"
    OAEP_SHA1 = "oaep-sha1"
    OAEP_SHA256 = "oaep-sha256"

    def asymmetric_padding(self) -> padding.AsymmetricPadding:
        """The same for the library."""
        match self:
            case RsaPadding.PKCS1V15:
                return padding.PKCS1v15()
            case RsaPadding.OAEP_SHA1:
                return _oaep(hashes.SHA1())  # noqa: S303 - an old control may know nothing else
            case RsaPadding.OAEP_SHA256:
                return _oaep(hashes.SHA256())


class EncryptionFault(enum.Enum):
    """What is wrong with the encryption as long as it is set. The value is its name in a command."""

    NO_ENCRYPT = "no-encrypt"
    NO_DECRYPT = "no-decrypt"
    NO_CERTIFICATE = "no-certificate"
    """The control does not have the method."""

    LIES = "lies"
    """`RSADecrypt` succeeds with a text that was never encrypted."""

    WRONG_PIN = "wrong-pin"
    """`RSADecrypt` takes every PIN for a wrong one, which spends a try, and does not say so."""

    ECHO = "echo"
    """`RSAEncrypt` only encodes the text as base64, and `RSADecrypt` decodes it."""

    BASE64 = "base64"
    """`RSADecrypt` returns the text as base64."""


ABSENT: Final = frozenset({EncryptionFault.NO_ENCRYPT, EncryptionFault.NO_DECRYPT, EncryptionFault.NO_CERTIFICATE})
"""A control that has none of the methods."""


@dataclass(slots=True)
class EncryptionBehaviour:
    """The padding of RSA cards, the faults, and the certificate that is handed out in place of the card's own."""

    padding: RsaPadding = RsaPadding.PKCS1V15
    faults: frozenset[EncryptionFault] = frozenset()
    foreign_certificate: bytes | None = None


def _oaep(algorithm: hashes.HashAlgorithm) -> padding.OAEP:
    return padding.OAEP(mgf=padding.MGF1(algorithm), algorithm=algorithm, label=None)
