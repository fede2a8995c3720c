"""Draws how goods leave: customs offices, means of transport and destination, all of one trade route."""

import enum
import functools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random
from typing import Final

from jiacha_tui.declaration.codes import CodeTable
from jiacha_tui.declaration.model import Kind
from jiacha_tui.demo.sample_data.csv_tables import official_name, read_table
from jiacha_tui.demo.sample_data.entry_numbers import air_waybill, digits
from jiacha_tui.demo.sample_data.randomness import WeightedChoice


class TradeRoute(enum.Enum):
    """The value is the name of the route in the tables."""

    SEA = "sea"
    AIR = "air"
    HONG_KONG = "hongkong"
    VIETNAM = "vietnam"
    EURASIA = "eurasia"
    MONGOLIA = "mongolia"
    MAIL = "mail"
    DOMESTIC = "domestic"
    """Goods that go to another processor in China (进料深加工): declared as exports, though they never leave."""


@dataclass(frozen=True, slots=True)
class Transport:
    """运输工具名称, 航次 and 提运单号."""

    name: str
    voyage_no: str
    bill_no: str


@dataclass(frozen=True, slots=True)
class Journey:
    """How the goods of one declaration left. Names are official; `declared_at` is the code of a customs office."""

    route: TradeRoute
    declared_at: str
    declaration_customs: str
    exit_customs: str
    transport_mode: str
    destination_country: str
    destination_port: str
    transport: Transport

    @property
    def has_containers(self) -> bool:
        return self.route in _CONTAINER_ROUTES


_WEIGHTS: Final = WeightedChoice(
    (
        (TradeRoute.SEA, 63.5),
        (TradeRoute.AIR, 21.0),
        (TradeRoute.HONG_KONG, 6.3),
        (TradeRoute.VIETNAM, 4.2),
        (TradeRoute.EURASIA, 3.0),
        (TradeRoute.MONGOLIA, 1.0),
        (TradeRoute.MAIL, 0.4),
        (TradeRoute.DOMESTIC, 0.6),
    )
)
"""Goods that are too heavy for their route then go by sea: a third of those by air do."""

_TRANSPORT_MODES: Final = {
    TradeRoute.SEA: "2",
    TradeRoute.AIR: "5",
    TradeRoute.HONG_KONG: "4",
    TradeRoute.VIETNAM: "4",
    TradeRoute.EURASIA: "3",
    TradeRoute.MONGOLIA: "3",
    TradeRoute.MAIL: "6",
    TradeRoute.DOMESTIC: "9",
}
"""Codes of 运输方式."""

_MAX_KILOGRAMS: Final = {
    TradeRoute.MAIL: 300,
    TradeRoute.AIR: 9_000,
    TradeRoute.HONG_KONG: 28_000,
    TradeRoute.VIETNAM: 28_000,
}
_CONTAINER_ROUTES: Final = frozenset({TradeRoute.SEA, TradeRoute.EURASIA, TradeRoute.MONGOLIA})

_VESSEL_FIRST: Final = ("SHI FAN", "YAN SHI", "MO NI", "XU NI", "YANG LI")
_VESSEL_LAST: Final = ("HARMONY", "PIONEER", "FORTUNE", "BRIDGE", "EXPRESS", "STAR", "HORIZON", "VOYAGER")
_SEA_CARRIERS: Final = ("SFSH", "YSLC", "MNOU", "XNMA")
_AIRLINES: Final = ("DM", "SX", "XN")
_AIR_PREFIXES: Final = (978, 981, 991)


def draw_route(random: Random, kind: Kind) -> TradeRoute:
    """A route for declarations of `kind`: 启运港退税 is for goods that leave by sea."""
    route = _WEIGHTS.pick(random)
    return TradeRoute.SEA if kind is Kind.DEPARTURE_PORT else route


def route_for_weight(route: TradeRoute, kilograms: Decimal) -> TradeRoute:
    """`route` if it takes goods of this weight, else the sea."""
    return route if kilograms <= _MAX_KILOGRAMS.get(route, kilograms) else TradeRoute.SEA


