"""Commands and responses in one part and in several parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.card.pcsc.apdu import (
    MAX_RESPONSE_BYTES,
    SUCCESS,
    CommandApdu,
    ResponseApdu,
    TransmissionProtocol,
    exchange,
)
from jiacha_tui.card.problems import InvalidCard


@pytest.mark.parametrize(
    ("command", "t1", "t0"),
    [
        (CommandApdu(0x20, 0x0080), "00200080", "0020008000"),
        (CommandApdu(0xC0, 0, expected=16), "00c0000010", "00c0000010"),
        (CommandApdu(0xC0, 0, expected=256), "00c0000000", "00c0000000"),
        (CommandApdu(0x20, 0x0080, b"\1\2"), "00200080020102", "00200080020102"),
        (CommandApdu(0xCB, 0x3FFF, b"\1\2", expected=256), "00cb3fff02010200", "00cb3fff020102"),
    ],
)
def test_a_command_is_encoded_as_its_protocol_requires(command: CommandApdu, t1: str, t0: str) -> None:
    assert command.encode(TransmissionProtocol.T1).hex() == t1
    assert command.encode(TransmissionProtocol.T0).hex() == t0


@given(data=st.binary(max_size=1200))
def test_a_chained_command_has_all_its_data(data: bytes) -> None:
    parts = list(CommandApdu(0x87, 0x079A, data, expected=256).chain())
    assert b"".join(part.data for part in parts) == data
    assert [part.cla for part in parts] == [0x10] * (len(parts) - 1) + [0]
    assert [part.expected for part in parts] == [None] * (len(parts) - 1) + [256]
    assert all(len(part.data) <= 255 for part in parts)
    assert len(parts) == max(1, -(-len(data) // 255))


class _Card:
    """A card that sends its response in parts of the given sizes, but never more than the command asks for."""

    def __init__(self, response: bytes, sizes: list[int]) -> None:
        self._remaining = response
        self._sizes = iter(sizes)
        self._more = False

    def send(self, command: CommandApdu) -> bytes:
        assert self._more == (command.instruction == 0xC0)
        assert command.expected is not None
        size = min(next(self._sizes, 256), command.expected)
        part, self._remaining = self._remaining[:size], self._remaining[size:]
        self._more = bool(self._remaining)
        return part + (0x6100 | min(len(self._remaining), 256) & 0xFF if self._remaining else SUCCESS).to_bytes(2)


@given(response=st.binary(max_size=3000), sizes=st.lists(st.integers(1, 256)))
def test_the_parts_of_a_response_are_joined(response: bytes, sizes: list[int]) -> None:
    assert exchange(_Card(response, sizes).send, CommandApdu(0xCB, 0x3FFF, expected=256)) == ResponseApdu(
        response, SUCCESS
    )


def test_the_command_is_repeated_with_the_length_that_the_card_requires() -> None:
    asked: list[int | None] = []

    def send(command: CommandApdu) -> bytes:
        asked.append(command.expected)
        return b"\x6c\x03" if command.expected == 256 else b"abc\x90\x00"

    assert exchange(send, CommandApdu(0xCB, 0x3FFF, b"name", expected=256)).data == b"abc"
    assert asked == [256, 3]


def test_a_refused_part_ends_the_command() -> None:
    sent: list[CommandApdu] = []

    def send(command: CommandApdu) -> bytes:
        sent.append(command)
        return b"\x68\x84"

    assert exchange(send, CommandApdu(0x87, 0x079A, bytes(600), expected=256)).status == 0x6884
    assert len(sent) == 1


@pytest.mark.parametrize("part", [b"", b"\x90", b"\x61\x10", b"x" * 200 + b"\x61\x10"])
def test_incomplete_or_endless_responses_are_refused(part: bytes) -> None:
    calls = 0

    def send(_command: CommandApdu) -> bytes:
        nonlocal calls
        calls += 1
        return part

    with pytest.raises(InvalidCard):
        exchange(send, CommandApdu(0xCB, 0x3FFF, expected=256))
    assert calls <= MAX_RESPONSE_BYTES / 200 + 2


def test_the_repr_of_commands_and_responses_shows_no_data() -> None:
    assert "secret" not in repr(CommandApdu(0x20, 0x0080, b"secret"))
    assert "secret" not in repr(ResponseApdu(b"secret", SUCCESS))
