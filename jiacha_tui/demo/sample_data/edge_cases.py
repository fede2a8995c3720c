"""Edge cases: declarations made on purpose for everything that a program reading them must handle.

They lie on certain days before the anchor, ahead of the ordinary declarations of their day. A population that is too
small has fewer of them.
"""

import dataclasses
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from jiacha_tui.declaration.model import Head, Item, Kind
from jiacha_tui.demo.sample_data.companies import COMPANIES, DEMO_COMPANY
from jiacha_tui.demo.sample_data.workdays import ONE_DAY, latest_workday


class TextVariant(enum.Enum):
    """What is special about the texts of a declaration; each value has a function below that writes them."""

    LONG = enum.auto()
    RARE = enum.auto()
    HOSTILE = enum.auto()
    EMPTY = enum.auto()


@dataclass(frozen=True, slots=True)
class EdgeCase:
    """What is special about one declaration. A field with its default value is ordinary."""

    items: int | None = None
    amendments: int = 0
    attachment_bytes: int = 0
    """The size of the attachment in its download."""

    text_variant: TextVariant | None = None


SHOWCASE: Final = (
    *(EdgeCase(items=count) for count in (1, 6, 7, 20, 21, 50)),
    EdgeCase(items=3, amendments=1),
    EdgeCase(items=2, amendments=2),
    EdgeCase(items=4, text_variant=TextVariant.LONG),
    EdgeCase(items=3, text_variant=TextVariant.RARE),
    EdgeCase(items=2, text_variant=TextVariant.HOSTILE),
    EdgeCase(items=2, text_variant=TextVariant.EMPTY),
)
"""One day of the last month: page breaks of the form, amendments, and texts that are hard to display."""

MANY_ITEMS: Final = tuple(EdgeCase(items=41 + number % 10) for number in range(26))
"""One day with more than 1,000 items: together with any other day it is over the limit of a download."""

LARGE_ATTACHMENTS_DAYS: Final = 4
LARGE_ATTACHMENTS: Final = tuple(EdgeCase(attachment_bytes=180_000) for _ in range(12))
"""Each of four successive days: any three of them make a file of more than 8 MB."""

_SHOWCASE_BACK: Final = 12
_MANY_ITEMS_BACK: Final = 47
_LARGE_ATTACHMENTS_BACK: Final = 96
_ORDINARY: Final = EdgeCase()


class EdgeCases:
    """The edge cases of a population: 结关 declarations of the demo company."""

    def __init__(self, by_day: Mapping[date, tuple[EdgeCase, ...]]) -> None:
        self._by_day = by_day

    @classmethod
    def of(cls, anchor: date, total: int) -> "EdgeCases":
        """The edge cases of a population of `total` declarations: at most half of it."""
        first_large = latest_workday(anchor - _LARGE_ATTACHMENTS_BACK * ONE_DAY)
        wanted = (
            (latest_workday(anchor - _SHOWCASE_BACK * ONE_DAY), SHOWCASE),
            (latest_workday(anchor - _MANY_ITEMS_BACK * ONE_DAY), MANY_ITEMS),
            *((first_large + offset * ONE_DAY, LARGE_ATTACHMENTS) for offset in range(LARGE_ATTACHMENTS_DAYS)),
        )
        by_day, available = {}, total // 2
        for day, edge_cases in wanted:
            if len(edge_cases) <= available:
                by_day[day] = edge_cases
                available -= len(edge_cases)
        return cls(by_day)

    @property
    def max_on_a_day(self) -> int:
        """How many edge cases the day with the most of them has."""
        return max(map(len, self._by_day.values()), default=0)

    def counts(self, company: int, kind: Kind) -> Mapping[date, int]:
        """How many edge cases a company (its index) has on each day that has any."""
        if not _has_edge_cases(company, kind):
            return {}
        return {day: len(edge_cases) for day, edge_cases in self._by_day.items()}

    def find(self, company: int, kind: Kind, day: date, ordinal: int) -> EdgeCase:
        """What is special about the `ordinal`-th declaration of a company (its index), kind and day."""
        edge_cases = self._by_day.get(day, ()) if _has_edge_cases(company, kind) else ()
        return edge_cases[ordinal] if ordinal < len(edge_cases) else _ORDINARY


