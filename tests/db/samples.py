"""Invented declarations to fill a cache with."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jiacha_tui.declaration.model import Declaration, Head, Item, Summary

CONSIGNOR = "示例进出口有限公司"
GOODS = ("便携式自动数据处理机", "针织男式T恤衫")


def wall_clock(text: str) -> datetime:
    """A local time of the port, without a time zone."""
    return datetime.fromisoformat(text)


def entry_id(number: int) -> str:
    """The 18 digits of the `number`-th declaration."""
    return f"22332025{number:010d}"


def summary(number: int = 1, **changes: Any) -> Summary:
    """The row of the `number`-th declaration in the port's list. `changes` replace its fields."""
    values: dict[str, Any] = {
        "entry_id": entry_id(number),
        "exported_on": date(2025, 6, 30),
        "exit_customs": "浦东机场",
        "reported_at": wall_clock("2025-07-02 09:30"),
        "usd_amount": Decimal("18234.00"),
        "transfer_state": "新增",
        "dec_flag": "1",
        "container_flag": "0",
        "detail_token": f"token-{number}",
    }
    return Summary(**(values | changes))


def item(number: int = 1, **changes: Any) -> Item:
    """An item. `changes` replace its fields."""
    values: dict[str, Any] = {
        "number": number,
        "hs_code": "8471300000",
        "name": GOODS[0],
        "quantity": Decimal("12.5"),
        "unit": "台",
        "total": Decimal("18234.00"),
        "currency": "USD",
        "usd_value": Decimal(18234),
    }
    return Item(**(values | changes))


def head(number: int = 1, **changes: Any) -> Head:
    """The head of the `number`-th declaration. `changes` replace its fields."""
    values: dict[str, Any] = {
        "entry_id": entry_id(number),
        "exported_on": date(2025, 6, 30),
        "consignor_code": "3122960ABC",
        "consignor_name": CONSIGNOR,
        "destination_country": "美国",
        "trade_mode": "一般贸易",
        "contract_no": "SPX-2025-0871",
        "gross_weight": Decimal("18750.5"),
        "package_count": 1250,
    }
    return Head(**(values | changes))


def declaration(number: int = 1, items: Sequence[Item] | None = None, **changes: Any) -> Declaration:
    """The `number`-th declaration with its detail, by default with two items. `changes` replace fields of its head."""
    two_items = (item(1), item(2, name=GOODS[1], hs_code="6109100021"))
    return Declaration(summary(number), head(number, **changes), two_items if items is None else tuple(items))
