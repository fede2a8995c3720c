"""A real card, behind the client control of the PC that it is inserted into."""

import asyncio
import base64
import binascii
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Final

from jiacha_tui.card.control.address import DEFAULT_URL, check_address
from jiacha_tui.card.control.api import CardNumbers, ControlApi
from jiacha_tui.card.control.connection import OPERATION_POLICY, SCAN_POLICY, ControlConnection, RetryPolicy
from jiacha_tui.card.control.polling import poll_until_removed
from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import (
    CannotDecrypt,
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
from jiacha_tui.clock import utc_now

_OF_REQUESTS: Final = b"||"


class ControlMedium:
    """The card reader of the control at `url`. All calls raise ControlProblem too.

    A ws:// address that is not on loopback is refused (ControlRemote) unless `allow_remote`. While a card is open the
    control is asked every `check_seconds` whether it is still there; 0 leaves that to the next signature.
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
        self._looking = scan_policy
        self._working = operation_policy
        self._known = False

    @property
    def name(self) -> str:
        return "IC卡/Key"

    @property
    def medium_id(self) -> str:
        return f"control:{self._url}"

    async def read_identity(self) -> CardIdentity | None:
        async with contextlib.aclosing(self._link()) as link:
            try:
                return await _read_identity(ControlApi(link, self._looking))
            except NoCard:
                return None

    async def pin_retries_left(self) -> int | None:
        return None  # no call of the control's tells

    async def open(self, pin: Pin) -> "OpenControlCard":
        async with contextlib.AsyncExitStack() as on_failure:
            on_failure.callback(pin.clear)
            link = self._link()
            on_failure.push_async_callback(link.aclose)
            control = ControlApi(link, self._working)
            identity = await _read_identity(control)
            identity.check_validity(self._clock())
            white = await control.has_white_reader()
            if white:
                _check_same(identity, await control.verify_pin_white(pin))
            else:
                await control.verify_pin(pin)
            on_failure.pop_all()
            self._known = True
            return OpenControlCard(
                link, identity, pin, white_reader=white, working=self._working, check_seconds=self._check_seconds
            )

    def _link(self) -> ControlConnection:
        check_address(self._url, allow_remote=self._allow_remote)
        return ControlConnection(self._url, known=self._known)


class OpenControlCard:
    """A card whose PIN the control has verified. Every signature takes the PIN again, and goes to no other card.

    The control can decrypt (`RSADecrypt`), but with which padding is not published, so this does not.
    """

    encryption_certificate = None

    def __init__(
        self,
        link: ControlConnection,
        identity: CardIdentity,
        pin: Pin,
        *,
        white_reader: bool,
        working: RetryPolicy,
        check_seconds: float,
    ) -> None:
        self._link = link
        self._control = ControlApi(link, working)
        self._identity = identity
        self._pin = pin
        self._white_reader = white_reader
        self._working = working
        self._check_seconds = check_seconds

    @property
    def identity(self) -> CardIdentity:
        return self._identity

    async def sign(self, text: str) -> str:
        await self.check_present()
        async with self._no_second_wrong_pin():
            signed = await self._control.sign(text, self._pin)
        if signed.certificate != self._identity.certificate_serial:
            raise CardMismatch
        await self._confirm(signed.signature, text.encode())
        return signed.signature

    async def sign_challenge(self, random: str) -> str:
        await self.check_present()
        async with self._no_second_wrong_pin():
            if self._white_reader:
                signature = await self._control.sign_challenge_white(random, self._pin)
            else:
                signature = await self._control.sign_challenge(random, self._pin)
        await self._confirm(signature, random.encode(), *_decoded(random))
        return signature

    async def decrypt(self, ciphertext: bytes) -> bytes:
        self._check_open()
        raise CannotDecrypt

    async def check_present(self) -> None:
        await self._check_present(self._working)

    async def wait_until_removed(self) -> None:
        await poll_until_removed(self._check_present, self._check_seconds, self._working)

    async def close(self) -> None:
        self._pin.clear()
        await self._link.aclose()

    async def _check_present(self, patience: RetryPolicy) -> None:
        self._check_open()
        try:
            numbers = await ControlApi(self._link, patience).card_numbers()
        except NoCard:
            raise CardRemoved from None
        _check_same(self._identity, numbers)

    def _check_open(self) -> None:
        if self._pin.cleared:
            raise CardClosed

    @contextlib.asynccontextmanager
    async def _no_second_wrong_pin(self) -> AsyncIterator[None]:
        """For a call with the PIN, once it is known that the card is the one whose PIN it is."""
        self._check_open()
        try:
            yield
        except NoCard:
            raise CardRemoved from None
        except WrongPin:
            # It was right when the card was opened, so it has been changed since, and every call would spend a try.
            await self.close()
            raise

    async def _confirm(self, signature: str, *messages: bytes) -> None:
        """Returns if the card's certificate confirms the signature over one of the messages; raises SigningFailed."""
        if not await asyncio.to_thread(self._is_confirmed, signature, messages):
            raise SigningFailed

    def _is_confirmed(self, signature: str, messages: tuple[bytes, ...]) -> bool:
        for message in messages:
            with contextlib.suppress(SignatureMismatch):
                verify(self._identity.certificate, message, signature)
                return True
        return False


async def _read_identity(control: ControlApi) -> CardIdentity:
    """Of the card that is inserted, without its PIN. Raises NoCard, InvalidCard."""
    numbers = await control.card_numbers()
    identity = CardIdentity.from_certificate(await control.certificate(), numbers.card)
    if identity.certificate_serial != numbers.certificate:
        raise InvalidCard("证书编号与卡内证书不符")
    return identity


def _check_same(identity: CardIdentity, numbers: CardNumbers) -> None:
    if (numbers.card, numbers.certificate) != (identity.card_number, identity.certificate_serial):
        raise CardMismatch


def _decoded(random: str) -> tuple[bytes, ...]:
    """What a random stands for if it is base64: the official script calls it so, and may have that signed instead.

    Nothing where that would authorise a request, whose text is `<cards>||…`: no login page has to be given such a one.
    """
    try:
        decoded = base64.b64decode(random, validate=True)
    except (binascii.Error, ValueError):
        return ()
    return () if _OF_REQUESTS in decoded else (decoded,)
