"""Small PDFs with a text layer, written by hand: a real form takes half a second to draw."""

import zlib
from collections.abc import Sequence

from jiacha_tui.declaration.model import Declaration

_MEBIBYTE = 1024 * 1024


def small_pdf(*pages: Sequence[str]) -> bytes:
    """A PDF of these pages, each with these lines of ASCII text."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {count} /Kids [{kids}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for index, lines in enumerate(pages):
        drawn = "".join(f"({line}) Tj 0 -14 Td " for line in lines)
        content = f"BT /F1 10 Tf 40 560 Td {drawn}ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] /Contents {5 + 2 * index} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        ]
    written, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(written))
        written += f"{number} 0 obj\n{body}\nendobj\n".encode("ascii")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF\n"
    return written + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode("ascii")


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
