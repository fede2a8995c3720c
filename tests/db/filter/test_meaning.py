"""What a filter finds, compared with an evaluation in Python over random declarations."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.cache import Cache
from db.declarations import Declarations
from db.filter import to_sql
from db.key import CacheKey
from db.results import Results
from db.search import folded, initials
from jiacha_tui.declaration.clerk_marks import ClerkMarks
from jiacha_tui.declaration.declaration_row import Totals
from jiacha_tui.declaration.model import Declaration, Head, Item, Kind, Origin, Summary
from jiacha_tui.declaration.query import NumberQuery
from tests.db.samples import wall_clock
from tests.filters import parse_official

COUNTRIES = ("美国", "日本", "德国", "ABC国", "")
PORTS = ("浦东机场", "北仑海关", "")
CONSIGNORS = ("示例进出口有限公司", "Example Trading", "")
CONTRACTS = ("SPX-2025-0871", "abc 12", "８４７１", "")
STATES = ("新增", "修改", "")
TRADES = ("一般贸易", "进料加工", "")
GOODS = ("针织男式T恤衫", "木制家具", "computer 8471", "")
HS_CODES = ("8471300000", "6109100021", "9403609990", "")
BILLS = ("COSU6012345", "ＣＯＳＵ77", "")
CONTAINERS = ("TCLU1234567,TEMU7654321", "")
VESSELS = ("EVER GIVEN", "中远之星", "")
REMARKS = ("退运 'A'", "N/M", "")
AGENTS = ("示例报关有限公司", "")
MANUALS = ("C22331234567", "")
CURRENCIES = ("美元", "欧元", "")
DAYS = tuple(date(2024, 12, 30 + offset) if offset < 2 else date(2025, offset, 1) for offset in range(7))
AMOUNTS = tuple(map(Decimal, ("0", "999.9999", "1000", "1000.0001", "20000")))


@dataclass(frozen=True)
class Sample:
    """A declaration in the cache, and what was done with it."""

    declaration: Declaration
    downloaded: bool
    resent: bool
    unknown: bool
    delisted: bool = False
    file_outdated: bool = False
    print_outdated: bool = False
    filed: bool = False
    collected: bool = False
    noted: bool = False

    @property
    def entry_id(self) -> str:
        return self.declaration.summary.entry_id

    @property
    def head(self) -> Head:
        return self.declaration.head or Head()


ITEMS = st.builds(
    lambda name, code, currency: Item(number=1, name=name, hs_code=code, currency=currency),
    st.sampled_from(GOODS),
    st.sampled_from(HS_CODES),
    st.sampled_from(CURRENCIES),
)
HEADS = st.builds(
    Head,
    destination_country=st.sampled_from(COUNTRIES),
    consignor_name=st.sampled_from(CONSIGNORS),
    consignor_code=st.sampled_from(("3122960ABC", "")),
    contract_no=st.sampled_from(CONTRACTS),
    trade_mode=st.sampled_from(TRADES),
    bill_no=st.sampled_from(BILLS),
    container_ids=st.sampled_from(CONTAINERS),
    transport_name=st.sampled_from(VESSELS),
    remarks=st.sampled_from(REMARKS),
    owner_name=st.sampled_from(CONSIGNORS),
    owner_code=st.sampled_from(("3122960ABC", "")),
    agent_name=st.sampled_from(AGENTS),
    manual_no=st.sampled_from(MANUALS),
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
WITH_DETAIL = st.builds(
    lambda row, head, items, origin: Declaration(row, head, tuple(items), origin),
    SUMMARIES,
    HEADS,
    st.lists(ITEMS, max_size=2),
    st.sampled_from(Origin),
)
SAMPLES = st.builds(Sample, WITH_DETAIL | SUMMARIES.map(Declaration), *[st.booleans()] * 9)


@dataclass(frozen=True)
class Word:
    """A word of a filter, and which samples match it. Of several full numbers a sample has to have one."""

    text: str
    matches: Callable[[Sample], bool]
    is_number: bool = False

    def __repr__(self) -> str:
        return self.text


Predicate = Callable[[Sample], bool]


def any_contains(part: str, *texts: str) -> bool:
    return any(folded(part) in form for text in texts for form in (folded(text), initials(text)))


def head_contains(*names: str) -> Callable[[str], Predicate]:
    return lambda part: lambda sample: any_contains(part, *(getattr(sample.head, name) for name in names))


def detail_contains(*names: str) -> Callable[[str], Predicate]:
    return lambda part: lambda sample: any(folded(part) in folded(getattr(sample.head, name)) for name in names)


def currency_is(name: str) -> Predicate:
    return lambda sample: any(item.currency == name for item in sample.declaration.items)


def row_contains(*names: str) -> Callable[[str], Predicate]:
    return lambda part: lambda sample: any_contains(part, *(getattr(sample.declaration.summary, n) for n in names))


def goods_contain(part: str) -> Predicate:
    return lambda sample: any(any_contains(part, item.name) for item in sample.declaration.items)


def hs_code_starts(digits: str) -> Predicate:
    return lambda sample: any(item.hs_code.startswith(digits) for item in sample.declaration.items)


def number_contains(digits: str) -> Predicate:
    return lambda sample: digits in sample.entry_id


def any_number(digits: str) -> Predicate:
    return lambda sample: number_contains(digits)(sample) or hs_code_starts(digits)(sample)


def any_text(part: str) -> Predicate:
    names = ("consignor_name", "consignor_code", "destination_country", "contract_no", "trade_mode")
    in_head, in_row = head_contains(*names)(part), row_contains("exit_customs", "transfer_state")(part)
    return lambda sample: in_head(sample) or in_row(sample) or goods_contain(part)(sample)


def words(field: str, predicate: Callable[[str], Predicate], *texts: str) -> list[Word]:
    return [Word(f"{field}{text}", predicate(text.strip('"'))) for text in texts]


def days(text: str, first: date, last: date) -> Word:
    def matches(sample: Sample) -> bool:
        day = sample.declaration.summary.exported_on
        return day is not None and first <= day <= last

    return Word(text, matches)


def amount(text: str, condition: Callable[[Decimal], bool]) -> Word:
    def matches(sample: Sample) -> bool:
        usd = sample.declaration.summary.usd_amount
        return usd is not None and condition(usd)

    return Word(text, matches)


def status(word: str, name: str, matches: Predicate) -> list[Word]:
    """All ways to write a status, and its opposite, which only matches what the port still lists."""
    opposite = word.replace("已", "未").replace("有", "缺")
    positive = [Word(text, matches) for text in (word, f"是:{word}", f"is:{name}")]
    to_do = Word(opposite, lambda sample: not matches(sample) and not sample.delisted)
    return [*positive, to_do, Word(f"-{word}", lambda sample: not matches(sample))]


def numbers(text: str, *entry_ids: str) -> Word:
    return Word(text, lambda sample: sample.entry_id in entry_ids, is_number=True)


WORDS = [
    *words("", any_text, "美国", "mg", "s", "国", "12", "恤", "zznstxs", "3122960abc", "修改", "jljg", '"c 1"'),
    *(
        Word(text, lambda sample: sample.head.destination_country == "美国")
        for text in ("usa", "US", "United States", "united states of america", "国:US", "to:usa", "meiguo", "eiguo")
    ),
    Word("pudong", lambda sample: sample.declaration.summary.exit_customs == "浦东机场"),
    Word("p:PUDONG", lambda sample: sample.declaration.summary.exit_customs == "浦东机场"),
    Word("货:jiaju", lambda sample: any("家具" in item.name for item in sample.declaration.items)),
    *words("", any_number, "8471", "6109", "8460"),
    *words("国:", head_contains("destination_country"), "美", "mg", "ABC"),
    *words("co:", head_contains("consignor_name", "consignor_code"), "EXAMPLE", "slj", "960A", '"e t"'),
    *words("p:", row_contains("exit_customs"), "浦东", "jc"),
    *words("合同:", head_contains("contract_no"), "spx-2025", '"c 1"', "8471"),
    *words("监管:", head_contains("trade_mode"), "一般", "jljg"),
    *words("st:", row_contains("transfer_state"), "新增", "xg"),
    *words("货:", goods_contain, "家具", "mzjj", "Computer"),
    *words("税号:", hs_code_starts, "8471", "6", "9403609990"),
    *words("号:", number_contains, "8473"),
    *(
        numbers(text, "223320250000008471")
        for text in ("223320250000008471", "号:223320250000008471", "22332025000000847１012", "223320250000008471、")
    ),
    numbers("223320250000008472，223320250000008473,", "223320250000008472", "223320250000008473"),
    numbers("no:223320250000008472|223320250000008474002", "223320250000008472", "223320250000008474"),
    *words("提单:", detail_contains("bill_no"), "cosu", "ＣＯＳＵ", "601", '"77"'),
    *words("箱号:", detail_contains("container_ids"), "temu", "7654321"),
    *words("ship:", detail_contains("transport_name"), "ever", "中远", '"r g"'),
    *words("备注:", detail_contains("remarks"), "退运", "'a'", "n/m"),
    *words("产销:", detail_contains("owner_name", "owner_code"), "示例", "960A"),
    *words("申报单位:", detail_contains("agent_name", "agent_code"), "报关"),
    *words("手册:", detail_contains("manual_no"), "c2233"),
    *(Word(f"币制:{text}", currency_is("美元")) for text in ("usd", "USD", "美元")),
    Word("cur:EUR", currency_is("欧元")),
    *(
        Word(f"国:={text}", lambda sample: sample.head.destination_country == "ABC国")
        for text in ("abc国", '"ＡＢＣ国"', '"\\u{61}bc国"')
    ),
    Word('to:=国|="美国"', lambda sample: sample.head.destination_country == "美国"),
    Word('国:=""', lambda sample: not sample.head.destination_country),
    Word("口岸:=浦东机场", lambda sample: sample.declaration.summary.exit_customs == "浦东机场"),
    Word('m:=""', lambda sample: not sample.head.trade_mode),
    Word("状态:=修改", lambda sample: sample.declaration.summary.transfer_state == "修改"),
    Word("货:=木制家具", lambda sample: any(item.name == "木制家具" for item in sample.declaration.items)),
    Word('货:="Computer  8471"', lambda sample: any("8471" in item.name for item in sample.declaration.items)),
    Word("税号:=8471300000", hs_code_starts("8471300000")),
    Word('税号:=""', lambda sample: any(not item.hs_code for item in sample.declaration.items)),
    Word("币制:=美元", currency_is("美元")),
    Word('cur:=""', currency_is("")),
    days("2025", date(2025, 1, 1), date(2025, 12, 31)),
    days("2025-03", date(2025, 3, 1), date(2025, 3, 31)),
    days("2025.3", date(2025, 3, 1), date(2025, 3, 31)),
    days("２０２５—03", date(2025, 3, 1), date(2025, 3, 31)),
    days("2024-12-31", date(2024, 12, 31), date(2024, 12, 31)),
    days("2024-12..2025-03-01", date(2024, 12, 1), date(2025, 3, 1)),
    days("日期:202504..", date(2025, 4, 1), date.max),
    days("..2024", date.min, date(2024, 12, 31)),
    Word("报送:2025-07-31", lambda sample: sample.declaration.summary.reported_at == wall_clock("2025-07-31 23:59:59")),
    Word("r:2025-07", lambda sample: sample.declaration.summary.reported_at is not None),
    amount(">1000", lambda usd: usd > 1000),
    amount(">=1,000", lambda usd: usd >= 1000),
    amount("<0.1万", lambda usd: usd < 1000),
    amount("<=1000", lambda usd: usd <= 1000),
    amount("=1000", lambda usd: usd == 1000),
    amount("金额:999.9999..1000.0001", lambda usd: 999 < usd < 1001),
    amount("..2万", lambda usd: usd <= 20000),
    amount(">=1千", lambda usd: usd >= 1000),
    amount("<1百万", lambda usd: usd < 10**6),
    Word("条数:2", lambda sample: sample.declaration.head is not None and len(sample.declaration.items) == 2),
    Word("n:<1", lambda sample: sample.declaration.head is not None and not sample.declaration.items),
    Word("打印:>1", lambda sample: sample.declaration.summary.print_count > 1),
    Word("类型:结关", lambda sample: sample.declaration.summary.kind is Kind.CLEARED),
    Word("kind:启运港", lambda sample: sample.declaration.summary.kind is Kind.DEPARTURE_PORT),
    Word("来源:文件", lambda sample: sample.declaration.origin is Origin.FILE),
    Word("from:port", lambda sample: sample.declaration.origin is Origin.PORT),
    *status("已下载", "downloaded", lambda sample: sample.downloaded),
    *status("已重发", "resent", lambda sample: sample.resent),
    *(Word(text, lambda sample: sample.unknown) for text in ("重发未知", "是:重发未知", "is:unknown")),
    Word("-重发未知", lambda sample: not sample.unknown),
    *status("已打印", "printed", lambda sample: sample.declaration.summary.print_count > 0),
    *status("有详情", "detail", lambda sample: sample.declaration.head is not None),
    *(
        Word(text, lambda sample: sample.delisted)
        for text in ("不再列出", "口岸不再列出", "是:不再列出", "is:delisted")
    ),
    Word("-不再列出", lambda sample: not sample.delisted),
    *(
        Word(text, lambda sample: sample.file_outdated or sample.print_outdated)
        for text in ("下载后有变", "是:下载后有变", "is:outdated")
    ),
    *status("已申报", "filed", lambda sample: sample.filed),
    *status("已收汇", "collected", lambda sample: sample.collected),
    Word("批注:已寄a", lambda sample: sample.noted),
    Word("-memo:Ａ", lambda sample: not sample.noted),
    Word("-下载后有变", lambda sample: not sample.file_outdated and not sample.print_outdated),
]
NO_COUNTRIES = [Word(text, lambda sample: False) for text in ("us", '"usa"', "国:us", "合同:usa")]
"""Two small letters, quoted words and words of other fields are no country codes."""

POSITIVE = [word for word in WORDS if not word.text.startswith("-")]


def negated(word: Word) -> Word:
    return Word(f"-{word.text}", lambda sample: not word.matches(sample))


def field_of(word: Word) -> str:
    field, colon, _ = word.text.partition(":")
    return field if colon else ""


def either(two: tuple[Word, Word]) -> Word:
    """The alternative of two values of one field, or of two words without a field."""
    first, second = two
    text = f"{first.text.rstrip('、,')}|{second.text.rpartition(':')[2].rstrip('、,')}"
    is_number = first.is_number and second.is_number
    return Word(text, lambda sample: first.matches(sample) or second.matches(sample), is_number)


def can_be_alternatives(first: Word, second: Word) -> bool:
    """A list with commas is one of full numbers only."""
    has_comma = any(sign in word.text for word in (first, second) for sign in ("，", ",223"))
    return field_of(first) == field_of(second) and (not has_comma or (first.is_number and second.is_number))


def all_match(words: list[Word], sample: Sample) -> bool:
    """Whether the sample matches a filter of these words."""
    named = [word.matches(sample) for word in words if word.is_number]
    return (not named or any(named)) and all(word.matches(sample) for word in words if not word.is_number)


ONE_VALUE = st.sampled_from(POSITIVE)
TWO_VALUES = st.tuples(ONE_VALUE, ONE_VALUE).filter(lambda two: can_be_alternatives(*two)).map(either)
ANY_WORD = st.sampled_from([*WORDS, *NO_COUNTRIES]) | ONE_VALUE | TWO_VALUES | (ONE_VALUE | TWO_VALUES).map(negated)


def fill(cache: Cache, samples: list[Sample]) -> None:
    """Replaces the content of the cache by these samples."""
    with cache.write_cursor() as cursor:
        for table in ("declaration", "head", "item"):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - the three names above
    declarations = Declarations(cache)
    declarations.put_imported([sample.declaration for sample in samples if sample.declaration.origin is Origin.FILE])
    port = [sample.declaration for sample in samples if sample.declaration.origin is Origin.PORT]
    declarations.merge_rows([sample.summary for sample in port])
    declarations.put_details([sample for sample in port if sample.head is not None])
    for sample in samples:
        marks = ClerkMarks(
            "202507" if sample.filed else "", "", date(2025, 8, 1) if sample.collected else None, "已寄A" * sample.noted
        )
        declarations.set_clerk_marks([sample.entry_id], marks)
    with cache.write_cursor() as cursor:
        for column, entry_ids in (
            ("downloaded_at", [sample.entry_id for sample in samples if sample.downloaded]),
            ("resent_at", [sample.entry_id for sample in samples if sample.resent]),
            ("resend_unknown_at", [sample.entry_id for sample in samples if sample.unknown]),
            ("delisted_at", [sample.entry_id for sample in samples if sample.delisted]),
            ("file_outdated_at", [sample.entry_id for sample in samples if sample.file_outdated]),
            ("print_outdated_at", [sample.entry_id for sample in samples if sample.print_outdated]),
        ):
            cursor.execute(
                f"UPDATE declaration SET {column} = ? WHERE entry_id IN (SELECT unnest(?::VARCHAR[]))",  # noqa: S608 - the names above
                [wall_clock("2025-08-01"), entry_ids],
            )


def find_with_each(cache: Cache, filters: list[str]) -> list[set[str]]:
    """What each filter finds, read with one statement."""
    conditions = [to_sql(parse_official(text)) for text in filters]
    columns = ", ".join(condition for condition, _ in conditions)
    with cache.read_cursor() as cursor:
        rows = cursor.execute(
            f"SELECT entry_id, {columns} FROM declaration",  # noqa: S608 - the conditions under test
            [parameter for _, parameters in conditions for parameter in parameters],
        ).fetchall()
    return [{row[0] for row in rows if row[position]} for position in range(1, len(filters) + 1)]


@settings(max_examples=60)
@given(
    st.lists(SAMPLES, max_size=8, unique_by=lambda one: one.entry_id),
    st.lists(st.lists(ANY_WORD, max_size=3), min_size=4, max_size=6),
)
def test_filters_find_what_they_say(shared: Cache, samples: list[Sample], filters: list[list[Word]]) -> None:
    fill(shared, samples)
    texts = [" ".join(word.text for word in words) for words in filters]
    expected = [[sample for sample in samples if all_match(words, sample)] for words in filters]
    assert find_with_each(shared, texts) == [{sample.entry_id for sample in matches} for matches in expected]
    result, matches = Results(shared).run(texts[0]), expected[0]
    assert set(result.entry_ids()) == {sample.entry_id for sample in matches}
    listed = [sample for sample in matches if not sample.delisted]
    assert result.totals == Totals(
        declarations=len(listed),
        items=sum(len(sample.declaration.items) for sample in listed),
        usd=sum((sample.declaration.summary.usd_amount or Decimal(0) for sample in listed), Decimal(0)),
        items_known=all(sample.declaration.head is not None for sample in listed),
        delisted=len(matches) - len(listed),
    )


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cache, list[Sample]]]:
    """A cache with 60 declarations, of which every word finds some but not all."""
    samples = [
        Sample(
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
                    bill_no=BILLS[n % 3],
                    container_ids=CONTAINERS[n % 2],
                    transport_name=VESSELS[n % 3],
                    remarks=REMARKS[n % 3],
                    owner_name=CONSIGNORS[n % 3],
                    owner_code=("3122960ABC", "")[n % 2],
                    agent_name=AGENTS[n % 2],
                    manual_no=MANUALS[n % 2],
                )
                if n % 7
                else None,
                tuple(
                    Item(
                        number=k,
                        name=GOODS[(n + k) % 4],
                        hs_code=HS_CODES[n // 2 % 4],
                        currency=CURRENCIES[(n + k) % 3],
                    )
                    for k in range(n % 3)
                )
                if n % 7
                else (),
                tuple(Origin)[n % 5 == 0],
            ),
            downloaded=n % 4 == 0,
            resent=n % 5 == 0,
            unknown=n % 6 == 0,
            delisted=n % 11 == 0,
            file_outdated=n % 8 == 0,
            print_outdated=n % 9 == 0,
            filed=n % 3 == 0,
            collected=n % 4 == 1,
            noted=n % 5 == 1,
        )
        for n in range(60)
    ]
    cache = Cache.open(tmp_path_factory.mktemp("varied") / "cache.duckdb", CacheKey(bytes(32)))
    fill(cache, samples)
    yield cache, samples
    cache.close()


@pytest.mark.parametrize("word", WORDS, ids=repr)
def test_every_word_finds_some_but_not_all(varied: tuple[Cache, list[Sample]], word: Word) -> None:
    cache, samples = varied
    expected = {sample.entry_id for sample in samples if word.matches(sample)}
    assert 0 < len(expected) < len(samples)
    assert set(Results(cache).run(word.text).entry_ids()) == expected


def test_a_word_may_have_many_numbers(shared: Cache) -> None:
    samples = [
        Sample(Declaration(Summary(entry_id=f"22332025{serial:010d}")), False, False, False) for serial in range(300)
    ]
    fill(shared, samples)
    numbers = [sample.entry_id for sample in samples[::3]]
    assert set(Results(shared).run(f"号:{'|'.join(numbers)}").entry_ids()) == set(numbers)


def test_a_filter_sees_a_download_that_was_just_recorded(shared: Cache) -> None:
    row = Summary(entry_id="223320250000008471")
    fill(shared, [Sample(Declaration(row), False, False, False)])
    assert Results(shared).run("已下载").totals.declarations == 0
    Declarations(shared).mark_downloaded(NumberQuery(row.entry_id), datetime.now(UTC))
    assert Results(shared).run("已下载").totals.declarations == 1
