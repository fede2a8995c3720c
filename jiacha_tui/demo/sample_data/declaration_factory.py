"""Makes whole declarations from rows: everything that the row does not hold is drawn from its seed."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Final

from jiacha_tui.declaration.codes import CodeTable
from jiacha_tui.declaration.model import Declaration, Head, Item, Kind, Summary
from jiacha_tui.demo.sample_data.catalogue import articles_of
from jiacha_tui.demo.sample_data.companies import AGENTS, COMPANIES, OTHER_AGENT, Company, Producer
from jiacha_tui.demo.sample_data.csv_tables import official_name
from jiacha_tui.demo.sample_data.currencies import cny_per_usd, usd_per
from jiacha_tui.demo.sample_data.edge_cases import TextVariant, apply_text_variant
from jiacha_tui.demo.sample_data.entry_numbers import digits
from jiacha_tui.demo.sample_data.goods import CENT, Lot, draw_lots, make_lot, plain
from jiacha_tui.demo.sample_data.packaging import Packaging, draw_packaging
from jiacha_tui.demo.sample_data.randomness import WeightedChoice, random_from, rounded
from jiacha_tui.demo.sample_data.sample_rows import SampleRow, draw_departure
from jiacha_tui.demo.sample_data.terms import Terms, draw_deal, draw_terms
from jiacha_tui.demo.sample_data.trade_routes import Journey, draw_journey, draw_transport, route_for_weight

NEW: Final = "新增"
CHANGED: Final = "修改"

_MEDIAN_USD: Final = 18_000
_SPREAD: Final = 1.75
_MIN_USD: Final = 120
_MAX_USD: Final = 3_000_000
_WHOLE: Final = Decimal(1)

_SETTLEMENTS: Final = WeightedChoice((("电汇", 84), ("信用证", 9), ("付款交单", 5), ("托收", 2)))
_CERTIFICATES: Final = WeightedChoice(
    (("发票;装箱单;合同", 58), ("发票;装箱单;合同;代理报关委托协议（电子）", 34), ("", 8))
)
_LICENSED: Final = 0.02
_OWN_GOODS: Final = 0.35
"""Share of declarations in which the 境内收发货人 is its own 生产销售单位."""

_RTX_TYPES: Final = {Kind.CLEARED: "000", Kind.DEPARTURE_PORT: "001"}


@dataclass(frozen=True, slots=True)
class _Draft:
    """What the other fields of a declaration are computed from. Amendments change the draft."""

    row: SampleRow
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

    def make(self, row: SampleRow, variant: TextVariant | None, amended_at: Sequence[datetime]) -> Declaration:
        """The declaration of `row` after the amendments of `amended_at`. The port fills in print count and token."""
        random = random_from(row.seed)
        route, declared_on = draw_departure(random, row.kind, row.exported_on)
        deal = draw_deal(random, route)
        value = min(max(random.lognormvariate(math.log(_MEDIAN_USD), _SPREAD), _MIN_USD), _MAX_USD)
        rate = usd_per(deal.currency, row.exported_on)
        articles = articles_of(self.seed, COMPANIES[row.company])
        lots = draw_lots(random, articles, row.items, value, float(rate))
        kilograms = sum((lot.kilograms for lot in lots), Decimal(0))
        journey = draw_journey(random, route_for_weight(route, kilograms), row.kind, row.exported_on)
        entry_id = f"{journey.declared_at}{row.number:014d}"
        draft = _Draft(row, entry_id, declared_on, journey, lots)
        for number in range(len(amended_at)):
            draft = _amended(random_from(row.seed + bytes([number])), draft)
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
    """The draft after one usual amendment: another vessel, another weight or another quantity."""
    match random.randrange(3):
        case 0:
            transport = draw_transport(random, draft.journey.route, draft.row.exported_on)
            return dataclasses.replace(draft, journey=dataclasses.replace(draft.journey, transport=transport))
        case 1:
            return dataclasses.replace(draft, extra_gross=draft.extra_gross + random.randrange(1, 40))
        case _:
            lot = draft.lots[0]
            more = make_lot(lot.article, lot.quantity + random.randrange(1, 20), lot.price)
            return dataclasses.replace(draft, lots=(more, *draft.lots[1:]))


def _head(random: Random, draft: _Draft, terms: Terms, amendments: int) -> Head:
    row, company, journey, declared_on, deal = draft.row, draft.company, draft.journey, draft.declared_on, terms.deal
    transport = journey.transport
    producer = draft.lots[0].article.producer
    owner = Producer(company.customs_code, company.name, "") if random.random() < _OWN_GOODS else producer
    agent_code, agent_name = AGENTS.get(journey.declared_at[:2], OTHER_AGENT)
    freight, insurance = terms.freight, terms.insurance
    unified_no = f"{random.randrange(10**9, 10**10):018d}"
    pre_entry_id = f"E{declared_on:%Y}{digits(random, 13)}"
    contract_no = f"{company.initials}-{declared_on:%Y}-{random.randrange(1, 9999):04d}"
    manual_no = _manual_no(random, deal.regime.manual_letter, journey, declared_on)
    licence_no = f"{declared_on:%y}-EX-{digits(random, 6)}" if random.random() < _LICENSED else ""
    settlement = _SETTLEMENTS.pick(random)
    certificates = _CERTIFICATES.pick(random)
    remark = random.randrange(4)
    packaging = draw_packaging(random, draft.net, draft.heaviest_piece, in_containers=journey.has_containers)
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
        transport_name=transport.name,
        voyage_no=transport.voyage_no,
        bill_no=transport.bill_no,
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
        package_count=packaging.packages,
        wrap_type=packaging.wrap_type,
        gross_weight=plain(packaging.gross + draft.extra_gross),
        net_weight=packaging.net,
        container_count=str(len(packaging.containers)) if packaging.containers else "",
        container_ids="".join(f"{number};" for number in packaging.containers),
        licence_no=licence_no,
        certificates=certificates,
        remarks=_remarks(remark, company, packaging),
    )


def _manual_no(random: Random, letter: str, journey: Journey, declared_on: date) -> str:
    """备案号 of processing trade: letter, 主管海关, last digit of the year, enterprise digit, five digits of serial."""
    serial = digits(random, 6)
    return f"{letter}{journey.declared_at}{declared_on.year % 10}{serial}" if letter else ""


def _remarks(draw: int, company: Company, packaging: Packaging) -> str:
    return ("N/M", f"{company.initials} C/NO.1-{packaging.packages} MADE IN CHINA", "", "唛头：N/M；无纸化申报")[draw]


def _items(draft: _Draft, terms: Terms, head: Head) -> tuple[Item, ...]:
    deal, day = terms.deal, draft.row.exported_on
    rate, cny_rate = usd_per(deal.currency, day), cny_per_usd(day)
    included_share = terms.included / draft.total
    currency = official_name(CodeTable.CURRENCY, deal.currency)
    items = []
    for number, lot in enumerate(draft.lots, 1):
        article, total = lot.article, lot.total
        included = included_share * total
        usd = max(_WHOLE, total * rate - included)
        items.append(
            Item(
                number=number,
                hs_code=article.hs_code,
                hs_suffix="00",
                manual_item=str(number) if deal.regime.manual_letter else "",
                name=article.name,
                model=article.model,
                quantity=lot.quantity,
                unit=article.unit,
                first_quantity=article.measured_in(article.first_unit, lot.quantity, lot.kilograms),
                first_unit=article.first_unit,
                second_quantity=article.measured_in(article.second_unit, lot.quantity, lot.kilograms),
                second_unit=article.second_unit,
                price=lot.price,
                total=total,
                currency=currency,
                destination_country=head.destination_country,
                duty_mode=deal.regime.duty_mode,
                usd_value=rounded(usd, _WHOLE),
                cny_value=rounded(usd * cny_rate, _WHOLE),
                freight_and_insurance=rounded(included, CENT) if terms.included else None,
                levy_rate=article.levy_rate,
                refund_rate=article.refund_rate,
                producer=article.producer.name,
                amendment_count=head.amendment_count,
            )
        )
    return tuple(items)
