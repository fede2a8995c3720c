"""How a cell looks besides its character, and the shortest sequence from one look to another.

Looks are ECMA-48's SGR; what text leads to is OSC 8, which terminals that do not know it leave out.
"""

from functools import lru_cache
from typing import NamedTuple

from jiacha_tui.terminal.problems import UnsupportedOutput

_EXTENDED = {"5": 1, "2": 3}
"""How many numbers follow 38 or 48 and this one: an index, or red, green and blue."""

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
_ENDED_BY = {attribute: end for end, attributes in _ENDS.items() for attribute in attributes}
"""The attributes, each with what ends it."""

_FOREGROUNDS = frozenset(map(str, (*range(30, 38), *range(90, 98))))
_BACKGROUNDS = frozenset(map(str, (*range(40, 48), *range(100, 108))))

_OF_THE_CHARACTER = frozenset({"1", "2", "3"})
"""Bold, dim, italic: nothing of them is seen on a blank."""


class Style(NamedTuple):
    """`attributes`, `foreground` and `background` are SGR parameters; "" is the terminal's own colour.

    `link` is what stands between `8;` and the end of OSC 8.
    """

    attributes: frozenset[str] = frozenset()
    foreground: str = ""
    background: str = ""
    link: str = ""


PLAIN = Style()


@lru_cache(maxsize=4096)
def styled(style: Style, parameters: str) -> Style:
    """`style` after an SGR sequence with these parameters. Raises NotUnderstood."""
    attributes, foreground, background, link = style
    rest = iter(parameters.split(";"))
    for number in rest:
        if number.lstrip("0") == "":
            attributes, foreground, background = frozenset[str](), "", ""
        elif number in _ENDED_BY:
            attributes |= {number}
        elif number in _ENDS:
            attributes = attributes.difference(_ENDS[number])
        elif number in ("38", "48"):
            kind = next(rest, "")
            colour = ";".join([number, kind, *(next(rest, "") for _ in range(_EXTENDED.get(kind, 0)))])
            if kind not in _EXTENDED or colour.endswith(";"):
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
def on_blank(style: Style) -> Style:
    """The simplest style in which a blank looks as it does in this one."""
    return style._replace(attributes=frozenset(), foreground="") if style.attributes <= _OF_THE_CHARACTER else style


@lru_cache(maxsize=4096)
def change(old: Style, new: Style) -> str:
    """The shortest sequence after which what is written looks like `new`."""
    link = "" if old.link == new.link else f"\x1b]8;{new.link or ';'}\x1b\\"
    if old._replace(link=new.link) == new:
        return link
    anew = _sequence(["", *_additions(PLAIN, new)])
    ended = {_ENDED_BY[one] for one in old.attributes - new.attributes}
    kept = old.attributes.difference(*(_ENDS[one] for one in ended))
    step = _sequence([*sorted(ended), *_additions(old._replace(attributes=kept), new)])
    return link + min(anew, step, key=len)


def _additions(old: Style, new: Style) -> list[str]:
    added = sorted(new.attributes - old.attributes)
    if old.foreground != new.foreground:
        added.append(new.foreground or "39")
    if old.background != new.background:
        added.append(new.background or "49")
    return added


def _sequence(parameters: list[str]) -> str:
    return f"\x1b[{';'.join(parameters)}m"
