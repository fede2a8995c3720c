"""What a company exports: its articles, each with the units, weight, price, material and producer of its heading."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from jiacha_tui.demo.sample_data.companies import PRODUCERS, Company, Producer
from jiacha_tui.demo.sample_data.randomness import between, stream, table

KILOGRAM: Final = "千克"
GRAM: Final = "克"
_HUNDRED: Final = "百"
_SIZE: Final = 360
_SOLD_BY_WEIGHT: Final = 0.25
_WITH_COLOUR: Final = 0.6
_LOW_RATE_CHAPTERS: Final = frozenset({"03", "07", "09", "20"})
_COLOURED_CHAPTERS: Final = frozenset(
    {"39", "42", "44", "57", "61", "62", "63", "64", "65", "66", "67", "69", "82", "85", "87", "94", "95", "96"}
)

_RESIDUAL = re.compile(r"^(?:其他|未列名)+的?(?!用途|材料)(?=..)|（[^）]*）")
"""What a tariff heading says and a seller does not: that goods are the rest of a group, and remarks in brackets."""

_COLOURS: Final = ("白色", "黑色", "灰色", "蓝色", "红色", "原色", "混色")
_BRAND_KINDS: Final = ("0", "1", "3", "3", "4")
_FOREIGN_BRANDS: Final = ("EXAMPLA", "SAMPLON", "DEMORA", "MOCKFIELD", "SPECIMEN&CO", "NOVEX-TEST")

_MATERIAL_WORDS: Final = (
    ("棉", "棉"), ("化纤", "涤纶1"), ("化学纤维", "涤纶1"), ("合成纤维", "涤纶1"), ("合纤", "涤纶1"), ("聚酯", "涤纶1"),
    ("不锈钢", "不锈钢"), ("橡胶", "橡胶"), ("皮革", "皮"), ("塑料", "塑料"), ("塑料", "亚克力"), ("聚对苯", "PET"),
    ("聚氯乙烯", "PVC"), ("乙烯", "聚乙烯"), ("竹", "竹"), ("木", "木"), ("玻璃", "玻璃"), ("瓷", "瓷"), ("铜", "铜"),
    ("铝", "铝"), ("金属框架", "钢"), ("纺织材料", "棉"),
)  # fmt: skip
"""A word in a heading, and what a material must contain to fit it; the first that fits any material decides."""


@dataclass(frozen=True, slots=True)
class _Profile:
    """What goods of an HS heading are like: prices in USD per kilogram, weights in kilograms a piece."""

    unit: str
    usd_per_kg: tuple[float, float]
    kg_per_piece: tuple[float, float]
    uses: tuple[str, ...]
    materials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """One article of an assortment. `price` is USD for one `unit`; weights are kilograms, of a unit and of a piece."""

    hs_code: str
    name: str
    model: str
    unit: str
    first_unit: str
    second_unit: str
    unit_weight: float
    piece_weight: float
    price: float
    levy_rate: Decimal
    refund_rate: Decimal
    producer: Producer

    def measured_in(self, unit: str, quantity: Decimal, kilograms: Decimal) -> Decimal | None:
        """`quantity` (which weighs `kilograms`) counted in another unit; None where that is ""."""
        if not unit:
            return None
        if unit == self.unit:
            return quantity
        if unit == KILOGRAM:
            return kilograms
        pieces = quantity if self.unit != KILOGRAM else Decimal(max(1, round(float(kilograms) / self.piece_weight)))
        return pieces / 100 if unit.startswith(_HUNDRED) else pieces


@functools.lru_cache(maxsize=8)
def assortment(seed: int, company: Company) -> tuple[Offer, ...]:
    """The articles of `company`, by HS code."""
    random = stream(seed, "assortment", company.customs_code)
    rows = table("hs_export")
    chosen = [random.choice(rows) for _ in range(_SIZE)]
    return tuple(_draw_offer(random, row, company) for row in sorted(chosen, key=lambda row: row["code"]))


def _draw_offer(random: Random, row: dict[str, str], company: Company) -> Offer:
    profile = _profile(row["code"])
    first_unit, second_unit = row["unit1_name"], row["unit2_name"]
    unit = _declared_unit(random, first_unit, second_unit, profile)
    piece_weight = between(random, *profile.kg_per_piece)
    unit_weight = {KILOGRAM: 1.0, GRAM: 0.001}.get(unit, piece_weight)
    return Offer(
        row["code"],
        _RESIDUAL.sub("", row["name"]) or row["name"],
        _draw_model(random, row, profile, company),
        unit,
        first_unit,
        second_unit,
        unit_weight,
        piece_weight,
        between(random, *profile.usd_per_kg) * unit_weight,
        Decimal(9) if row["code"][:2] in _LOW_RATE_CHAPTERS else Decimal(13),
        Decimal(row["refund_rate_hint"]),
        _draw_producer(random, row["code"][:2]),
    )


def _declared_unit(random: Random, first_unit: str, second_unit: str, profile: _Profile) -> str:
    """The unit it is sold in: what is not statutorily weighed is counted; what is weighed may be counted too."""
    if first_unit != KILOGRAM:
        return first_unit
    if random.random() < _SOLD_BY_WEIGHT:
        return KILOGRAM
    if second_unit:
        return second_unit.removeprefix(_HUNDRED)
    return profile.unit


def _draw_model(random: Random, row: dict[str, str], profile: _Profile, company: Company) -> str:
    """规格型号 as a row of declaration elements: brand kind, benefit, use, material, brand, model."""
    kind = random.choice(_BRAND_KINDS)
    brand = "无品牌" if kind == "0" else f"{company.brand}牌" if kind == "1" else f"{random.choice(_FOREIGN_BRANDS)}牌"
    model = f"型号{company.initials}-{random.randrange(100, 9999)}{random.choice('ABCDEX')}"
    material = random.choice(_fitting(profile.materials, row["name"]))
    elements = [kind, "2", random.choice(profile.uses), material, brand, model]
    if row["code"][:2] in _COLOURED_CHAPTERS and random.random() < _WITH_COLOUR:
        elements.append(random.choice(_COLOURS))
    return "|".join(elements)


def _fitting(materials: Sequence[str], heading: str) -> Sequence[str]:
    """Those of `materials` that the heading speaks of; all of them where it speaks of none."""
    for word, part in _MATERIAL_WORDS:
        fitting = [material for material in materials if part in material]
        if word in heading and fitting:
            return fitting
    return materials


def _draw_producer(random: Random, chapter: str) -> Producer:
    return random.choice([producer for producer in PRODUCERS if chapter in producer.chapters])


@functools.cache
def _profile(hs_code: str) -> _Profile:
    """The profile of the longest heading that `hs_code` begins with."""
    profiles = _profiles()
    return next(profiles[hs_code[:length]] for length in range(len(hs_code), -1, -1) if hs_code[:length] in profiles)


@functools.cache
def _profiles() -> dict[str, _Profile]:
    return {
        row["prefix"]: _Profile(
            row["unit"],
            (float(row["usd_per_kg_low"]), float(row["usd_per_kg_high"])),
            (float(row["kg_per_piece_low"]), float(row["kg_per_piece_high"])),
            tuple(row["uses"].split(";")),
            tuple(row["materials"].split(";")),
        )
        for row in table("goods_profiles")
    }
