"""Draws the terms of a sale: 监管方式 with 征免性质 and 征免, 币制, 成交方式, and the fees that follow from them."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from jiacha_tui.declaration.codes import CodeTable
from jiacha_tui.demo.sample_data.csv_tables import official_name
from jiacha_tui.demo.sample_data.goods import CENT
from jiacha_tui.demo.sample_data.randomness import WeightedChoice, rounded
from jiacha_tui.demo.sample_data.trade_routes import Journey, TradeRoute


@dataclass(frozen=True, slots=True)
class Regime:
    """监管方式 with 征免性质 and 征免, as names. `manual_letter` begins the 备案号 of processing trade."""

    trade_mode: str
    cut_mode: str
    duty_mode: str
    manual_letter: str = ""


@dataclass(frozen=True, slots=True)
class Fee:
    """运费, 保费 or 杂费: a total in `currency`, or a rate in per cent with an empty `currency`."""

    mark: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Deal:
    """What is agreed before the goods are counted. `currency` is a code."""

    regime: Regime
    currency: str
    trans_mode: str


@dataclass(frozen=True, slots=True)
class Terms:
    """The price includes `freight` and `insurance` if they are given; `included` is their sum in USD."""

    deal: Deal
    freight: Fee | None
    insurance: Fee | None
    included: Decimal


def _regime(trade_mode: str, cut_mode: str, duty_mode: str, manual_letter: str = "") -> Regime:
    return Regime(
        official_name(CodeTable.TRADE_MODE, trade_mode),
        official_name(CodeTable.CUT_MODE, cut_mode),
        official_name(CodeTable.DUTY_MODE, duty_mode),
        manual_letter,
    )


_REGIMES: Final = WeightedChoice(
    (
        (_regime("0110", "101", "1"), 78.0),
        (_regime("0615", "503", "3", "C"), 8.0),
        (_regime("9810", "101", "1"), 4.0),
        (_regime("0214", "502", "3", "B"), 3.0),
        (_regime("9710", "101", "1"), 2.0),
        (_regime("1039", "101", "1"), 2.0),
        (_regime("3010", "299", "1"), 1.0),
        (_regime("4561", "299", "3"), 0.7),
        (_regime("2600", "299", "3"), 0.7),
    )
)
_CURRENCIES: Final = WeightedChoice((("USD", 86), ("CNY", 6), ("EUR", 5), ("JPY", 1), ("HKD", 1), ("GBP", 1)))
FOB: Final = "FOB"
CIF: Final = "CIF"
C_AND_F: Final = "C&F"
_TRANS_MODES: Final = WeightedChoice(((FOB, 65), (CIF, 20), (C_AND_F, 13), ("EXW", 2)))
_DOMESTIC_TRANSFER: Final = Deal(_regime("0654", "503", "3", "C"), "CNY", FOB)
_RATE: Final = "1"
_TOTAL: Final = "3"
_USD_PER_KG: Final = {
    TradeRoute.SEA: 0.12,
    TradeRoute.AIR: 3.8,
    TradeRoute.EURASIA: 0.35,
    TradeRoute.MONGOLIA: 0.2,
    TradeRoute.MAIL: 6.0,
}
_BY_ROAD: Final = 0.15
_MAX_FREIGHT: Final = 0.15
"""Freight is at most this share of the goods' value."""

_INSURANCE_RATES: Final = (Decimal("0.3"), Decimal("0.2"), Decimal("0.1"))


def draw_deal(random: Random, route: TradeRoute) -> Deal:
    """The deal for goods on `route`."""
    if route is TradeRoute.DOMESTIC:
        return _DOMESTIC_TRANSFER
    return Deal(_REGIMES.pick(random), _CURRENCIES.pick(random), _TRANS_MODES.pick(random))


def draw_terms(random: Random, journey: Journey, deal: Deal, usd: Decimal, kilograms: Decimal) -> Terms:
    """Terms for goods worth `usd` US dollars. FOB and EXW have no fees, C&F has freight, CIF also insurance."""
    freight = insurance = None
    included = Decimal(0)
    if deal.trans_mode in {CIF, C_AND_F}:
        freight, cost = _draw_freight(random, journey, usd, kilograms)
        included += cost
    if deal.trans_mode == CIF:
        rate = random.choice(_INSURANCE_RATES)
        insurance = Fee(official_name(CodeTable.FEE_MARK, _RATE), "", rate)
        included += rounded(usd * rate / 100, CENT)
    return Terms(deal, freight, insurance, included)


def _draw_freight(random: Random, journey: Journey, usd: Decimal, kilograms: Decimal) -> tuple[Fee, Decimal]:
    """The fee as declared, and its amount in USD."""
    if random.random() < 0.1:  # noqa: PLR2004 - a tenth declares a rate
        rate = Decimal(random.randrange(10, 60)) / 10
        return Fee(official_name(CodeTable.FEE_MARK, _RATE), "", rate), rounded(usd * rate / 100, CENT)
    by_weight = float(kilograms) * _USD_PER_KG.get(journey.route, _BY_ROAD) * random.uniform(0.7, 1.5)
    cost = max(CENT, Decimal(f"{min(by_weight, float(usd) * _MAX_FREIGHT):.2f}"))
    return Fee(official_name(CodeTable.FEE_MARK, _TOTAL), official_name(CodeTable.CURRENCY, "USD"), cost), cost
