"""From a filter's text to its conditions."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from db.filter.conditions import Condition, Filter, Term
from db.filter.fields import field_named, read_bare
from db.filter.values import FilterError, Value
from db.search import folded

_PLAIN: Final = str.maketrans(
    {
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
        **dict(zip("《》。", "<>.", strict=True)),
        **dict.fromkeys("“”„‟「」『』", '"'),
    }
)
"""Signs of Chinese input methods and what they stand for; one for one, so that positions stay."""

_FIELD_NAME = re.compile(r"([^\W\d_]+):")


def parse(text: str) -> Filter:
    """The filter in `text`. Raises FilterError and nothing else."""
    return Filter(tuple(_Reader(text).terms()))


class _Reader:
    """Goes through the text once. Blanks end a word, bars an alternative; in quotes they do neither."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._plain = text.translate(_PLAIN)
        self._at = 0

    def terms(self) -> Iterator[Term]:
        while self._skip_blanks():
            yield self._term()

    def _skip_blanks(self) -> bool:
        while self._at < len(self._plain) and self._plain[self._at].isspace():
            self._at += 1
        return self._at < len(self._plain)

    def _term(self) -> Term:
        negated = self._take("-")
        read: Callable[[Value], Condition] = read_bare
        if name := _FIELD_NAME.match(self._plain, self._at):
            read = field_named(name[1], self._at).read
            self._at = name.end()
        alternatives = [read(self._value())]
        while self._take("|"):
            alternatives.append(read(self._value()))
        return Term(tuple(alternatives), negated)

    def _value(self) -> Value:
        start = self._at
        quoted = self._take('"')
        first = self._at
        while self._at < len(self._plain) and not self._ends_value(quoted):
            self._at += 1
        value = Value(start, self._plain[first : self._at], self._text[first : self._at], quoted)
        # While it is being typed a quotation has no end yet, and is taken as it is so far.
        if quoted and self._take('"') and self._at < len(self._plain) and not self._ends_value(quoted=False):
            raise FilterError(self._at, "引号后面应是空格")
        if not folded(value.raw):
            raise FilterError(start, "这里缺少内容")
        return value

    def _ends_value(self, quoted: bool) -> bool:
        sign = self._plain[self._at]
        return sign == '"' if quoted else sign == "|" or sign.isspace()

    def _take(self, sign: str) -> bool:
        taken = self._plain.startswith(sign, self._at)
        self._at += taken
        return taken
