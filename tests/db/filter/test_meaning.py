"""What a filter finds, against a straightforward evaluation in Python over random declarations."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.cache import Cache
from db.declarations import Declarations
from db.key import CacheKey
from db.results import Results
from db.search import folded, initials
from jiacha_tui.declaration.model import Declaration, Head, Item, Kind, Origin, Summary
from jiacha_tui.declaration.query import NumberQuery
from tests.db.samples import wall_clock

COUNTRIES = ("美国", "日本", "德国", "ABC国", "")
PORTS = ("浦东机场", "北仑海关", "")
CONSIGNORS = ("示例进出口有限公司", "Example Trading", "")
CONTRACTS = ("SPX-2025-0871", "abc 12", "８４７１", "")
STATES = ("新增", "修改", "")
TRADES = ("一般贸易", "进料加工", "")
GOODS = ("针织男式T恤衫", "木制家具", "computer 8471", "")
HS_CODES = ("8471300000", "6109100021", "9403609990", "")
DAYS = tuple(date(2024, 12, 30 + offset) if offset < 2 else date(2025, offset, 1) for offset in range(7))
AMOUNTS = tuple(map(Decimal, ("0", "999.9999", "1000", "1000.0001", "20000")))


@dataclass(frozen=True)
class Kept:
    """A declaration in the cache and what was done with it."""

    whole: Declaration
    downloaded: bool
    resent: bool
    unknown: bool

    @property
    def head(self) -> Head:
        return self.whole.head or Head()


ITEMS = st.builds(
    lambda name, code: Item(number=1, name=name, hs_code=code), st.sampled_from(GOODS), st.sampled_from(HS_CODES)
)
HEADS = st.builds(
    Head,
    destination_country=st.sampled_from(COUNTRIES),
    consignor_name=st.sampled_from(CONSIGNORS),
    consignor_code=st.sampled_from(("3122960ABC", "")),
    contract_no=st.sampled_from(CONTRACTS),
    trade_mode=st.sampled_from(TRADES),
)
SUMMARIES = st.builds(
    Summary,
    entry_id=st.integers(8471, 8481).map(lambda serial: f"22332025{serial:010d}"),
    kind=st.sampled_from(Kind),
    exported_on=st.none() | st.sampled_from(DAYS),
    exit_customs=st.sampled_from(PORTS),
    reported_at=st.none() | st.sampled_from([wall_clock("2025-07-01"), wall_clock("2025-07-31 23:59:59")]),
    usd_amount=st.none() | st.sampled_from(AMOUNTS),
    print_count=st.integers(0, 2),
    transfer_state=st.sampled_from(STATES),
)
DETAILED = st.builds(
    lambda row, head, items, origin: Declaration(row, head, tuple(items), origin),
    SUMMARIES,
    HEADS,
    st.lists(ITEMS, max_size=2),
    st.sampled_from(Origin),
)
KEPT = st.builds(Kept, DETAILED | SUMMARIES.map(Declaration), st.booleans(), st.booleans(), st.booleans())


@dataclass(frozen=True)
class Word:
    """A word as typed, and what it is to find."""

    text: str
    finds: Callable[[Kept], bool]

    def __repr__(self) -> str:
        return self.text


Finds = Callable[[Kept], bool]


def has(wanted: str, *texts: str) -> bool:
    return any(folded(wanted) in one for text in texts for one in (folded(text), initials(text)))


def head_has(*names: str) -> Callable[[str], Finds]:
    return lambda wanted: lambda kept: has(wanted, *(getattr(kept.head, name) for name in names))


def row_has(*names: str) -> Callable[[str], Finds]:
    return lambda wanted: lambda kept: has(wanted, *(getattr(kept.whole.summary, name) for name in names))


def goods_have(wanted: str) -> Finds:
    return lambda kept: any(has(wanted, item.name) for item in kept.whole.items)


def code_starts(digits: str) -> Finds:
    return lambda kept: any(item.hs_code.startswith(digits) for item in kept.whole.items)


def number_has(digits: str) -> Finds:
    return lambda kept: digits in kept.whole.summary.entry_id


def any_number(digits: str) -> Finds:
    return lambda kept: number_has(digits)(kept) or code_starts(digits)(kept)


def anywhere(wanted: str) -> Finds:
    in_head = head_has("consignor_name", "consignor_code", "destination_country", "contract_no", "trade_mode")(wanted)
    in_row = row_has("exit_customs", "transfer_state")(wanted)
    return lambda kept: in_head(kept) or in_row(kept) or goods_have(wanted)(kept)


def words(field: str, finds: Callable[[str], Finds], *texts: str) -> list[Word]:
    return [Word(f"{field}{text}", finds(text.strip('"'))) for text in texts]


def days(text: str, first: date, last: date) -> Word:
    return Word(text, lambda kept: (day := kept.whole.summary.exported_on) is not None and first <= day <= last)


def amount(text: str, holds: Callable[[Decimal], bool]) -> Word:
    return Word(text, lambda kept: (usd := kept.whole.summary.usd_amount) is not None and holds(usd))


def marks(word: str, name: str, holds: Finds) -> list[Word]:
    opposite = word.replace("已", "未").replace("有", "缺")
    positive = [Word(text, holds) for text in (word, f"是:{word}", f"is:{name}")]
    return [*positive, *(Word(text, lambda kept: not holds(kept)) for text in (opposite, f"-{word}"))]


WORDS = [
    *words("", anywhere, "美国", "mg", "s", "国", "12", "恤", "zznstxs", "3122960abc", "修改", "jljg", '"c 1"'),
    *words("", any_number, "8471", "6109", "8460", "223320250000008471"),
    *words("国:", head_has("destination_country"), "美", "mg", "ABC"),
    *words("co:", head_has("consignor_name", "consignor_code"), "EXAMPLE", "slj", "960A", '"e t"'),
    *words("p:", row_has("exit_customs"), "浦东", "jc"),
    *words("合同:", head_has("contract_no"), "spx-2025", '"c 1"', "8471"),
    *words("监管:", head_has("trade_mode"), "一般", "jljg"),
    *words("st:", row_has("transfer_state"), "新增", "xg"),
    *words("货:", goods_have, "家具", "mzjj", "Computer"),
    *words("税号:", code_starts, "8471", "6", "9403609990"),
    *words("号:", number_has, "8473", "223320250000008471"),
    days("2025", date(2025, 1, 1), date(2025, 12, 31)),
    days("2025-03", date(2025, 3, 1), date(2025, 3, 31)),
    days("2024-12-31", date(2024, 12, 31), date(2024, 12, 31)),
    days("2024-12..2025-03-01", date(2024, 12, 1), date(2025, 3, 1)),
    days("日期:202504..", date(2025, 4, 1), date.max),
    days("..2024", date.min, date(2024, 12, 31)),
    Word("报送:2025-07-31", lambda kept: kept.whole.summary.reported_at == wall_clock("2025-07-31 23:59:59")),
    Word("r:2025-07", lambda kept: kept.whole.summary.reported_at is not None),
    amount(">1000", lambda usd: usd > 1000),
    amount(">=1,000", lambda usd: usd >= 1000),
    amount("<0.1万", lambda usd: usd < 1000),
    amount("<=1000", lambda usd: usd <= 1000),
    amount("=1000", lambda usd: usd == 1000),
    amount("金额:999.9999..1000.0001", lambda usd: 999 < usd < 1001),
    amount("..2万", lambda usd: usd <= 20000),
    Word("条数:2", lambda kept: kept.whole.head is not None and len(kept.whole.items) == 2),
    Word("n:<1", lambda kept: kept.whole.head is not None and not kept.whole.items),
    Word("打印:>1", lambda kept: kept.whole.summary.print_count > 1),
    Word("类型:结关", lambda kept: kept.whole.summary.kind is Kind.CLEARED),
    Word("kind:启运港", lambda kept: kept.whole.summary.kind is Kind.DEPARTURE_PORT),
    Word("来源:文件", lambda kept: kept.whole.origin is Origin.FILE),
    Word("from:port", lambda kept: kept.whole.origin is Origin.PORT),
    *marks("已下载", "downloaded", lambda kept: kept.downloaded),
    *marks("已重发", "resent", lambda kept: kept.resent),
    *(Word(text, lambda kept: kept.unknown) for text in ("重发未知", "是:重发未知", "is:unknown")),
    Word("-重发未知", lambda kept: not kept.unknown),
    *marks("已打印", "printed", lambda kept: kept.whole.summary.print_count > 0),
    *marks("有详情", "detail", lambda kept: kept.whole.head is not None),
]
POSITIVE = [word for word in WORDS if not word.text.startswith("-")]


def negated(word: Word) -> Word:
    return Word(f"-{word.text}", lambda kept: not word.finds(kept))


def field_of(word: Word) -> str:
    field, colon, _ = word.text.partition(":")
    return field if colon else ""


def either(two: tuple[Word, Word]) -> Word:
    """Two values of one field, or two words without one."""
    one, other = two
    return Word(f"{one.text}|{other.text.rpartition(':')[2]}", lambda kept: one.finds(kept) or other.finds(kept))


_SOME = st.sampled_from(POSITIVE)
_TWO = st.tuples(_SOME, _SOME).filter(lambda two: field_of(two[0]) == field_of(two[1]))
_NOT_NEGATED = _SOME | _TWO.map(either)
ANY_WORD = st.sampled_from(WORDS) | _NOT_NEGATED | _NOT_NEGATED.map(negated)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cache]:
    cache = Cache.open(tmp_path_factory.mktemp("shared") / "cache.duckdb", CacheKey(bytes(32)))
    yield cache
    cache.close()


def fill(cache: Cache, kept: list[Kept]) -> None:
    """Puts exactly these into the cache."""
    with cache.writing() as cursor:
        for table in ("declaration", "head", "item"):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - the three names above
    declarations = Declarations(cache)
    declarations.put_imported([one.whole for one in kept if one.whole.origin is Origin.FILE])
    port = [one.whole for one in kept if one.whole.origin is Origin.PORT]
    declarations.merge_rows([one.summary for one in port])
    declarations.put_details([one for one in port if one.head is not None])
    with cache.writing() as cursor:
        for column, entry_ids in (
            ("downloaded_at", [one.whole.summary.entry_id for one in kept if one.downloaded]),
            ("resent_at", [one.whole.summary.entry_id for one in kept if one.resent]),
            ("resend_unknown_at", [one.whole.summary.entry_id for one in kept if one.unknown]),
        ):
            cursor.execute(
                f"UPDATE declaration SET {column} = ? WHERE entry_id IN (SELECT unnest(?::VARCHAR[]))",  # noqa: S608 - the three names above
                [wall_clock("2025-08-01"), entry_ids],
            )


@settings(max_examples=60)
@given(
    st.lists(KEPT, max_size=8, unique_by=lambda one: one.whole.summary.entry_id),
    st.lists(st.lists(ANY_WORD, max_size=3), min_size=4, max_size=6),
)
def test_a_filter_finds_what_it_says(shared: Cache, kept: list[Kept], filters: list[list[Word]]) -> None:
    fill(shared, kept)
    results = Results(shared)
    for words in filters:
        found = results.run(" ".join(word.text for word in words))
        expected = [one for one in kept if all(word.finds(one) for word in words)]
        assert set(found.entry_ids()) == {one.whole.summary.entry_id for one in expected}
        assert found.totals.declarations == len(expected)
        assert found.totals.items == sum(len(one.whole.items) for one in expected)
        assert found.totals.usd == sum(one.whole.summary.usd_amount or Decimal(0) for one in expected)
        assert found.totals.items_known == all(one.whole.head is not None for one in expected)


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cache, list[Kept]]]:
    """A cache with 60 declarations in which every word finds some and not all."""
    kept = [
        Kept(
            Declaration(
                Summary(
                    entry_id=f"22332025000000{8450 + n}",
                    kind=tuple(Kind)[n % 2],
                    exported_on=(None, *DAYS)[n % 8],
                    exit_customs=PORTS[n % 3],
                    reported_at=(None, wall_clock("2025-07-01"), wall_clock("2025-07-31 23:59:59"))[n % 3],
                    usd_amount=(None, *AMOUNTS)[n % 6],
                    print_count=n % 3,
                    transfer_state=STATES[n % 3],
                ),
                Head(
                    destination_country=COUNTRIES[n % 5],
                    consignor_name=CONSIGNORS[n % 3],
                    consignor_code=("3122960ABC", "")[n % 2],
                    contract_no=CONTRACTS[n % 4],
                    trade_mode=TRADES[n % 3],
                )
                if n % 7
                else None,
                tuple(Item(number=k, name=GOODS[(n + k) % 4], hs_code=HS_CODES[n // 2 % 4]) for k in range(n % 3))
                if n % 7
                else (),
                tuple(Origin)[n % 5 == 0],
            ),
            downloaded=n % 4 == 0,
            resent=n % 5 == 0,
            unknown=n % 6 == 0,
        )
        for n in range(60)
    ]
    cache = Cache.open(tmp_path_factory.mktemp("varied") / "cache.duckdb", CacheKey(bytes(32)))
    fill(cache, kept)
    yield cache, kept
    cache.close()


@pytest.mark.parametrize("word", WORDS, ids=repr)
def test_every_word_finds_some_and_not_all(varied: tuple[Cache, list[Kept]], word: Word) -> None:
    cache, kept = varied
    expected = {one.whole.summary.entry_id for one in kept if word.finds(one)}
    assert 0 < len(expected) < len(kept)
    assert set(Results(cache).run(word.text).entry_ids()) == expected


def test_a_long_list_of_numbers(shared: Cache) -> None:
    kept = [Kept(Declaration(Summary(entry_id=f"22332025{serial:010d}")), False, False, False) for serial in range(300)]
    fill(shared, kept)
    wanted = [one.whole.summary.entry_id for one in kept[::3]]
    assert set(Results(shared).run(f"号:{'|'.join(wanted)}").entry_ids()) == set(wanted)


def test_moments_of_marks_are_seen_by_their_filters(shared: Cache) -> None:
    row = Summary(entry_id="223320250000008471")
    fill(shared, [Kept(Declaration(row), False, False, False)])
    assert Results(shared).run("已下载").totals.declarations == 0
    Declarations(shared).mark_downloaded(NumberQuery(row.entry_id), datetime.now(UTC))
    assert Results(shared).run("已下载").totals.declarations == 1
