"""The card of a session: closed by a lock and opened again, and one and the same card to whoever uses it."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jiacha_tui.card.medium import Medium, OpenCard
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardClosed, NoCard, OtherCard

if TYPE_CHECKING:
    from jiacha_tui.card.identity import Identity  # what it imports is slow, and a login screen stands without it


@dataclass(frozen=True, slots=True)
class _Opened:
    card: OpenCard
    pin: Pin


class SessionCard:
    """An `OpenCard`. While it is closed there is no PIN in memory, and every call raises CardClosed."""

    def __init__(self, card: OpenCard, pin: Pin) -> None:
        """Takes over `card` and the PIN that opened it."""
        self._identity = card.identity
        self._sealing_certificate = card.sealing_certificate
        self._opened: _Opened | None = _Opened(card, pin)

    @property
    def identity(self) -> "Identity":
        return self._identity

    @property
    def sealing_certificate(self) -> bytes | None:
        return self._sealing_certificate

    async def sign(self, text: str) -> str:
        return await self._open().card.sign(text)

    async def sign_random(self, random: str) -> str:
        return await self._open().card.sign_random(random)

    async def decrypt(self, ciphertext: bytes) -> bytes:
        return await self._open().card.decrypt(ciphertext)

    async def check_present(self) -> None:
        await self._open().card.check_present()

    async def until_gone(self) -> None:
        await self._open().card.until_gone()

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

        Raises NoCard, and OtherCard for any card but this one, before the PIN is tried: a wrong card would count it
        as a wrong PIN. Raises what the medium raises. The card is then closed as before.
        """
        with ExitStack() as on_failure:
            on_failure.callback(pin.clear)
            inserted = await medium.look()
            if inserted is None:
                raise NoCard
            self._check(inserted)
            card = await medium.open(pin)
            try:
                self._check(card.identity)
            except OtherCard:
                await card.close()
                raise
            await self.close()
            self._opened = _Opened(card, pin)
            on_failure.pop_all()

    def _check(self, identity: "Identity") -> None:
        if identity.certificate != self._identity.certificate:
            raise OtherCard

    def _open(self) -> _Opened:
        if self._opened is None:
            raise CardClosed
        return self._opened
