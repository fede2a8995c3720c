"""The protocols that every card medium implements: a card file, the official client control, a PC/SC reader.

A card may be pulled at any moment, and a call may take as long as the card takes. No call blocks the event loop. Any
call raises CardProblem when the medium itself fails, for example when the control is not running.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from jiacha_tui.card.pin import Pin

if TYPE_CHECKING:
    # Both import cryptography, which the login screen need not wait for.
    from jiacha_tui.card.identity import CardIdentity
    from jiacha_tui.card_encryption import EncryptedSecret


OnAttempt = Callable[[int, int], None]
"""Is called before each attempt to connect to a medium, with its number from 1 and the number of attempts."""


def ignore_attempts(_attempt: int, _attempts: int) -> None:
    """An `OnAttempt` for whoever shows no progress."""


class OpenCard(Protocol):
    """A card whose PIN was verified. After `close`, every call raises CardClosed; `identity` still works."""

    @property
    def identity(self) -> "CardIdentity": ...

    async def sign(self, text: str) -> str:
        """Signs the UTF-8 bytes of `text`. Returns the signature in base64, as the E-Port takes it.

        The type of the certificate's key (`CardIdentity.key_type`) decides the algorithm: RSA PKCS#1 v1.5 with SHA-1,
        SM2 (r‖s) or ECDSA. The signature has been verified with the certificate. Raises CardRemoved, CardMismatch,
        SigningFailed.
        """
        ...

    async def sign_challenge(self, nonce: str) -> str:
        """Signs the nonce of the E-Port's login page. Returns the signature in base64, verified like any other.

        It is a call of its own because a medium may sign the bytes that `nonce` is the base64 of. Raises as `sign`.
        """
        ...

    async def encrypt_secret(self, secret: bytes) -> "EncryptedSecret":
        """Encrypts a key of 32 bytes so that only this card decrypts it. The card has decrypted it once.

        Its decryption key may be another one than the key that signs. Raises CannotDecrypt if this medium or card does
        not decrypt, CardRemoved, CardMismatch.
        """
        ...

    async def decrypt_secret(self, encrypted: "EncryptedSecret") -> bytes:
        """Decrypts what `encrypt_secret` has returned, in this or an earlier session.

        Raises CannotDecrypt for what another medium has to decrypt, DecryptionFailed, CardRemoved, CardMismatch.
        """
        ...

    async def check_present(self) -> None:
        """Checks that the card that was opened is still inserted and can sign. Raises CardRemoved, CardMismatch.

        A card that was pulled and inserted again may need its PIN again: PinVerificationLost, a kind of CardRemoved.
        """
        ...

    async def wait_until_removed(self) -> None:
        """Runs until the card is found to be removed or can no longer be reached, then raises as `check_present`.

        How soon this is noticed depends on the medium. A medium that must not poll the card in the background never
        ends.
        """
        ...

    async def close(self) -> None:
        """Releases the card and clears the PIN. May be called more than once."""
        ...


class Medium(Protocol):
    """A place that a card can be inserted into."""

    @property
    def name(self) -> str:
        """The Chinese name that the login screen shows."""
        ...

    @property
    def medium_id(self) -> str:
        """Identifies the medium among those of this program. The same in every run."""
        ...

    async def read_identity(
        self, *, all_attempts: bool = False, on_attempt: OnAttempt = ignore_attempts
    ) -> "CardIdentity | None":
        """Reads the identity of the inserted card without its PIN. None if no card is inserted. Uses no PIN try.

        A medium that has to be connected to makes one attempt; with `all_attempts`, as many as `open` makes.
        """
        ...

    async def pin_retries_left(self) -> int | None:
        """How many wrong PINs the inserted card still accepts, 0 if the PIN is blocked. None if the medium cannot tell.

        Uses no PIN try.
        """
        ...

    async def open(self, pin: Pin) -> OpenCard:
        """Verifies the PIN once, never a second time automatically, and returns the open card.

        Takes ownership of the PIN: it is cleared when the card is closed, and at once if this raises NoCard, WrongPin,
        PinBlocked, CardExpired, InvalidCard or any other CardProblem.
        """
        ...


@runtime_checkable
class ObservableMedium(Protocol):
    """A medium that notices when a card is inserted or removed, whether or not a card is open."""

    def changes(self) -> AsyncGenerator[None, None]:
        """Yields once at the start, then each time that `read_identity` may have a new result. The caller closes it."""
        ...


async def check_on_each_change(card: OpenCard, medium: ObservableMedium) -> None:
    """Implements `OpenCard.wait_until_removed` for a card in an observable medium."""
    async with aclosing(medium.changes()) as changes:
        async for _ in changes:
            await card.check_present()
