"""The invented companies whose declarations the port holds, and those around them: producers and agents.

Their names say that they are examples; their codes have the form of real ones, with valid check characters.
"""

from dataclasses import dataclass
from typing import Final

from jiacha_tui.declaration.codes import CodeTable, name_of
from jiacha_tui.demo.sample_data.organisation_code import make_organisation_code
from jiacha_tui.demo.sample_data.randomness import table

_ENTERPRISE_KINDS: Final = {"1": "国有", "3": "合资", "4": "独资", "5": "集体", "6": "私营"}
_KIND_DIGIT: Final = 5


@dataclass(frozen=True, slots=True)
class Company:
    """A 境内收发货人. `customs_code` is its 海关注册编码, `initials` begin its contract numbers."""

    name: str
    customs_code: str
    card_number: str
    organisation_code: str
    enterprise_kind: str
    initials: str
    brand: str
    share: float
    """Its number of declarations as a share of the demo company's."""


@dataclass(frozen=True, slots=True)
class Producer:
    """A 生产销售单位, the 境内货源地 its goods come from, and the chapters of the tariff they fall under."""

    code: str
    name: str
    district: str
    chapters: frozenset[str] = frozenset()


def card_number(serial: int) -> str:
    return f"JJ0G9{serial:08d}"


def _company(row: dict[str, str]) -> Company:
    return Company(
        row["name"],
        row["customs_code"],
        card_number(int(row["card"])),
        make_organisation_code(row["organisation"]),
        _ENTERPRISE_KINDS[row["customs_code"][_KIND_DIGIT]],
        row["initials"],
        row["brand"],
        float(row["share"]),
    )


COMPANIES: Final = tuple(_company(row) for row in table("companies"))
"""Their order is part of the entry numbers: the table may only be appended to."""

DEMO_COMPANY: Final = COMPANIES[0]
OTHER_COMPANY: Final = COMPANIES[1]
MAX_COMPANIES: Final = 8


def _producer(row: dict[str, str]) -> Producer:
    district = name_of(CodeTable.DISTRICT, row["district"]) or row["district"]
    return Producer(row["code"], row["name"], district, frozenset(row["chapters"].split()))


PRODUCERS: Final = tuple(_producer(row) for row in table("producers"))

AGENTS: Final = {
    "22": ("3122980G01", "上海样例报关有限公司"),
    "31": ("3302980G02", "宁波模拟国际货运代理有限公司"),
    "53": ("4403980G03", "深圳演示报关服务有限公司"),
    "23": ("3205980G04", "江苏试样通关服务有限公司"),
}
"""申报单位 by the first two digits of the customs office; elsewhere `FAR_AGENT`."""

FAR_AGENT: Final = ("3122980G09", "示范国际物流（上海）有限公司")
