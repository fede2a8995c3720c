"""The two barcodes on the form as shapes: Code 39 and QR."""

from dataclasses import dataclass

import segno

_CODE39 = {
    "0": "nnnwwnwnn",
    "1": "wnnwnnnnw",
    "2": "nnwwnnnnw",
    "3": "wnwwnnnnn",
    "4": "nnnwwnnnw",
    "5": "wnnwwnnnn",
    "6": "nnwwwnnnn",
    "7": "nnnwnnwnw",
    "8": "wnnwnnwnn",
    "9": "nnwwnnwnn",
    "*": "nwnnwnwnn",
}
"""The bars and spaces, in turn, of each digit and of the start and stop character: narrow or wide (ISO/IEC 16388)."""

_WIDE = 2.5
"""The width of a wide element, in narrow ones. The standard allows 2 to 3."""


@dataclass(frozen=True, slots=True)
class Barcode:
    """A linear barcode: its dark bars as (left, width), and its whole width. The unit is the narrowest bar."""

    bars: tuple[tuple[float, float], ...]
    width: float


def code39(digits: str) -> Barcode | None:
    """Returns the Code 39 barcode of `digits`; None for an empty text or one with other characters than digits."""
    if not digits or not all("0" <= digit <= "9" for digit in digits):
        return None
    bars: list[tuple[float, float]] = []
    position = 0.0
    for character in f"*{digits}*":
        for index, element in enumerate(_CODE39[character]):
            width = _WIDE if element == "w" else 1.0
            if index % 2 == 0:
                bars.append((position, width))
            position += width
        position += 1.0
    return Barcode(tuple(bars), position - 1.0)


def qr(text: str) -> tuple[str, int]:
    """Returns the QR code of `text`: its dark modules as an SVG path, and its side. The unit is a module."""
    code = segno.make_qr(text, error="m")
    rows = [
        f"M{column} {row}h1v1h-1z" for row, line in enumerate(code.matrix) for column, dark in enumerate(line) if dark
    ]
    return "".join(rows), len(code.matrix)
