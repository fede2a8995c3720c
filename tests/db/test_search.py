"""Folded text and pinyin initials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.search import folded, initials, replace_surrogates, searchable

TEXTS = st.text(st.characters(codec=None), max_size=20)  # with lone surrogates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＡＢＣ－１２３", "abc-123"),
        ("  a \t b\u3000c\n", "a b c"),
        ("Straße", "strasse"),
        ("\ud83d", "\ufffd"),
        ("", ""),
    ],
)
def test_folded_text(text: str, expected: str) -> None:
    assert folded(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("浦东机场", "pdjc"),
        ("针织男式T恤衫", "zznstxs"),
        ("重庆海关", "cqhg"),
        ("示例（上海）ABC-2 公司", "slshabc2gs"),
        ("SPX-2025", ""),
        ("", ""),
    ],
)
def test_initials_of_chinese_text(text: str, expected: str) -> None:
    assert initials(text) == expected


def test_searchable_has_each_text_and_its_initials() -> None:
    assert searchable("示例公司", "", "3122960ABC") == "示例公司\nslgs\n3122960abc"


@given(TEXTS)
def test_folded_text_can_be_stored_and_has_no_line_feed(text: str) -> None:
    folded(text).encode()
    assert "\n" not in folded(text)
    assert folded(folded(text)) == folded(text)


@given(TEXTS)
def test_only_lone_surrogates_are_replaced(text: str) -> None:
    replace_surrogates(text).encode()
    assert len(replace_surrogates(text)) == len(text)
    assert all(
        new == old or "\ud800" <= old <= "\udfff" for new, old in zip(replace_surrogates(text), text, strict=True)
    )


@given(TEXTS, TEXTS)
def test_a_searchable_contains_every_part_of_its_text(text: str, other: str) -> None:
    whole = folded(text)
    for start in range(len(whole)):
        assert folded(whole[start : start + 3]) in searchable(text, other)
