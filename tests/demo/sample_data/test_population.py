"""The population as a whole: how many declarations it has, and when each can be seen."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiacha_tui.declaration.model import Declaration, Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.population import Population
from jiacha_tui.demo.sample_data.companies import COMPANIES, DEMO_COMPANY, OTHER_COMPANY
from jiacha_tui.demo.sample_data.sample_rows import PopulationConfig
from jiacha_tui.demo.sample_data.workdays import ONE_DAY, is_workday, workdays_after
from tests.demo.populations import ANCHOR, NIGHT, make_population

FIRST_ENTRY_IDS = ["530120250000002049", "310420240000752767", "223320250000003617"]
MORNING = datetime.fromisoformat("2026-06-17 00:00:00")


def everything(population: Population, kind: Kind, until: date = ANCHOR) -> DateRangeQuery:
    return DateRangeQuery(DateRange(population.first_day, until), kind)


def all_of(population: Population, now: datetime = NIGHT) -> Iterator[Declaration]:
    for kind in Kind:
        yield from population.declarations(DEMO_COMPANY, everything(population, kind, now.date()), now)


@settings(max_examples=30)
@given(total=st.integers(0, 1000), seed=st.integers(0, 2**63 - 1), anchor=st.dates(date(2024, 1, 1), date(2034, 1, 1)))
def test_a_new_population_has_exactly_the_number_wanted(folder: Path, total: int, seed: int, anchor: date) -> None:
    population = make_population(folder, total, anchor, seed)
    for now in (datetime.combine(anchor, datetime.min.time()), datetime.combine(anchor, datetime.max.time())):
        wanted = [DateRangeQuery(DateRange(population.first_day, anchor), kind) for kind in Kind]
        assert sum(population.count(DEMO_COMPANY, query, now) for query in wanted) == total


def test_the_first_day_begins_the_eighteenth_calendar_month() -> None:
    assert PopulationConfig(1, 10, date(2026, 6, 30)).first_day == date(2025, 1, 1)
    assert PopulationConfig(1, 10, date(2026, 12, 1)).first_day == date(2025, 7, 1)


def test_some_declarations_are_of_the_departure_port_kind(population: Population) -> None:
    assert population.count(DEMO_COMPANY, everything(population, Kind.DEPARTURE_PORT), NIGHT) == 40


def test_every_declaration_is_found_by_its_number_and_no_two_share_one(
    population: Population, declarations: Sequence[Declaration]
) -> None:
    seen = set()
    for declaration in declarations:
        seen.add(declaration.summary.entry_id)
        assert population.find(declaration.summary.entry_id, NIGHT) == (DEMO_COMPANY, declaration)
    assert len(seen) == 2000


def test_other_companies_have_declarations_of_their_own(
    population: Population, declarations: Sequence[Declaration]
) -> None:
    ours = {declaration.summary.entry_id for declaration in declarations}
    for company in COMPANIES[1:]:
        span = everything(population, Kind.CLEARED)
        theirs = list(population.declarations(company, span, NIGHT))
        assert theirs
        assert not ours & {declaration.summary.entry_id for declaration in theirs}
        for declaration in theirs[:20]:
            assert population.find(declaration.summary.entry_id, NIGHT) == (company, declaration)
            assert declaration.head is not None
            assert declaration.head.consignor_code == company.customs_code


@given(entry_id=st.from_regex(r"[0-9]{18}", fullmatch=True))
def test_any_number_can_be_looked_up(population: Population, entry_id: str) -> None:
    found = population.find(entry_id, NIGHT)
    assert found is None or found[1].summary.entry_id == entry_id


@pytest.mark.parametrize("text", ["", "1" * 17, "1" * 19, "2248202600000012x4", "２２４８２０２６００００００１２３４"])
def test_a_text_that_is_no_number_is_not_found(population: Population, text: str) -> None:
    assert population.find(text, NIGHT) is None


@settings(max_examples=60)
@given(data=st.data())
def test_a_page_is_part_of_the_whole_list(population: Population, data: st.DataObject) -> None:
    start = data.draw(st.dates(date(2026, 4, 1), date(2026, 7, 10)))
    wanted = DateRangeQuery(DateRange(start, start + timedelta(days=data.draw(st.integers(0, 15)))))
    now = datetime.combine(data.draw(st.dates(ANCHOR, date(2026, 7, 20))), datetime.min.time()) + timedelta(hours=15)
    whole = [declaration.summary.entry_id for declaration in population.declarations(DEMO_COMPANY, wanted, now)]
    first, count = data.draw(st.integers(0, len(whole) + 5)), data.draw(st.integers(0, 35))
    page = [declaration.summary.entry_id for declaration in population.page(DEMO_COMPANY, wanted, now, first, count)]
    assert page == whole[first : first + count]
    assert population.count(DEMO_COMPANY, wanted, now) == len(whole)


@settings(max_examples=40)
@given(start=st.dates(date(2024, 12, 1), date(2026, 7, 30)), days=st.integers(0, 15))
def test_the_item_total_is_that_of_the_declarations(population: Population, start: date, days: int) -> None:
    wanted = DateRangeQuery(DateRange(start, start + timedelta(days=days)))
    counted = sum(len(declaration.items) for declaration in population.declarations(DEMO_COMPANY, wanted, NIGHT))
    assert population.item_total(DEMO_COMPANY, wanted, NIGHT) == counted


def test_a_list_is_sorted_by_the_day_of_export(population: Population) -> None:
    wanted = everything(population, Kind.CLEARED)
    days = [
        declaration.summary.exported_on or date.min
        for declaration in population.declarations(DEMO_COMPANY, wanted, NIGHT)
    ]
    assert days == sorted(days)


def test_later_days_bring_new_ones_at_the_same_rate(population: Population) -> None:
    half_a_year_on = datetime.fromisoformat("2026-12-17 23:59:00")
    wanted = DateRangeQuery(DateRange(date(2026, 6, 18), date(2026, 12, 17)))
    assert 2000 / 18 * 6 * 0.8 < population.count(DEMO_COMPANY, wanted, half_a_year_on) < 2000 / 18 * 6 * 1.2


def test_recent_declarations_appear_when_they_are_reported_and_stay(population: Population) -> None:
    """The same days show more declarations at each look, until all are reported."""
    span = DateRangeQuery(DateRange(date(2026, 6, 16), date(2026, 6, 24)))
    looks = [MORNING + timedelta(days=days, hours=14) for days in range(30)]
    seen = [
        {declaration.summary.entry_id for declaration in population.declarations(DEMO_COMPANY, span, now)}
        for now in looks
    ]
    assert not seen[0]
    assert all(earlier <= later for earlier, later in pairwise(seen))
    assert len({len(look) for look in seen}) > 3
    assert seen[-1] == seen[-8]


def test_no_declaration_is_reported_before_its_export_or_in_the_future(population: Population) -> None:
    for declaration in all_of(population, datetime.fromisoformat("2026-07-20 13:00:00")):
        summary = declaration.summary
        assert summary.reported_at is not None
        assert summary.exported_on is not None
        assert summary.exported_on < summary.reported_at.date()
        assert summary.reported_at <= datetime.fromisoformat("2026-07-20 13:00:00")


def test_reports_take_one_to_five_workdays(declarations: Sequence[Declaration]) -> None:
    """Except for those of the last days before the anchor, which are reported sooner."""
    for declaration in declarations:
        summary = declaration.summary
        if summary.transfer_state == "新增" and summary.exported_on and summary.exported_on < date(2026, 6, 1):
            assert summary.reported_at is not None
            assert summary.reported_at.date() in {workdays_after(summary.exported_on, count) for count in range(1, 6)}


def test_amendments_come_as_time_passes(population: Population) -> None:
    wanted = everything(population, Kind.CLEARED)
    later = datetime.fromisoformat("2026-07-20 13:00:00")
    before = {
        declaration.summary.entry_id: declaration
        for declaration in population.declarations(DEMO_COMPANY, wanted, NIGHT)
    }
    after = {
        declaration.summary.entry_id: declaration
        for declaration in population.declarations(DEMO_COMPANY, wanted, later)
    }
    changed = [entry_id for entry_id, one in before.items() if after[entry_id] != one]
    assert changed
    for entry_id in changed:
        old, new = before[entry_id], after[entry_id]
        assert (old.summary.transfer_state, new.summary.transfer_state) == ("新增", "修改")
        assert old.summary.reported_at is not None
        assert new.summary.reported_at is not None
        assert old.summary.reported_at < new.summary.reported_at
        assert old.head is not None
        assert new.head is not None
        assert (old.head.amendment_count, new.head.amendment_count) in {(0, 1), (None, None)}
        assert len(old.items) == len(new.items)


def test_a_further_amendment_changes_the_declaration(folder: Path) -> None:
    times: dict[str, tuple[datetime, ...]] = {}
    population = make_population(folder, 200, amendments=lambda entry_id: times.get(entry_id, ()))
    wanted = everything(population, Kind.CLEARED)
    whole = population.declarations(DEMO_COMPANY, wanted, NIGHT)
    chosen = [one for one in whole if one.head is not None and one.head.amendment_count == 0]
    assert len(chosen) > 150
    for one in chosen:
        times[one.summary.entry_id] = (MORNING,)
    for before in chosen:
        found = population.find(before.summary.entry_id, NIGHT)
        assert found is not None
        assert found[1].head != before.head or found[1].items != before.items
        assert (found[1].summary.transfer_state, found[1].summary.reported_at) == ("修改", MORNING)


def test_old_declarations_are_the_same_a_day_later(folder: Path) -> None:
    """Only a port that was made on another day has other declarations."""
    population = make_population(folder, 500)
    wanted = DateRangeQuery(DateRange(date(2026, 1, 1), date(2026, 2, 28)))
    assert list(population.declarations(DEMO_COMPANY, wanted, NIGHT)) == list(
        population.declarations(DEMO_COMPANY, wanted, NIGHT + ONE_DAY)
    )


_DUMP = """
import hashlib, sys
from datetime import date, datetime
from pathlib import Path
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from tests.demo.populations import make_population
population = make_population(Path(sys.argv[2]), 300, seed=int(sys.argv[1]))
now = datetime(2026, 7, 1)
digest = hashlib.sha256()
for one in population.declarations(DEMO_COMPANY, DateRangeQuery(DateRange(date(2025, 1, 1), now.date())), now):
    digest.update(repr(one).encode())
