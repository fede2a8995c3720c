"""The card of a session: closed by a lock and opened again, and one and the same card to whoever uses it."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jiacha_tui.card.medium import Medium, OpenCard
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardClosed, CardMismatch, NoCard

if TYPE_CHECKING:
    from jiacha_tui.card.identity import CardIdentity  # what it imports is slow, and a login screen stands without it


@dataclass(frozen=True, slots=True)
class _Opened:
    card: OpenCard
    pin: Pin


class ReopenableCard:
    """An `OpenCard`. While it is closed there is no PIN in memory, and every call raises CardClosed."""

    def __init__(self, card: OpenCard, pin: Pin) -> None:
        """Takes over `card` and the PIN that opened it."""
        self._identity = card.identity
        self._sealing_certificate = card.encryption_certificate
        self._opened: _Opened | None = _Opened(card, pin)

    @property
    def identity(self) -> "CardIdentity":
        return self._identity

    @property
    def encryption_certificate(self) -> bytes | None:
        return self._sealing_certificate

    async def sign(self, text: str) -> str:
        return await self._open().card.sign(text)

    async def sign_challenge(self, random: str) -> str:
        return await self._open().card.sign_challenge(random)

    async def decrypt(self, ciphertext: bytes) -> bytes:
        return await self._open().card.decrypt(ciphertext)

    async def check_present(self) -> None:
        await self._open().card.check_present()

    async def wait_until_removed(self) -> None:
        await self._open().card.wait_until_removed()

    def reveal_pin(self) -> str:
        """The PIN, for a port that is told it. Raises CardClosed."""
        pin = self._open().pin
        if pin.cleared:
            raise CardClosed
        return pin.reveal()

    async def close(self) -> None:
        """Clears the PIN and lets go of the card; may be called again."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.pin.clear()
            await opened.card.close()

    async def reopen(self, medium: Medium, pin: Pin) -> None:
        """Opens the card again with one try of the PIN, which it takes over as `Medium.open` does.

        Raises NoCard, and CardMismatch for any card but this one, before the PIN is tried: a wrong card would count it
        as a wrong PIN. Raises what the medium raises. The card is then closed as before.
        """
        with ExitStack() as on_failure:
            on_failure.callback(pin.clear)
            inserted = await medium.read_identity()
            if inserted is None:
                raise NoCard
            self._check(inserted)
            card = await medium.open(pin)
            try:
                self._check(card.identity)
            except CardMismatch:
                await card.close()
                raise
            await self.close()
            self._opened = _Opened(card, pin)
            on_failure.pop_all()

    def _check(self, identity: "CardIdentity") -> None:
        if identity.certificate != self._identity.certificate:
            raise CardMismatch

    def _open(self) -> _Opened:
        if self._opened is None:
            raise CardClosed
        return self._opened
