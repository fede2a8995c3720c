"""Draws how goods are packed: 包装种类, 件数, 毛重 and containers, all from the net weight."""

import math
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from jiacha_tui.declaration.codes import CodeTable
from jiacha_tui.demo.sample_data.csv_tables import official_name
from jiacha_tui.demo.sample_data.entry_numbers import container_number
from jiacha_tui.demo.sample_data.goods import plain
from jiacha_tui.demo.sample_data.randomness import WeightedChoice, log_uniform

_ONE: Final = Decimal(1)
_CARTON: Final = "22"
_CRATE: Final = "23"
_WRAPS: Final = WeightedChoice(((_CARTON, 78), ("92", 4), ("93", 2), ("06", 7), (_CRATE, 3), ("99", 6)))
_WRAPS_OF_HEAVY_PIECES: Final = WeightedChoice(((_CRATE, 50), ("92", 20), ("93", 20), ("99", 10)))
_HEAVY_PIECE: Final = 35.0
_LIGHT: Final = 120.0
"""Goods lighter than this, in kilograms, go into cartons."""

_KG_PER_PACKAGE: Final = {_CARTON: (7, 18), "92": (220, 620), "93": (220, 620), "06": (20, 50), _CRATE: (40, 400)}
_KG_PER_OTHER_PACKAGE: Final = (10, 60)
_KG_PER_CONTAINER: Final = (6_000, 21_000)
_MAX_CONTAINERS: Final = 12
_OWNERS: Final = ("SFD", "YSL", "MNC", "XNX")


@dataclass(frozen=True, slots=True)
class Packaging:
    """Weights in kilograms: at least one each, as the rules for filling in a declaration require."""

    wrap_type: str
    packages: int
    net: Decimal
    gross: Decimal
    containers: tuple[str, ...]


def draw_packaging(random: Random, net: Decimal, heaviest_piece: float, *, in_containers: bool) -> Packaging:
    """`net` is the weight of all lots. A package is large enough for `heaviest_piece`. Weights are kilograms."""
    wrap = (_WRAPS_OF_HEAVY_PIECES if heaviest_piece > _HEAVY_PIECE else _WRAPS).pick(random)
    if net < _LIGHT and heaviest_piece <= _HEAVY_PIECE:
        wrap = _CARTON
    per_package = max(heaviest_piece, log_uniform(random, *_KG_PER_PACKAGE.get(wrap, _KG_PER_OTHER_PACKAGE)))
    gross = Decimal(f"{float(net) * random.uniform(1.03, 1.15):.2f}")
    containers = _draw_containers(random, float(gross)) if in_containers else ()
    return Packaging(
        official_name(CodeTable.WRAP_TYPE, wrap),
        max(1, math.ceil(float(net) / per_package)),
        plain(max(_ONE, net)),
        plain(max(_ONE, net, gross)),
        containers,
    )


def _draw_containers(random: Random, gross: float) -> tuple[str, ...]:
    """Container numbers; none for goods so heavy that they travel in bulk."""
    count = math.ceil(gross / log_uniform(random, *_KG_PER_CONTAINER))
    if count > _MAX_CONTAINERS:
        return ()
    owner = random.choice(_OWNERS)
    return tuple(container_number(owner, serial) for serial in random.sample(range(100_000, 999_999), count))
