"""How goods leave: the customs offices, the means of transport and the destination, which must fit each other."""

import enum
import functools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random
from typing import Final

from jiacha_tui.declaration.codes import CodeTable, name_of
from jiacha_tui.declaration.model import Kind
from jiacha_tui.demo.sample_data.entry_numbers import air_waybill, digits
from jiacha_tui.demo.sample_data.randomness import Weighted, table


class TradeRoute(enum.Enum):
    """A way out of the country; the value is its name in the tables."""

    SEA = "sea"
    AIR = "air"
    HONG_KONG = "hongkong"
    VIETNAM = "vietnam"
    EURASIA = "eurasia"
    MONGOLIA = "mongolia"
    MAIL = "mail"
    DOMESTIC = "domestic"
    """Goods that pass to another processor inside the country (进料深加工): declared, but they never leave."""


@dataclass(frozen=True, slots=True)
class Transport:
    """运输工具名称, 航次 and 提运单号."""

    name: str
    voyage_no: str
    bill_no: str


@dataclass(frozen=True, slots=True)
class Journey:
    """How one declaration's goods left; names are those of the official tables, `declared_at` is a code."""

    lane: TradeRoute
    declared_at: str
    declaration_customs: str
    exit_customs: str
    transport_mode: str
    destination_country: str
    destination_port: str
    carriage: Transport

    @property
    def has_containers(self) -> bool:
        return self.lane in _CONTAINER_LANES


_WEIGHTS: Final = Weighted(
    (
        (TradeRoute.SEA, 63.5), (TradeRoute.AIR, 21.0), (TradeRoute.HONG_KONG, 6.3), (TradeRoute.VIETNAM, 4.2), (TradeRoute.EURASIA, 3.0),
        (TradeRoute.MONGOLIA, 1.0), (TradeRoute.MAIL, 0.4), (TradeRoute.DOMESTIC, 0.6),
    )
)  # fmt: skip
"""Before what is too heavy for its lane goes by sea after all: it takes a third from the air."""

_MODES: Final = {
    TradeRoute.SEA: "2", TradeRoute.AIR: "5", TradeRoute.HONG_KONG: "4", TradeRoute.VIETNAM: "4", TradeRoute.EURASIA: "3", TradeRoute.MONGOLIA: "3",
    TradeRoute.MAIL: "6", TradeRoute.DOMESTIC: "9",
}  # fmt: skip
_MOST_KILOGRAMS: Final = {
    TradeRoute.MAIL: 300,
    TradeRoute.AIR: 9_000,
    TradeRoute.HONG_KONG: 28_000,
    TradeRoute.VIETNAM: 28_000,
}
_CONTAINER_LANES: Final = frozenset({TradeRoute.SEA, TradeRoute.EURASIA, TradeRoute.MONGOLIA})

_VESSEL_FIRST: Final = ("SHI FAN", "YAN SHI", "MO NI", "XU NI", "YANG LI")
_VESSEL_LAST: Final = ("HARMONY", "PIONEER", "FORTUNE", "BRIDGE", "EXPRESS", "STAR", "HORIZON", "VOYAGER")
_SEA_CARRIERS: Final = ("SFSH", "YSLC", "MNOU", "XNMA")
_AIRLINES: Final = ("DM", "SX", "XN")
_AIR_PREFIXES: Final = (978, 981, 991)


def draw_lane(random: Random, kind: Kind) -> TradeRoute:
    """启运港退税 is for goods that leave by sea."""
    lane = _WEIGHTS.pick(random)
    return TradeRoute.SEA if kind is Kind.DEPARTURE_PORT else lane


def lane_for(lane: TradeRoute, kilograms: Decimal) -> TradeRoute:
    """`lane` if it carries that much, else the sea."""
    return lane if kilograms <= _MOST_KILOGRAMS.get(lane, kilograms) else TradeRoute.SEA


