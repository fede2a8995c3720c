"""The population as a whole: how many there are and when they can be seen, on any day and in any process."""

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
from jiacha_tui.demo.sample_data.declaration_rows import PopulationConfig
from jiacha_tui.demo.sample_data.workdays import ONE_DAY, is_workday, workdays_after
from tests.demo.populations import ANCHOR, make_population

FIRST_ENTRY_IDS = ["530120250000002049", "310420240000752767", "223320250000003617"]
MORNING = datetime.fromisoformat("2026-06-17 00:00:00")
NIGHT = datetime.fromisoformat("2026-06-17 23:59:59")


def everything(population: Population, kind: Kind, until: date = ANCHOR) -> DateRangeQuery:
    return DateRangeQuery(DateRange(population.first_day, until), kind)


def all_of(population: Population, now: datetime = NIGHT) -> Iterator[Declaration]:
    for kind in Kind:
        yield from population.declarations(DEMO_COMPANY, everything(population, kind, now.date()), now)


@settings(max_examples=30)
@given(total=st.integers(0, 3000), seed=st.integers(0, 2**63 - 1), anchor=st.dates(date(2024, 1, 1), date(2034, 1, 1)))
def test_it_begins_with_exactly_the_number_wanted(folder: Path, total: int, seed: int, anchor: date) -> None:
    population = make_population(folder, total, anchor, seed)
    for now in (datetime.combine(anchor, datetime.min.time()), datetime.combine(anchor, datetime.max.time())):
        wanted = [DateRangeQuery(DateRange(population.first_day, anchor), kind) for kind in Kind]
        assert sum(population.count(DEMO_COMPANY, one, now) for one in wanted) == total


def test_the_first_day_opens_the_eighteenth_calendar_month() -> None:
    assert PopulationConfig(1, 10, date(2026, 6, 30)).first_day == date(2025, 1, 1)
    assert PopulationConfig(1, 10, date(2026, 12, 1)).first_day == date(2025, 7, 1)


def test_some_left_from_the_port_of_departure_only(population: Population) -> None:
    assert population.count(DEMO_COMPANY, everything(population, Kind.DEPARTURE_PORT), NIGHT) == 40


def test_every_declaration_is_found_by_its_number_and_no_two_share_one(population: Population) -> None:
    seen = set()
    for declaration in all_of(population):
        seen.add(declaration.summary.entry_id)
        assert population.find(declaration.summary.entry_id, NIGHT) == (DEMO_COMPANY, declaration)
    assert len(seen) == 2000


def test_other_companies_have_declarations_of_their_own(population: Population) -> None:
    ours = {declaration.summary.entry_id for declaration in all_of(population)}
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
def test_any_number_can_be_asked_for(population: Population, entry_id: str) -> None:
    found = population.find(entry_id, NIGHT)
    assert found is None or found[1].summary.entry_id == entry_id


@pytest.mark.parametrize("text", ["", "1" * 17, "1" * 19, "2248202600000012x4", "２２４８２０２６００００００１２３４"])
def test_what_is_no_number_is_not_found(population: Population, text: str) -> None:
    assert population.find(text, NIGHT) is None


@settings(max_examples=60)
@given(data=st.data())
def test_a_page_is_a_window_of_the_whole(population: Population, data: st.DataObject) -> None:
    start = data.draw(st.dates(date(2026, 4, 1), date(2026, 7, 10)))
    wanted = DateRangeQuery(DateRange(start, start + timedelta(days=data.draw(st.integers(0, 40)))))
    now = datetime.combine(data.draw(st.dates(ANCHOR, date(2026, 7, 20))), datetime.min.time()) + timedelta(hours=15)
    whole = [one.summary.entry_id for one in population.declarations(DEMO_COMPANY, wanted, now)]
    first, count = data.draw(st.integers(0, len(whole) + 5)), data.draw(st.integers(0, 35))
    page = [one.summary.entry_id for one in population.page(DEMO_COMPANY, wanted, now, first, count)]
    assert page == whole[first : first + count]
    assert population.count(DEMO_COMPANY, wanted, now) == len(whole)


