"""The card of a session. A lock closes it and an unlock opens it again, while all users keep the same object."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jiacha_tui.card.medium import Medium, OnAttempt, OpenCard, ignore_attempts
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardClosed, CardMismatch, NoCard

if TYPE_CHECKING:
    # Slow to import, and the login screen does not need them.
    from jiacha_tui.card.identity import CardIdentity
    from jiacha_tui.card_encryption import EncryptedSecret


@dataclass(frozen=True, slots=True)
class _OpenedCard:
    card: OpenCard
    pin: Pin


class ReopenableCard:
    """An `OpenCard`. While it is closed, no PIN is in memory and every call raises CardClosed."""

    def __init__(self, card: OpenCard, pin: Pin) -> None:
        """Takes over `card` and the PIN that opened it: `close` closes the card and clears the PIN."""
        self._identity = card.identity
        self._opened: _OpenedCard | None = _OpenedCard(card, pin)

    @property
    def identity(self) -> "CardIdentity":
        return self._identity

    async def sign(self, text: str) -> str:
        return await self._require_open().card.sign(text)

    async def sign_challenge(self, nonce: str) -> str:
        return await self._require_open().card.sign_challenge(nonce)

    async def encrypt_secret(self, secret: bytes) -> "EncryptedSecret":
        return await self._require_open().card.encrypt_secret(secret)

    async def decrypt_secret(self, encrypted: "EncryptedSecret") -> bytes:
        return await self._require_open().card.decrypt_secret(encrypted)

    async def check_present(self) -> None:
        await self._require_open().card.check_present()

    async def wait_until_removed(self) -> None:
        await self._require_open().card.wait_until_removed()

    def reveal_pin(self) -> str:
        """The PIN, for a port that requires it at login. Raises CardClosed."""
        pin = self._require_open().pin
        if pin.cleared:
            raise CardClosed
        return pin.reveal()

    async def close(self) -> None:
        """Clears the PIN and closes the card. A second call does nothing."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.pin.clear()
            await opened.card.close()

    async def reopen(self, medium: Medium, pin: Pin, on_attempt: OnAttempt = ignore_attempts) -> None:
        """Opens the card again with one try of the PIN. It takes over `pin`, as `Medium.open` does.

        `on_attempt` is called before each attempt to reach the medium before the card is read.

        Raises NoCard, and CardMismatch for a different card, before the PIN is tried: a different card would count it
        as a wrong PIN. Also raises what the medium raises. The card then stays closed, and `pin` is cleared.
        """
        with ExitStack() as on_failure:
            on_failure.callback(pin.clear)
            inserted = await medium.read_identity(all_attempts=True, on_attempt=on_attempt)
            if inserted is None:
                raise NoCard
            self._check_identity(inserted)
            card = await medium.open(pin)
            try:
                self._check_identity(card.identity)
            except CardMismatch:
                await card.close()
                raise
            await self.close()
            self._opened = _OpenedCard(card, pin)
            on_failure.pop_all()

    def _check_identity(self, identity: "CardIdentity") -> None:
        if identity.certificate != self._identity.certificate:
            raise CardMismatch

    def _require_open(self) -> _OpenedCard:
        if self._opened is None:
            raise CardClosed
        return self._opened
