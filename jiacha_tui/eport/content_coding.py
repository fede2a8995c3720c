"""Expands a response that is compressed although the request asks for none, never beyond a limit."""

import zlib
from typing import Final

_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS
_KNOWN: Final = frozenset({"gzip", "x-gzip", "deflate"})


class NotExpandable(Exception):
    """The coding is not known, or the content is damaged."""


class Expander:
    """Expands the content of one response, coded as its header `content-encoding` says (RFC 9110, 8.4).

    Raises NotExpandable for a coding other than gzip or deflate, and for several of them: each could multiply the
    content by a thousand.
    """

    def __init__(self, coding: str) -> None:
        self._inflater: zlib._Decompress | None = None
        self._is_empty = True
        name = coding.strip().lower()
        if name in _KNOWN:
            self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
        elif name not in {"", "identity"}:
            raise NotExpandable

    def expand(self, chunk: bytes, max_bytes: int) -> bytes:
        """The content of the next chunk; of more than `max_bytes`, only so many. Raises NotExpandable."""
        self._is_empty = self._is_empty and not chunk
        if self._inflater is None:
            return chunk
        try:
            content = self._inflater.decompress(chunk, max_bytes)
        except zlib.error:
            raise NotExpandable from None
        if self._inflater.unused_data:  # the inflater would keep whatever follows
            raise NotExpandable
        return content

    def finish(self) -> None:
        """Raises NotExpandable if the content has ended before its end. No content at all is none, whatever its coding.

        Some servers name a coding for a redirect without content too.
        """
        if self._inflater is not None and not self._inflater.eof and not self._is_empty:
            raise NotExpandable
