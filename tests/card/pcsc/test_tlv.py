"""The tag-length-value encoding of PIV data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.card.pcsc.tlv import decode, encode, find

TAGS = st.sampled_from([0x04, 0x53, 0x70, 0x7C, 0x82, 0x7F21, 0x5FC105])


@given(values=st.lists(st.tuples(TAGS, st.binary(max_size=300))))
def test_encoded_items_are_decoded_unchanged(values: list[tuple[int, bytes]]) -> None:
    assert list(decode(b"".join(encode(tag, value) for tag, value in values))) == values


@pytest.mark.parametrize("size", [127, 128, 255, 256, 65_535, 65_536])
def test_a_value_of_any_length_is_decoded(size: int) -> None:
    assert list(decode(encode(0x53, bytes(size)) + encode(0x70, b"next"))) == [(0x53, bytes(size)), (0x70, b"next")]


@given(value=st.binary(max_size=300), data=st.data())
def test_data_that_is_cut_off_is_refused(value: bytes, data: st.DataObject) -> None:
    whole = encode(0x5FC105, value)
    cut = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(ValueError, match=r"cut off|missing"):
        list(decode(whole[:cut]))


@given(data=st.binary(max_size=60))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    try:
        found = list(decode(data))
    except ValueError:
        return
    assert sum(len(value) for _tag, value in found) <= len(data)


@pytest.mark.parametrize("length", ["80", "84 00000001", "ff"])
def test_an_indefinite_or_too_large_length_is_refused(length: str) -> None:
    with pytest.raises(ValueError, match="length"):
        list(decode(bytes.fromhex("53" + length) + bytes(300)))


def test_a_value_is_found_by_its_path() -> None:
    data = encode(0x7C, encode(0x81, b"no") + encode(0x82, b"yes")) + encode(0x82, b"outside")
    assert find(data, 0x7C, 0x82) == b"yes"
    assert find(data, 0x7C, 0x83) is None
    assert find(data, 0x7D, 0x82) is None
