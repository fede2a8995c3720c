"""The methods of the control that this program uses, with types. Each Python method makes one call."""

import base64
import binascii
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from jiacha_tui.card.control.connection import ControlConnection, RetryPolicy
from jiacha_tui.card.control.problems import InvalidControlReply, problem_for
from jiacha_tui.card.control.wire import ControlCall, ControlReply
from jiacha_tui.card.identity import card_number
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardProblem

_WHITE_READER: Final = "1"
_SEPARATOR: Final = "||"
_SERIAL_FIELD, _CARD_NUMBER_FIELD = 0, 5
_SERIAL: Final = re.compile("[0-9A-Fa-f]{1,40}")


@dataclass(frozen=True, slots=True)
class CardNumbers:
    """Identifies a card by its number (13 characters) and the serial of its certificate (lower-case hex)."""

    card: str
    certificate: str


@dataclass(frozen=True, slots=True)
class ControlSignature:
    """A signature in base64, and the serial of the certificate that belongs to it (lower-case hex)."""

    signature: str = field(repr=False)
    certificate: str


class ControlApi:
    """The control at the other end of `connection`. `policy` applies to every call.

    Every method may raise what `ControlConnection.call` raises, and what `problem_for` makes of an error that the
    control reports: NoCard, ReaderResetFailed, ControlRefused. A method that takes a PIN may also raise WrongPin. If
    the reply to it cannot be read, InvalidControlReply says that the card may have tried the PIN.
    """

    def __init__(self, connection: ControlConnection, policy: RetryPolicy) -> None:
        self._connection = connection
        self._policy = policy

    async def card_numbers(self) -> CardNumbers:
        """The numbers of the inserted card. Needs no PIN."""
        number = await self._call(ControlCall("cus-sec_SpcGetCardID"))
        serial = await self._call(ControlCall("cus-sec_SpcGetCertNo"))
        return _card_numbers(number.text(0), serial.text(0))

    async def certificate(self) -> bytes:
        """The certificate (DER) of the card's signing key. Needs no PIN."""
        return _from_base64((await self._call(ControlCall("cus-sec_SpcGetSignCertAsPEM"))).text(0))

    async def encryption_certificate(self) -> bytes:
        """The certificate (DER) of the key that `decrypt` uses, if the control hands it out. Needs no PIN."""
        return _from_base64((await self._call(ControlCall("cus-sec_SpcGetEnvCertAsPEM"))).text(0))

    async def encrypt(self, text: str, pin: Pin) -> bytes:
        """Encrypts `text` with the card's own pair. Returns the ciphertext, whose form is up to the control."""
        call = ControlCall("cus-sec_SpcRSAEncrypt", {"inData": text, "passwd": pin})
        reply = await self._call(call)
        with _reading_reply_to(call):
            return _from_base64(reply.text(0))

    async def decrypt(self, ciphertext: bytes, pin: Pin) -> str:
        """Decrypts with the card. Returns the text; whether that is the plain text or its base64 is not published."""
        call = ControlCall("cus-sec_SpcRSADecrypt", {"inData": base64.b64encode(ciphertext).decode(), "passwd": pin})
        reply = await self._call(call)
        with _reading_reply_to(call):
            return _without_line_breaks(reply.text(0))

    async def has_white_reader(self) -> bool:
        """Whether the reader is the white one (model 903), for which the official login page uses other methods.

        If the call fails, the reader counts as an ordinary one, as on the official page.
        """
        reply = await self._connection.call(ControlCall("ra_Is903Reader"), self._policy)
        return bool(reply.succeeded) and reply.data[:1] == (_WHITE_READER,)

    async def verify_pin(self, pin: Pin) -> None:
        """Verifies the PIN, which is one try."""
        await self._call(ControlCall("cus-sec_SpcVerifyPINAll", {"passwd": pin}))

    async def verify_pin_white(self, pin: Pin) -> CardNumbers:
        """Verifies the PIN on a white reader. Returns the numbers of the card that verified it."""
        call = ControlCall("ra_VerifyPinAndGetCardUserInfo", {"readertype": _WHITE_READER, "userpin": pin})
        reply = await self._call(call)
        with _reading_reply_to(call):
            verified = reply.member(1, "VerifyPINSuccess")
            if verified is False:
                raise self._problem(call, reply.member(1, "Error"))
            if verified is not True:
                raise InvalidControlReply
            return _card_numbers(_user_info_field(reply, _CARD_NUMBER_FIELD), _user_info_field(reply, _SERIAL_FIELD))

    async def sign(self, text: str, pin: Pin) -> ControlSignature:
        """The card's signature over the UTF-8 bytes of `text`."""
        call = ControlCall("cus-sec_SpcSignDataAsPEM", {"inData": text, "passwd": pin})
        reply = await self._call(call)
        with _reading_reply_to(call):
            return ControlSignature(_without_line_breaks(reply.text(0)), _serial(reply.text(1)))

    async def sign_challenge(self, nonce: str, pin: Pin) -> str:
        """The card's signature (base64) over the nonce of the login page."""
        call = ControlCall("security_SpcSignRandom", {"passwd": pin, "random": nonce})
        reply = await self._call(call)
        with _reading_reply_to(call):
            return _without_line_breaks(reply.text(0))

    async def sign_challenge_white(self, nonce: str, pin: Pin) -> str:
        """The same on a white reader."""
        call = ControlCall("ra_identifyFirstStep", {"strInputDecodePEM": nonce, "passwd": pin})
        reply = await self._call(call)
        with _reading_reply_to(call):
            return _without_line_breaks(reply.text(1))

    async def _call(self, call: ControlCall) -> ControlReply:
        reply = await self._connection.call(call, self._policy)
        if reply.succeeded is None:
            raise InvalidControlReply(had_pin=call.has_pin)
        if not reply.succeeded:
            raise self._problem(call, reply.errors)
        return reply

    def _problem(self, call: ControlCall, errors: Any) -> CardProblem:
        return problem_for(call.redacted_texts(errors), self._connection.url, had_pin=call.has_pin)


@contextlib.contextmanager
def _reading_reply_to(call: ControlCall) -> Iterator[None]:
    """Says of a reply that cannot be read whether its call sent the PIN."""
    try:
        yield
    except InvalidControlReply:
        raise InvalidControlReply(had_pin=call.has_pin) from None


def _user_info_field(reply: ControlReply, position: int) -> str:
    """One field of the user information, "" if it is missing. Other fields hold personal data: they are not read."""
    return dict(enumerate(reply.text(0).split(_SEPARATOR))).get(position, "")


def _card_numbers(card: str, certificate: str) -> CardNumbers:
    number = card_number(card)
    if number is None:
        raise InvalidControlReply
    return CardNumbers(number, _serial(certificate))


def _serial(text: str) -> str:
    if not _SERIAL.fullmatch(text):
        raise InvalidControlReply
    return text.lower()


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(_without_line_breaks(text), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidControlReply from None


def _without_line_breaks(base64_text: str) -> str:
    return "".join(base64_text.split())
