"""A card that the client control of the operator's PC can reach."""

import asyncio
import base64
import binascii
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Final

from jiacha_tui.card.control.address import check_address
from jiacha_tui.card.control.api import CardNumbers, ControlApi
from jiacha_tui.card.control.connection import OPERATION_POLICY, SCAN_POLICY, ControlConnection, RetryPolicy
from jiacha_tui.card.control.forwarding import DEFAULT_URL
from jiacha_tui.card.control.polling import poll_until_removed
from jiacha_tui.card.control.secret_encryption import decrypt_by_control, encrypt_by_control
from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.medium import OnAttempt, ignore_attempts
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import (
    CardClosed,
    CardMismatch,
    CardRemoved,
    InvalidCard,
    NoCard,
    SignatureMismatch,
    SigningFailed,
    WrongPin,
)
from jiacha_tui.card.signature import verify
from jiacha_tui.card_encryption import EncryptedSecret
from jiacha_tui.clock import utc_now

_REQUEST_SEPARATOR: Final = b"||"


class ControlMedium:
    """The card reader of the control at `url`. Every call may also raise ControlProblem.

    A ws:// address that is not on loopback is refused with ControlRemote unless `allow_remote`. While a card is open,
    the control is asked every `check_seconds` whether it is still inserted; with 0, only the next signature finds out.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        allow_remote: bool = False,
        check_seconds: float = 0,
        clock: Callable[[], datetime] = utc_now,
        scan_policy: RetryPolicy = SCAN_POLICY,
        operation_policy: RetryPolicy = OPERATION_POLICY,
    ) -> None:
        self._url = url
        self._allow_remote = allow_remote
        self._check_seconds = check_seconds
        self._clock = clock
        self._scan_policy = scan_policy
        self._operation_policy = operation_policy
        self._was_reached = False

    @property
    def name(self) -> str:
        return "IC卡/Key"

    @property
    def medium_id(self) -> str:
        return f"control:{self._url}"

    async def read_identity(
        self, *, all_attempts: bool = False, on_attempt: OnAttempt = ignore_attempts
    ) -> CardIdentity | None:
        policy = self._operation_policy if all_attempts else self._scan_policy
        async with contextlib.aclosing(self._new_connection(on_attempt)) as connection:
            try:
                return await _read_identity(ControlApi(connection, policy))
            except NoCard:
                return None

    async def pin_retries_left(self) -> int | None:
        return None  # the control has no call that tells

    async def open(self, pin: Pin) -> "OpenControlCard":
        async with contextlib.AsyncExitStack() as on_failure:
            on_failure.callback(pin.clear)
            connection = self._new_connection()
            on_failure.push_async_callback(connection.aclose)
            control = ControlApi(connection, self._operation_policy)
            identity = await _read_identity(control)
            identity.check_validity(self._clock())
            white_reader = await control.has_white_reader()
            if white_reader:
                _check_same_card(identity, await control.verify_pin_white(pin))
            else:
                await control.verify_pin(pin)
            on_failure.pop_all()
        self._was_reached = True
        return OpenControlCard(
            connection,
            identity,
            pin,
            white_reader=white_reader,
            policy=self._operation_policy,
            check_seconds=self._check_seconds,
        )

    def _new_connection(self, on_attempt: OnAttempt = ignore_attempts) -> ControlConnection:
        check_address(self._url, allow_remote=self._allow_remote)
        return ControlConnection(self._url, was_reached=self._was_reached, on_attempt=on_attempt)


class OpenControlCard:
    """A card whose PIN the control has verified. Each call that needs it sends it again, and only to the same card."""

    def __init__(
        self,
        connection: ControlConnection,
        identity: CardIdentity,
        pin: Pin,
        *,
        white_reader: bool,
        policy: RetryPolicy,
        check_seconds: float,
    ) -> None:
        self._connection = connection
        self._control = ControlApi(connection, policy)
        self._identity = identity
        self._pin = pin
        self._white_reader = white_reader
        self._policy = policy
        self._check_seconds = check_seconds

    @property
    def identity(self) -> CardIdentity:
        return self._identity

    async def sign(self, text: str) -> str:
        await self.check_present()
        async with self._sending_pin():
            signed = await self._control.sign(text, self._pin)
        if signed.certificate != self._identity.certificate_serial:
            raise CardMismatch
        await self._verify(signed.signature, text.encode())
        return signed.signature

    async def sign_challenge(self, nonce: str) -> str:
        await self.check_present()
        async with self._sending_pin():
            if self._white_reader:
                signature = await self._control.sign_challenge_white(nonce, self._pin)
            else:
                signature = await self._control.sign_challenge(nonce, self._pin)
        await self._verify(signature, nonce.encode(), *_decode_challenge(nonce))
        return signature

    async def encrypt_secret(self, secret: bytes) -> EncryptedSecret:
        await self.check_present()
        async with self._sending_pin():
            return await encrypt_by_control(self._control, self._pin, secret)

    async def decrypt_secret(self, encrypted: EncryptedSecret) -> bytes:
        await self.check_present()
        async with self._sending_pin():
            return await decrypt_by_control(self._control, self._pin, encrypted)

    async def check_present(self) -> None:
        await self._check_present(self._policy)

    async def wait_until_removed(self) -> None:
        await poll_until_removed(self._check_present, self._check_seconds, self._policy)

    async def close(self) -> None:
        self._pin.clear()
        await self._connection.aclose()

    async def _check_present(self, policy: RetryPolicy) -> None:
        self._check_not_closed()
        try:
            numbers = await ControlApi(self._connection, policy).card_numbers()
        except NoCard:
            raise CardRemoved from None
        _check_same_card(self._identity, numbers)

    def _check_not_closed(self) -> None:
        if self._pin.cleared:
            raise CardClosed

    @contextlib.asynccontextmanager
    async def _sending_pin(self) -> AsyncIterator[None]:
        """Surrounds a call with the PIN, after `check_present` has found the card that the PIN belongs to."""
        self._check_not_closed()
        try:
            yield
        except NoCard:
            raise CardRemoved from None
        except WrongPin:
            # The PIN was right when the card was opened, so it has been changed. Every further call would use a try.
            await self.close()
            raise

    async def _verify(self, signature: str, *messages: bytes) -> None:
        """Checks that the card's certificate confirms the signature over one of `messages`. Raises SigningFailed."""
        if not await asyncio.to_thread(self._is_confirmed, signature, messages):
            raise SigningFailed

    def _is_confirmed(self, signature: str, messages: tuple[bytes, ...]) -> bool:
        for message in messages:
            with contextlib.suppress(SignatureMismatch):
                verify(self._identity.certificate, message, signature)
                return True
        return False


async def _read_identity(control: ControlApi) -> CardIdentity:
    """Reads the identity of the inserted card without its PIN. Raises NoCard, InvalidCard."""
    numbers = await control.card_numbers()
    identity = CardIdentity.from_certificate(await control.certificate(), numbers.card)
    if identity.certificate_serial != numbers.certificate:
        raise InvalidCard("证书编号与卡内证书不符")
    return identity


def _check_same_card(identity: CardIdentity, numbers: CardNumbers) -> None:
    if (numbers.card, numbers.certificate) != (identity.card_number, identity.certificate_serial):
        raise CardMismatch


def _decode_challenge(nonce: str) -> tuple[bytes, ...]:
    """The bytes that the nonce is the base64 of, if it is base64.

    The official script calls the nonce base64, so the control may sign the decoded bytes instead of the text.
    Bytes that look like a signed request (`<cards>||…`) are left out: no login page may obtain a signature over those.
    """
    try:
        decoded = base64.b64decode(nonce, validate=True)
    except (binascii.Error, ValueError):
        return ()
    return () if _REQUEST_SEPARATOR in decoded else (decoded,)
