"""The card's PIN, held in one place that can be emptied and shows itself nowhere."""

from typing import NoReturn, Self

from jiacha_tui.card.problems import PinMalformed, PinMissing

PIN_LENGTH = 8
"""Characters in a PIN (the official login page)."""


class Pin:
    """A PIN as typed, kept until `clear`.

    The only copy this program keeps is the bytearray in here, overwritten by `clear`. What `reveal` returns is
    for one call and must not be stored. It cannot be printed, formatted, compared, copied or pickled.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = bytearray(text, "utf-8")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The PIN in `text`, eight printable ASCII characters. Raises PinMissing, PinMalformed (official texts)."""
        if not text:
            raise PinMissing
        if len(text) != PIN_LENGTH or not text.isascii() or not text.isprintable():
            raise PinMalformed
        return cls(text)

    def reveal(self) -> str:
        """The PIN itself. Raises ValueError once cleared."""
        if self.cleared:
            raise ValueError("the PIN was cleared")
        return self._text.decode("utf-8")

    def clear(self) -> None:
        """Overwrites the PIN; may be called again."""
        self._text[:] = bytes(len(self._text))
        self._text.clear()

    @property
    def cleared(self) -> bool:
        return not self._text

    def __repr__(self) -> str:
        return "Pin(cleared)" if self.cleared else "Pin(********)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a PIN is not copied or pickled")
