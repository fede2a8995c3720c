"""Reads the text of PDF files in a process of its own: `python -I pdf_text_worker.py`.

A request is its length, eight bytes with the highest first, and a PDF of that length. Each is answered with one line
of JSON: `{"pages": [text, …]}` or `{"error": kind}`. A file from outside may make the parser crash, hang or take all
memory. Here that ends this process and nothing else.
"""

import json
import resource
import signal
import sys
from typing import Any, Final

import pypdfium2  # type: ignore[import-untyped]  # it comes without types

MAX_PAGES: Final = 200
MAX_CHARACTERS: Final = 500_000
"""The form of a declaration has at most five pages of some 3,000 characters."""

_MEMORY: Final = 512 * 1024 * 1024
_FILES: Final = 64
_LENGTH_BYTES: Final = 8
_PASSWORD_ERROR: Final = 4
"""FPDF_ERR_PASSWORD."""


class _TooLong(Exception):
    """The file has more pages or more text than any print; `kind` says which."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def main() -> None:
    """Serves requests until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in the terminal is for the program, not for its children
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    while header := sys.stdin.buffer.read(_LENGTH_BYTES):
        answer = _read(sys.stdin.buffer.read(int.from_bytes(header)))
        sys.stdout.buffer.write(json.dumps(answer).encode("ascii") + b"\n")
        sys.stdout.buffer.flush()


def _read(data: bytes) -> dict[str, Any]:
    try:
        document = pypdfium2.PdfDocument(data)
        try:
            return {"pages": _pages(document)}
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        return {"error": "password" if error.err_code == _PASSWORD_ERROR else "format"}
    except _TooLong as error:
        return {"error": error.kind}
    except MemoryError:
        return {"error": "memory"}


def _pages(document: pypdfium2.PdfDocument) -> list[str]:
    if len(document) > MAX_PAGES:
        raise _TooLong("pages")
    pages: list[str] = []
    left = MAX_CHARACTERS
    for number in range(len(document)):
        text_page = document[number].get_textpage()
        left -= text_page.count_chars()
        if left < 0:
            raise _TooLong("characters")
        pages.append(text_page.get_text_bounded())
        # A page that is not closed keeps its content in memory until the document is.
        text_page.parent.close()
    return pages


if __name__ == "__main__":
    main()
