"""A whole declaration from its place in the population, number by number fitting the others."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Final

from jiacha_tui.declaration.model import Declaration, Head, Item, Kind, Summary
from jiacha_tui.demo.sample_data.catalogue import assortment
from jiacha_tui.demo.sample_data.companies import AGENTS, COMPANIES, FAR_AGENT, Company, Producer
from jiacha_tui.demo.sample_data.currencies import cny_per_usd, currency_name, usd_per
from jiacha_tui.demo.sample_data.declaration_rows import DeclarationRow, draw_departure
from jiacha_tui.demo.sample_data.edge_cases import TextVariant, apply_text_variant
from jiacha_tui.demo.sample_data.entry_numbers import digits
from jiacha_tui.demo.sample_data.goods import CENT, Lot, draw_lots, plain, priced
from jiacha_tui.demo.sample_data.packaging import Cargo, draw_cargo
from jiacha_tui.demo.sample_data.randomness import Weighted, rounded, seeded
from jiacha_tui.demo.sample_data.terms import Terms, draw_deal, draw_terms
from jiacha_tui.demo.sample_data.trade_routes import Journey, draw_carriage, draw_journey, lane_for

NEW: Final = "新增"
CHANGED: Final = "修改"

_MEDIAN_USD: Final = 18_000
_SPREAD: Final = 1.75
_LEAST_USD: Final = 120
_MOST_USD: Final = 3_000_000
_WHOLE: Final = Decimal(1)

_SETTLEMENTS: Final = Weighted((("电汇", 84), ("信用证", 9), ("付款交单", 5), ("托收", 2)))
_CERTIFICATES: Final = Weighted((("发票;装箱单;合同", 58), ("发票;装箱单;合同;代理报关委托协议（电子）", 34), ("", 8)))
_LICENSED: Final = 0.02
_OWN_GOODS: Final = 0.35
"""Share of declarations whose 生产销售单位 is the 境内收发货人 itself."""

_RTX_TYPES: Final = {Kind.CLEARED: "000", Kind.DEPARTURE_PORT: "001"}


@dataclass(frozen=True, slots=True)
class _Draft:
    """The half of a declaration that the rest follows from; an amendment changes it here."""

    row: DeclarationRow
    entry_id: str
    declared_on: date
    journey: Journey
    lots: tuple[Lot, ...]
    extra_gross: Decimal = Decimal(0)

    @property
    def company(self) -> Company:
        return COMPANIES[self.row.company]

    @property
    def total(self) -> Decimal:
        return sum((lot.total for lot in self.lots), Decimal(0))

    @property
    def net(self) -> Decimal:
        return sum((lot.kilograms for lot in self.lots), Decimal(0))

    @property
    def heaviest_piece(self) -> float:
        return max(lot.piece_weight for lot in self.lots)


@dataclass(frozen=True, slots=True)
class DeclarationFactory:
    """Makes the declarations of one population. `seed` is that of the population."""

    seed: int

    def make(self, row: DeclarationRow, variant: TextVariant | None, amended_at: Sequence[datetime]) -> Declaration:
        """The declaration of `row` after the amendments of `amended_at`. The port fills in print count and token."""
        random = seeded(row.seed)
        lane, declared_on = draw_departure(random, row.kind, row.exported_on)
        deal = draw_deal(random, lane)
        value = min(max(random.lognormvariate(math.log(_MEDIAN_USD), _SPREAD), _LEAST_USD), _MOST_USD)
        rate = usd_per(deal.currency, row.exported_on)
        articles = assortment(self.seed, COMPANIES[row.company])
        lots = draw_lots(random, articles, row.items, value, float(rate))
        kilograms = sum((lot.kilograms for lot in lots), Decimal(0))
        journey = draw_journey(random, lane_for(lane, kilograms), row.kind, row.exported_on)
        entry_id = f"{journey.declared_at}{row.number:014d}"
        draft = _Draft(row, entry_id, declared_on, journey, lots)
        for number in range(len(amended_at)):
            draft = _amended(seeded(row.seed + bytes([number])), draft)
        usd = rounded(draft.total * rate, CENT)
        terms = draw_terms(random, journey, deal, usd, draft.net)
        head = _head(random, draft, terms, len(amended_at))
        items = _items(draft, terms, head)
        head, items = apply_text_variant(variant, head, items)
        return Declaration(
            Summary(
                entry_id=entry_id,
                kind=row.kind,
                exported_on=row.exported_on,
                exit_customs=journey.exit_customs,
                reported_at=max((row.reported_at, *amended_at)),
                usd_amount=usd,
                transfer_state=CHANGED if amended_at else NEW,
                dec_flag="1",
                container_flag="1" if head.container_ids else "0",
            ),
            head,
            items,
        )


def _amended(random: Random, draft: _Draft) -> _Draft:
    """One of the usual amendments: another vessel, another weight, another quantity."""
    match random.randrange(3):
        case 0:
            carriage = draw_carriage(random, draft.journey.lane, draft.row.exported_on)
            return dataclasses.replace(draft, journey=dataclasses.replace(draft.journey, carriage=carriage))
        case 1:
            return dataclasses.replace(draft, extra_gross=draft.extra_gross + random.randrange(1, 40))
        case _:
            lot = draft.lots[0]
            more = priced(lot.offer, lot.quantity + random.randrange(1, 20), lot.price)
            return dataclasses.replace(draft, lots=(more, *draft.lots[1:]))


def _head(random: Random, draft: _Draft, terms: Terms, amendments: int) -> Head:
    row, company, journey, declared_on, deal = draft.row, draft.company, draft.journey, draft.declared_on, terms.deal
    carriage = journey.carriage
    producer = draft.lots[0].offer.producer
    owner = Producer(company.customs_code, company.name, "") if random.random() < _OWN_GOODS else producer
    agent_code, agent_name = AGENTS.get(journey.declared_at[:2], FAR_AGENT)
    freight, insurance = terms.freight, terms.insurance
    unified_no = f"{random.randrange(10**9, 10**10):018d}"
    pre_entry_id = f"E{declared_on:%Y}{digits(random, 13)}"
    contract_no = f"{company.initials}-{declared_on:%Y}-{random.randrange(1, 9999):04d}"
    manual_no = _manual_no(random, deal.regime.manual_letter, journey, declared_on)
    licence_no = f"{declared_on:%y}-EX-{digits(random, 6)}" if random.random() < _LICENSED else ""
    settlement = _SETTLEMENTS.pick(random)
    certificates = _CERTIFICATES.pick(random)
    mark = random.randrange(4)
    cargo = draw_cargo(random, draft.net, draft.heaviest_piece, in_containers=journey.has_containers)
    return Head(
        entry_id=draft.entry_id,
        unified_no=unified_no,
        pre_entry_id=pre_entry_id,
        status="海关已放行" if row.kind is Kind.DEPARTURE_PORT else "已结关",
        edi_note="通关无纸化",
        amendment_count=amendments,
        rtx_type=_RTX_TYPES[row.kind],
        declared_on=declared_on,
        exported_on=row.exported_on,
        consignor_code=company.customs_code,
        consignor_name=company.name,
        owner_code=owner.code,
        owner_name=owner.name,
        agent_code=agent_code,
        agent_name=agent_name,
        enterprise_kind=company.enterprise_kind,
        tax_payer="经营单位",
        declaration_customs=journey.declaration_customs,
        exit_customs=journey.exit_customs,
        transport_mode=journey.transport_mode,
        transport_name=carriage.name,
        voyage_no=carriage.voyage_no,
        bill_no=carriage.bill_no,
        destination_country=journey.destination_country,
        destination_port=journey.destination_port,
        district=producer.district,
        trade_mode=deal.regime.trade_mode,
        cut_mode=deal.regime.cut_mode,
        settlement=settlement,
        trans_mode=deal.trans_mode,
        contract_no=contract_no,
        manual_no=manual_no,
        freight_mark=freight.mark if freight else "",
        freight_currency=freight.currency if freight else "",
        freight=freight.amount if freight else None,
        insurance_mark=insurance.mark if insurance else "",
        insurance_currency=insurance.currency if insurance else "",
        insurance=insurance.amount if insurance else None,
        package_count=cargo.packages,
        wrap_type=cargo.wrap_type,
        gross_weight=plain(cargo.gross + draft.extra_gross),
        net_weight=cargo.net,
        container_count=str(len(cargo.containers)) if cargo.containers else "",
        container_ids="".join(f"{number};" for number in cargo.containers),
        licence_no=licence_no,
        certificates=certificates,
        remarks=_remarks(mark, company, cargo),
    )


def _manual_no(random: Random, letter: str, journey: Journey, declared_on: date) -> str:
    """备案号 of processing trade: letter, 主管海关, last digit of the year, enterprise digit, five of serial."""
    serial = digits(random, 6)
    return f"{letter}{journey.declared_at}{declared_on.year % 10}{serial}" if letter else ""


def _remarks(which: int, company: Company, cargo: Cargo) -> str:
    return ("N/M", f"{company.initials} C/NO.1-{cargo.packages} MADE IN CHINA", "", "唛头：N/M；无纸化申报")[which]


def _items(draft: _Draft, terms: Terms, head: Head) -> tuple[Item, ...]:
    deal, day = terms.deal, draft.row.exported_on
    rate, cny_rate = usd_per(deal.currency, day), cny_per_usd(day)
    included_share = terms.included / draft.total
    currency = currency_name(deal.currency)
    items = []
    for number, lot in enumerate(draft.lots, 1):
        offer, total = lot.offer, lot.total
        included = included_share * total
        usd = max(_WHOLE, total * rate - included)
        items.append(
            Item(
                number=number,
                hs_code=offer.hs_code,
                hs_suffix="00",
                manual_item=str(number) if deal.regime.manual_letter else "",
                name=offer.name,
                model=offer.model,
                quantity=lot.quantity,
                unit=offer.unit,
                first_quantity=offer.measured_in(offer.first_unit, lot.quantity, lot.kilograms),
                first_unit=offer.first_unit,
                second_quantity=offer.measured_in(offer.second_unit, lot.quantity, lot.kilograms),
                second_unit=offer.second_unit,
                price=lot.price,
                total=total,
                currency=currency,
                destination_country=head.destination_country,
                duty_mode=deal.regime.duty_mode,
                usd_value=rounded(usd, _WHOLE),
                cny_value=rounded(usd * cny_rate, _WHOLE),
                freight_and_insurance=rounded(included, CENT) if terms.included else None,
                levy_rate=offer.levy_rate,
                refund_rate=offer.refund_rate,
                producer=offer.producer.name,
                amendment_count=head.amendment_count,
            )
        )
    return tuple(items)