def draw_journey(random: Random, route: TradeRoute, kind: Kind, exported_on: date) -> Journey:
    """How the goods of a declaration leave on `route`."""
    tables = _route_tables()
    declared_at, exit_at = tables.offices[route, kind].pick(random)
    country, port = tables.destinations[route].pick(random)
    return Journey(
        route,
        declared_at,
        official_name(CodeTable.CUSTOMS, declared_at),
        official_name(CodeTable.CUSTOMS, exit_at),
        official_name(CodeTable.TRAF_MODE, _TRANSPORT_MODES[route]),
        country,
        port,
        draw_transport(random, route, exported_on),
    )


def draw_transport(random: Random, route: TradeRoute, exported_on: date) -> Transport:
    """Filled in for each mode of transport as 海关总署公告 2018年第60号 requires."""
    return _TRANSPORTS[route](random, exported_on)


def _by_sea(random: Random, exported_on: date) -> Transport:
    vessel = f"{random.choice(_VESSEL_FIRST)} {random.choice(_VESSEL_LAST)}"
    voyage = f"{exported_on:%y}{random.randrange(1, 53):02d}{random.choice('EWNS')}"
    return Transport(vessel, voyage, f"{random.choice(_SEA_CARRIERS)}{digits(random, 9)}")


def _by_air(random: Random, _: date) -> Transport:
    waybill = air_waybill(random.choice(_AIR_PREFIXES), random.randrange(10**7))
    house_bill = f"_{random.choice(_SEA_CARRIERS)[:3]}{digits(random, 7)}" if random.random() < _CONSOLIDATED else ""
    return Transport(f"{random.choice(_AIRLINES)}{random.randrange(201, 999)}", "", waybill + house_bill)


def _by_road(random: Random, exported_on: date) -> Transport:
    return Transport(f"粤Z{digits(random, 4)}试", f"{exported_on:%Y%m%d}", digits(random, 13))


def _by_rail(random: Random, exported_on: date) -> Transport:
    return Transport(f"X{digits(random, 4)}", f"{exported_on:%Y%m%d}", f"SF{digits(random, 8)}")


def _by_mail(random: Random, exported_on: date) -> Transport:
    return Transport("", f"{exported_on:%Y%m%d}", f"EX{digits(random, 9)}CN")


def _no_transport(_: Random, __: date) -> Transport:
    return Transport("", "", "")


_CONSOLIDATED: Final = 0.8
"""Share of air cargo that has a 分运单."""

_TRANSPORTS: Final[dict[TradeRoute, Callable[[Random, date], Transport]]] = {
    TradeRoute.SEA: _by_sea,
    TradeRoute.AIR: _by_air,
    TradeRoute.HONG_KONG: _by_road,
    TradeRoute.VIETNAM: _by_road,
    TradeRoute.EURASIA: _by_rail,
    TradeRoute.MONGOLIA: _by_rail,
    TradeRoute.MAIL: _by_mail,
    TradeRoute.DOMESTIC: _no_transport,
}


@dataclass(frozen=True, slots=True)
class _RouteTables:
    """Pairs of offices (declared at, exit) by route and kind; pairs of country and port by route. With weights."""

    offices: dict[tuple[TradeRoute, Kind], WeightedChoice[tuple[str, str]]]
    destinations: dict[TradeRoute, WeightedChoice[tuple[str, str]]]


@functools.cache
def _route_tables() -> _RouteTables:
    offices: defaultdict[tuple[TradeRoute, Kind], list[tuple[tuple[str, str], float]]] = defaultdict(list)
    for row in read_table("offices"):
        pair = row["declared_at"], row["exit_at"]
        offices[TradeRoute(row["route"]), Kind(row["kind"])].append((pair, float(row["weight"])))
    destinations: defaultdict[TradeRoute, list[tuple[tuple[str, str], float]]] = defaultdict(list)
    for row in read_table("destinations"):
        names = official_name(CodeTable.COUNTRY, row["country"]), official_name(CodeTable.PORT, row["port"])
        destinations[TradeRoute(row["route"])].append((names, float(row["weight"])))
    return _RouteTables(
        {key: WeightedChoice(options) for key, options in offices.items()},
        {route: WeightedChoice(options) for route, options in destinations.items()},
    )
