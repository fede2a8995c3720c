"""Every declaration: its numbers agree, its names are official, its check digits are right."""

import re
import string
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from jiacha_tui.declaration.codes import CodeTable, code_of
from jiacha_tui.declaration.model import Declaration, Head, Item, Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.sample_data.companies import COMPANIES, DEMO_COMPANY, PRODUCERS
from jiacha_tui.demo.sample_data.csv_tables import read_table
from tests.code_tables import read_code_table
from tests.demo.populations import make_population

NOW = datetime.fromisoformat("2026-06-17 23:59:00")
CENT = Decimal("0.01")
WIDE = 70


@pytest.fixture(scope="module")
def declarations(folder: Path) -> Sequence[Declaration]:
    """All declarations of a population except those with special texts."""
    population = make_population(folder, 2000, seed=7)
    span = DateRange(population.first_day, NOW.date())
    return [
        declaration
        for kind in Kind
        for declaration in population.declarations(DEMO_COMPANY, DateRangeQuery(span, kind), NOW)
        if head_of(declaration).trade_mode and len(head_of(declaration).owner_name) < WIDE
    ]


@pytest.fixture(scope="module")
def items(declarations: Sequence[Declaration]) -> Sequence[Item]:
    return [item for declaration in declarations for item in declaration.items]


def head_of(declaration: Declaration) -> Head:
    assert declaration.head is not None
    return declaration.head


def test_totals_are_quantity_times_price(items: Sequence[Item]) -> None:
    for item in items:
        assert item.quantity is not None
        assert item.price is not None
        assert item.total == (item.quantity * item.price).quantize(CENT, ROUND_HALF_UP)
        assert item.total >= CENT
        assert item.quantity > 0


def test_the_amount_in_the_list_is_that_of_the_items(declarations: Sequence[Declaration]) -> None:
    rates: dict[tuple[str, date], set[Decimal]] = {}
    for declaration in declarations:
        totals = sum((item.total for item in declaration.items if item.total), Decimal(0))
        amount, day = declaration.summary.usd_amount, declaration.summary.exported_on
        assert amount is not None
        assert day is not None
        currency = declaration.items[0].currency
        if currency == "美元":
            assert amount == totals
        elif amount > 1000:
            rates.setdefault((currency, day.replace(day=1)), set()).add(amount / totals)
    assert rates
    assert all(max(of_month) - min(of_month) < Decimal("0.0005") for of_month in rates.values())


def test_statistical_values_exclude_freight_and_insurance(declarations: Sequence[Declaration]) -> None:
    for declaration in declarations:
        head = head_of(declaration)
        included = sum((item.freight_and_insurance or Decimal(0) for item in declaration.items), Decimal(0))
        statistical = sum((item.usd_value or Decimal(0) for item in declaration.items), Decimal(0))
        assert declaration.summary.usd_amount is not None
        assert abs(declaration.summary.usd_amount - included - statistical) <= len(declaration.items)
        assert (included > 0) == (head.trans_mode in {"CIF", "C&F"})


def test_fees_fit_the_terms(declarations: Sequence[Declaration]) -> None:
    seen = set()
    for declaration in declarations:
        head = head_of(declaration)
        seen.add(head.trans_mode)
        assert (head.freight is not None) == (head.trans_mode in {"CIF", "C&F"})
        assert (head.insurance is not None) == (head.trans_mode == "CIF")
        assert (head.freight_currency == "美元") == (head.freight_mark == "总价")
    assert seen == {"FOB", "CIF", "C&F", "EXW"}


def test_weights_follow_from_the_items(declarations: Sequence[Declaration]) -> None:
    for declaration in declarations:
        head = head_of(declaration)
        assert head.net_weight is not None
        assert head.gross_weight is not None
        assert 1 <= head.net_weight <= head.gross_weight
        assert head.gross_weight <= head.net_weight * Decimal("1.16") + 41
        weighed = sum(
            (item.first_quantity or Decimal(0) for item in declaration.items if item.first_unit == "千克"), Decimal(0)
        )
        assert weighed <= head.net_weight
        assert head.package_count is not None
        assert head.package_count >= 1


