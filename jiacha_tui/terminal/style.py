"""The style of a cell, and the shortest sequence that switches a terminal from one style to another.

Styles are ECMA-48's SGR. Links are OSC 8, which a terminal that does not know it ignores.
"""

from functools import lru_cache
from typing import NamedTuple

_COLOUR_NUMBERS = {"5": 1, "2": 3}
"""How many numbers follow `38;5` or `38;2` (and `48;…`): an index, or red, green and blue."""

_ENDS = {
    "22": ("1", "2"),
    "23": ("3",),
    "24": ("4", "21"),
    "25": ("5", "6"),
    "27": ("7",),
    "28": ("8",),
    "29": ("9",),
    "54": ("51", "52"),
    "55": ("53",),
}
"""The attributes that each of these parameters switches off."""

_ENDED_BY = {attribute: end for end, attributes in _ENDS.items() for attribute in attributes}
"""The parameter that switches off each attribute."""

_FOREGROUNDS = frozenset(map(str, (*range(30, 38), *range(90, 98))))
_BACKGROUNDS = frozenset(map(str, (*range(40, 48), *range(100, 108))))

_INVISIBLE_ON_BLANK = frozenset({"1", "2", "3"})
"""Bold, dim, italic: a blank looks the same with and without them."""


class UnsupportedOutput(Exception):
    """Textual wrote a sequence whose effect on the screen is not known here."""


class Style(NamedTuple):
    """`attributes`, `foreground` and `background` are SGR parameters; a colour of "" is the terminal's own.

    `link` holds the parameters and the address of OSC 8: what is between `8;` and the terminator.
    """

    attributes: frozenset[str] = frozenset()
    foreground: str = ""
    background: str = ""
    link: str = ""


PLAIN = Style()


@lru_cache(maxsize=4096)
def apply_sgr(style: Style, parameters: str) -> Style:
    """Returns `style` after an SGR sequence with these parameters. Raises UnsupportedOutput for an unknown one."""
    attributes, foreground, background, link = style
    numbers = iter(parameters.split(";"))
    for number in numbers:
        if number.lstrip("0") == "":
            attributes, foreground, background = frozenset[str](), "", ""
        elif number in _ENDED_BY:
            attributes |= {number}
        elif number in _ENDS:
            attributes = attributes.difference(_ENDS[number])
        elif number in ("38", "48"):
            kind = next(numbers, "")
            colour = ";".join([number, kind, *(next(numbers, "") for _ in range(_COLOUR_NUMBERS.get(kind, 0)))])
            if kind not in _COLOUR_NUMBERS or colour.endswith(";"):
                raise UnsupportedOutput
            foreground, background = (colour, background) if number == "38" else (foreground, colour)
        elif number in ("39", "49"):
            foreground, background = ("", background) if number == "39" else (foreground, "")
        elif number in _FOREGROUNDS:
            foreground = number
        elif number in _BACKGROUNDS:
            background = number
        else:
            raise UnsupportedOutput
    return Style(attributes, foreground, background, link)


@lru_cache(maxsize=4096)
def simplify_for_blank(style: Style) -> Style:
    """Returns the simplest style in which a blank looks the same as in `style`."""
    is_invisible = style.attributes <= _INVISIBLE_ON_BLANK
    return style._replace(attributes=frozenset(), foreground="") if is_invisible else style


@lru_cache(maxsize=4096)
def switch_style(old: Style, new: Style) -> str:
    """Returns the shortest sequence that switches from `old` to `new`; "" if they are equal."""
    link = "" if old.link == new.link else f"\x1b]8;{new.link or ';'}\x1b\\"
    if old._replace(link=new.link) == new:
        return link
    after_reset = _sgr(["", *_additions(PLAIN, new)])
    ends = {_ENDED_BY[attribute] for attribute in old.attributes - new.attributes}
    kept = old.attributes.difference(*(_ENDS[end] for end in ends))
    without_reset = _sgr([*sorted(ends), *_additions(old._replace(attributes=kept), new)])
    return link + min(after_reset, without_reset, key=len)


def _additions(old: Style, new: Style) -> list[str]:
    added = sorted(new.attributes - old.attributes)
    if old.foreground != new.foreground:
        added.append(new.foreground or "39")
    if old.background != new.background:
        added.append(new.background or "49")
    return added


def _sgr(parameters: list[str]) -> str:
    return f"\x1b[{';'.join(parameters)}m"
