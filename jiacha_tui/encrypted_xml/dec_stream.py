"""Cuts an RtxMessage file into its `<Dec>` elements, holding no more than one of them.

Each element is parsed by itself afterwards, so that a malformed one costs nothing but itself, which no parser of the
whole file can promise. Cutting is safe on bytes: in UTF-8 as in GB18030 no byte of a longer character is `<` or `>`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from jiacha_tui.declaration.problem import Problem

MAX_DEC_BYTES = 4 * 1024 * 1024
"""A `<Dec>` of fifty items has some 20 kB; one this long is not one."""

_CHUNK = 256 * 1024
_LONGEST_OPENER = 64
_TAG = rb"</?(?:Dec|RtxMessage)(?=[\s/>])"
_OPENER = re.compile(rb"<!--|<!\[CDATA\[|<\?|<!DOCTYPE|<!ENTITY|" + _TAG, re.IGNORECASE)
_CLOSERS = {b"<!--": re.compile(rb"-->"), b"<![cdata[": re.compile(rb"\]\]>"), b"<?": re.compile(rb"\?>")}
_TAG_END = re.compile(rb">")
_INSIGNIFICANT = re.compile(rb"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|\s+", re.DOTALL)
_UTF8_BOM = b"\xef\xbb\xbf"
_DECLARED_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)[\"']", re.IGNORECASE)


class NotRtxMessage(Problem):
    """The file holds something else, or carries a DTD, which no RtxMessage needs and nobody should parse."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "import.not-rtx-message", f"不是出口报关单数据文件（{detail}）", "请选择税务系统解密后的报关单 XML 文件"
        )


@dataclass(frozen=True, slots=True)
class DecChunk:
    """A whole `<Dec>` element as bytes, or, where `fault` is not empty, a stretch of the file that is not one."""

    line: int
    content: bytes
    fault: str = ""


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag that matters, what stands before it, and the line of either; the last mark of a file has no tag."""

    gap: bytes
    gap_line: int
    overlong: bool
    tag: bytes
    tag_line: int

    @property
    def name(self) -> bytes:
        """`dec`, `/dec`, `dec/`, `rtxmessage`, …, or nothing at the end of the file."""
        words = self.tag.strip(b"<>").lower().split() or [b""]
        slash = b"/" if self.tag.endswith(b"/>") else b""
        return words[0].removesuffix(b"/") + slash


class DecStream:
    """The cuts of one file, in order, and the encoding that the file declares ("" where it declares none)."""

    def __init__(self, file: BinaryIO) -> None:
        self._marks = _TagReader(file)
        self.declared_encoding = ""

    def __iter__(self) -> Iterator[DecChunk]:
        """Raises NotRtxMessage where the root is not an RtxMessage or a DTD is found."""
        marks = iter(self._marks)
        root = next(marks)
        self._enter_root(root)
        open_dec: _Tag | None = None
        root_closed = root.name == b"rtxmessage/"
        for mark in marks:
            if open_dec is not None:
                if mark.overlong:
                    yield DecChunk(open_dec.tag_line, b"", f"超过 {MAX_DEC_BYTES // 1024 // 1024} MB")
                elif mark.name == b"/dec":
                    yield DecChunk(open_dec.tag_line, open_dec.tag + mark.gap + mark.tag)
                else:
                    yield DecChunk(open_dec.tag_line, open_dec.tag + mark.gap, "缺少结束标记 </Dec>")
            else:
                yield from _strange(mark, root_closed=root_closed)
            open_dec = mark if mark.name == b"dec" else None
            root_closed = root_closed or mark.name == b"/rtxmessage"
            if not mark.tag and not root_closed:
                yield DecChunk(mark.tag_line, b"", "文件在此中断，其后的内容没有读到")

    def _enter_root(self, mark: _Tag) -> None:
        prolog = mark.gap.removeprefix(_UTF8_BOM)
        if mark.name not in {b"rtxmessage", b"rtxmessage/"} or _INSIGNIFICANT.sub(b"", prolog):
            raise NotRtxMessage("根元素不是 RtxMessage")
        declared = _DECLARED_ENCODING.match(prolog.lstrip())
        if mark.gap.startswith(_UTF8_BOM):
            self.declared_encoding = "utf-8"
        elif declared:
            self.declared_encoding = declared.group(1).decode("ascii").lower()


def _strange(mark: _Tag, *, root_closed: bool) -> Iterator[DecChunk]:
    """What stands where only `<Dec>` may stand; nothing is passed over in silence."""
    content = _INSIGNIFICANT.sub(b"", mark.gap)
    if content or mark.overlong:
        first = mark.gap.find(content[:1])
        yield DecChunk(mark.gap_line + mark.gap.count(b"\n", 0, max(first, 0)), b"", "报关单之外有不认识的内容，已跳过")
    expected = {b""} if root_closed else {b"", b"dec", b"/rtxmessage"}
    if mark.name not in expected:
        yield DecChunk(mark.tag_line, b"", f"此处不应有 {mark.tag[:_LONGEST_OPENER].decode('ascii', 'replace')}")


class _TagReader:
    """Iterates over the marks of a file; comments, CDATA and processing instructions hide what looks like a tag."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._buffer = bytearray()
        self._at = 0
        self._opener_at = 0
        self._line = 1
        self._gap_line = 1
        self._overlong = False

    def __iter__(self) -> Iterator[_Tag]:
        while opener := self._find(_OPENER):
            self._opener_at = self._at - len(opener)
            if opener in {b"<!doctype", b"<!entity"}:
                raise NotRtxMessage("含有 DTD")
            if self._find(_CLOSERS.get(opener, _TAG_END)) is None:
                break
            if opener not in _CLOSERS:
                yield self._take(self._opener_at, self._at)
        yield self._take(len(self._buffer), len(self._buffer))

    def _find(self, pattern: re.Pattern[bytes]) -> bytes | None:
        """Go behind the next match, reading on as need be; None at the end of the file."""
        while (match := pattern.search(self._buffer, self._at)) is None:
            self._at = max(self._at, len(self._buffer) - _LONGEST_OPENER)
            if not self._read_on():
                return None
        self._at = match.end()
        return match.group().lower()

    def _read_on(self) -> bool:
        if len(self._buffer) > MAX_DEC_BYTES:
            self._overlong = True
            self._drop(self._at)
        chunk = self._file.read(_CHUNK)
        self._buffer += chunk
        return bool(chunk)

    def _take(self, gap_end: int, tag_end: int) -> _Tag:
        gap, tag = bytes(self._buffer[:gap_end]), bytes(self._buffer[gap_end:tag_end])
        tag_line = self._line + gap.count(b"\n")
        mark = _Tag(gap, self._gap_line, self._overlong, tag, tag_line)
        self._drop(tag_end)
        self._gap_line, self._overlong = self._line, False
        return mark

    def _drop(self, count: int) -> None:
        self._line += self._buffer.count(b"\n", 0, count)
        del self._buffer[:count]
        self._at -= count
        self._opener_at = max(0, self._opener_at - count)