def test_heavy_goods_have_suitable_transport_and_packaging(declarations: Sequence[Declaration]) -> None:
    for declaration in declarations:
        head = head_of(declaration)
        assert head.net_weight is not None
        assert head.net_weight <= {"航空运输": 9_000, "公路运输": 28_000, "邮件运输": 300}.get(
            head.transport_mode, head.net_weight
        )
        if any(item.name in {"注塑机", "光电池"} for item in declaration.items):
            assert head.wrap_type not in {"纸制或纤维板制盒/箱", "包/袋"}


def test_goods_are_made_of_what_their_name_says(items: Sequence[Item]) -> None:
    checked = 0
    for item in items:
        for word, materials in (
            ("棉制", "棉"),
            ("化纤制", "涤纶|无纺|锦纶|聚酯"),
            ("不锈钢", "不锈钢"),
            ("瓷制", "瓷"),
        ):
            if word in item.name and item.hs_code[:2] in {"61", "62", "63", "69", "73"}:
                checked += 1
                assert re.search(materials, item.model), (item.name, item.model)
    assert checked > 100


def test_goods_come_from_a_producer_of_their_chapter(items: Sequence[Item]) -> None:
    makers = {producer.name: producer.chapters for producer in PRODUCERS}
    for item in items:
        assert item.hs_code[:2] in makers[item.producer]


def test_quantities_fit_their_units(items: Sequence[Item]) -> None:
    rows = {row["code"]: row for row in read_table("hs_export")}
    for item in items:
        row = rows[item.hs_code]
        assert (item.first_unit, item.second_unit) == (row["unit1_name"], row["unit2_name"])
        assert (item.second_quantity is None) == (item.second_unit == "")
        for quantity, unit in (
            (item.quantity, item.unit),
            (item.first_quantity, item.first_unit),
            (item.second_quantity, item.second_unit),
        ):
            if quantity is None:
                continue
            assert quantity > 0
            assert quantity == quantity.quantize(Decimal("0.00001"))
            if unit not in {"千克", "克", "米", "平方米", "立方米", "百支"}:
                assert quantity == quantity.to_integral_value()
            if unit == item.unit:
                assert quantity == item.quantity


def test_every_name_is_official(declarations: Sequence[Declaration], items: Sequence[Item]) -> None:
    for declaration in declarations:
        head = head_of(declaration)
        for which, name in (
            (CodeTable.CUSTOMS, head.declaration_customs),
            (CodeTable.CUSTOMS, head.exit_customs),
            (CodeTable.TRAF_MODE, head.transport_mode),
            (CodeTable.COUNTRY, head.destination_country),
            (CodeTable.PORT, head.destination_port),
            (CodeTable.DISTRICT, head.district),
            (CodeTable.TRADE_MODE, head.trade_mode),
            (CodeTable.CUT_MODE, head.cut_mode),
            (CodeTable.TRANS_MODE, head.trans_mode),
            (CodeTable.WRAP_TYPE, head.wrap_type),
        ):
            assert name in read_code_table(which).values()
    assert {item.unit for item in items} <= set(read_code_table(CodeTable.UNIT).values())
    assert {item.currency for item in items} == {"美元", "人民币", "欧元", "日本元", "港币", "英镑"}
    assert {item.duty_mode for item in items} <= set(read_code_table(CodeTable.DUTY_MODE).values())


def test_the_codes_in_the_tables_exist() -> None:
    for row in read_table("offices"):
        assert {row["declared_at"], row["exit_at"]} <= set(read_code_table(CodeTable.CUSTOMS))
    for row in read_table("destinations"):
        assert row["country"] in read_code_table(CodeTable.COUNTRY)
        assert row["port"] in read_code_table(CodeTable.PORT)
        assert row["port"].startswith(row["country"])
    for row in read_table("hs_export"):
        assert row["unit1"] in read_code_table(CodeTable.UNIT)
    assert {producer.district for producer in PRODUCERS} <= set(read_code_table(CodeTable.DISTRICT).values())


