"""The invented companies: consignors whose declarations the port holds, their producers and their agents.

The names say that they are examples. The codes have the form of real ones, with valid check characters.
"""

from dataclasses import dataclass
from typing import Final

from jiacha_tui.declaration.codes import CodeTable
from jiacha_tui.demo.sample_data.csv_tables import official_name, read_table
from jiacha_tui.demo.sample_data.organisation_code import make_organisation_code

_ENTERPRISE_KINDS: Final = {"1": "国有", "3": "合资", "4": "独资", "5": "集体", "6": "私营"}
_KIND_DIGIT: Final = 5


@dataclass(frozen=True, slots=True)
class Company:
    """A 境内收发货人. `customs_code` is its 海关注册编码. Its contract numbers begin with `initials`."""

    name: str
    customs_code: str
    card_number: str
    organisation_code: str
    enterprise_kind: str
    initials: str
    brand: str
    share: float
    """Its number of declarations, as a share of that of the demo company."""


@dataclass(frozen=True, slots=True)
class Producer:
    """A 生产销售单位, the 境内货源地 of its goods, and the tariff chapters of what it makes."""

    code: str
    name: str
    district: str
    chapters: frozenset[str] = frozenset()


def invented_card_number(serial: int) -> str:
    """The card number of an invented card."""
    return f"JJ0G9{serial:08d}"


def _company(row: dict[str, str]) -> Company:
    return Company(
        row["name"],
        row["customs_code"],
        invented_card_number(int(row["card"])),
        make_organisation_code(row["organisation"]),
        _ENTERPRISE_KINDS[row["customs_code"][_KIND_DIGIT]],
        row["initials"],
        row["brand"],
        float(row["share"]),
    )


COMPANIES: Final = tuple(_company(row) for row in read_table("companies"))
"""Their order is part of the entry numbers: new companies may only be added at the end of the table."""

DEMO_COMPANY: Final = COMPANIES[0]
OTHER_COMPANY: Final = COMPANIES[1]
MAX_COMPANIES: Final = 8


def _producer(row: dict[str, str]) -> Producer:
    district = official_name(CodeTable.DISTRICT, row["district"])
    return Producer(row["code"], row["name"], district, frozenset(row["chapters"].split()))


PRODUCERS: Final = tuple(_producer(row) for row in read_table("producers"))

AGENTS: Final = {
    "22": ("3122980G01", "上海样例报关有限公司"),
    "31": ("3302980G02", "宁波模拟国际货运代理有限公司"),
    "53": ("4403980G03", "深圳演示报关服务有限公司"),
    "23": ("3205980G04", "江苏试样通关服务有限公司"),
}
"""申报单位 by the first two digits of the customs office. All other offices have `OTHER_AGENT`."""

OTHER_AGENT: Final = ("3122980G09", "示范国际物流（上海）有限公司")
