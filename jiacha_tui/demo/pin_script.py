"""The script with which a login page encrypts the PIN, as the official page may have one (observed; docs/port.md)."""

import enum
import hmac
from dataclasses import dataclass, field
from random import SystemRandom

from jiacha_tui.demo import refusals
from jiacha_tui.demo.envelope import KEY_LENGTH, random_letters
from jiacha_tui.demo.obfuscated_script import obfuscated_script
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.refusals import LoginRefused, LoginStatus
from jiacha_tui.demo.variant_cipher import VariantCipher

_ENCRYPTED = "1"


class LoginPageKind(enum.Enum):
    """What the login page wants of the PIN. The values are those of `jiacha port --login-page`."""

    PLAIN = "plain"
    """As it was typed, inside TLS."""

    ENCRYPTED_PIN = "encrypted-pin"
    """Encrypted under the text of `user_sm_dt`, by a script of the page."""


@dataclass(frozen=True, slots=True)
class PinScript:
    """`text` defines `CaData_KXC`; its tables are drawn for each start of the port."""

    text: str = field(repr=False)
    cipher: VariantCipher = field(repr=False)

    @classmethod
    def draw(cls) -> "PinScript":
        random = SystemRandom()
        cipher = VariantCipher.draw(random)
        return cls(obfuscated_script(cipher, random_letters(KEY_LENGTH), random), cipher)

    def check(self, user_pin: str, mark: str, key: str) -> None:
        """Checks the fields `userPin` and `sgm` of a form whose page had this `key`. An empty PIN is accepted.

        Raises LoginRefused, which holds neither field.
        """
        if not user_pin:
            return
        try:
            is_pin = hmac.compare_digest(self.cipher.decrypt(user_pin, key.encode()).encode(), DEMO_PIN.encode())
        except ValueError:
            is_pin, mark = False, ""
        if mark != _ENCRYPTED:
            raise LoginRefused(LoginStatus.PIN_NOT_ENCRYPTED, refusals.PIN_NOT_ENCRYPTED)
        if not is_pin:
            raise LoginRefused(LoginStatus.WRONG_PIN, refusals.WRONG_PIN)
