"""Reads the text of PDF files in a process of its own: `python -I pdf_text_worker.py`.

A request is its length, eight bytes with the highest first, and a PDF of that length. Each is answered with one line
of JSON: `{"pages": [{"text": …, "beside_labels": […]}, …], "drawn": …}` or `{"error": kind}`. Values in form fields
are text too. `drawn` is whether there is something to see; only a document without letters and digits is looked at.
A file from outside may make the parser crash, hang or take all memory. Here that ends this process and nothing else.
"""

import json
import resource
import signal
import sys
from typing import Any, Final

import pypdfium2  # type: ignore[import-untyped]  # it comes without types
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

MAX_PAGES: Final = 200
MAX_CHARACTERS: Final = 500_000
"""The form of a declaration has at most five pages of some 3,000 characters."""

_MEMORY: Final = 512 * 1024 * 1024
_FILES: Final = 64
_LENGTH_BYTES: Final = 8
_PASSWORD_ERROR: Final = 4
"""FPDF_ERR_PASSWORD."""

_LABEL: Final = "海关编号"
_MAX_LABELS: Final = 20
_LOOK_PIXELS: Final = 600
"""Pixels of the longer side of a page that is drawn to see whether it is blank."""


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
            document.init_forms()
            pages = _pages(document)
            has_letters = any(character.isalnum() for page in pages for character in page["text"])
            return {"pages": pages, "drawn": has_letters or _is_drawn(document)}
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        return {"error": "password" if error.err_code == _PASSWORD_ERROR else "format"}
    except _TooLong as error:
        return {"error": error.kind}
    except MemoryError:
        return {"error": "memory"}


def _pages(document: pypdfium2.PdfDocument) -> list[dict[str, Any]]:
    if len(document) > MAX_PAGES:
        raise _TooLong("pages")
    pages: list[dict[str, Any]] = []
    left = MAX_CHARACTERS
    for number in range(len(document)):
        page = document[number]
        if page.formenv:
            # Makes the values of form fields part of the page, as a printer shows them. The page is loaded again.
            pdfium.FPDFPage_Flatten(page, pdfium.FLAT_PRINT)
            page.close()
            page = document[number]
        text_page = page.get_textpage()
        left -= text_page.count_chars()
        if left < 0:
            raise _TooLong("characters")
        pages.append({"text": text_page.get_text_bounded(), "beside_labels": _beside_labels(text_page)})
        # A page that is not closed keeps its content in memory until the document is.
        page.close()
    return pages


def _beside_labels(text_page: pypdfium2.PdfTextPage) -> list[str]:
    """The text on the same line after each label, in the order in which it stands there, whichever way it is turned."""
    found: list[str] = []
    search = text_page.search(_LABEL)
    while len(found) < _MAX_LABELS and (place := search.get_next()):
        found.append(_beside(text_page, *place))
    return found


def _beside(text_page: pypdfium2.PdfTextPage, index: int, count: int) -> str:
    first_x, first_y, *_ = _box(text_page, index)
    last_x, last_y, width, height = _box(text_page, index + count - 1)
    horizontal = abs(last_x - first_x) >= abs(last_y - first_y)
    forward = 1 if (last_x - first_x if horizontal else last_y - first_y) >= 0 else -1
    size = max(width, height)
    line: list[tuple[float, float, str]] = []
    for other in range(text_page.count_chars()):
        character = pdfium.FPDFText_GetUnicode(text_page, other)
        if not 0x20 < character < 0x110000:  # noqa: PLR2004 - blanks and controls are told from the distances
            continue
        x, y, other_width, other_height = _box(text_page, other)
        along, across = (x - last_x, y - last_y) if horizontal else (y - last_y, x - last_x)
        if along * forward > 0 and abs(across) < size / 2 and not index <= other < index + count:
            line.append((along * forward, other_width if horizontal else other_height, chr(character)))
    return _joined(sorted(line), size)


def _joined(line: list[tuple[float, float, str]], size: float) -> str:
    """The characters of a line, with a blank where the gap is wider than half a character of the label."""
    text, end = "", None
    for middle, width, character in line:
        if end is not None and middle - width / 2 - end > size / 2:
            text += " "
        text += character
        end = middle + width / 2
    return text


def _box(text_page: pypdfium2.PdfTextPage, index: int) -> tuple[float, float, float, float]:
    """The middle of a character, its width and its height."""
    left, bottom, right, top = text_page.get_charbox(index, loose=True)
    return (left + right) / 2, (bottom + top) / 2, right - left, top - bottom


def _is_drawn(document: pypdfium2.PdfDocument) -> bool:
    """Whether a page has points of two colours."""
    for number in range(len(document)):
        page = document[number]
        bitmap = page.render(scale=_LOOK_PIXELS / max(*page.get_size(), 1.0), grayscale=True)
        pixels = bytes(bitmap.buffer)
        rows = (pixels[start : start + bitmap.width] for start in range(0, len(pixels), bitmap.stride))
        if len(set(b"".join(rows))) > 1:
            return True
        bitmap.close()
        page.close()
    return False


if __name__ == "__main__":
    main()
