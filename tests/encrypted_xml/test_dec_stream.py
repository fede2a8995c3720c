"""Cutting a file into `<Dec>` elements."""

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.encrypted_xml import dec_stream
from jiacha_tui.encrypted_xml.dec_stream import DecChunk, DecStream
from jiacha_tui.encrypted_xml.problems import NotRtxMessage


class SlowFile(io.RawIOBase):
    """A file that returns `size` bytes at a time, so that every tag is cut somewhere."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data = data
        self._size = size

    def read(self, size: int = -1) -> bytes:
        chunk, self._data = self._data[: self._size], self._data[self._size :]
        return chunk


def chunks(data: bytes) -> list[DecChunk]:
    return list(DecStream(io.BytesIO(data)))


def test_each_dec_comes_with_its_line() -> None:
    assert chunks(b"<?xml version='1.0'?>\n<RtxMessage>\n<Dec>1</Dec>\n\n<Dec>\n2</Dec>\n</RtxMessage>\n") == [
        DecChunk(3, b"<Dec>1</Dec>"),
        DecChunk(5, b"<Dec>\n2</Dec>"),
    ]


def test_a_file_without_any_dec() -> None:
    assert chunks(b"<RtxMessage></RtxMessage>") == []
    assert chunks(b"<RtxMessage/>") == []


def test_tags_may_be_in_any_case_and_have_attributes() -> None:
    data = b"<RTXMESSAGE xmlns='urn:r'><dec a='1'>x</dec ><DEC\n>y</DEC></rtxMessage\n>"
    assert [chunk.content for chunk in chunks(data)] == [b"<dec a='1'>x</dec >", b"<DEC\n>y</DEC>"]


def test_a_longer_tag_name_is_another_tag() -> None:
    data = b"<RtxMessage><Dec><DecHead/><DecLists></DecLists></Dec></RtxMessage>"
    assert [chunk.content for chunk in chunks(data)] == [b"<Dec><DecHead/><DecLists></DecLists></Dec>"]


def test_tags_in_comments_cdata_and_instructions_do_not_count() -> None:
    data = (
        b"<!-- <RtxMessage> --><RtxMessage><!-- <Dec>no</Dec> --><?x <Dec>?>"
        b"<Dec><a><![CDATA[</Dec>]]></a><!--</Dec>--></Dec></RtxMessage>"
    )
    assert [chunk.content for chunk in chunks(data)] == [b"<Dec><a><![CDATA[</Dec>]]></a><!--</Dec>--></Dec>"]


def test_a_dec_without_an_end_tag_does_not_cost_the_next_one() -> None:
    first, second = chunks(b"<RtxMessage>\n<Dec>1\n<Dec>2</Dec>\n</RtxMessage>")
    assert (first.line, first.fault) == (2, "缺少结束标记 </Dec>")
    assert second == DecChunk(3, b"<Dec>2</Dec>")


def test_a_file_that_breaks_off_is_reported() -> None:
    whole, broken, end = chunks(b"<RtxMessage>\n<Dec>1</Dec>\n<Dec>2")
    assert whole == DecChunk(2, b"<Dec>1</Dec>")
    assert (broken.line, bool(broken.fault)) == (3, True)
    assert (end.line, bool(end.fault)) == (3, True)


def test_unexpected_content_is_reported() -> None:
    all_chunks = chunks(b"<RtxMessage>\n<Dac>1</Dac>\n<Dec>2</Dec></Dec>\n</RtxMessage>\nmore")
    assert [(chunk.line, bool(chunk.fault)) for chunk in all_chunks] == [(2, True), (3, False), (3, True), (5, True)]


def test_a_dec_that_is_too_long_is_dropped_and_the_next_one_is_read() -> None:
    data = b"<RtxMessage>\n<Dec>" + b"x\n" * dec_stream.MAX_DEC_BYTES + b"</Dec>\n<Dec>2</Dec></RtxMessage>"
    first, second = chunks(data)
    assert (first.line, first.content, bool(first.fault)) == (2, b"", True)
    assert second == DecChunk(dec_stream.MAX_DEC_BYTES + 3, b"<Dec>2</Dec>")


@pytest.mark.parametrize("piece", [b"<!--", b"<?", b"<![CDATA[", b"<Dec ", b"<Dec>", b"</Dec>", b"<"])
def test_the_time_grows_with_the_length_of_the_file_only(piece: bytes) -> None:
    """Ten times as many pieces take less than forty times as long: quadratic time would be a hundred times as long."""
    assert _reading_seconds(piece, 50_000) < 40 * max(_reading_seconds(piece, 5_000), 0.02)


def _reading_seconds(piece: bytes, count: int) -> float:
    """Processor time, which does not depend on what else the machine does."""
    started = time.process_time()
    sum(1 for _ in DecStream(io.BytesIO(b"<RtxMessage>" + piece * count)))
    return time.process_time() - started


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"<RtxMessage/>", ""),
        (b"\xef\xbb\xbf<RtxMessage/>", "utf-8"),
        (b'<?xml version="1.0" encoding="GB2312"?><RtxMessage/>', "gb2312"),
        (b"\n <?xml version='1.0' encoding='GBK' standalone='yes' ?><RtxMessage/>", "gbk"),
    ],
)
def test_the_declared_encoding_is_found(data: bytes, encoding: str) -> None:
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
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(NotRtxMessage):
        chunks(data)


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
def test_the_chunks_do_not_depend_on_how_the_bytes_arrive(pieces: list[str], size: int) -> None:
    data = ("<RtxMessage>" + "".join(pieces)).encode()
    assert list(DecStream(SlowFile(data, size))) == chunks(data)  # type: ignore[arg-type]  # a raw file reads bytes too


@given(st.binary(max_size=200))
def test_any_bytes_are_cut_or_refused(data: bytes) -> None:
    try:
        chunks(data)
    except NotRtxMessage:
        return
