"""A PIV card in any reader of the PC/SC service."""

import contextlib
from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from typing import Final, TypeVar

from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.pcsc.blocking_runner import BlockingRunner
from jiacha_tui.card.pcsc.connected_card import ConnectedCard, connect
from jiacha_tui.card.pcsc.keys import KeyManagementKey, SigningKey
from jiacha_tui.card.pcsc.piv import PivCard
from jiacha_tui.card.pcsc.problems import CardConnectionLost, NotVerified, ReaderTimeout, ServiceProblem
from jiacha_tui.card.pcsc.readers import Sharing
from jiacha_tui.card.pcsc.watch import watch_readers
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import (
    CannotDecrypt,
    CardClosed,
    CardLocked,
    CardMismatch,
    CardProblem,
    CardRemoved,
    CardUnreachable,
    NoCard,
    PinVerificationLost,
)
from jiacha_tui.card.watched import wait_until_removed
from jiacha_tui.clock import utc_now

SCAN_TIMEOUT: Final = 10.0
"""Seconds that reading a card may take, those of its reader and of the line to it included."""

OPERATION_TIMEOUT: Final = 30.0
"""Seconds that a PIN, a signature or a decryption may take."""

_Answer = TypeVar("_Answer")


class PcscMedium:
    """All readers together, since a PIN is tried only where one card can be meant. All calls raise PcscProblem too.

    Opening a card ends an earlier opening: nobody else can speak to a card that is open, this program included.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = utc_now,
        scan_timeout: float = SCAN_TIMEOUT,
        operation_timeout: float = OPERATION_TIMEOUT,
    ) -> None:
        self._clock = clock
        self._looking = scan_timeout
        self._working = operation_timeout
        self._calls = BlockingRunner()
        self._open_card: OpenPivCard | None = None

    @property
    def name(self) -> str:
        return "读卡器"

    @property
    def medium_id(self) -> str:
        return "pcsc"

    async def read_identity(self) -> CardIdentity | None:
        if self._open_card is not None and await self._open_card.is_usable():
            return self._open_card.identity
        return await self.read_inserted_card()

    async def pin_retries_left(self) -> int | None:
        if self._open_card is not None and await self._open_card.is_usable():
            return None
        return await self._calls.run(_tries_left, self._looking)

    async def changes(self) -> AsyncGenerator[None, None]:
        async with contextlib.aclosing(watch_readers()) as news:
            async for _seen in news:
                yield

    async def open(self, pin: Pin) -> "OpenPivCard":
        async with contextlib.AsyncExitStack() as on_failure:
            on_failure.callback(pin.clear)
            if self._open_card is not None:
                await self._open_card.close()
            card, signing, management = await self._calls.run(
                lambda: self._open(pin), self._working, discard=lambda opened: opened[0].close()
            )
            on_failure.pop_all()
        self._open_card = OpenPivCard(self, card, signing, management, pin)
        return self._open_card

    async def read_inserted_card(self) -> CardIdentity | None:
        """Who is inserted, read from the card itself."""
        return await self._calls.run(_look, self._looking)

    async def run_on_card(self, call: Callable[[], _Answer]) -> _Answer:
        """What a call for an open card returns; it waits for its turn. Raises ReaderTimeout, and what it raises."""
        return await self._calls.run(call, self._working)

    def _open(self, pin: Pin) -> tuple[ConnectedCard, SigningKey, KeyManagementKey | None]:
        card = connect(Sharing.EXCLUSIVE)
        if card is None:
            raise NoCard
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(card.close)
            card.identity.check_validity(self._clock())
            try:
                keys = SigningKey.from_identity(card.identity), KeyManagementKey.read(card.piv)
                if card.piv.pin_retries_left() == 0:
                    raise CardLocked
                card.piv.verify(pin)
            except CardConnectionLost:
                raise NoCard from None
            on_failure.pop_all()
        return card, *keys


class OpenPivCard:
    """A card that nobody else can speak to while it is open. Without power it forgets that its PIN was verified.

    So once it was pulled it cannot be used any more: `check_present` raises CardRemoved, CardMismatch, or, if it is back,
    PinVerificationLost.
    """

    def __init__(
        self,
        medium: PcscMedium,
        card: ConnectedCard,
        signing: SigningKey,
        management: KeyManagementKey | None,
        pin: Pin,
    ) -> None:
        self._medium = medium
        self._card: ConnectedCard | None = card
        self._identity = card.identity
        self._signing = signing
        self._management = management
        self._pin = pin
        self._closed = False

    @property
    def identity(self) -> CardIdentity:
        return self._identity

    @property
    def encryption_certificate(self) -> bytes | None:
        return self._management.certificate if self._management else None

    async def sign(self, text: str) -> str:
        return await self._on_card(lambda piv: self._signing.sign(piv, text))

    async def sign_challenge(self, random: str) -> str:
        return await self.sign(random)

    async def decrypt(self, ciphertext: bytes) -> bytes:
        management = self._management
        if management is None:
            self._check_open()
            raise CannotDecrypt
        return await self._on_card(lambda piv: management.decrypt(piv, ciphertext))

    async def check_present(self) -> None:
        await self._on_card(_check_verified)

    async def wait_until_removed(self) -> None:
        await wait_until_removed(self, self._medium)

    async def is_usable(self) -> bool:
        """Whether this card can still be used."""
        try:
            await self.check_present()
        except (CardRemoved, CardMismatch, CardClosed):
            return False
        return True

    async def close(self) -> None:
        self._closed = True
        self._pin.clear()
        card, self._card = self._card, None
        if card is not None:
            with contextlib.suppress(ReaderTimeout):
                await self._medium.run_on_card(card.close)

    async def _on_card(self, call: Callable[[PivCard], _Answer]) -> _Answer:
        self._check_open()
        card = self._card
        if card is not None:
            try:
                return await self._medium.run_on_card(lambda: _ending_with_power(card, call))
            except (CardConnectionLost, NotVerified):
                self._card = None
            except (ReaderTimeout, ServiceProblem):
                self._card = None
                raise
        raise await self._why_gone()

    async def _why_gone(self) -> CardRemoved | CardMismatch:
        try:
            inserted = await self._medium.read_inserted_card()
        except CardUnreachable:
            raise
        except CardProblem:  # what is there instead is of another kind, cannot be used, or is more than one
            return CardRemoved()
        if inserted is None:
            return CardRemoved()
        return PinVerificationLost() if inserted.certificate == self._identity.certificate else CardMismatch()

    def _check_open(self) -> None:
        if self._closed:
            raise CardClosed


def _look() -> CardIdentity | None:
    card = connect(Sharing.SHARED)
    if card is None:
        return None
    with contextlib.closing(card):
        return card.identity


def _tries_left() -> int | None:
    card = connect(Sharing.SHARED)
    if card is None:
        return None
    with contextlib.closing(card):
        return card.piv.pin_retries_left()


def _check_verified(piv: PivCard) -> None:
    """Raises NotVerified, CardConnectionLost. Only the card that was opened, and has had power since, knows that it was."""
    if not piv.is_verified():
        raise NotVerified


def _ending_with_power(card: ConnectedCard, call: Callable[[PivCard], _Answer]) -> _Answer:
    try:
        return call(card.piv)
    except (CardConnectionLost, NotVerified, ServiceProblem):
        card.close()
        raise
