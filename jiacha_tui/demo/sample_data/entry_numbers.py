"""报关单号 that a declaration's place in the population can be read back from, so that no index is needed.

Office, year, direction and nine digits of serial, as in a real one: serials of a year grow from day to day and look
irregular within a day. Also the other numbers of a declaration: 预录入编号, 统一编号, container, air waybill.
"""

import string
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from jiacha_tui.declaration.model import Kind
from jiacha_tui.demo.sample_data.companies import MAX_COMPANIES

ENTRY_ID_LENGTH: Final = 18
EXPORT: Final = "0"
_KINDS = tuple(Kind)
_STRIDE: Final = 0x9E3779B1  # odd, hence invertible modulo a power of two
_SERIAL_DIGITS: Final = 9
_LONGEST_YEAR: Final = 372
"""Days that a declaration of one year may leave on, counted from its first: it may leave early in the next."""


@dataclass(frozen=True, slots=True)
class NumberSlot:
    """A declaration's place in the population: the `ordinal`-th of its company, kind and 出口日期."""

    company: int
    kind: Kind
    day: date
    ordinal: int


@dataclass(frozen=True, slots=True)
class Numbering:
    """`ordinals` is how many numbers a company has for one kind and day: a power of two."""

    ordinals: int

    @classmethod
    def for_busiest_day(cls, declarations: int) -> "Numbering":
        """With room for days twice as busy. Raises ValueError where nine digits cannot number them."""
        numbering = cls(max(64, 1 << (2 * declarations - 1).bit_length()))
        if numbering._block * _LONGEST_YEAR >= 10**_SERIAL_DIGITS:
            raise ValueError("too many declarations for the nine digits of a serial")
        return numbering

    @property
    def _block(self) -> int:
        return self.ordinals * MAX_COMPANIES * len(_KINDS)

    def entry_id(self, slot: NumberSlot, office: str, declared_on: date) -> str:
        offset = (slot.day - date(declared_on.year, 1, 1)).days
        code = (slot.ordinal * MAX_COMPANIES + slot.company) * len(_KINDS) + _KINDS.index(slot.kind)
        serial = offset * self._block + (code * _STRIDE + offset) % self._block
        return f"{office}{declared_on.year}{EXPORT}{serial:0{_SERIAL_DIGITS}d}"

    def slot(self, entry_id: str) -> NumberSlot | None:
        """The only place that can have this number; None where none can. The caller makes sure that it has."""
        if len(entry_id) != ENTRY_ID_LENGTH or not (entry_id.isascii() and entry_id.isdigit()):
            return None
        year, direction = int(entry_id[4:8]), entry_id[8]
        offset, mixed = divmod(int(entry_id[9:]), self._block)
        if direction != EXPORT or not date.min.year <= year < date.max.year or offset >= _LONGEST_YEAR:
            return None
        code = (mixed - offset) * pow(_STRIDE, -1, self._block) % self._block
        rest, kind = divmod(code, len(_KINDS))
        ordinal, company = divmod(rest, MAX_COMPANIES)
        return NumberSlot(company, _KINDS[kind], date(year, 1, 1) + timedelta(days=offset), ordinal)


_CONTAINER_VALUES: Final = dict(zip(string.ascii_uppercase, (n for n in range(10, 39) if n % 11), strict=True))
"""What a letter counts in the check digit: multiples of eleven are left out."""


def container_number(owner: str, serial: int) -> str:
    """An ISO 6346 number: three letters of the owner, `U`, six digits of serial and the check digit."""
    body = f"{owner}U{serial:06d}"
    total = sum(
        (_CONTAINER_VALUES.get(character) or int(character)) << position for position, character in enumerate(body)
    )
    return f"{body}{total % 11 % 10}"


def air_waybill(prefix: int, serial: int) -> str:
    """A 总运单号: three digits of the carrier, seven of serial and their remainder by seven (IATA resolution 600a)."""
    return f"{prefix:03d}{serial:07d}{serial % 7}"


def digits(random: Random, count: int) -> str:
    return f"{random.randrange(10**count):0{count}d}"