@settings(max_examples=40)
@given(start=st.dates(date(2024, 12, 1), date(2026, 7, 30)), days=st.integers(0, 40))
def test_the_item_total_is_that_of_the_declarations(population: Population, start: date, days: int) -> None:
    wanted = DateRangeQuery(DateRange(start, start + timedelta(days=days)))
    counted = sum(len(one.items) for one in population.declarations(DEMO_COMPANY, wanted, NIGHT))
    assert population.item_total(DEMO_COMPANY, wanted, NIGHT) == counted


def test_a_list_is_in_the_order_of_the_day_of_export(population: Population) -> None:
    wanted = everything(population, Kind.CLEARED)
    days = [one.summary.exported_on or date.min for one in population.declarations(DEMO_COMPANY, wanted, NIGHT)]
    assert days == sorted(days)


def test_later_days_bring_new_ones_at_the_same_rate(population: Population) -> None:
    half_a_year_on = datetime.fromisoformat("2026-12-17 23:59:00")
    wanted = DateRangeQuery(DateRange(date(2026, 6, 18), date(2026, 12, 17)))
    assert 2000 / 18 * 6 * 0.8 < population.count(DEMO_COMPANY, wanted, half_a_year_on) < 2000 / 18 * 6 * 1.2


def test_what_left_lately_is_seen_when_it_was_reported_and_then_for_good(population: Population) -> None:
    """The same days show more with each look, until all of them were reported."""
    span = DateRangeQuery(DateRange(date(2026, 6, 16), date(2026, 6, 24)))
    looks = [MORNING + timedelta(days=days, hours=14) for days in range(30)]
    seen = [{one.summary.entry_id for one in population.declarations(DEMO_COMPANY, span, now)} for now in looks]
    assert not seen[0]
    assert all(earlier <= later for earlier, later in pairwise(seen))
    assert len({len(look) for look in seen}) > 3
    assert seen[-1] == seen[-8]


def test_nothing_is_reported_before_it_left_or_in_the_future(population: Population) -> None:
    for declaration in all_of(population, datetime.fromisoformat("2026-07-20 13:00:00")):
        summary = declaration.summary
        assert summary.reported_at is not None
        assert summary.exported_on is not None
        assert summary.exported_on < summary.reported_at.date()
        assert summary.reported_at <= datetime.fromisoformat("2026-07-20 13:00:00")


def test_reports_take_one_to_five_workdays(population: Population) -> None:
    """But for those of the last days before the anchor, which are hurried."""
    for declaration in all_of(population):
        summary = declaration.summary
        if summary.transfer_state == "新增" and summary.exported_on and summary.exported_on < date(2026, 6, 1):
            assert summary.reported_at is not None
            assert summary.reported_at.date() in {workdays_after(summary.exported_on, count) for count in range(1, 6)}


def test_amendments_come_as_time_passes(population: Population) -> None:
    wanted = everything(population, Kind.CLEARED)
    later = datetime.fromisoformat("2026-07-20 13:00:00")
    before = {one.summary.entry_id: one for one in population.declarations(DEMO_COMPANY, wanted, NIGHT)}
    after = {one.summary.entry_id: one for one in population.declarations(DEMO_COMPANY, wanted, later)}
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


def test_an_amendment_from_outside_changes_what_is_said(folder: Path) -> None:
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


def test_the_anchor_day_does_not_matter_to_what_lies_far_back(folder: Path) -> None:
    """A port made a day later has other declarations, but one that lives a day longer has the same."""
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
def test_a_population_can_be_too_large_or_less_than_nothing(declarations: int) -> None:
    with pytest.raises(ValueError, match="a population has"):
        PopulationConfig(1, declarations, ANCHOR)


def test_most_leave_on_workdays(population: Population) -> None:
    days = [one.summary.exported_on for one in all_of(population)]
    assert sum(is_workday(day) for day in days if day) > 0.75 * len(days)


def test_the_other_companies_share_does_not_depend_on_who_asks(population: Population) -> None:
    wanted = everything(population, Kind.CLEARED)
    assert population.count(OTHER_COMPANY, wanted, NIGHT) == 392


def test_the_numbers_of_a_port_that_was_made_earlier_stay_as_they_are(population: Population) -> None:
    """A cache holds them, and what was resent, printed and amended at the port is kept by them."""
    first = population.page(DEMO_COMPANY, everything(population, Kind.CLEARED), NIGHT, 0, 3)
    assert [one.summary.entry_id for one in first] == FIRST_ENTRY_IDS
