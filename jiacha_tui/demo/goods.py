"""What a company exports: its assortment, and the items of one declaration drawn from it.

Quantities fit their units, totals are quantity times price, weights follow from pieces: an item is counted once
and every other number of it is computed from that.
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from jiacha_tui.demo.chance import between, rounded, stream, table
from jiacha_tui.demo.companies import PRODUCERS, Company, Producer

KILOGRAM: Final = "千克"
_GRAM: Final = "克"
_HUNDRED: Final = "百"
CENT: Final = Decimal("0.01")
_ONE: Final = Decimal(1)
_LEAST_WEIGHT: Final = Decimal("0.001")
_PRICE_STEP: Final = Decimal("0.0001")
_ASSORTMENT_SIZE: Final = 360
_WINDOW: Final = 3
"""Items of a declaration are neighbours in the assortment: chosen from three times as many as are needed."""

_MEASURED_UNITS: Final = frozenset({KILOGRAM, _GRAM, "米", "平方米", "立方米"})
_LOW_RATE_CHAPTERS: Final = frozenset({"03", "07", "09", "20"})

_RESIDUAL = re.compile(r"^(?:其他|未列名)+的?(?!用途)(?=..)|（[^）]*）")
"""What a tariff heading says and a seller does not: that goods are the rest of a group, and remarks in brackets."""

_COLOURS: Final = ("白色", "黑色", "灰色", "蓝色", "红色", "原色", "混色")
_BRAND_KINDS: Final = ("0", "1", "3", "3", "4")


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


@dataclass(frozen=True, slots=True)
class Lot:
    """An article in a declaration: how much of it, and what it costs in the declaration's currency."""

    offer: Offer
    quantity: Decimal
    price: Decimal
    total: Decimal
    kilograms: Decimal


def draw_lots(random: Random, assortment: Sequence[Offer], count: int, usd: float, usd_rate: float) -> tuple[Lot, ...]:
    """`count` different articles worth `usd` or so together, in a currency of which one is worth `usd_rate` USD."""
    start = random.randrange(len(assortment))
    near = sorted(random.sample(range(min(_WINDOW * count, len(assortment))), count))
    shares = [0.15 + random.random() for _ in near]
    usd_per_share = usd / sum(shares)
    return tuple(
        _draw_lot(random, assortment[(start + step) % len(assortment)], share * usd_per_share, usd_rate)
        for step, share in zip(near, shares, strict=True)
    )


def _draw_lot(random: Random, offer: Offer, usd: float, usd_rate: float) -> Lot:
    dollars = offer.price * random.uniform(0.96, 1.04)
    price = max(_PRICE_STEP, Decimal(f"{dollars / usd_rate:.4f}" if dollars < 10 else f"{dollars / usd_rate:.2f}"))  # noqa: PLR2004 - dear goods are priced in cents
    quantity = _count(offer.unit, usd / dollars)
    return priced(offer, quantity, price)


def priced(offer: Offer, quantity: Decimal, price: Decimal) -> Lot:
    """A lot of at least one cent and one gram."""
    price = max(price, rounded(CENT / quantity + _PRICE_STEP, _PRICE_STEP))
    kilograms = max(_LEAST_WEIGHT, Decimal(f"{float(quantity) * offer.unit_weight:.3f}"))
    return Lot(offer, quantity, price, rounded(quantity * price, CENT), plain(kilograms))


def plain(number: Decimal) -> Decimal:
    """Without trailing zeros and without an exponent: 100, not 1E+2 or 100.00."""
    short = number.normalize()
    return short.quantize(_ONE) if short == short.to_integral_value() else short


def _count(unit: str, amount: float) -> Decimal:
    """Goods are sold in round numbers: the more, the rounder; what is measured may have decimals."""
    if unit in _MEASURED_UNITS and amount < 500:  # noqa: PLR2004 - see above
        return max(Decimal("0.1"), Decimal(f"{amount:.1f}"))
    whole = max(1, round(amount))
    step = 50 if whole > 2000 else 10 if whole > 200 else 1  # noqa: PLR2004 - see above
    return Decimal(whole // step * step)


@functools.lru_cache(maxsize=8)
def assortment(seed: int, company: Company) -> tuple[Offer, ...]:
    """The articles of `company`, by HS code."""
    random = stream(seed, "assortment", company.customs_code)
    rows = table("hs_export")
    chosen = [random.choice(rows) for _ in range(_ASSORTMENT_SIZE)]
    return tuple(_draw_offer(random, row, company) for row in sorted(chosen, key=lambda row: row["code"]))


def _draw_offer(random: Random, row: dict[str, str], company: Company) -> Offer:
    profile = _profile(row["code"])
    first_unit, second_unit = row["unit1_name"], row["unit2_name"]
    unit = _declared_unit(random, first_unit, second_unit, profile)
    piece_weight = between(random, *profile.kg_per_piece)
    unit_weight = {KILOGRAM: 1.0, _GRAM: 0.001}.get(unit, piece_weight)
    return Offer(
        row["code"],
        _RESIDUAL.sub("", row["name"]) or row["name"],
        _draw_model(random, profile, company),
        unit,
        first_unit,
        second_unit,
        unit_weight,
        piece_weight,
        between(random, *profile.usd_per_kg) * unit_weight,
        Decimal(9) if row["code"][:2] in _LOW_RATE_CHAPTERS else Decimal(13),
        Decimal(row["refund_rate_hint"]),
        random.choice(PRODUCERS),
    )


def _declared_unit(random: Random, first_unit: str, second_unit: str, profile: _Profile) -> str:
    """The unit it is sold in: what is not statutorily weighed is counted; what is weighed may be counted too."""
    if first_unit != KILOGRAM:
        return first_unit
    if random.random() < 0.25:  # noqa: PLR2004 - a quarter is sold by weight
        return KILOGRAM
    if second_unit:
        return second_unit.removeprefix(_HUNDRED)
    return profile.unit


def _draw_model(random: Random, profile: _Profile, company: Company) -> str:
    """规格型号 as a row of declaration elements: brand kind, benefit, use, material, brand, model."""
    kind = random.choice(_BRAND_KINDS)
    brand = "无品牌" if kind == "0" else f"{company.brand}牌" if kind == "1" else f"{random.choice(_FOREIGN_BRANDS)}牌"
    model = f"{company.initials}-{random.randrange(100, 9999)}{random.choice('ABCDEX')}"
    elements = (kind, "2", random.choice(profile.uses), random.choice(profile.materials), brand, f"型号{model}")
    return "|".join((*elements, random.choice(_COLOURS)) if random.random() < 0.5 else elements)  # noqa: PLR2004


_FOREIGN_BRANDS: Final = ("EXAMPLA", "SAMPLON", "DEMORA", "MOCKFIELD", "SPECIMEN&CO", "NOVEX-TEST")


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
