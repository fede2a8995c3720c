"""What a filter can ask of a declaration, as values: read by `parse`, put to the engine by `sql`.

Texts are folded (`db.search`). A declaration that lacks what is asked about does not fulfil the condition.
"""

import enum
from dataclasses import dataclass

from db.filter.values import Days, Numbers
from jiacha_tui.declaration.model import Kind, Origin


class TextColumn(enum.Enum):
    """Texts that can be searched, each with its initials; the value is the column."""

    CONSIGNOR = "consignor_search"
    COUNTRY = "country_search"
    PORT = "port_search"
    TRADE = "trade_search"
    CONTRACT = "contract_search"
    STATE = "state_search"


class DayColumn(enum.Enum):
    """Days; the value is the column."""

    EXPORTED = "exported_on"
    REPORTED = "reported_at"


class NumberColumn(enum.Enum):
    """Numbers; the value is the column."""

    USD = "usd_amount"
    ITEMS = "item_count"
    PRINTS = "print_count"


class StatusFlag(enum.Enum):
    """What was done with a declaration, or is there of it; the value is the name in Latin letters."""

    DOWNLOADED = "downloaded"
    RESENT = "resent"
    RESEND_UNKNOWN = "unknown"
    PRINTED = "printed"
    DETAILED = "detail"


@dataclass(frozen=True, slots=True)
class TextContains:
    """The text, its initials or, of a consignor, its code have `text` in them."""

    column: TextColumn
    text: str


@dataclass(frozen=True, slots=True)
class EntryNumberContains:
    """报关单号 has `text` in it."""

    text: str


@dataclass(frozen=True, slots=True)
class GoodsNameContains:
    """An item's 商品名称, or its initials, has `text` in it."""

    text: str


@dataclass(frozen=True, slots=True)
class HsCodePrefix:
    """An item's 商品编号 starts with `digits`."""

    digits: str


@dataclass(frozen=True, slots=True)
class DaysWithin:
    column: DayColumn
    days: Days


@dataclass(frozen=True, slots=True)
class NumberWithin:
    column: NumberColumn
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class KindIs:
    kind: Kind


@dataclass(frozen=True, slots=True)
class OriginIs:
    origin: Origin


@dataclass(frozen=True, slots=True)
class HasStatus:
    """The mark is there, or with `wanted` false is not."""

    flag: StatusFlag
    wanted: bool


@dataclass(frozen=True, slots=True)
class AnyTextContains:
    """Any of the text columns, or the goods, have `text` in them."""

    text: str


@dataclass(frozen=True, slots=True)
class AnyNumberMatches:
    """报关单号 has `digits` in it, or an item's 商品编号 starts with them."""

    digits: str


Condition = (
    TextContains
    | EntryNumberContains
    | GoodsNameContains
    | HsCodePrefix
    | DaysWithin
    | NumberWithin
    | KindIs
    | OriginIs
    | HasStatus
    | AnyTextContains
    | AnyNumberMatches
)


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a filter: any of the alternatives, or none of them where it is negated."""

    alternatives: tuple[Condition, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """All of the terms; without one, every declaration passes."""

    terms: tuple[Term, ...] = ()
