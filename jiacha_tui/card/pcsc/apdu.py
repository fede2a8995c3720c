"""Command and response APDUs (ISO 7816-4): encoding, command chaining and GET RESPONSE."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final

from jiacha_tui.card.problems import InvalidCard

SUCCESS: Final = 0x9000
MAX_RESPONSE_BYTES: Final = 16 * 1024
"""The largest object of a PIV card is a certificate: 1,856 bytes in SP 800-73-4, a little more on other cards."""

_CLA_CHAINING: Final = 0x10
_MAX_LC: Final = 255
_MAX_LE: Final = 256
_GET_RESPONSE: Final = 0xC0
_STATUS_BYTES: Final = 2
_SW1_MORE_DATA: Final = 0x61
_SW1_WRONG_LE: Final = 0x6C


class TransmissionProtocol(IntEnum):
    """The protocol between reader and card. The value is its bit in PC/SC. Commands end differently in each."""

    T0 = 1
    T1 = 2


@dataclass(frozen=True, slots=True)
class CommandApdu:
    """A command. `parameters` is P1 and P2 as one number, `expected` is Le, None for no response data.

    The data may contain a PIN and is left out of the repr.
    """

    instruction: int
    parameters: int
    data: bytes = field(default=b"", repr=False)
    expected: int | None = None
    cla: int = 0

    def chain(self) -> Iterator["CommandApdu"]:
        """Splits the command by command chaining, so that no part has more than 255 bytes of data."""
        last = max(len(self.data) - 1, 0) // _MAX_LC
        for number in range(last):
            start = number * _MAX_LC
            yield CommandApdu(self.instruction, self.parameters, self.data[start : start + _MAX_LC], cla=_CLA_CHAINING)
        yield replace(self, data=self.data[last * _MAX_LC :])

    def encode(self, protocol: TransmissionProtocol) -> bytes:
        """The bytes of this command, which must not need chaining."""
        header = bytes([self.cla, self.instruction]) + self.parameters.to_bytes(2)
        body = bytes([len(self.data)]) + self.data if self.data else b""
        if protocol is TransmissionProtocol.T0 and self.data:
            return header + body  # the response is fetched with GET RESPONSE
        if self.expected is not None:
            return header + body + bytes([self.expected % _MAX_LE])
        return header + (body or (b"\0" if protocol is TransmissionProtocol.T0 else b""))


@dataclass(frozen=True, slots=True)
class ResponseApdu:
    """A response and its status word. The data may be a decrypted key and is left out of the repr."""

    data: bytes = field(repr=False)
    status: int

    @classmethod
    def decode(cls, raw: bytes) -> "ResponseApdu":
        """Raises InvalidCard if `raw` is shorter than a status word."""
        if len(raw) < _STATUS_BYTES:
            raise InvalidCard("卡的应答不完整")
        return cls(raw[:-_STATUS_BYTES], int.from_bytes(raw[-_STATUS_BYTES:]))


Send = Callable[[CommandApdu], bytes]
"""Sends one command to the card and returns the bytes of its response."""


def exchange(send: Send, command: CommandApdu) -> ResponseApdu:
    """Sends a whole command, in several parts if necessary, and returns the whole response.

    Raises InvalidCard for a response without an end, and what `send` raises.
    """
    for part in command.chain():
        response = ResponseApdu.decode(send(part))
        if part.cla and response.status != SUCCESS:
            return response
    if response.status >> 8 == _SW1_WRONG_LE:
        response = ResponseApdu.decode(send(replace(part, expected=_le(response.status))))
    responses = [response]
    while response.status >> 8 == _SW1_MORE_DATA:
        response = ResponseApdu.decode(send(CommandApdu(_GET_RESPONSE, 0, expected=_le(response.status))))
        responses.append(response)
        if sum(len(part.data) for part in responses) > MAX_RESPONSE_BYTES or not response.data:
            raise InvalidCard("卡的应答没有结束")
    return ResponseApdu(b"".join(part.data for part in responses), response.status)


def _le(status: int) -> int:
    """The length in the second byte of a status word, where 0 stands for 256."""
    return status & 0xFF or _MAX_LE
