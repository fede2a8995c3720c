"""What every card medium does, be it a file, the official client control or a PC/SC reader.

A card may be pulled at any moment, and every call may take as long as a card takes; nothing here blocks the event loop.
Any of these raises CardProblem when the medium itself fails (no reader, control not running).
"""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from jiacha_tui.card.pin import Pin

if TYPE_CHECKING:
    from jiacha_tui.card.identity import CardIdentity  # what it imports is slow, and a login screen stands without it


class OpenCard(Protocol):
    """A card whose PIN was verified. After `close` everything but `identity` raises CardClosed."""

    @property
    def identity(self) -> "CardIdentity": ...

    @property
    def encryption_certificate(self) -> bytes | None:
        """The certificate (DER) of the key that `decrypt` uses, which need not be the identity's; None without one."""
        ...

    async def sign(self, text: str) -> str:
        """The card's signature over the UTF-8 bytes of `text`, base64, as the port takes it.

        RSA PKCS#1 v1.5 with SHA-1, SM2 (r‖s) or ECDSA, as the certificate's key says (`Identity.key_kind`); it has
        been verified with the certificate. Raises CardRemoved, CardMismatch, SigningFailed.
        """
        ...

    async def sign_challenge(self, random: str) -> str:
        """The card's answer to the random of the port's login page, base64, verified like any signature.

        Media have a way of their own for it, which may sign what `random` is the base64 of. Raises as `sign`.
        """
        ...

    async def decrypt(self, ciphertext: bytes) -> bytes:
        """What was encrypted to `encryption_certificate`: a key, never a document.

        To an RSA key by RSA-OAEP (SHA-256, MGF1-SHA-256), to a P-256 key by HPKE (RFC 9180, base mode, no info, with
        DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM), the encapsulated key in front.
        Raises CannotDecrypt, DecryptionFailed, CardRemoved, CardMismatch.
        """
        ...

    async def check_present(self) -> None:
        """Returns if the card that was opened is still inserted and can sign; raises CardRemoved or CardMismatch.

        A card that was pulled and put back may want its PIN again (PinVerificationLost, a CardRemoved).
        """
        ...

    async def wait_until_removed(self) -> None:
        """Ends when it is noticed that the card is gone, or that nobody can tell: with what `check_present` raises.

        How soon that is lies with the medium; one that is not to be asked behind the operator's back does not end.
        """
        ...

    async def close(self) -> None:
        """Lets go of the card and clears the PIN; may be called again."""
        ...


class Medium(Protocol):
    """A place a card can be inserted into."""

    @property
    def name(self) -> str:
        """What the login screen calls it, in Chinese."""
        ...

    @property
    def medium_id(self) -> str:
        """Tells the media of one program apart; stable between runs."""
        ...

    async def read_identity(self) -> "CardIdentity | None":
        """The card inserted, as far as it tells without its PIN; None if there is none. Spends no try."""
        ...

    async def pin_retries_left(self) -> int | None:
        """How many wrong PINs the card inserted still takes, 0 if it is locked; None where that is not told.

        Spends none.
        """
        ...

    async def open(self, pin: Pin) -> OpenCard:
        """Verifies the PIN, once, never by itself again, and returns the open card.

        Takes the PIN over: it lives until the card is closed, and is cleared at once if this raises NoCard, WrongPin,
        CardLocked, CardExpired, InvalidCard or any other CardProblem.
        """
        ...


@runtime_checkable
class ObservableMedium(Protocol):
    """A medium that notices by itself, and at once, that a card has come or gone, whether or not one is open."""

    def changes(self) -> AsyncGenerator[None, None]:
        """One for how it stands now, and one each time that `look` may have another answer. To be closed."""
        ...