def test_the_entry_number_contains_office_and_year(declarations: Sequence[Declaration]) -> None:
    for declaration in declarations:
        head = head_of(declaration)
        office, year, direction = head.entry_id[:4], int(head.entry_id[4:8]), head.entry_id[8]
        assert head.entry_id == declaration.summary.entry_id
        assert office == code_of(CodeTable.CUSTOMS, head.declaration_customs)
        assert direction == "0"
        assert head.declared_on is not None
        assert head.exported_on is not None
        assert year == head.declared_on.year
        assert 1 <= (head.exported_on - head.declared_on).days <= 3
        assert re.fullmatch(rf"E{year}\d{{13}}", head.pre_entry_id)
        assert re.fullmatch(r"0{8}\d{10}", head.unified_no)


def test_serial_numbers_grow_with_the_days(declarations: Sequence[Declaration]) -> None:
    last: dict[int, tuple[date, int]] = {}
    for declaration in declarations:
        if declaration.summary.kind is Kind.DEPARTURE_PORT:
            continue
        entry_id, day = declaration.summary.entry_id, declaration.summary.exported_on
        year, serial = int(entry_id[4:8]), int(entry_id[9:])
        assert day is not None
        previous_day, highest = last.get(year, (day, 0))
        if day > previous_day:
            assert serial > highest - 2**13
        last[year] = day, max(highest, serial)


def iso_6346_check(number: str) -> int:
    values = {}
    value = 10
    for letter in string.ascii_uppercase:
        value += value % 11 == 0
        values[letter] = value
        value += 1
    total = sum((values.get(c) or int(c)) << i for i, c in enumerate(number[:10]))
    return total % 11 % 10


def test_the_reference_check_digit_is_right() -> None:
    assert iso_6346_check("CSQU3054383") == 3


def test_containers_have_check_digits_and_fit_the_weight(declarations: Sequence[Declaration]) -> None:
    counted = 0
    for declaration in declarations:
        head = head_of(declaration)
        containers = head.container_ids.rstrip(";").split(";") if head.container_ids else []
        assert head.container_count == (str(len(containers)) if containers else "")
        assert declaration.summary.container_flag == ("1" if containers else "0")
        assert len(set(containers)) == len(containers)
        if containers:
            assert head.gross_weight is not None
            assert head.gross_weight <= 22_000 * len(containers)
        for number in containers:
            counted += 1
            assert re.fullmatch(r"[A-Z]{3}U\d{7}", number)
            assert iso_6346_check(number) == int(number[-1])
    assert counted > 1000


def test_transport_offices_and_destination_agree(declarations: Sequence[Declaration]) -> None:
    for declaration in declarations:
        head = head_of(declaration)
        match head.transport_mode:
            case "航空运输":
                waybill = re.fullmatch(r"(\d{3})(\d{7})(\d)(_[A-Z]{3}\d{7})?", head.bill_no)
                assert waybill is not None
                assert int(waybill[2]) % 7 == int(waybill[3])
                assert not head.container_ids
            case "水路运输":
                assert re.fullmatch(r"[A-Z]{4}\d{9}", head.bill_no)
                assert re.fullmatch(r"\d{4}[EWNS]", head.voyage_no)
            case "公路运输":
                assert re.fullmatch(r"\d{13}", head.bill_no)
                assert head.destination_country in {"中国香港", "中国澳门", "越南", "老挝", "泰国"}
            case "铁路运输":
                assert head.declaration_customs in {"阿拉山口", "霍尔果斯", "二连海关", "满十八里"}
            case "其他方式运输":
                assert (head.trade_mode, head.destination_country) == ("进料深加工", "中国")
            case mode:
                assert mode == "邮件运输"
        countries = {
            code[:3] for code, name in read_code_table(CodeTable.PORT).items() if name == head.destination_port
        }
        assert code_of(CodeTable.COUNTRY, head.destination_country) in countries
        assert {item.destination_country for item in declaration.items} == {head.destination_country}


