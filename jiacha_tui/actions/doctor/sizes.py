"""Amounts of bytes, as they are told."""

from typing import Final

_UNITS: Final = ("B", "KB", "MB", "GB", "TB")
_STEP: Final = 1024


def size_text(size: int) -> str:
    """To one decimal below ten, as `1.5 GB` and `12 MB`."""
    amount, power = float(size), 0
    while round(amount) >= _STEP and power < len(_UNITS) - 1:
        amount, power = amount / _STEP, power + 1
    digits = 1 if power and amount < 10 else 0  # noqa: PLR2004 - two digits say enough
    return f"{amount:.{digits}f} {_UNITS[power]}"
