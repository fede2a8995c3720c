"""Full pinyin: what a text is found by, in a new cache and in one that an older program has filled."""

import pytest

from db.cache import Cache
from db.declarations import Declarations
from db.pinyin import fill_pinyin, full_pinyin, may_be_pinyin
from db.results import Results
from db.search import searchable
from tests.db.samples import declaration


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("美国", "meiguo"),
        ("浦东机场", "pudongjichang"),
        ("重庆", "chongqing"),
        ("长沙", "changsha"),
        ("针织男式T恤衫", "zhenzhinanshitxushan"),
        ("SPX-2025", ""),
        ("", ""),
    ],
)
def test_the_full_pinyin_of_a_text(text: str, letters: str) -> None:
    assert full_pinyin(searchable(text)) == letters


def test_initials_and_numbers_are_not_looked_up() -> None:
    assert [
        word for word in ("mg", "zznstxs", "8471", "美国", "spx-1", "meiguo", "xian", "lv") if may_be_pinyin(word)
    ] == [
        "meiguo",
        "xian",
    ]


def test_texts_of_an_older_program_get_their_pinyin_once(cache: Cache) -> None:
    declarations = Declarations(cache)
    one = declaration(1)
    declarations.put_details([one])
    assert one.head is not None
    word = full_pinyin(searchable(one.head.destination_country))
    assert len(Results(cache).run(word).entry_ids()) == 1
    with cache.write_cursor() as cursor:
        cursor.execute("DELETE FROM pinyin")
    assert Results(cache).run(word).entry_ids() == ()
    with cache.write_cursor() as cursor:
        fill_pinyin(cursor)
        fill_pinyin(cursor)
        (count, different) = cursor.execute("SELECT count(*), count(DISTINCT text) FROM pinyin").fetchall()[0]
    assert count == different > 0
    assert len(Results(cache).run(word).entry_ids()) == 1