def test_processing_trade_has_its_manual_and_its_exemption(declarations: Sequence[Declaration]) -> None:
    for declaration in declarations:
        head = head_of(declaration)
        is_processing = head.trade_mode in {"进料对口", "来料加工", "进料深加工"}
        assert bool(head.manual_no) == is_processing
        if is_processing:
            assert re.fullmatch(r"[BC]\d{11}", head.manual_no)
            assert head.cut_mode in {"进料加工", "来料加工"}
        assert {bool(item.manual_item) for item in declaration.items} == {is_processing}
        assert {item.duty_mode for item in declaration.items} == (
            {"照章征税"}
            if head.trade_mode in {"一般贸易", "市场采购", "货样广告品"} or "跨境" in head.trade_mode
            else {"全免"}
        )


def test_departure_port_declarations_have_their_type_and_leave_by_sea(declarations: Sequence[Declaration]) -> None:
    for declaration in declarations:
        head, is_departure = head_of(declaration), declaration.summary.kind is Kind.DEPARTURE_PORT
        assert head.rtx_type == ("001" if is_departure else "000")
        if is_departure:
            assert head.transport_mode == "水路运输"
            assert head.exit_customs in {"外港海关", "洋山港区"}


def test_the_shares_are_realistic(declarations: Sequence[Declaration]) -> None:
    def share(counted: Counter[str], name: str) -> float:
        return counted[name] / len(declarations)

    heads = [head_of(declaration) for declaration in declarations]
    modes = Counter(head.transport_mode for head in heads)
    assert 0.65 < share(modes, "水路运输") < 0.76
    assert 0.11 < share(modes, "航空运输") < 0.19
    assert 0.73 < share(Counter(head.trade_mode for head in heads), "一般贸易") < 0.83
    assert 0.60 < share(Counter(head.trans_mode for head in heads), "FOB") < 0.71
    assert 0.82 < share(Counter(declaration.items[0].currency for declaration in declarations), "美元") < 0.91
    assert 0.70 < share(Counter(head.wrap_type for head in heads), "纸制或纤维板制盒/箱") < 0.80
    assert 0.10 < share(Counter(head.destination_country for head in heads), "美国") < 0.20
    counts = sorted(len(declaration.items) for declaration in declarations)
    assert 0.33 < sum(count == 1 for count in counts) / len(counts) < 0.42
    assert 0.0 < sum(count > 20 for count in counts) / len(counts) < 0.09
    amounts = sorted(declaration.summary.usd_amount or Decimal(0) for declaration in declarations)
    assert 12_000 < amounts[len(amounts) // 2] < 26_000
    assert 300 < amounts[len(amounts) // 20] < 2_500
    assert 120_000 < amounts[-len(amounts) // 20] < 600_000


def test_items_are_numbered_and_inherit_the_amendments(declarations: Sequence[Declaration]) -> None:
    for declaration in declarations:
        assert [item.number for item in declaration.items] == list(range(1, len(declaration.items) + 1))
        assert {item.amendment_count for item in declaration.items} == {head_of(declaration).amendment_count}
        amended = bool(head_of(declaration).amendment_count)
        assert declaration.summary.transfer_state == ("修改" if amended else "新增")


def test_companies_have_codes_of_the_right_form() -> None:
    for company in COMPANIES:
        assert re.fullmatch(r"\d{6}[0-9A-Z]{4}", company.customs_code)
        assert re.fullmatch(r"JJ0G9\d{8}", company.card_number)
    assert (DEMO_COMPANY.name, DEMO_COMPANY.customs_code) == ("示例进出口有限公司", "3122960ABC")
    assert len({company.organisation_code for company in COMPANIES}) == len(COMPANIES)
