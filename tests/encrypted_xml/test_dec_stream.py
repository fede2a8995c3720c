import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.encrypted_xml import dec_stream
from jiacha_tui.encrypted_xml.dec_stream import DecChunk, DecStream, NotRtxMessage


class Trickle(io.RawIOBase):
    """A file that gives `size` bytes at a time, so that every boundary falls inside a tag once."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data = data
        self._size = size

    def read(self, size: int = -1) -> bytes:
        chunk, self._data = self._data[: self._size], self._data[self._size :]
        return chunk


def cuts(data: bytes) -> list[DecChunk]:
    return list(DecStream(io.BytesIO(data)))


def test_each_dec_with_its_line() -> None:
    assert cuts(b"<?xml version='1.0'?>\n<RtxMessage>\n<Dec>1</Dec>\n\n<Dec>\n2</Dec>\n</RtxMessage>\n") == [
        DecChunk(3, b"<Dec>1</Dec>"),
        DecChunk(5, b"<Dec>\n2</Dec>"),
    ]


def test_no_dec_at_all() -> None:
    assert cuts(b"<RtxMessage></RtxMessage>") == []
    assert cuts(b"<RtxMessage/>") == []


def test_tags_in_any_case_with_attributes() -> None:
    data = b"<RTXMESSAGE xmlns='urn:r'><dec a='1'>x</dec ><DEC\n>y</DEC></rtxMessage\n>"
    assert [cut.content for cut in cuts(data)] == [b"<dec a='1'>x</dec >", b"<DEC\n>y</DEC>"]


def test_what_only_begins_like_a_tag_is_not_one() -> None:
    data = b"<RtxMessage><Dec><DecHead/><DecLists></DecLists></Dec></RtxMessage>"
    assert [cut.content for cut in cuts(data)] == [b"<Dec><DecHead/><DecLists></DecLists></Dec>"]


def test_comments_cdata_and_instructions_hide_tags() -> None:
    data = (
        b"<!-- <RtxMessage> --><RtxMessage><!-- <Dec>no</Dec> --><?x <Dec>?>"
        b"<Dec><a><![CDATA[</Dec>]]></a><!--</Dec>--></Dec></RtxMessage>"
    )
    assert [cut.content for cut in cuts(data)] == [b"<Dec><a><![CDATA[</Dec>]]></a><!--</Dec>--></Dec>"]


def test_a_dec_that_is_not_closed_costs_only_itself() -> None:
    first, second = cuts(b"<RtxMessage>\n<Dec>1\n<Dec>2</Dec>\n</RtxMessage>")
    assert (first.line, first.fault) == (2, "缺少结束标记 </Dec>")
    assert second == DecChunk(3, b"<Dec>2</Dec>")


def test_a_file_that_breaks_off_says_so() -> None:
    whole, broken, end = cuts(b"<RtxMessage>\n<Dec>1</Dec>\n<Dec>2")
    assert whole == DecChunk(2, b"<Dec>1</Dec>")
    assert (broken.line, bool(broken.fault)) == (3, True)
    assert (end.line, bool(end.fault)) == (3, True)


def test_what_does_not_belong_is_not_passed_over_in_silence() -> None:
    found = cuts(b"<RtxMessage>\n<Dac>1</Dac>\n<Dec>2</Dec></Dec>\n</RtxMessage>\nmore")
    assert [(cut.line, bool(cut.fault)) for cut in found] == [(2, True), (3, False), (3, True), (5, True)]


def test_an_endless_dec_is_dropped_and_the_next_one_is_read() -> None:
    data = b"<RtxMessage>\n<Dec>" + b"x\n" * dec_stream.MAX_DEC_BYTES + b"</Dec>\n<Dec>2</Dec></RtxMessage>"
    first, second = cuts(data)
    assert (first.line, first.content, bool(first.fault)) == (2, b"", True)
    assert second == DecChunk(dec_stream.MAX_DEC_BYTES + 3, b"<Dec>2</Dec>")


@pytest.mark.parametrize("piece", [b"<!--", b"<?", b"<![CDATA[", b"<Dec ", b"<Dec>", b"</Dec>", b"<"])
def test_what_is_opened_many_times_takes_no_longer(piece: bytes) -> None:
    started = time.monotonic()
    sum(1 for _ in DecStream(io.BytesIO(b"<RtxMessage>" + piece * 300_000)))
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"<RtxMessage/>", ""),
        (b"\xef\xbb\xbf<RtxMessage/>", "utf-8"),
        (b'<?xml version="1.0" encoding="GB2312"?><RtxMessage/>', "gb2312"),
        (b"\n <?xml version='1.0' encoding='GBK' standalone='yes' ?><RtxMessage/>", "gbk"),
    ],
)
def test_the_declared_encoding(data: bytes, encoding: str) -> None:
    stream = DecStream(io.BytesIO(data))
    assert list(stream) == []
    assert stream.declared_encoding == encoding


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b"<html></html>",
        b"<Dec></Dec>",
        b"</RtxMessage>",
        b"text<RtxMessage/>",
        "<RtxMessage/>".encode("utf-16"),
        b'<!DOCTYPE RtxMessage [<!ENTITY a "b">]><RtxMessage/>',
        b"<RtxMessage><!doctype x></RtxMessage>",
        b"<!-- endless <RtxMessage><Dec></Dec></RtxMessage>",
    ],
)
def test_what_is_no_rtx_message_is_refused(data: bytes) -> None:
    with pytest.raises(NotRtxMessage):
        cuts(data)


PIECES = st.sampled_from(
    [
        "<Dec>",
        "</Dec>",
        "<Dec/>",
        "<DecHead>",
        "报关单",
        "\n",
        " ",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "?>",
        "<",
        ">",
        "</RtxMessage>",
        "<RtxMessage>",
    ]
)


@given(st.lists(PIECES, max_size=30), st.integers(min_value=1, max_value=9))
def test_how_the_bytes_arrive_changes_nothing(pieces: list[str], size: int) -> None:
    data = ("<RtxMessage>" + "".join(pieces)).encode()
    assert list(DecStream(Trickle(data, size))) == cuts(data)  # type: ignore[arg-type]  # a raw file reads bytes too


@given(st.binary(max_size=200))
def test_any_bytes_are_cut_or_refused(data: bytes) -> None:
    try:
        cuts(data)
    except NotRtxMessage:
        return
