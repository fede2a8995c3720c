"""Cuts an RtxMessage file into its `<Dec>` elements and holds only one of them in memory.

Each element is parsed on its own afterwards, so that a malformed one does not cost the others; a parser of the whole
file would stop there. Bytes can be cut safely: in UTF-8 and in GB18030 no byte of a longer character is `<` or `>`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from jiacha_tui.encrypted_xml.problems import NotRtxMessage

MAX_DEC_BYTES = 4 * 1024 * 1024
"""A `<Dec>` of fifty items has about 20 kB. Anything longer than this is not a `<Dec>`."""

_CHUNK = 256 * 1024
_MAX_OPENER_BYTES = 64
_TAG = rb"</?(?:Dec|RtxMessage)(?=[\s/>])"
_OPENER = re.compile(rb"<!--|<!\[CDATA\[|<\?|<!DOCTYPE|<!ENTITY|" + _TAG, re.IGNORECASE)
_CLOSERS = {b"<!--": re.compile(rb"-->"), b"<![cdata[": re.compile(rb"\]\]>"), b"<?": re.compile(rb"\?>")}
_TAG_END = re.compile(rb">")
_INSIGNIFICANT = re.compile(rb"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|\s+", re.DOTALL)
_UTF8_BOM = b"\xef\xbb\xbf"
_DECLARED_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)[\"']", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DecChunk:
    """A whole `<Dec>` element as bytes, or a part of the file that is not one: then `fault` says why, in Chinese.

    `line` is the line of the file that it begins in, counted from 1.
    """

    line: int
    content: bytes
    fault: str = ""


@dataclass(frozen=True, slots=True)
class _Tag:
    """A `<Dec>` or `<RtxMessage>` tag, and what is between it and the tag before it.

    The last one of a file has an empty `tag`: it means the end of the file. `overlong` is set if the text before the
    tag was too long to be kept.
    """

    text_before: bytes
    text_line: int
    overlong: bool
    tag: bytes
    line: int

    @property
    def name(self) -> bytes:
        """`dec`, `/dec`, `dec/`, `rtxmessage`, …, or nothing at the end of the file."""
        words = self.tag.strip(b"<>").lower().split() or [b""]
        slash = b"/" if self.tag.endswith(b"/>") else b""
        return words[0].removesuffix(b"/") + slash


class DecStream:
    """Iterates over the chunks of one file, in order.

    `declared_encoding` is the encoding that the file declares, in lower case; "" if it declares none. It is known
    once the first chunk was taken.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._tags = _TagReader(file)
        self.declared_encoding = ""

    def __iter__(self) -> Iterator[DecChunk]:
        """Raises NotRtxMessage if the root is not an RtxMessage or a DTD is found."""
        tags = iter(self._tags)
        root = next(tags)
        self._enter_root(root)
        open_dec: _Tag | None = None
        root_closed = root.name == b"rtxmessage/"
        for tag in tags:
            if open_dec is not None:
                if tag.overlong:
                    yield DecChunk(open_dec.line, b"", f"超过 {MAX_DEC_BYTES // 1024 // 1024} MB")
                elif tag.name == b"/dec":
                    yield DecChunk(open_dec.line, open_dec.tag + tag.text_before + tag.tag)
                else:
                    yield DecChunk(open_dec.line, open_dec.tag + tag.text_before, "缺少结束标记 </Dec>")
            else:
                yield from _unexpected(tag, root_closed=root_closed)
            open_dec = tag if tag.name == b"dec" else None
            root_closed = root_closed or tag.name == b"/rtxmessage"
            if not tag.tag and not root_closed:
                yield DecChunk(tag.line, b"", "文件在此中断，其后的内容没有读到")

    def _enter_root(self, root: _Tag) -> None:
        prolog = root.text_before.removeprefix(_UTF8_BOM)
        if root.name not in {b"rtxmessage", b"rtxmessage/"} or _INSIGNIFICANT.sub(b"", prolog):
            raise NotRtxMessage("根元素不是 RtxMessage")
        declared = _DECLARED_ENCODING.match(prolog.lstrip())
        if root.text_before.startswith(_UTF8_BOM):
            self.declared_encoding = "utf-8"
        elif declared:
            self.declared_encoding = declared.group(1).decode("ascii").lower()


def _unexpected(tag: _Tag, *, root_closed: bool) -> Iterator[DecChunk]:
    """Reports text and tags where only a `<Dec>` may be; nothing is skipped silently."""
    content = _INSIGNIFICANT.sub(b"", tag.text_before)
    if content or tag.overlong:
        start = tag.text_before.find(content[:1])
        line = tag.text_line + tag.text_before.count(b"\n", 0, max(start, 0))
        yield DecChunk(line, b"", "报关单之外有不认识的内容，已跳过")
    expected = {b""} if root_closed else {b"", b"dec", b"/rtxmessage"}
    if tag.name not in expected:
        yield DecChunk(tag.line, b"", f"此处不应有 {tag.tag[:_MAX_OPENER_BYTES].decode('ascii', 'replace')}")


class _TagReader:
    """Iterates over the tags of a file, except what looks like a tag in comments, CDATA and processing instructions."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._buffer = bytearray()
        self._position = 0
        self._opener_start = 0
        self._line = 1
        self._text_line = 1
        self._overlong = False

    def __iter__(self) -> Iterator[_Tag]:
        while opener := self._find(_OPENER):
            self._opener_start = self._position - len(opener)
            if opener in {b"<!doctype", b"<!entity"}:
                raise NotRtxMessage("含有 DTD")
            if self._find(_CLOSERS.get(opener, _TAG_END)) is None:
                break
            if opener not in _CLOSERS:
                yield self._take(self._opener_start, self._position)
        yield self._take(len(self._buffer), len(self._buffer))

    def _find(self, pattern: re.Pattern[bytes]) -> bytes | None:
        """Moves behind the next match and returns it in lower case; None at the end of the file."""
        while (match := pattern.search(self._buffer, self._position)) is None:
            self._position = max(self._position, len(self._buffer) - _MAX_OPENER_BYTES)
            if not self._read_more():
                return None
        self._position = match.end()
        return match.group().lower()

    def _read_more(self) -> bool:
        if len(self._buffer) > MAX_DEC_BYTES:
            self._overlong = True
            self._drop(self._position)
        chunk = self._file.read(_CHUNK)
        self._buffer += chunk
        return bool(chunk)

    def _take(self, tag_start: int, tag_end: int) -> _Tag:
        """Removes everything up to `tag_end` from the buffer and returns it as a tag."""
        text, tag = bytes(self._buffer[:tag_start]), bytes(self._buffer[tag_start:tag_end])
        taken = _Tag(text, self._text_line, self._overlong, tag, self._line + text.count(b"\n"))
        self._drop(tag_end)
        self._text_line, self._overlong = self._line, False
        return taken

    def _drop(self, count: int) -> None:
        self._line += self._buffer.count(b"\n", 0, count)
        del self._buffer[:count]
        self._position -= count
        self._opener_start = max(0, self._opener_start - count)
