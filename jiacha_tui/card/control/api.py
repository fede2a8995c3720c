"""The methods of the control that this program uses, typed. Each is one call."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Final

from jiacha_tui.card.control.connection import ControlConnection, RetryPolicy
from jiacha_tui.card.control.problems import InvalidControlReply, refusal
from jiacha_tui.card.control.wire import ControlCall, ControlReply
from jiacha_tui.card.identity import card_number
from jiacha_tui.card.pin import Pin

_WHITE_READER: Final = "1"
_SEPARATOR: Final = "||"
_SERIAL_FIELD, _CARD_NUMBER_FIELD = 0, 5
_SERIAL: Final = re.compile("[0-9A-Fa-f]{1,40}")


@dataclass(frozen=True, slots=True)
class CardNumbers:
    """What tells a card from another: its number, 13 characters, and the serial of its certificate, lower-case hex."""

    card: str
    certificate: str


@dataclass(frozen=True, slots=True)
class ControlSignature:
    """A signature, base64, and the serial of the certificate that it was made under, lower-case hex."""

    signature: str = field(repr=False)
    certificate: str


class ControlApi:
    """The control behind a link, asked with `patience`.

    Besides what its methods name, all raise what `Link.ask` raises and, where the control says no, what `refusal`
    makes of its words: NoCard, ReaderResetFailed, ControlRefused.
    """

    def __init__(self, link: ControlConnection, patience: RetryPolicy) -> None:
        self._link = link
        self._patience = patience

    async def card_numbers(self) -> CardNumbers:
        """Of the card that is inserted. Needs no PIN."""
        number = await self._ask(ControlCall("cus-sec_SpcGetCardID"))
        serial = await self._ask(ControlCall("cus-sec_SpcGetCertNo"))
        return _numbers(number.text(0), serial.text(0))

    async def certificate(self) -> bytes:
        """The certificate the card signs under, DER. Needs no PIN."""
        answer = await self._ask(ControlCall("cus-sec_SpcGetSignCertAsPEM"))
        try:
            return base64.b64decode(_joined(answer.text(0)), validate=True)
        except (binascii.Error, ValueError):
            raise InvalidControlReply from None

    async def has_white_reader(self) -> bool:
        """Whether the reader is the white one (model 903), for which the official login page uses other methods.

        As on that page, a control that does not know has another reader.
        """
        answer = await self._link.call(ControlCall("ra_Is903Reader"), self._patience)
        return answer.succeeded and answer.data[:1] == (_WHITE_READER,)

    async def verify_pin(self, pin: Pin) -> None:
        """Has the card verify its PIN: one try. Raises WrongPin."""
        await self._ask(ControlCall("cus-sec_SpcVerifyPINAll", {"passwd": pin}))

    async def verify_pin_white(self, pin: Pin) -> CardNumbers:
        """The same on a white reader; returns which card it was that verified it."""
        call = ControlCall("ra_VerifyPinAndGetCardUserInfo", {"readertype": _WHITE_READER, "userpin": pin})
        answer = await self._ask(call)
        if answer.member(1, "VerifyPINSuccess") is not True:
            raise refusal(call.redacted_texts(answer.member(1, "Error")))
        return _numbers(_field(answer, _CARD_NUMBER_FIELD), _field(answer, _SERIAL_FIELD))

    async def sign(self, text: str, pin: Pin) -> ControlSignature:
        """The card's signature over the UTF-8 bytes of `text`. Raises WrongPin."""
        answer = await self._ask(ControlCall("cus-sec_SpcSignDataAsPEM", {"inData": text, "passwd": pin}))
        return ControlSignature(_joined(answer.text(0)), _serial(answer.text(1)))

    async def sign_challenge(self, random: str, pin: Pin) -> str:
        """The card's answer, base64, to the random of the login page. Raises WrongPin."""
        answer = await self._ask(ControlCall("security_SpcSignRandom", {"passwd": pin, "random": random}))
        return _joined(answer.text(0))

    async def sign_challenge_white(self, random: str, pin: Pin) -> str:
        """The same on a white reader."""
        answer = await self._ask(ControlCall("ra_identifyFirstStep", {"strInputDecodePEM": random, "passwd": pin}))
        return _joined(answer.text(1))

    async def _ask(self, call: ControlCall) -> ControlReply:
        answer = await self._link.call(call, self._patience)
        if not answer.succeeded:
            raise refusal(call.redacted_texts(answer.errors))
        return answer


def _field(answer: ControlReply, position: int) -> str:
    """A field of the user information, "" if there is none: others hold what is nobody's business here."""
    return dict(enumerate(answer.text(0).split(_SEPARATOR))).get(position, "")


def _numbers(card: str, certificate: str) -> CardNumbers:
    number = card_number(card)
    if number is None:
        raise InvalidControlReply
    return CardNumbers(number, _serial(certificate))


def _serial(text: str) -> str:
    if not _SERIAL.fullmatch(text):
        raise InvalidControlReply
    return text.lower()


def _joined(base64_text: str) -> str:
    """Without the line breaks that base64 may have on its way."""
    return "".join(base64_text.split())
