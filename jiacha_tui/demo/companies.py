"""The invented companies whose declarations the port holds, and those around them: producers and agents.

Their names say that they are examples; their codes have the form of real ones, with valid check characters.
"""

from dataclasses import dataclass
from typing import Final

from jiacha_tui.declaration.codes import Table, name_of
from jiacha_tui.declaration.scc import make_organisation_code
from jiacha_tui.demo.chance import table

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
    """A 生产销售单位 and the 境内货源地 its goods come from."""

    code: str
    name: str
    district: str


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


def _producer(code: str, name: str, district: str) -> Producer:
    return Producer(code, name, name_of(Table.DISTRICT, district) or district)


PRODUCERS: Final = (
    _producer("3122960P01", "上海样例日用品厂", "31222"),
    _producer("3118960P02", "上海模拟机电制造有限公司", "31189"),
    _producer("3302960P03", "宁波样例电器制造有限公司", "33029"),
    _producer("3302960P04", "宁波示范塑料制品有限公司", "33029"),
    _producer("3205960P05", "苏州试样纺织有限公司", "32059"),
    _producer("3206960P06", "南通演练家纺有限公司", "32069"),
    _producer("3202960P07", "无锡仿例轴承有限公司", "32029"),
    _producer("3204960P08", "常州样例工具有限公司", "32049"),
    _producer("3301960P09", "杭州模拟伞业有限公司", "33019"),
    _producer("3304960P10", "嘉兴示范服装有限公司", "33049"),
    _producer("3306960P11", "绍兴演示印染有限公司", "33069"),
    _producer("3307960P12", "金华试样五金有限公司", "33079"),
    _producer("4403960P13", "深圳虚拟电子有限公司", "44031"),
    _producer("4419960P14", "东莞范例家具有限公司", "44199"),
    _producer("4401960P15", "广州样例皮具有限公司", "44019"),
    _producer("3505960P16", "泉州模拟鞋业有限公司", "35059"),
)

AGENTS: Final = {
    "22": ("3122980G01", "上海样例报关有限公司"),
    "31": ("3302980G02", "宁波模拟国际货运代理有限公司"),
    "53": ("4403980G03", "深圳演示报关服务有限公司"),
    "23": ("3205980G04", "江苏试样通关服务有限公司"),
}
"""申报单位 by the first two digits of the customs office; elsewhere `FAR_AGENT`."""

FAR_AGENT: Final = ("3122980G09", "示范国际物流（上海）有限公司")
