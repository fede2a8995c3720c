"""The two machine-readable marks on the form, as shapes: Code 39 and QR."""

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
"""Bars and spaces in turn, narrow or wide, of the digits and of the mark at either end (ISO/IEC 16388)."""

_WIDE = 2.5
"""A wide element in multiples of a narrow one; the standard asks for 2 to 3."""


@dataclass(frozen=True, slots=True)
class Barcode:
    """Dark bars as (left, width), in units of the narrowest; `width` is that of the whole symbol."""

    bars: tuple[tuple[float, float], ...]
    width: float


def code39(digits: str) -> Barcode | None:
    """The bars of `digits` between a start and a stop mark; None where there is something else than digits."""
    if not digits or not all("0" <= digit <= "9" for digit in digits):
        return None
    bars: list[tuple[float, float]] = []
    at = 0.0
    for character in f"*{digits}*":
        for index, element in enumerate(_CODE39[character]):
            width = _WIDE if element == "w" else 1.0
            if index % 2 == 0:
                bars.append((at, width))
            at += width
        at += 1.0
    return Barcode(tuple(bars), at - 1.0)


def qr(text: str) -> tuple[str, int]:
    """The dark modules of a QR code as an SVG path in units of a module, and how many modules a side has."""
    code = segno.make_qr(text, error="m")
    rows = [
        f"M{column} {row}h1v1h-1z" for row, line in enumerate(code.matrix) for column, dark in enumerate(line) if dark
    ]
    return "".join(rows), len(code.matrix)
