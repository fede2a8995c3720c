"""Encoding requests and decoding responses."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.printing.ipp import (
    Attribute,
    AttributeGroup,
    InvalidIppMessage,
    Operation,
    Syntax,
    decode_response,
    encode_request,
)


def value(syntax: int, name: str, data: bytes) -> bytes:
    return bytes([syntax]) + struct.pack(">H", len(name)) + name.encode() + struct.pack(">H", len(data)) + data


HEADER = b"\x02\x00\x00\x00\x00\x00\x00\x01"
JOB = (
    HEADER
    + b"\x01"
    + value(Syntax.CHARSET, "attributes-charset", b"utf-8")
    + b"\x02"
    + value(Syntax.INTEGER, "job-id", struct.pack(">i", 147))
    + value(Syntax.ENUM, "job-state", struct.pack(">i", 9))
    + value(Syntax.KEYWORD, "job-state-reasons", b"none")
    + value(Syntax.KEYWORD, "", b"other")
    + value(Syntax.BOOLEAN, "job-ok", b"\x01")
    + value(0x33, "copies", struct.pack(">ii", 1, 2))
    + value(Syntax.NAME, "job-name", "报关单".encode())
    + b"\x03"
)


def test_a_request_is_encoded_as_in_rfc_8010() -> None:
    attributes: list[Attribute] = [
        ("printer-uri", Syntax.URI, "ipp://localhost/printers/a"),
        ("job-id", Syntax.INTEGER, 7),
        ("last-document", Syntax.BOOLEAN, True),
        ("requested-attributes", Syntax.KEYWORD, ("job-id", "job-state")),
    ]
    assert encode_request(Operation.GET_JOB_ATTRIBUTES, 5, attributes) == (
        b"\x02\x00\x00\x09\x00\x00\x00\x05\x01"
        + value(0x47, "attributes-charset", b"utf-8")
        + value(0x48, "attributes-natural-language", b"en")
        + value(0x45, "printer-uri", b"ipp://localhost/printers/a")
        + value(0x21, "job-id", b"\0\0\0\x07")
        + value(0x22, "last-document", b"\x01")
        + value(0x44, "requested-attributes", b"job-id")
        + value(0x44, "", b"job-state")
        + b"\x03"
    )


def test_attributes_are_decoded_by_group_and_name() -> None:
    response = decode_response(JOB + b"document")
    assert response.is_success
    assert response.first(AttributeGroup.JOB) == {
        "job-id": (147,),
        "job-state": (9,),
        "job-state-reasons": ("none", "other"),
        "job-ok": (True,),
        "copies": (struct.pack(">ii", 1, 2),),
        "job-name": ("报关单",),
    }
    assert response.first(AttributeGroup.PRINTER) == {}


def test_groups_of_the_same_kind_stay_separate() -> None:
    printers = [b"\x04" + value(Syntax.NAME, "printer-name", name) for name in (b"one", b"two")]
    response = decode_response(HEADER + b"".join(printers) + b"\x03")
    assert [group["printer-name"] for group in response.all(AttributeGroup.PRINTER)] == [("one",), ("two",)]


@pytest.mark.parametrize(("status", "is_success"), [(0x0000, True), (0x0001, True), (0x0406, False), (0x0500, False)])
def test_the_status_is_a_success_or_not(status: int, is_success: bool) -> None:
    response = decode_response(b"\x02\x00" + struct.pack(">HI", status, 1) + b"\x03")
    assert (response.status, response.is_success) == (status, is_success)


@given(st.integers(0, len(JOB) - 1))
def test_a_response_that_breaks_off_is_invalid(length: int) -> None:
    with pytest.raises(InvalidIppMessage):
        decode_response(JOB[:length])


def test_an_attribute_outside_of_a_group_is_invalid() -> None:
    with pytest.raises(InvalidIppMessage):
        decode_response(HEADER + value(Syntax.NAME, "a", b"b") + b"\x03")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_response_or_invalid(data: bytes) -> None:
    try:
        decode_response(HEADER + data)
    except InvalidIppMessage:
        return