def _has_edge_cases(company: int, kind: Kind) -> bool:
    return COMPANIES[company] is DEMO_COMPANY and kind is Kind.CLEARED


def apply_text_variant(
    variant: TextVariant | None, head: Head, items: tuple[Item, ...]
) -> tuple[Head, tuple[Item, ...]]:
    """Head and items with the texts of the variant; unchanged if there is none."""
    return _TEXT_VARIANTS[variant](head, items) if variant else (head, items)


def _long(head: Head, items: tuple[Item, ...]) -> tuple[Head, tuple[Item, ...]]:
    """Every text is as long as its official field allows: V(70), V(255), …"""
    head = dataclasses.replace(
        head,
        owner_name=_stretched("上海样例日用消费品智能制造研究开发与国际贸易（集团）股份有限公司", 70),
        agent_name=_stretched("长三角一体化示范区演示国际货运代理与报关服务有限责任公司", 70),
        transport_name="YAN SHI VOYAGER OF SHI FAN",
        contract_no=_stretched("SLX-2025-FRAMEWORK-AGREEMENT-00", 32),
        bill_no=_stretched("SFSH123456789012345678901234567", 32),
        remarks=_stretched("备注：本票货物分装多个包装，唛头见随附装箱单；N/M；", 70),
    )
    return head, tuple(
        dataclasses.replace(
            item, name=_stretched(item.name + "（出口专用包装）", 255), model=_stretched(item.model + "|", 255)
        )
        for item in items
    )


def _rare(head: Head, items: tuple[Item, ...]) -> tuple[Head, tuple[Item, ...]]:
    """Rare characters: CJK extensions A and B, four-byte GB18030, a compatibility ideograph."""
    head = dataclasses.replace(head, owner_name="东莞市㙟涌𠮷祥陶瓷示范厂", remarks="唛头：𪚥䶮（龘）字牌；㎡、№、Ⅻ、①")
    return head, tuple(
        dataclasses.replace(item, name=f"{prefix}{item.name}")
        for prefix, item in zip(("𠮷祥牌", "䶮𬭎牌", "兀嗀牌"), items, strict=True)
    )


def _hostile(head: Head, items: tuple[Item, ...]) -> tuple[Head, tuple[Item, ...]]:
    """Control characters and direction marks that must not reach a terminal, and texts that look like markup."""
    head = dataclasses.replace(
        head, remarks="N/M\x1b[31m红\x1b]0;标题\x07\u202e倒序\u202c\u200b零宽\x00\r\n换行\t[bold]</b>&amp;{{7*7}}"
    )
    return head, (dataclasses.replace(items[0], name="测试品\u202e[/]<i>", model="0|2|\x1b[2J|`rm`|'\";--"), *items[1:])


def _empty(head: Head, items: tuple[Item, ...]) -> tuple[Head, tuple[Item, ...]]:
    """Only the fields that a declaration must have."""
    return (
        Head(
            entry_id=head.entry_id,
            exported_on=head.exported_on,
            declared_on=head.declared_on,
            consignor_code=head.consignor_code,
            consignor_name=head.consignor_name,
            exit_customs=head.exit_customs,
            rtx_type=head.rtx_type,
            destination_country=head.destination_country,
        ),
        tuple(
            Item(number=item.number, hs_code=item.hs_code, name=item.name, total=item.total, currency=item.currency)
            for item in items
        ),
    )


def _stretched(text: str, width: int) -> str:
    """`text` repeated to exactly `width` characters."""
    return (text * (width // len(text) + 1))[:width]


_TEXT_VARIANTS: Final = {
    TextVariant.LONG: _long,
    TextVariant.RARE: _rare,
    TextVariant.HOSTILE: _hostile,
    TextVariant.EMPTY: _empty,
}
