"""Commands to a card and its answers (ISO 7816-4): how they are written, and put together from several parts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final

from jiacha_tui.card.problems import InvalidCard

SUCCESS: Final = 0x9000
MAX_RESPONSE_BYTES: Final = 16 * 1024
"""Bytes. The largest thing on a PIV card is a certificate, which SP 800-73-4 gives 1,856 bytes, others a few more."""

_MORE_FOLLOWS: Final = 0x10
_LONGEST_PART: Final = 255
_ANY_LENGTH: Final = 256
_GET_RESPONSE: Final = 0xC0
_STATUS_BYTES: Final = 2
_MORE_TO_FETCH: Final = 0x61
_WRONG_LENGTH: Final = 0x6C


class TransmissionProtocol(IntEnum):
    """The protocol between reader and card, by its bit in PC/SC. They differ in how a command ends."""

    T0 = 1
    T1 = 2


@dataclass(frozen=True, slots=True)
class CommandApdu:
    """`parameters` is P1 P2 as one number. `expected` is how many bytes of an answer are asked for, None for none.

    What is sent may be a PIN, so it is not shown.
    """

    instruction: int
    parameters: int
    data: bytes = field(default=b"", repr=False)
    expected: int | None = None
    cla: int = 0

    def chain(self) -> Iterator["CommandApdu"]:
        """The commands, no longer than a card has to take, that are this one together."""
        last = max(len(self.data) - 1, 0) // _LONGEST_PART
        for number in range(last):
            start = number * _LONGEST_PART
            data = self.data[start : start + _LONGEST_PART]
            yield CommandApdu(self.instruction, self.parameters, data, cla=_MORE_FOLLOWS)
        yield replace(self, data=self.data[last * _LONGEST_PART :])

    def encode(self, transmission: TransmissionProtocol) -> bytes:
        header = bytes([self.cla, self.instruction]) + self.parameters.to_bytes(2)
        body = bytes([len(self.data)]) + self.data if self.data else b""
        if transmission is TransmissionProtocol.T0 and self.data:
            return header + body  # an answer is fetched with GET RESPONSE
        if self.expected is not None:
            return header + body + bytes([self.expected % _ANY_LENGTH])
        return header + (body or (b"\0" if transmission is TransmissionProtocol.T0 else b""))


@dataclass(frozen=True, slots=True)
class ResponseApdu:
    """What a card said, which may be a decrypted key and is not shown, and the status word it ended with."""

    data: bytes = field(repr=False)
    status: int

    @classmethod
    def decode(cls, raw: bytes) -> "ResponseApdu":
        """Raises InvalidCard for less than a status word."""
        if len(raw) < _STATUS_BYTES:
            raise InvalidCard("卡的应答不完整")
        return cls(raw[:-_STATUS_BYTES], int.from_bytes(raw[-_STATUS_BYTES:]))


Send = Callable[[CommandApdu], bytes]
"""Gives the card one command and returns its raw answer."""


def exchange(send: Send, command: CommandApdu) -> ResponseApdu:
    """The whole answer to the whole command, in however many parts either goes. Raises InvalidCard, and as `send`."""
    for part in command.chain():
        answer = ResponseApdu.decode(send(part))
        if part.cla and answer.status != SUCCESS:
            return answer
    if answer.status >> 8 == _WRONG_LENGTH:
        answer = ResponseApdu.decode(send(replace(part, expected=answer.status & 0xFF or _ANY_LENGTH)))
    answers = [answer]
    while answer.status >> 8 == _MORE_TO_FETCH:
        answer = ResponseApdu.decode(send(CommandApdu(_GET_RESPONSE, 0, expected=answer.status & 0xFF or _ANY_LENGTH)))
        answers.append(answer)
        if sum(len(part.data) for part in answers) > MAX_RESPONSE_BYTES or not answer.data:
            raise InvalidCard("卡的应答没有结束")
    return ResponseApdu(b"".join(part.data for part in answers), answer.status)
