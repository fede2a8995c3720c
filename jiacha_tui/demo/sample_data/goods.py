"""Draws the goods of one declaration from the articles of its company.

Quantities fit their units. Totals and weights are computed from the quantity, so that all numbers of a lot agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from jiacha_tui.demo.sample_data.catalogue import GRAM, KILOGRAM, Article
from jiacha_tui.demo.sample_data.randomness import rounded

CENT: Final = Decimal("0.01")
_ONE: Final = Decimal(1)
_MIN_WEIGHT: Final = Decimal("0.001")
_PRICE_STEP: Final = Decimal("0.0001")
_WINDOW: Final = 3
"""The articles of a declaration are near each other in the catalogue: drawn from three times as many as needed."""

_MEASURED_UNITS: Final = frozenset({KILOGRAM, GRAM, "米", "平方米", "立方米"})


@dataclass(frozen=True, slots=True)
class Lot:
    """A quantity of one article. `price` and `total` are in the currency of the declaration."""

    article: Article
    quantity: Decimal
    price: Decimal
    total: Decimal
    kilograms: Decimal

    @property
    def piece_weight(self) -> float:
        """The weight of one piece in kilograms; 0 for goods that are measured and can be divided."""
        return 0.0 if self.article.unit in _MEASURED_UNITS else self.article.unit_weight


def draw_lots(random: Random, articles: Sequence[Article], count: int, usd: float, usd_rate: float) -> tuple[Lot, ...]:
    """Lots of `count` different articles, worth about `usd` US dollars together.

    `usd_rate` is the value in US dollars of one unit of the declaration's currency.
    """
    start = random.randrange(len(articles))
    near = sorted(random.sample(range(min(_WINDOW * count, len(articles))), count))
    shares = [0.15 + random.random() for _ in near]
    usd_per_share = usd / sum(shares)
    return tuple(
        _draw_lot(random, articles[(start + step) % len(articles)], share * usd_per_share, usd_rate)
        for step, share in zip(near, shares, strict=True)
    )


def _draw_lot(random: Random, article: Article, usd: float, usd_rate: float) -> Lot:
    dollars = article.price * random.uniform(0.96, 1.04)
    price = max(_PRICE_STEP, Decimal(f"{dollars / usd_rate:.4f}" if dollars < 10 else f"{dollars / usd_rate:.2f}"))  # noqa: PLR2004 - expensive goods are priced in cents
    quantity = _round_quantity(article.unit, usd / dollars)
    return make_lot(article, quantity, price)


def make_lot(article: Article, quantity: Decimal, price: Decimal) -> Lot:
    """A lot with its total and weight: at least one cent and one gram."""
    price = max(price, rounded(CENT / quantity + _PRICE_STEP, _PRICE_STEP))
    kilograms = max(_MIN_WEIGHT, Decimal(f"{float(quantity) * article.unit_weight:.3f}"))
    return Lot(article, quantity, price, rounded(quantity * price, CENT), plain(kilograms))


def plain(number: Decimal) -> Decimal:
    """Without trailing zeros and without an exponent: 100, not 1E+2 or 100.00."""
    short = number.normalize()
    return short.quantize(_ONE) if short == short.to_integral_value() else short


def _round_quantity(unit: str, amount: float) -> Decimal:
    """A quantity as goods are sold: the larger, the rounder. Goods that are measured may have decimals."""
    if unit in _MEASURED_UNITS and amount < 500:  # noqa: PLR2004 - see above
        return max(Decimal("0.1"), Decimal(f"{amount:.1f}"))
    whole = max(1, round(amount))
    step = 50 if whole > 2000 else 10 if whole > 200 else 1  # noqa: PLR2004 - see above
    return Decimal(whole // step * step)
