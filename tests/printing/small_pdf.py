"""Small PDFs with a text layer, written by hand: a real form takes half a second to draw."""

import zlib
from collections.abc import Sequence

from jiacha_tui.declaration.model import Declaration

_MEBIBYTE = 1024 * 1024


_PAGE = "/Type /Page /Parent 2 0 R /MediaBox [0 0 842 595]"
_FONTS = "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >>"


def small_pdf(*pages: Sequence[str]) -> bytes:
    """A PDF of these pages, each with these lines of ASCII text."""
    return drawn_pdf(*("".join(text_at(40, 560 - 14 * row, line) for row, line in enumerate(page)) for page in pages))


def text_at(x: int, y: int, text: str, *, mode: int = 0) -> str:
    """Operators that write any text at a place, in points from the lower left. Mode 3 is invisible."""
    matrix = f"1 0 0 1 {x} {y}"
    if text.isascii():
        shown = f"/F1 10 Tf {matrix} Tm ({text}) Tj"
    else:
        shown = f"/F2 10 Tf {matrix} Tm <{text.encode('utf-16-be').hex()}> Tj"
    return f"BT {mode} Tr {shown} ET\n"


def drawn_pdf(*contents: str, catalog: str = "", page: str = "", more: Sequence[str] = ()) -> bytes:
    """A PDF of pages with these operators. `/F1` has ASCII characters, `/F2` two-byte ones.

    `catalog` and `page` are further entries, `more` further objects; the first of them has the number 7 + 2 pages.
    """
    count = len(contents)
    kids = " ".join(f"{7 + 2 * index} 0 R" for index in range(count))
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        f"<< /Type /Pages /Count {count} /Kids [{kids}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /Any /Encoding /Identity-H /DescendantFonts [5 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Any /DW 1000 /FontDescriptor 6 0 R"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        "<< /Type /FontDescriptor /FontName /Any /Flags 4 /FontBBox [0 -200 1000 900] /Ascent 900 /Descent -200 >>",
    ]
    for index, content in enumerate(contents):
        objects += [
            f"<< {_PAGE} /Contents {8 + 2 * index} 0 R {_FONTS} {page} >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        ]
    return _written([*objects, *more])


def _written(objects: Sequence[str]) -> bytes:
    written, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(written))
        written += f"{number} 0 obj\n{body}\nendobj\n".encode("ascii")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF\n"
    return written + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode("ascii")


SCAN_CONTENT = "q 700 0 0 500 70 50 cm BI /W 2 /H 1 /CS /G /BPC 8 ID \x30\x70 EI Q\n"
SCAN = drawn_pdf(SCAN_CONTENT)
"""A page with an image and no text."""


def small_form(declaration: Declaration) -> bytes:
    """What the embedded port prints in tests: one page with the number of the declaration."""
    return small_pdf(["Export declaration", declaration.summary.entry_id, "Page 1/1"])


def inflating_pdf(mebibytes: int) -> bytes:
    """A small PDF whose only page inflates to so many mebibytes of blanks."""
    compressor = zlib.compressobj(9)
    first = compressor.compress(b" " * _MEBIBYTE) + compressor.flush(zlib.Z_FULL_FLUSH)
    # After a full flush each block stands alone, so it can be repeated.
    block = compressor.compress(b" " * _MEBIBYTE) + compressor.flush(zlib.Z_FULL_FLUSH)
    content = first + block * (mebibytes - 1) + compressor.flush()
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(content), content)
    return (
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n"
        b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] /Contents 4 0 R >>\nendobj\n"
        b"4 0 obj\n" + stream + b"\nendobj\ntrailer << /Size 5 /Root 1 0 R >>\n%%EOF\n"
    )
