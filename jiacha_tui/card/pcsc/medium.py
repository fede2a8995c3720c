"""A PIV card in any reader of the PC/SC service."""

import contextlib
from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from typing import Final, TypeVar

from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.medium import OnAttempt, check_on_each_change, ignore_attempts
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
    CardMismatch,
    CardProblem,
    CardRemoved,
    CardUnreachable,
    NoCard,
    PinBlocked,
    PinVerificationLost,
)
from jiacha_tui.card.secret_encryption import decrypt_by_certificate, encrypt_and_try
from jiacha_tui.card_encryption import EncryptedSecret
from jiacha_tui.clock import utc_now

SCAN_TIMEOUT: Final = 10.0
"""Seconds for reading who is inserted. The reader and the connection to it may be slow."""

OPERATION_TIMEOUT: Final = 30.0
"""Seconds for verifying a PIN, a signature or a decryption."""

_Result = TypeVar("_Result")


class PcscMedium:
    """All readers of the PC/SC service as one medium, so that a PIN is only tried if exactly one card can be meant.

    Every call may also raise PcscProblem. Opening a card closes one that was opened before: an open card is exclusive,
    and no program, this one included, can connect to it a second time.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = utc_now,
        scan_timeout: float = SCAN_TIMEOUT,
        operation_timeout: float = OPERATION_TIMEOUT,
    ) -> None:
        self._clock = clock
        self._scan_timeout = scan_timeout
        self._operation_timeout = operation_timeout
        self._runner = BlockingRunner()
        self._open_card: OpenPivCard | None = None

    @property
    def name(self) -> str:
        return "读卡器"

    @property
    def medium_id(self) -> str:
        return "pcsc"

    async def read_identity(
        self, *, all_attempts: bool = False, on_attempt: OnAttempt = ignore_attempts
    ) -> CardIdentity | None:
        if self._open_card is not None and await self._open_card.is_usable():
            return self._open_card.identity
        return await self.read_inserted_card()

    async def pin_retries_left(self) -> int | None:
        if self._open_card is not None and await self._open_card.is_usable():
            return None
        return await self._runner.run(_pin_retries_left, self._scan_timeout)

    async def changes(self) -> AsyncGenerator[None, None]:
        async with contextlib.aclosing(watch_readers()) as snapshots:
            async for _snapshot in snapshots:
                yield

    async def open(self, pin: Pin) -> "OpenPivCard":
        async with contextlib.AsyncExitStack() as on_failure:
            on_failure.callback(pin.clear)
            if self._open_card is not None:
                await self._open_card.close()
            card, signing_key, decryption_key = await self._runner.run(
                lambda: self._open(pin), self._operation_timeout, discard=lambda opened: opened[0].close()
            )
            on_failure.pop_all()
        self._open_card = OpenPivCard(self, card, signing_key, decryption_key, pin)
        return self._open_card

    async def read_inserted_card(self) -> CardIdentity | None:
        """Reads the identity from the card itself, without regard to a card that is open."""
        return await self._runner.run(_read_identity, self._scan_timeout)

    async def run_on_card(self, operation: Callable[[], _Result]) -> _Result:
        """Runs an operation of an open card, after those before it have ended.

        Raises ReaderTimeout, and what `operation` raises.
        """
        return await self._runner.run(operation, self._operation_timeout)

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
                    raise PinBlocked
                card.piv.verify(pin)
            except CardConnectionLost:
                raise NoCard from None
            on_failure.pop_all()
        return card, *keys


class OpenPivCard:
    """An open card, which no other program can use. Without power a card forgets that its PIN was verified.

    A card that was removed cannot be used any more. `check_present` then raises CardRemoved, CardMismatch or, if the
    same card is inserted again, PinVerificationLost.
    """

    def __init__(
        self,
        medium: PcscMedium,
        card: ConnectedCard,
        signing_key: SigningKey,
        decryption_key: KeyManagementKey | None,
        pin: Pin,
    ) -> None:
        self._medium = medium
        self._card: ConnectedCard | None = card
        self._identity = card.identity
        self._signing_key = signing_key
        self._decryption_key = decryption_key
        self._pin = pin
        self._closed = False

    @property
    def identity(self) -> CardIdentity:
        return self._identity

    @property
    def encryption_certificate(self) -> bytes | None:
        """The certificate (DER) of the key that `decrypt` uses, slot 9D. None if the card has no such key."""
        return self._decryption_key.certificate if self._decryption_key else None

    async def sign(self, text: str) -> str:
        return await self._run(lambda piv: self._signing_key.sign(piv, text))

    async def sign_challenge(self, nonce: str) -> str:
        return await self.sign(nonce)

    async def encrypt_secret(self, secret: bytes) -> EncryptedSecret:
        return await encrypt_and_try(secret, self.encryption_certificate, self.decrypt)

    async def decrypt_secret(self, encrypted: EncryptedSecret) -> bytes:
        return await decrypt_by_certificate(encrypted, self.decrypt)

    async def decrypt(self, ciphertext: bytes) -> bytes:
        """RSA-OAEP or, with a P-256 key, HPKE (`card_encryption`). Raises CannotDecrypt, DecryptionFailed."""
        key = self._decryption_key
        if key is None:
            self._check_not_closed()
            raise CannotDecrypt
        return await self._run(lambda piv: key.decrypt(piv, ciphertext))

    async def check_present(self) -> None:
        await self._run(_check_verified)

    async def wait_until_removed(self) -> None:
        await check_on_each_change(self, self._medium)

    async def is_usable(self) -> bool:
        """Whether the card is open and `check_present` finds it."""
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

    async def _run(self, operation: Callable[[PivCard], _Result]) -> _Result:
        self._check_not_closed()
        card = self._card
        if card is not None:
            try:
                return await self._medium.run_on_card(lambda: _close_on_loss(card, operation))
            except (CardConnectionLost, NotVerified):
                self._card = None
            except (ReaderTimeout, ServiceProblem):
                self._card = None
                raise
        raise await self._removal_problem()

    async def _removal_problem(self) -> CardRemoved | CardMismatch:
        """The problem that describes what is inserted in place of the open card."""
        try:
            inserted = await self._medium.read_inserted_card()
        except CardUnreachable:
            raise
        except CardProblem:  # a card of another kind, one that cannot be used, or more than one
            return CardRemoved()
        if inserted is None:
            return CardRemoved()
        return PinVerificationLost() if inserted.certificate == self._identity.certificate else CardMismatch()

    def _check_not_closed(self) -> None:
        if self._closed:
            raise CardClosed


def _read_identity() -> CardIdentity | None:
    card = connect(Sharing.SHARED)
    if card is None:
        return None
    with contextlib.closing(card):
        return card.identity


def _pin_retries_left() -> int | None:
    card = connect(Sharing.SHARED)
    if card is None:
        return None
    with contextlib.closing(card):
        return card.piv.pin_retries_left()


def _check_verified(piv: PivCard) -> None:
    """Checks that the card still has its PIN verified: only the card that was opened and has kept its power has.

    Raises NotVerified, CardConnectionLost.
    """
    if not piv.is_verified():
        raise NotVerified


def _close_on_loss(card: ConnectedCard, operation: Callable[[PivCard], _Result]) -> _Result:
    """Runs the operation. Closes the connection to the card if the card can no longer be used."""
    try:
        return operation(card.piv)
    except (CardConnectionLost, NotVerified, ServiceProblem):
        card.close()
        raise
