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

from jiacha_tui.declaration.codes import Table, name_of
from jiacha_tui.declaration.model import Kind
from jiacha_tui.demo.world.chance import Weighted, table
from jiacha_tui.demo.world.entry_numbers import air_waybill, digits


class Lane(enum.Enum):
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
class Carriage:
    """运输工具名称, 航次 and 提运单号."""

    name: str
    voyage_no: str
    bill_no: str


@dataclass(frozen=True, slots=True)
class Journey:
    """How one declaration's goods left; names are those of the official tables, `declared_at` is a code."""

    lane: Lane
    declared_at: str
    declaration_customs: str
    exit_customs: str
    transport_mode: str
    destination_country: str
    destination_port: str
    carriage: Carriage

    @property
    def has_containers(self) -> bool:
        return self.lane in _CONTAINER_LANES


_WEIGHTS: Final = Weighted(
    (
        (Lane.SEA, 63.5), (Lane.AIR, 21.0), (Lane.HONG_KONG, 6.3), (Lane.VIETNAM, 4.2), (Lane.EURASIA, 3.0),
        (Lane.MONGOLIA, 1.0), (Lane.MAIL, 0.4), (Lane.DOMESTIC, 0.6),
    )
)  # fmt: skip
"""Before what is too heavy for its lane goes by sea after all: it takes a third from the air."""

_MODES: Final = {
    Lane.SEA: "2", Lane.AIR: "5", Lane.HONG_KONG: "4", Lane.VIETNAM: "4", Lane.EURASIA: "3", Lane.MONGOLIA: "3",
    Lane.MAIL: "6", Lane.DOMESTIC: "9",
}  # fmt: skip
_MOST_KILOGRAMS: Final = {Lane.MAIL: 300, Lane.AIR: 9_000, Lane.HONG_KONG: 28_000, Lane.VIETNAM: 28_000}
_CONTAINER_LANES: Final = frozenset({Lane.SEA, Lane.EURASIA, Lane.MONGOLIA})

_VESSEL_FIRST: Final = ("SHI FAN", "YAN SHI", "MO NI", "XU NI", "YANG LI")
_VESSEL_LAST: Final = ("HARMONY", "PIONEER", "FORTUNE", "BRIDGE", "EXPRESS", "STAR", "HORIZON", "VOYAGER")
_SEA_CARRIERS: Final = ("SFSH", "YSLC", "MNOU", "XNMA")
_AIRLINES: Final = ("DM", "SX", "XN")
_AIR_PREFIXES: Final = (978, 981, 991)


def draw_lane(random: Random, kind: Kind) -> Lane:
    """启运港退税 is for goods that leave by sea."""
    lane = _WEIGHTS.pick(random)
    return Lane.SEA if kind is Kind.DEPARTURE_PORT else lane


def lane_for(lane: Lane, kilograms: Decimal) -> Lane:
    """`lane` if it carries that much, else the sea."""
    return lane if kilograms <= _MOST_KILOGRAMS.get(lane, kilograms) else Lane.SEA


def draw_journey(random: Random, lane: Lane, kind: Kind, exported_on: date) -> Journey:
    routes = _routes()
    declared_at, exit_at = routes.offices[lane, kind].pick(random)
    country, port = routes.destinations[lane].pick(random)
    return Journey(
        lane,
        declared_at,
        _name(Table.CUSTOMS, declared_at),
        _name(Table.CUSTOMS, exit_at),
        _name(Table.TRAF_MODE, _MODES[lane]),
        country,
        port,
        draw_carriage(random, lane, exported_on),
    )


def draw_carriage(random: Random, lane: Lane, exported_on: date) -> Carriage:
    """As 海关总署公告 2018年第60号 has it filled in for each mode of transport."""
    return _CARRIAGES[lane](random, exported_on)


def _by_sea(random: Random, exported_on: date) -> Carriage:
    vessel = f"{random.choice(_VESSEL_FIRST)} {random.choice(_VESSEL_LAST)}"
    voyage = f"{exported_on:%y}{random.randrange(1, 53):02d}{random.choice('EWNS')}"
    return Carriage(vessel, voyage, f"{random.choice(_SEA_CARRIERS)}{digits(random, 9)}")


def _by_air(random: Random, _: date) -> Carriage:
    waybill = air_waybill(random.choice(_AIR_PREFIXES), random.randrange(10**7))
    house = f"_{random.choice(_SEA_CARRIERS)[:3]}{digits(random, 7)}" if random.random() < _CONSOLIDATED else ""
    return Carriage(f"{random.choice(_AIRLINES)}{random.randrange(201, 999)}", "", waybill + house)


def _by_road(random: Random, exported_on: date) -> Carriage:
    return Carriage(f"粤Z{digits(random, 4)}试", f"{exported_on:%Y%m%d}", digits(random, 13))


def _by_rail(random: Random, exported_on: date) -> Carriage:
    return Carriage(f"X{digits(random, 4)}", f"{exported_on:%Y%m%d}", f"SF{digits(random, 8)}")


def _by_mail(random: Random, exported_on: date) -> Carriage:
    return Carriage("", f"{exported_on:%Y%m%d}", f"EX{digits(random, 9)}CN")


def _not_at_all(_: Random, __: date) -> Carriage:
    return Carriage("", "", "")


_CONSOLIDATED: Final = 0.8
"""Share of air cargo that travels under a 分运单 of its own."""

_CARRIAGES: Final[dict[Lane, Callable[[Random, date], Carriage]]] = {
    Lane.SEA: _by_sea,
    Lane.AIR: _by_air,
    Lane.HONG_KONG: _by_road,
    Lane.VIETNAM: _by_road,
    Lane.EURASIA: _by_rail,
    Lane.MONGOLIA: _by_rail,
    Lane.MAIL: _by_mail,
    Lane.DOMESTIC: _not_at_all,
}


@dataclass(frozen=True, slots=True)
class _Routes:
    offices: dict[tuple[Lane, Kind], Weighted[tuple[str, str]]]
    destinations: dict[Lane, Weighted[tuple[str, str]]]


@functools.cache
def _routes() -> _Routes:
    offices: defaultdict[tuple[Lane, Kind], list[tuple[tuple[str, str], float]]] = defaultdict(list)
    for row in table("offices"):
        pair = row["declared_at"], row["exit_at"]
        offices[Lane(row["lane"]), Kind(row["kind"])].append((pair, float(row["weight"])))
    destinations: defaultdict[Lane, list[tuple[tuple[str, str], float]]] = defaultdict(list)
    for row in table("destinations"):
        names = _name(Table.COUNTRY, row["country"]), _name(Table.PORT, row["port"])
        destinations[Lane(row["lane"])].append((names, float(row["weight"])))
    return _Routes(
        {key: Weighted(options) for key, options in offices.items()},
        {lane: Weighted(options) for lane, options in destinations.items()},
    )


def _name(which: Table, code: str) -> str:
    """The official name; the tables of this package name only codes that exist (a test holds that)."""
    return name_of(which, code) or code
