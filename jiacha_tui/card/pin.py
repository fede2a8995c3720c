"""The card's PIN, kept in one place that can be cleared and that never shows it."""

from typing import NoReturn, Self

from jiacha_tui.card.problems import PinMalformed, PinMissing

PIN_LENGTH = 8
"""Number of characters of a PIN (official login page)."""


class Pin:
    """A PIN as it was typed, kept until `clear`.

    The bytearray in this object is the only copy that the program keeps; `clear` overwrites it. The result of `reveal`
    is for one call and must not be stored. A Pin cannot be printed, formatted, compared, copied or pickled.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = bytearray(text, "utf-8")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The PIN in `text`, which must be eight printable ASCII characters. Raises PinMissing, PinMalformed."""
        if not text:
            raise PinMissing
        if len(text) != PIN_LENGTH or not text.isascii() or not text.isprintable():
            raise PinMalformed
        return cls(text)

    def reveal(self) -> str:
        """The PIN in clear. Raises ValueError if it was cleared."""
        if self.cleared:
            raise ValueError("the PIN was cleared")
        return self._text.decode("utf-8")

    def clear(self) -> None:
        """Overwrites the PIN. May be called more than once."""
        self._text[:] = bytes(len(self._text))
        self._text.clear()

    @property
    def cleared(self) -> bool:
        return not self._text

    def __repr__(self) -> str:
        return "Pin(cleared)" if self.cleared else "Pin(********)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a PIN is not copied or pickled")
