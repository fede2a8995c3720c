"""Chinese text is sorted by its pinyin, in new caches and in those of an older program."""

import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.cache import Cache
from db.declarations import Declarations
from db.key import CacheKey
from db.problems import CacheTooNew
from db.results import Results
from db.sort_keys import SORT_COLUMNS, sort_key
from jiacha_tui.declaration.declaration_row import Column, Order
from tests.db.older_cache import insert_declarations, open_as_older_program
from tests.db.other_program import other_program, read_line
from tests.db.samples import entry_id, summary

BEFORE_SORT_KEYS = 4
"""The number of migrations of a program that did not write sort keys."""

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12) | st.text("长沙厦门重庆一番aAé １1-\0　 ", max_size=6)


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(("", " ", "(", "-", "0", "10", "9", "阿", "做", "a", "Z"), id="kinds of characters"),
        pytest.param(("3号仓库", "长沙3号", "长沙海关", "LED灯"), id="digits, Chinese, Latin"),
        pytest.param(("产地", "长安", "长白海关", "长沙", "长沙海关", "超市", "车床"), id="长 cháng"),
        pytest.param(("展台", "张家港", "长子", "招商"), id="长 zhǎng"),
        pytest.param(("上海", "厦门海关", "厦物流园", "夏装", "修改"), id="厦 xià"),
        pytest.param(("大连", "大厦", "大众"), id="厦 shà"),
        pytest.param(("成都", "重庆海关", "出口", "中国", "重型卡车", "株洲"), id="重"),
        pytest.param(("法国", "番茄酱", "潘家口", "番禺海关", "盘锦"), id="番"),
        pytest.param(("比利时", "秘鲁", "边境", "美国", "密封件", "面料"), id="秘"),
        pytest.param(("杭州", "航空", "行业", "行李架", "熊猫"), id="行"),
        pytest.param(("芦苇", "吕布", "旅行包", "绿茶", "乱麻", "略图", "轮胎", "罗马"), id="ü"),
        pytest.param(("不锈钢", "不要", "布料"), id="不 with its dictionary tone"),
        pytest.param(("一般贸易", "一汽场站", "医疗器械", "易货贸易"), id="一 with its dictionary tone"),
        pytest.param(("张三", "张四", "章二"), id="character by character"),
        pytest.param(("led灯", "LED灯", "ＬＥＤ灯", "lee"), id="case and width last"),
        pytest.param(("cafe", "café", "caff"), id="accents last"),
    ],
)
def test_order_of_texts(texts: tuple[str, ...]) -> None:
    assert tuple(sorted(sorted(texts), key=sort_key)) == texts


@given(TEXTS, TEXTS)
def test_different_texts_have_different_keys(one: str, other: str) -> None:
    assert (sort_key(one) == sort_key(other)) == (one == other)


@given(st.lists(TEXTS, min_size=2, max_size=8))
def test_case_width_and_accents_never_matter_between_different_words(texts: list[str]) -> None:
    def plain(text: str) -> str:
        letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())

    for one, other in pairwise(sorted(texts, key=sort_key)):
        assert sort_key(plain(one)) <= sort_key(plain(other))


def test_every_character_of_gb_2312_has_a_place_among_the_syllables() -> None:
    characters = [
        bytes([row, cell]).decode("gb2312", "ignore") for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)
    ]
    assert len([character for character in characters if character]) == 6763
    assert [
        character for character in characters if character and not sort_key("a") > sort_key(character) > sort_key("9")
    ] == []


def exit_customs(cache: Cache, descending: bool = False) -> list[str]:
    return [row.exit_customs for row in Results(cache).run("", Order(Column.EXIT_CUSTOMS, descending)).window(0, 99)]


@given(st.lists(TEXTS, max_size=12))
def test_the_engine_compares_keys_as_python_does(shared: Cache, texts: list[str]) -> None:
    with shared.write_cursor() as cursor:
        cursor.execute("DELETE FROM declaration")
    Declarations(shared).merge_rows([summary(number, exit_customs=text) for number, text in enumerate(texts)])
    assert exit_customs(shared) == sorted(texts, key=sort_key)
    assert exit_customs(shared, descending=True) == sorted(texts, key=sort_key, reverse=True)


class TestOlderCache:
    """A cache that was written without sort keys."""

    TEXTS = ("", "\0", "北仑海关", "长沙海关", "重庆海关", "番禺海关", "厦门海关", "ABC")

    @pytest.fixture
    def older(self, cache_path: Path, key: CacheKey) -> Path:
        cache = open_as_older_program(cache_path, key, BEFORE_SORT_KEYS)
        rows = [{"entry_id": entry_id(number), "exit_customs": text} for number, text in enumerate(sorted(self.TEXTS))]
        insert_declarations(cache, rows)
        cache.close()
        return cache_path

    @pytest.mark.parametrize("batch", [1, 5, 50_000])
    def test_is_sorted_by_pinyin_once_it_was_opened(
        self, older: Path, key: CacheKey, monkeypatch: pytest.MonkeyPatch, batch: int
    ) -> None:
        monkeypatch.setattr("db.sort_keys._BATCH", batch)
        for _ in range(2):
            cache = Cache.open(older, key)
            assert tuple(exit_customs(cache)) == self.TEXTS
            cache.close()

    def test_every_column_gets_its_keys(self, older: Path, key: CacheKey) -> None:
        cache = Cache.open(older, key)
        with cache.read_cursor() as cursor:
            for column, sort_column in SORT_COLUMNS.items():
                found = cursor.execute(f"SELECT {column}, {sort_column} FROM declaration").fetchall()  # noqa: S608
                assert [sort_key(text) for text, _ in found] == [stored for _, stored in found]
        cache.close()

    def test_loses_nothing_when_the_program_is_killed_while_it_adds_keys(
        self, older: Path, key: CacheKey, child_environment: dict[str, str]
    ) -> None:
        with other_program("migrate", older, child_environment) as child:
            assert read_line(child) == "waiting"
            child.kill()
            child.wait()
        with pytest.raises(CacheTooNew):
            open_as_older_program(older, key, BEFORE_SORT_KEYS)
        cache = Cache.open(older, key)
        assert tuple(exit_customs(cache)) == self.TEXTS
        cache.close()

    def test_is_refused_by_the_older_program_afterwards(self, older: Path, key: CacheKey) -> None:
        Cache.open(older, key).close()
        with pytest.raises(CacheTooNew):
            open_as_older_program(older, key, BEFORE_SORT_KEYS)
