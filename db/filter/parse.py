"""Parses the text of a filter."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from db.filter.conditions import Condition, Filter, Term
from db.filter.fields import field_named, read_without_field
from db.filter.values import FilterError, Value
from db.search import folded

_HALF_WIDTH: Final = str.maketrans(
    {
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
        **dict(zip("《》。", "<>.", strict=True)),
        **dict.fromkeys("“”„‟「」『』", '"'),
    }
)
"""Characters of Chinese input methods and their half-width forms, one for one, so that positions do not change."""

_FIELD_NAME = re.compile(r"([^\W\d_]+):")


def parse(text: str) -> Filter:
    """Parses `text`. Raises FilterError, and no other exception."""
    return Filter(tuple(_Parser(text).terms()))


class _Parser:
    """Reads the text once from left to right. Blanks end a word, bars an alternative, except in quotes."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._half_width = text.translate(_HALF_WIDTH)
        self._position = 0

    def terms(self) -> Iterator[Term]:
        while self._skip_blanks():
            yield self._term()

    def _skip_blanks(self) -> bool:
        while self._position < len(self._half_width) and self._half_width[self._position].isspace():
            self._position += 1
        return self._position < len(self._half_width)

    def _term(self) -> Term:
        negated = self._take("-")
        read: Callable[[Value], Condition] = read_without_field
        if name := _FIELD_NAME.match(self._half_width, self._position):
            read = field_named(name[1], self._position).read
            self._position = name.end()
        alternatives = [read(self._value())]
        while self._take("|"):
            alternatives.append(read(self._value()))
        return Term(tuple(alternatives), negated)

    def _value(self) -> Value:
        start = self._position
        quoted = self._take('"')
        first = self._position
        while self._position < len(self._half_width) and not self._ends_value(quoted):
            self._position += 1
        value = Value(start, self._half_width[first : self._position], self._text[first : self._position], quoted)
        # While the operator types, a quotation has no end yet. It is read up to the end of the text.
        if quoted and self._take('"') and self._position < len(self._half_width) and not self._ends_value(quoted=False):
            raise FilterError(self._position, "引号后面应是空格")
        if not folded(value.raw):
            raise FilterError(start, "这里缺少内容")
        return value

    def _ends_value(self, quoted: bool) -> bool:
        character = self._half_width[self._position]
        return character == '"' if quoted else character == "|" or character.isspace()

    def _take(self, character: str) -> bool:
        """Whether the next character is this one. If so, moves behind it."""
        taken = self._half_width.startswith(character, self._position)
        self._position += taken
        return taken