def draw_journey(random: Random, lane: TradeRoute, kind: Kind, exported_on: date) -> Journey:
    routes = _routes()
    declared_at, exit_at = routes.offices[lane, kind].pick(random)
    country, port = routes.destinations[lane].pick(random)
    return Journey(
        lane,
        declared_at,
        _name(CodeTable.CUSTOMS, declared_at),
        _name(CodeTable.CUSTOMS, exit_at),
        _name(CodeTable.TRAF_MODE, _MODES[lane]),
        country,
        port,
        draw_carriage(random, lane, exported_on),
    )


def draw_carriage(random: Random, lane: TradeRoute, exported_on: date) -> Transport:
    """As 海关总署公告 2018年第60号 has it filled in for each mode of transport."""
    return _CARRIAGES[lane](random, exported_on)


def _by_sea(random: Random, exported_on: date) -> Transport:
    vessel = f"{random.choice(_VESSEL_FIRST)} {random.choice(_VESSEL_LAST)}"
    voyage = f"{exported_on:%y}{random.randrange(1, 53):02d}{random.choice('EWNS')}"
    return Transport(vessel, voyage, f"{random.choice(_SEA_CARRIERS)}{digits(random, 9)}")


def _by_air(random: Random, _: date) -> Transport:
    waybill = air_waybill(random.choice(_AIR_PREFIXES), random.randrange(10**7))
    house = f"_{random.choice(_SEA_CARRIERS)[:3]}{digits(random, 7)}" if random.random() < _CONSOLIDATED else ""
    return Transport(f"{random.choice(_AIRLINES)}{random.randrange(201, 999)}", "", waybill + house)


def _by_road(random: Random, exported_on: date) -> Transport:
    return Transport(f"粤Z{digits(random, 4)}试", f"{exported_on:%Y%m%d}", digits(random, 13))


def _by_rail(random: Random, exported_on: date) -> Transport:
    return Transport(f"X{digits(random, 4)}", f"{exported_on:%Y%m%d}", f"SF{digits(random, 8)}")


def _by_mail(random: Random, exported_on: date) -> Transport:
    return Transport("", f"{exported_on:%Y%m%d}", f"EX{digits(random, 9)}CN")


def _not_at_all(_: Random, __: date) -> Transport:
    return Transport("", "", "")


_CONSOLIDATED: Final = 0.8
"""Share of air cargo that travels under a 分运单 of its own."""

_CARRIAGES: Final[dict[TradeRoute, Callable[[Random, date], Transport]]] = {
    TradeRoute.SEA: _by_sea,
    TradeRoute.AIR: _by_air,
    TradeRoute.HONG_KONG: _by_road,
    TradeRoute.VIETNAM: _by_road,
    TradeRoute.EURASIA: _by_rail,
    TradeRoute.MONGOLIA: _by_rail,
    TradeRoute.MAIL: _by_mail,
    TradeRoute.DOMESTIC: _not_at_all,
}


@dataclass(frozen=True, slots=True)
class _Routes:
    offices: dict[tuple[TradeRoute, Kind], Weighted[tuple[str, str]]]
    destinations: dict[TradeRoute, Weighted[tuple[str, str]]]


@functools.cache
def _routes() -> _Routes:
    offices: defaultdict[tuple[TradeRoute, Kind], list[tuple[tuple[str, str], float]]] = defaultdict(list)
    for row in table("offices"):
        pair = row["declared_at"], row["exit_at"]
        offices[TradeRoute(row["lane"]), Kind(row["kind"])].append((pair, float(row["weight"])))
    destinations: defaultdict[TradeRoute, list[tuple[tuple[str, str], float]]] = defaultdict(list)
    for row in table("destinations"):
        names = _name(CodeTable.COUNTRY, row["country"]), _name(CodeTable.PORT, row["port"])
        destinations[TradeRoute(row["lane"])].append((names, float(row["weight"])))
    return _Routes(
        {key: Weighted(options) for key, options in offices.items()},
        {lane: Weighted(options) for lane, options in destinations.items()},
    )


def _name(which: CodeTable, code: str) -> str:
    """The official name; the tables of this package name only codes that exist (a test holds that)."""
    return name_of(which, code) or code
