"""Parses the text of a filter."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Final

from db.filter.conditions import Condition, CountryIs, DayColumn, DaysWithin, EntryNumberIs, Filter, Term
from db.filter.fields import field_named, read_without_field
from db.filter.values import Days, FilterError, Value
from db.filter.word_search import AT_ONCE
from db.search import folded
from jiacha_tui.clock import local_now
from jiacha_tui.declaration.country_names import countries_called, name_with_blanks_at
from jiacha_tui.declaration.deadlines import DeadlineRules

_HALF_WIDTH: Final = str.maketrans(
    {
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
        **dict(zip("《》。", "<>.", strict=True)),
        **dict.fromkeys("“”„‟「」『』", '"'),
    }
)
"""Characters of Chinese input methods and their half-width forms, one for one, so that positions do not change."""

_QUOTE = re.compile('"')
_END_OF_VALUE = re.compile(r"[|\s]")
_FIELD_NAME = re.compile(r"([^\W\d_]+):")
_NUMBERS = re.compile(r"(\d{18}(?:0(?!00)\d\d)?[,、;|]+)+(?:\d{18}(?:0(?!00)\d\d)?)?(?!\S)", re.ASCII)
"""Full numbers with commas between them, up to the end of the word."""

_BETWEEN_NUMBERS = re.compile("[,、;|]+")

MAX_LENGTH: Final = 200_000
"""Characters in a filter: enough for `MAX_CONDITIONS` numbers of 18 digits."""

MAX_CONDITIONS: Final = 10_000
"""Words, each alternative counted. So many are parsed in a fifth of a second."""

MAX_LISTS: Final = 20
"""Words with alternatives."""

MAX_LONG_LISTS: Final = 3
"""Words with more alternatives than `AT_ONCE`. Each searches all texts once."""


def parse(text: str, today: date, deadlines: DeadlineRules) -> Filter:
    """Parses `text`. 上月 and 10月 are counted from `today`, 期限 by `deadlines`.

    Raises FilterError, and no other exception: also for a filter that is too long.
    """
    _check_limit(len(text), MAX_LENGTH, "个字", MAX_LENGTH)
    terms = _any_of_numbers(_Parser(text, today, deadlines).terms())
    words = [{one for one in term.alternatives if not isinstance(one, CountryIs)} for term in terms if not term.negated]
    lists = [len(alternatives) for alternatives in words if len(alternatives) > 1]
    _check_limit(sum(len(term.alternatives) for term in terms), MAX_CONDITIONS, "个条件", 0)
    _check_limit(len(lists), MAX_LISTS, "个带 | 的条件", 0)
    _check_limit(sum(size > AT_ONCE for size in lists), MAX_LONG_LISTS, f"个带 | 且超过 {AT_ONCE} 项的条件", 0)
    return Filter(terms)


def half_width(text: str) -> str:
    """The text with half-width characters, as long as before."""
    return text.translate(_HALF_WIDTH)


def name_of_field(text: str, position: int) -> str | None:
    """The name of a field, known or not, that stands with its colon at `position` of a half-width text."""
    name = _FIELD_NAME.match(text, position)
    return name[1] if name else None


def words_of(text: str) -> tuple[str, ...]:
    """The words of a filter that `parse` takes, as they were typed."""
    parser = _Parser(text, local_now().date(), DeadlineRules())
    return tuple(text[start:end].strip() for start, end in parser.spans())


def only_days(filter_: Filter) -> Days | None:
    """The days of 出口日期 that are all that the filter asks for; None if it asks for more or something else."""
    match filter_.terms:
        case (Term((DaysWithin(DayColumn.EXPORTED, days),), negated=False),):
            return days
        case _:
            return None


def _any_of_numbers(terms: Iterable[Term]) -> tuple[Term, ...]:
    """The terms with all that name declarations as one: no declaration has two numbers, so any of them is meant."""
    others: list[Term] = []
    numbers: list[Condition] = []
    for term in terms:
        if term.names_declarations:
            numbers += term.alternatives
        else:
            others.append(term)
    return (Term(tuple(numbers)), *others) if numbers else tuple(others)


def _check_limit(count: int, limit: int, what: str, position: int) -> None:
    if count > limit:
        raise FilterError(position, f"筛选最多 {limit:,} {what}，现在有 {count:,} 个")


class _Parser:
    """Reads the text once from left to right. Blanks end a word, bars an alternative, except in quotes."""

    def __init__(self, text: str, today: date, deadlines: DeadlineRules) -> None:
        self._text = text
        self._today = today
        self._deadlines = deadlines
        self._half_width = text.translate(_HALF_WIDTH)
        self._position = 0

    def terms(self) -> Iterator[Term]:
        while self._skip_blanks():
            yield self._term()

    def spans(self) -> Iterator[tuple[int, int]]:
        """Where each word begins and ends."""
        while self._skip_blanks():
            start = self._position
            self._term()
            yield start, self._position

    def _skip_blanks(self) -> bool:
        while self._position < len(self._half_width) and self._half_width[self._position].isspace():
            self._position += 1
        return self._position < len(self._half_width)

    def _term(self) -> Term:
        negated = self._take("-")
        read: Callable[[Value], Condition] = read_without_field
        read_exact: Callable[[Value], Condition] | None = None
        takes_numbers = names_countries = True
        if name := _FIELD_NAME.match(self._half_width, self._position):
            field = field_named(name[1], self._position)
            read, takes_numbers, names_countries = field.read, field.takes_numbers, field.names_countries
            read_exact = field.read_exact
            self._position = name.end()
        if takes_numbers and (numbers := _NUMBERS.match(self._half_width, self._position)):
            self._position = numbers.end()
            return Term(tuple(map(EntryNumberIs, filter(None, _BETWEEN_NUMBERS.split(numbers[0])))), negated)
        alternatives: list[Condition] = []
        while not alternatives or self._take("|"):
            if read_exact is not None and self._take("="):
                alternatives.append(read_exact(self._value(may_be_empty=True)))
                continue
            country = self._country() if names_countries else None
            value = country or self._value()
            alternatives.append(read(value))
            may_be_country = names_countries and (country is not None or not value.quoted)
            if may_be_country and (names := countries_called(value.text)):
                alternatives.append(CountryIs(names))
        return Term(tuple(alternatives), negated)

    def _country(self) -> Value | None:
        """The English name with blanks that begins here, if one does. It needs no quotation marks."""
        start = self._position
        self._position += name_with_blanks_at(self._half_width, start)
        if self._position == start:
            return None
        text = slice(start, self._position)
        return Value(start, self._half_width[text], self._text[text], True, self._today, self._deadlines)

    def _value(self, *, may_be_empty: bool = False) -> Value:
        """The next alternative. If it `may_be_empty`, quotation marks without anything between them are one."""
        start = self._position
        quoted = self._take('"')
        first = self._position
        end = (_QUOTE if quoted else _END_OF_VALUE).search(self._half_width, self._position)
        self._position = end.start() if end else len(self._half_width)
        text = slice(first, self._position)
        value = Value(start, self._half_width[text], self._text[text], quoted, self._today, self._deadlines)
        # While the operator types, a quotation has no end yet. It is read up to the end of the text.
        if quoted and self._take('"') and not self._at_end_of_value():
            raise FilterError(self._position, "引号后面应是空格")
        if not (folded(value.raw) or (may_be_empty and quoted)):
            raise FilterError(start, "这里缺少内容")
        return value

    def _at_end_of_value(self) -> bool:
        return self._position == len(self._half_width) or bool(_END_OF_VALUE.match(self._half_width, self._position))

    def _take(self, character: str) -> bool:
        """Whether the next character is this one. If so, moves behind it."""
        taken = self._half_width.startswith(character, self._position)
        self._position += taken
        return taken
