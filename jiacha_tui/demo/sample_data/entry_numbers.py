"""The numbers of a declaration: 报关单号, container numbers and air waybills, with their check digits."""

import string
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

from jiacha_tui.declaration.model import Kind
from jiacha_tui.demo.sample_data.companies import MAX_COMPANIES

_KINDS: Final = tuple(Kind)
_STRIDE: Final = 0x9E3779B1
"""Odd, so that multiplying by it modulo a power of two gives each serial once."""

_MIN_NUMBERS_A_DAY: Final = 64
_NUMBERS_A_YEAR: Final = 10**10
"""The last ten digits of an entry number: 0 for an export, then nine digits of serial."""


@dataclass(frozen=True, slots=True)
class EntryNumbers:
    """Entry numbers without the customs office that begins them: year, 0 for an export, nine digits of serial.

    As in real ones, the serials of a year grow from day to day and look irregular within a day. `on_a_day` is how many
    numbers a company has for one kind and day: a power of two.
    """

    on_a_day: int

    @classmethod
    def for_busiest_day(cls, declarations: int) -> "EntryNumbers":
        """With room for a day twice as busy."""
        return cls(max(_MIN_NUMBERS_A_DAY, 1 << (2 * declarations - 1).bit_length()))

    def number(self, company: int, kind: Kind, exported_on: date, ordinal: int, *, declared_in: int) -> int:
        """The number of the `ordinal`-th declaration of a company (its index), kind and day.

        `declared_in` is the year of its 申报日期: what leaves early in January may have been declared in December.
        """
        day = (exported_on - date(declared_in, 1, 1)).days
        block = self.on_a_day * MAX_COMPANIES * len(_KINDS)
        position = (ordinal * MAX_COMPANIES + company) * len(_KINDS) + _KINDS.index(kind)
        return declared_in * _NUMBERS_A_YEAR + day * block + (position * _STRIDE + day) % block


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
    """A random number of exactly `count` digits, with leading zeros."""
    return f"{random.randrange(10**count):0{count}d}"