print(digest.hexdigest())
"""


def test_two_processes_make_the_same(child_environment: dict[str, str], tmp_path: Path) -> None:
    def dump(seed: int, hash_seed: str) -> str:
        folder = tmp_path / f"{seed} {hash_seed}"
        folder.mkdir()
        command: Sequence[str | Path] = (sys.executable, "-c", _DUMP, str(seed), folder)
        environment = child_environment | {"PYTHONHASHSEED": hash_seed}
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    first = dump(1, "1")
    assert dump(1, "2") == first
    assert dump(2, "1") != first


@pytest.mark.parametrize("declarations", [-1, 10_000_001])
def test_a_population_has_zero_to_ten_million_declarations(declarations: int) -> None:
    with pytest.raises(ValueError, match="a population has"):
        PopulationConfig(1, declarations, ANCHOR)


def test_most_are_exported_on_workdays(declarations: Sequence[Declaration]) -> None:
    days = [declaration.summary.exported_on for declaration in declarations]
    assert sum(is_workday(day) for day in days if day) > 0.75 * len(days)


def test_another_company_has_its_share(population: Population) -> None:
    wanted = everything(population, Kind.CLEARED)
    assert population.count(OTHER_COMPANY, wanted, NIGHT) == 392


def test_the_numbers_of_a_port_that_was_made_earlier_stay_as_they_are(population: Population) -> None:
    """Caches hold these numbers, and the port keeps amendments, prints and resends by them."""
    first = population.page(DEMO_COMPANY, everything(population, Kind.CLEARED), NIGHT, 0, 3)
    assert [row.summary.entry_id for row in first] == FIRST_ENTRY_IDS
