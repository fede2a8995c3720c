"""The lots of one declaration, drawn from an assortment.

Quantities fit their units, totals are quantity times price, weights follow from quantities: a lot is counted once and
every other number of it is computed from that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from jiacha_tui.demo.sample_data.catalogue import GRAM, KILOGRAM, Offer
from jiacha_tui.demo.sample_data.randomness import rounded

CENT: Final = Decimal("0.01")
_ONE: Final = Decimal(1)
_LEAST_WEIGHT: Final = Decimal("0.001")
_PRICE_STEP: Final = Decimal("0.0001")
_WINDOW: Final = 3
"""Lots of a declaration are neighbours in the assortment: chosen from three times as many as are needed."""

_MEASURED_UNITS: Final = frozenset({KILOGRAM, GRAM, "米", "平方米", "立方米"})


@dataclass(frozen=True, slots=True)
class Lot:
    """An article in a declaration: how much of it, and what it costs in the declaration's currency."""

    offer: Offer
    quantity: Decimal
    price: Decimal
    total: Decimal
    kilograms: Decimal

    @property
    def piece_weight(self) -> float:
        """What cannot be divided, in kilograms: nothing where the goods are measured."""
        return 0.0 if self.offer.unit in _MEASURED_UNITS else self.offer.unit_weight


def draw_lots(random: Random, offers: Sequence[Offer], count: int, usd: float, usd_rate: float) -> tuple[Lot, ...]:
    """`count` different articles worth `usd` or so together, in a currency of which one is worth `usd_rate` USD."""
    start = random.randrange(len(offers))
    near = sorted(random.sample(range(min(_WINDOW * count, len(offers))), count))
    shares = [0.15 + random.random() for _ in near]
    usd_per_share = usd / sum(shares)
    return tuple(
        _draw_lot(random, offers[(start + step) % len(offers)], share * usd_per_share, usd_rate)
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
