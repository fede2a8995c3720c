"""Filters of many words, of the sizes that are allowed, and of anything that can be typed, against Python."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.cache import Cache
from db.declarations import Declarations
from db.filter import FilterError
from db.filter.intervals import days_intersection, days_union, numbers_intersection, numbers_union
from db.filter.parse import MAX_CONDITIONS, MAX_LENGTH, MAX_LISTS, MAX_LONG_LISTS
from db.filter.values import Days, Numbers
from db.filter.word_search import AT_ONCE
from db.key import CacheKey
from db.results import Results
from jiacha_tui.declaration.model import Declaration, Head, Item, Kind, Summary
from tests.db.filter.oracle import Oracle
from tests.db.samples import wall_clock
from tests.filters import parse_official

ROWS = 2000
FIRM = "示例进出口有限公司"
GOODS = ("针织男式T恤衫", "木制家具", "便携式自动数据处理机")
LONG_NAME = "货" * 400 + "尾"
CHOICE = random.Random(20250630)  # noqa: S311 - the same invented data in every run


def sample(n: int) -> Declaration:
    row = Summary(
        entry_id=f"22332025{n * 7:010d}",
        kind=tuple(Kind)[n % 2],
        exported_on=None if n % 9 == 0 else date(2025, 1, 1) + timedelta(days=n % 300),
        exit_customs=("浦东机场", "北仑海关", "")[n % 3],
        reported_at=None if n % 5 == 0 else wall_clock("2025-07-01") + timedelta(hours=n),
        usd_amount=None if n % 11 == 0 else Decimal(n * 37) / 4,
        print_count=n % 4,
        transfer_state=("新增", "修改")[n % 2],
    )
    if n % 7 == 0:
        return Declaration(row)
    head = Head(
        destination_country=("美国", "日本", "德国")[n % 3],
        consignor_name=FIRM,
        contract_no=f"SPX-{n:05d}",
        trade_mode="一般贸易",
    )
    names = [LONG_NAME] if n % 97 == 0 else [f"{GOODS[n % 3]}{n % 50}"]
    items = [Item(number=k, name=name, hs_code=f"{8471000000 + n * 13 + k}") for k, name in enumerate([*names, "木盒"])]
    return Declaration(row, head, tuple(items))


@pytest.fixture(scope="module")
def samples() -> list[Declaration]:
    return [sample(n) for n in range(ROWS)]


@pytest.fixture(scope="module")
def oracle(samples: list[Declaration]) -> Oracle:
    return Oracle(samples)


@pytest.fixture(scope="module")
def filled(samples: list[Declaration], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cache]:
    cache = Cache.open(tmp_path_factory.mktemp("filled") / "cache.duckdb", CacheKey(bytes(32)))
    declarations = Declarations(cache)
    declarations.merge_rows([one.summary for one in samples])
    declarations.put_details([one for one in samples if one.head is not None])
    yield cache
    cache.close()


def found(cache: Cache, text: str) -> set[str]:
    return set(Results(cache).run(text).entry_ids())


def ids(samples: list[Declaration], condition: Callable[[Declaration], bool]) -> set[str]:
    return {one.summary.entry_id for one in samples if condition(one)}


NUMBERS = [f"22332025{n * 7 if n % 2 else n * 7 + 1:010d}" for n in range(5000)]
"""5,000 complete numbers, of which every second one in the range of the samples is in the cache."""


@pytest.mark.parametrize("prefix", ["", "号:", "-", "-号:"])
def test_five_thousand_numbers(filled: Cache, samples: list[Declaration], prefix: str) -> None:
    wanted = set(NUMBERS)
    expected = ids(samples, lambda one: (one.summary.entry_id in wanted) is not prefix.startswith("-"))
    assert 0 < len(expected) < ROWS
    assert found(filled, prefix + "|".join(NUMBERS)) == expected


def test_five_thousand_parts_of_numbers(filled: Cache, samples: list[Declaration]) -> None:
    parts = [f"{n * 28:08d}" for n in range(1, 5001)]
    expected = ids(samples, lambda one: any(part in one.summary.entry_id for part in parts))
    assert 0 < len(expected) < ROWS
    assert found(filled, "号:" + "|".join(parts)) == expected


WORDS = list(
    dict.fromkeys([f"spx-{CHOICE.randrange(10**5):05d}" for _ in range(9000)] + [f"t恤衫{n}" for n in range(9)])
)
WORDS += [f"没有{n}" for n in range(MAX_CONDITIONS - len(WORDS))]
"""As many words as a filter may have. Some are in a contract number or the name of an item, most are nowhere."""


def test_ten_thousand_words_of_which_one_is_enough(filled: Cache, samples: list[Declaration], oracle: Oracle) -> None:
    expected = oracle.having(lambda text: any(word in text for word in WORDS))
    assert 0 < len(expected) < ROWS
    assert found(filled, "|".join(WORDS)) == expected
    assert found(filled, "-" + " -".join(WORDS)) == ids(samples, lambda one: True) - expected


def test_ten_thousand_words_of_which_all_are_needed(filled: Cache, samples: list[Declaration], oracle: Oracle) -> None:
    assert found(filled, " ".join(WORDS)) == set()
    of_all = {FIRM[start:end] for start in range(len(FIRM)) for end in range(start + 1, len(FIRM) + 1)}
    of_some = [*of_all, "美国", "浦东", "机场", "一般", "贸易", "新增", "木盒", "木", "spx", "ybmy", "xz"]
    expected = oracle.having(lambda text: all(word in text for word in of_some))
    assert 0 < len(expected) < ROWS
    assert found(filled, " ".join(of_some)) == expected
    assert found(filled, " ".join([*of_some, "没有这个"])) == set()


def test_thousands_of_amounts_days_and_codes(filled: Cache, samples: list[Declaration], oracle: Oracle) -> None:
    some = ids(samples[:500], lambda one: True)
    for text in (
        "金额:" + "|".join(f"{n * 37 / 4:.2f}" for n in range(0, 5000, 12)),
        "-金额:" + "|".join(f"{n}..{n + 1}" for n in range(0, 9000, 15)),
        "日期:" + "|".join(f"{date(2025, 1, 1) + timedelta(days=n)}" for n in range(0, 900, 4)),
        "-报送:" + "|".join(f"{date(2025, 7, 1) + timedelta(days=n)}" for n in range(0, 900, 6)),
        "税号:" + "|".join(f"{84710 + n}" for n in range(0, 100, 2)) + "|8471000013|6",
        "条数:1|3|5|7|9|11|13|15|17|2 打印:0|2|4|6|8|10|12|14|16|18",
    ):
        expected = oracle.matches(parse_official(text), 500)
        assert 0 < len(expected) < len(some), text[:40]
        assert found(filled, text) & some == expected, text[:40]


@pytest.mark.parametrize("text", ["a " * 1000, "-g:1 " * 1010, " ".join(f"w{n}" for n in range(200)), "((((" * 5000])
def test_what_was_once_too_deep_for_the_engine(
    filled: Cache, samples: list[Declaration], text: str, oracle: Oracle
) -> None:
    assert found(filled, text) == oracle.matches(parse_official(text))


def test_a_text_longer_than_a_screen_is_searched_too(filled: Cache, samples: list[Declaration]) -> None:
    words = [LONG_NAME, "货货尾", *(f"没有{n}" for n in range(AT_ONCE))]
    expected = ids(samples, lambda one: any(item.name == LONG_NAME for item in one.items))
    assert expected
    assert found(filled, "货:" + "|".join(words)) == expected
    assert found(filled, " ".join(LONG_NAME[:n] for n in range(1, 40)) + " 尾") == expected


@pytest.mark.parametrize(
    ("text", "count", "limit"),
    [
        ("字" * (MAX_LENGTH + 1), MAX_LENGTH + 1, MAX_LENGTH),
        ("a " * (MAX_CONDITIONS + 1), MAX_CONDITIONS + 1, MAX_CONDITIONS),
        ("a|" * MAX_CONDITIONS + "b", MAX_CONDITIONS + 1, MAX_CONDITIONS),
        ("国:美|日 " * (MAX_LISTS + 1), MAX_LISTS + 1, MAX_LISTS),
        ("|".join(map(str, range(AT_ONCE + 1))) + "  ", 0, 0),
    ],
)
def test_the_limits_are_told(text: str, count: int, limit: int) -> None:
    if not limit:
        text, count, limit = text * (MAX_LONG_LISTS + 1), MAX_LONG_LISTS + 1, MAX_LONG_LISTS
    with pytest.raises(FilterError) as caught:
        parse_official(text)
    assert f"{limit:,}" in caught.value.message
    assert f"{count:,}" in caught.value.message


PIECES = st.sampled_from(
    [
        *(
            "美国",
            "mg",
            "浦东",
            "spx-0001",
            "T恤",
            "木盒",
            "8471",
            "0000007",
            NUMBERS[1],
            NUMBERS[3],
            "2025",
            "2025-03",
        ),
        *(">100", "<=1万", "100..2000", "1|2|3|4|5|6|7|8|9|10|11", "美国|日本|德国|法国|英国|意国|韩国|泰国|越国|印度"),
        *("-", "|", ":", '"', " ", "  ", "号:", "货:", "金额:", "日期:", "税号:", "打印:", "状态:", "是:", "kind:结关"),
        *(
            "已打印",
            "未打印",
            "缺详情",
            "来源:文件",
            "..",
            "(",
            ")",
            "--",
            "\0",
            "\ud800",
            "\u202e",
            "\u3000",
            "％",
            "_",
        ),
    ]
)
FUZZED = st.lists(PIECES | st.text(max_size=3), max_size=30).map("".join)


@settings(max_examples=150)
@given(text=FUZZED | st.lists(PIECES, max_size=30).map(" ".join))
def test_anything_that_is_typed_is_a_filter_or_a_filter_error(
    filled: Cache, samples: list[Declaration], text: str, oracle: Oracle
) -> None:
    try:
        filter_ = parse_official(text)
    except FilterError:
        return
    some = ids(samples[:200], lambda one: True)
    assert found(filled, text) & some == oracle.matches(filter_, 200)


BOUNDS = st.none() | st.integers(0, 12).map(Decimal)
NUMBER_RANGES = st.lists(st.builds(Numbers, BOUNDS, BOUNDS, st.booleans(), st.booleans()), min_size=1, max_size=6)
PROBES = [Decimal(n) / 2 for n in range(-2, 28)]


def has_number(one: Numbers, probe: Decimal) -> bool:
    above = one.low is None or (probe > one.low if one.low_open else probe >= one.low)
    return above and (one.high is None or (probe < one.high if one.high_open else probe <= one.high))


@given(NUMBER_RANGES)
def test_ranges_of_numbers(ranges: list[Numbers]) -> None:
    union, common = numbers_union(ranges), numbers_intersection(ranges)
    assert len(union) <= len(ranges)
    for probe in PROBES:
        assert sum(has_number(one, probe) for one in union) == any(has_number(one, probe) for one in ranges)
        assert (common is not None and has_number(common, probe)) == all(has_number(one, probe) for one in ranges)


DATES = st.none() | st.integers(1, 9).map(lambda day: date(2025, 1, day)) | st.sampled_from([date.min, date.max])


@given(st.lists(st.builds(Days, DATES, DATES), min_size=1, max_size=6))
def test_ranges_of_days(ranges: list[Days]) -> None:
    def has(one: Days, day: date) -> bool:
        return (one.first is None or one.first <= day) and (one.last is None or day <= one.last)

    union, common = days_union(ranges), days_intersection(ranges)
    for day in [date.min, date.max, *(date(2025, 1, n) for n in range(1, 11))]:
        assert sum(has(one, day) for one in union) == any(has(one, day) for one in ranges)
        assert (common is not None and has(common, day)) == all(has(one, day) for one in ranges)
