"""Declarations in groups, with the figures of each group: what the operator sees of a filter as a whole."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


class Grouping(enum.Enum):
    """What declarations are grouped by. The value is the name that the operator sees."""

    MONTH = "月份"
    COUNTRY = "运抵国"
    EXIT_CUSTOMS = "出口口岸"
    CHAPTER = "商品章"
    GOODS = "商品名称"
    TRADE = "监管方式"
    CURRENCY = "币制"
    KIND = "类型"
    STATE = "状态"

    @property
    def is_of_items(self) -> bool:
        """Whether items are grouped: then a declaration counts once in each group of which it has items."""
        return self in (Grouping.CHAPTER, Grouping.GOODS, Grouping.CURRENCY)


class Measure(enum.Enum):
    """What groups are sorted by. The value is its name. Figures are sorted from the highest, names from the first.

    Months are sorted from the latest.
    """

    DECLARATIONS = "票数"
    ITEMS = "条数"
    USD = "USD"
    NAME = "名称"


@dataclass(frozen=True, slots=True)
class Figures:
    """Declarations (票), items (条) and USD of a group.

    `usd_unknown` counts what has no USD amount and is not in `usd`: declarations, or items if items are grouped. If
    `items_known` is false, some details are missing from the cache and the true number of items may be higher.
    """

    declarations: int
    items: int
    usd: Decimal
    usd_unknown: int = 0
    items_known: bool = True


@dataclass(frozen=True, slots=True)
class BreakdownLine:
    """One group. `key` and `name` are "" for what has none. `filter_word`, a word of a filter, finds exactly its
    declarations.

    `months` has the figures of each month of `Breakdown.months` in which the group has any.
    """

    key: str
    name: str
    filter_word: str
    figures: Figures
    months: Mapping[str, Figures] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The declarations of a filter in groups, without those that the port no longer lists.

    `lines` has the first `MAX_LINES` of `groups` groups in order. `total` is about all declarations of the filter, in
    whatever groups they are; its items and USD are those of the head. `without_detail` counts the declarations whose
    detail is not cached: they are in no group of items. `months` are the latest ones, newest first, if they were asked
    for.
    """

    grouping: Grouping
    measure: Measure
    lines: tuple[BreakdownLine, ...]
    groups: int
    total: Figures
    without_detail: int
    months: tuple[str, ...] = ()


MAX_LINES = 1000
MAX_GRID_LINES = 200
"""The lines of a breakdown that also has the figures of months."""

MAX_MONTHS = 24
