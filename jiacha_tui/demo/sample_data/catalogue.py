"""Draws what a company exports: articles whose units, weights, prices, materials and producers fit their HS code."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from jiacha_tui.demo.sample_data.companies import PRODUCERS, Company, Producer
from jiacha_tui.demo.sample_data.csv_tables import read_table
from jiacha_tui.demo.sample_data.randomness import log_uniform, random_for

KILOGRAM: Final = "千克"
GRAM: Final = "克"
_HUNDRED: Final = "百"
_ARTICLES: Final = 360
_SOLD_BY_WEIGHT: Final = 0.25
_WITH_COLOUR: Final = 0.6
_LOW_RATE_CHAPTERS: Final = frozenset({"03", "07", "09", "20"})
_COLOURED_CHAPTERS: Final = frozenset(
    {"39", "42", "44", "57", "61", "62", "63", "64", "65", "66", "67", "69", "82", "85", "87", "94", "95", "96"}
)

_RESIDUAL = re.compile(r"^(?:其他|未列名)+的?(?!用途|材料)(?=..)|（[^）]*）")
"""Words of a tariff heading that are not part of a goods name: 其他, 未列名, and remarks in brackets."""

_COLOURS: Final = ("白色", "黑色", "灰色", "蓝色", "红色", "原色", "混色")
_BRAND_TYPES: Final = ("0", "1", "3", "3", "4")
_FOREIGN_BRANDS: Final = ("EXAMPLA", "SAMPLON", "DEMORA", "MOCKFIELD", "SPECIMEN&CO", "NOVEX-TEST")

_MATERIAL_WORDS: Final = (
    ("棉", "棉"), ("化纤", "涤纶1"), ("化学纤维", "涤纶1"), ("合成纤维", "涤纶1"), ("合纤", "涤纶1"), ("聚酯", "涤纶1"),
    ("不锈钢", "不锈钢"), ("橡胶", "橡胶"), ("皮革", "皮"), ("塑料", "塑料"), ("塑料", "亚克力"), ("聚对苯", "PET"),
    ("聚氯乙烯", "PVC"), ("乙烯", "聚乙烯"), ("竹", "竹"), ("木", "木"), ("玻璃", "玻璃"), ("瓷", "瓷"), ("铜", "铜"),
    ("铝", "铝"), ("金属框架", "钢"), ("纺织材料", "棉"),
)  # fmt: skip
"""A word in a heading, and the text in the name of a material that fits it. The first pair that fits decides."""


@dataclass(frozen=True, slots=True)
class _Profile:
    """Ranges for the goods of an HS heading: prices in USD per kilogram, weights in kilograms per piece."""

    unit: str
    usd_per_kg: tuple[float, float]
    kg_per_piece: tuple[float, float]
    uses: tuple[str, ...]
    materials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a company. `price` is in USD for one `unit`; weights are in kilograms."""

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
        """`quantity`, which weighs `kilograms`, in another unit; None if that unit is empty."""
        if not unit:
            return None
        if unit == self.unit:
            return quantity
        if unit == KILOGRAM:
            return kilograms
        pieces = quantity if self.unit != KILOGRAM else Decimal(max(1, round(float(kilograms) / self.piece_weight)))
        return pieces / 100 if unit.startswith(_HUNDRED) else pieces


@functools.lru_cache(maxsize=8)
def articles_of(seed: int, company: Company) -> tuple[Article, ...]:
    """The articles of `company`, sorted by HS code."""
    random = random_for(seed, "assortment", company.customs_code)
    rows = read_table("hs_export")
    chosen = [random.choice(rows) for _ in range(_ARTICLES)]
    return tuple(_draw_article(random, row, company) for row in sorted(chosen, key=lambda row: row["code"]))


def _draw_article(random: Random, row: dict[str, str], company: Company) -> Article:
    profile = _profile(row["code"])
    first_unit, second_unit = row["unit1_name"], row["unit2_name"]
    unit = _declared_unit(random, first_unit, second_unit, profile)
    piece_weight = log_uniform(random, *profile.kg_per_piece)
    unit_weight = {KILOGRAM: 1.0, GRAM: 0.001}.get(unit, piece_weight)
    return Article(
        row["code"],
        _RESIDUAL.sub("", row["name"]) or row["name"],
        _draw_model(random, row, profile, company),
        unit,
        first_unit,
        second_unit,
        unit_weight,
        piece_weight,
        log_uniform(random, *profile.usd_per_kg) * unit_weight,
        Decimal(9) if row["code"][:2] in _LOW_RATE_CHAPTERS else Decimal(13),
        Decimal(row["refund_rate_hint"]),
        _draw_producer(random, row["code"][:2]),
    )


def _declared_unit(random: Random, first_unit: str, second_unit: str, profile: _Profile) -> str:
    """成交单位: the first statutory unit unless that is a weight; then a weight or a piece."""
    if first_unit != KILOGRAM:
        return first_unit
    if random.random() < _SOLD_BY_WEIGHT:
        return KILOGRAM
    if second_unit:
        return second_unit.removeprefix(_HUNDRED)
    return profile.unit


def _draw_model(random: Random, row: dict[str, str], profile: _Profile, company: Company) -> str:
    """规格型号: the 申报要素 brand type, preferential benefit, use, material, brand, model, and sometimes colour."""
    kind = random.choice(_BRAND_TYPES)
    brand = "无品牌" if kind == "0" else f"{company.brand}牌" if kind == "1" else f"{random.choice(_FOREIGN_BRANDS)}牌"
    model = f"型号{company.initials}-{random.randrange(100, 9999)}{random.choice('ABCDEX')}"
    material = random.choice(_fitting(profile.materials, row["name"]))
    elements = [kind, "2", random.choice(profile.uses), material, brand, model]
    if row["code"][:2] in _COLOURED_CHAPTERS and random.random() < _WITH_COLOUR:
        elements.append(random.choice(_COLOURS))
    return "|".join(elements)


def _fitting(materials: Sequence[str], heading: str) -> Sequence[str]:
    """Those of `materials` that the heading mentions; all of them if it mentions none."""
    for word, part in _MATERIAL_WORDS:
        fitting = [material for material in materials if part in material]
        if word in heading and fitting:
            return fitting
    return materials


def _draw_producer(random: Random, chapter: str) -> Producer:
    return random.choice([producer for producer in PRODUCERS if chapter in producer.chapters])


@functools.cache
def _profile(hs_code: str) -> _Profile:
    """The profile of the longest heading that is a prefix of `hs_code`."""
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
        for row in read_table("goods_profiles")
    }
