"""The conditions of a filter as values. `parse` makes them from text, `sql` makes SQL of them.

Texts are folded (`db.search`). A declaration that has no value for a condition does not meet it.
"""

import enum
from dataclasses import dataclass

from db.filter.values import Days, Numbers
from jiacha_tui.declaration.entry_number import ENTRY_ID_LENGTH
from jiacha_tui.declaration.model import Kind, Origin


class TextColumn(enum.Enum):
    """Texts that can be searched together with their pinyin initials. The value is the column in the cache."""

    CONSIGNOR = "consignor_search"
    COUNTRY = "country_search"
    EXIT_CUSTOMS = "port_search"
    TRADE = "trade_search"
    CONTRACT = "contract_search"
    STATE = "state_search"


class DetailColumn(enum.Enum):
    """Texts of the detail, and the clerk's note, that are searched only where a word names them.

    The value is the name on the screen.
    """

    BILL = "提运单号"
    CONTAINERS = "集装箱号"
    TRANSPORT = "运输工具"
    REMARKS = "备注"
    OWNER = "生产销售单位"
    AGENT = "申报单位"
    MANUAL = "备案号"
    CURRENCY = "币制"
    NOTE = "批注"


class DayColumn(enum.Enum):
    """Dates. The value is the column."""

    EXPORTED = "exported_on"
    REPORTED = "reported_at"


class NumberColumn(enum.Enum):
    """Numbers. The value is the column."""

    USD = "usd_amount"
    ITEMS = "item_count"
    PRINTS = "print_count"


class StatusFlag(enum.Enum):
    """What was done with a declaration, whether its detail is here, and what the port has done since.

    The value is the name in Latin letters.
    """

    DOWNLOADED = "downloaded"
    RESENT = "resent"
    RESEND_UNKNOWN = "unknown"
    PRINTED = "printed"
    DETAILED = "detail"
    DELISTED = "delisted"
    OUTDATED = "outdated"
    FILED = "filed"
    COLLECTED = "collected"


@dataclass(frozen=True, slots=True)
class TextContains:
    """The text of the column or its initials contain `text`. For CONSIGNOR also the code of the consignor."""

    column: TextColumn
    text: str


@dataclass(frozen=True, slots=True)
class DetailContains:
    """The text of the column contains `text`. For OWNER and AGENT also the code, for CURRENCY of any item."""

    column: DetailColumn
    text: str


class ExactColumn(enum.Enum):
    """Texts that a word can name whole. The value is the name of a user's screen."""

    COUNTRY = "运抵国"
    EXIT_CUSTOMS = "出口口岸"
    TRADE = "监管方式"
    STATE = "数据传输状态"
    GOODS = "商品名称"
    HS_CODE = "商品编号"
    CURRENCY = "币制"


@dataclass(frozen=True, slots=True)
class TextIs:
    """The whole text of the column is `text`, "" for none. For GOODS, HS_CODE and CURRENCY that of any item.

    It is folded, except for HS_CODE and CURRENCY.
    """

    column: ExactColumn
    text: str


@dataclass(frozen=True, slots=True)
class EntryNumberContains:
    """报关单号 contains `text`."""

    text: str


@dataclass(frozen=True, slots=True)
class EntryNumberIs:
    """报关单号 is the first 18 digits of `number`, which has 18 digits, or 21 if it names an item."""

    number: str

    @property
    def entry_id(self) -> str:
        return self.number[:ENTRY_ID_LENGTH]


@dataclass(frozen=True, slots=True)
class GoodsNameContains:
    """商品名称 of an item, or its initials, contains `text`."""

    text: str


@dataclass(frozen=True, slots=True)
class HsCodePrefix:
    """商品编号 of an item starts with `digits`."""

    digits: str


@dataclass(frozen=True, slots=True)
class DaysWithin:
    """The date of the column is within `days`."""

    column: DayColumn
    days: Days


@dataclass(frozen=True, slots=True)
class DeadlineWithin:
    """The next deadline is at most `days` days away, or all have passed if that is None.

    `exported` are the ranges of 出口日期 of which that is true.
    """

    days: int | None
    exported: tuple[Days, ...]


@dataclass(frozen=True, slots=True)
class NumberWithin:
    """The number of the column is within `numbers`."""

    column: NumberColumn
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class KindIs:
    """The declaration is of this kind (报关单类型)."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class OriginIs:
    """The declaration comes from the port's list or from an imported file."""

    origin: Origin


@dataclass(frozen=True, slots=True)
class HasStatus:
    """The declaration has the status `flag` or, if `expected` is false, does not have it.

    If `expected` is false, a declaration that the port no longer lists does not match: nothing is left to do for it.
    """

    flag: StatusFlag
    expected: bool


@dataclass(frozen=True, slots=True)
class CountryIs:
    """运抵国 is one of `names`: the present and the former name of one country."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnyTextContains:
    """Any of the text columns, or the name of an item, contains `text`."""

    text: str


@dataclass(frozen=True, slots=True)
class AnyNumberMatches:
    """报关单号 contains `digits`, or 商品编号 of an item starts with them."""

    digits: str


Condition = (
    TextContains
    | DetailContains
    | TextIs
    | EntryNumberContains
    | EntryNumberIs
    | GoodsNameContains
    | HsCodePrefix
    | DaysWithin
    | DeadlineWithin
    | NumberWithin
    | KindIs
    | OriginIs
    | HasStatus
    | CountryIs
    | AnyTextContains
    | AnyNumberMatches
)


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a filter: at least one of the alternatives is met or, if `negated`, none is."""

    alternatives: tuple[Condition, ...]
    negated: bool = False

    @property
    def names_declarations(self) -> bool:
        """Whether it has nothing but full numbers, one of which a declaration must have."""
        return not self.negated and all(isinstance(one, EntryNumberIs) for one in self.alternatives)


@dataclass(frozen=True, slots=True)
class Filter:
    """All terms are met. A filter without terms matches every declaration."""

    terms: tuple[Term, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        """The full numbers that it asks for, each once: of declarations, or of their items."""
        named = (one for term in self.terms if term.names_declarations for one in term.alternatives)
        return tuple(dict.fromkeys(one.number for one in named if isinstance(one, EntryNumberIs)))
