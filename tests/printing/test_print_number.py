"""Which number of a text is the print's own: no doubt is left to the benefit of a wrong paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.printing.print_number import PageText, check_number, has_readable_text
from jiacha_tui.printing.problems import PrintOfAnother, PrintUnclear

OWN = "310420260000338250"
OTHER = "232720260000338683"
LABEL = "海关编号："

numbers = st.builds(
    "{:04}{:04}{}{:09}".format,
    st.integers(0, 9999),
    st.integers(2000, 2099),
    st.integers(0, 1),
    st.integers(0, 10**9 - 1),
)
words = st.text(st.characters(codec="utf-8", exclude_categories=["Nd", "Nl", "No", "Cs"]))


def check(asked: str, *texts: str) -> bool:
    return check_number(asked, [PageText(text) for text in texts])


@pytest.mark.parametrize(
    "texts",
    [
        [f"{LABEL}{OWN}"],
        [f"{LABEL}\r\n{OWN}\r\n备注：原报关单 {OTHER}"],
        [f"海 关 编 号 {OWN}", f"备注 {OTHER}"],
        [f"{LABEL}{OWN}（洋山海关）页码/页数：1/2", f"{LABEL}{OWN} 2/2"],
        [f"预录入编号：{OTHER} {LABEL}{OWN}"],
        [f"预录⼊编号：{OTHER}\n统⼀编号：{OTHER}\n{OWN}"],
        [f"预录入编号：\n{LABEL}\n（洋山海关）\n{OWN}"],
        [f"{LABEL}\n预录入编号：{OWN}\n{OWN}"],
        [f"No. {OWN[:4]} {OWN[4:8]}\n{OWN[8:]}"],
        [f"HS 8471300000 16980250 {OWN} {OWN}001"],
        [f"{LABEL}31042026\u200b0000338250"],
    ],
)
def test_the_own_number_is_found(texts: list[str]) -> None:
    assert check(OWN, *texts)


@pytest.mark.parametrize(
    "texts",
    [
        [f"{LABEL}{OTHER}\n备注：代替 {OWN}"],
        [f"{LABEL}\n{OTHER}\n{OWN}"],
        [f"{LABEL}{OWN}", f"{LABEL}{OTHER}"],
        [f"报关单 {OTHER}"],
        [f"{LABEL}{OTHER}", OWN],
        [f"预录入编号：{OWN}\n{OTHER}"],
    ],
)
def test_the_print_of_another_is_refused(texts: list[str]) -> None:
    with pytest.raises(PrintOfAnother, match=OTHER):
        check(OWN, *texts)


@pytest.mark.parametrize(
    "texts",
    [
        [f"Customs no {OTHER}", f"replaces {OWN}"],
        [f"{LABEL}\n预录入编号：{OTHER}\n{OTHER}\n备注：原报关单 {OWN}"],
        [f"{LABEL}\n备注：原报关单 {OWN}"],
        [f"9{OWN}77"],
        [f"{LABEL}{OWN}77"],
        [f"{LABEL}9{OWN}"],
        [f"E{OWN}"],
        [f"预录入编号：{OWN}"],
        [f"ERROR: declaration {OWN} not found"],
        [f"报关单 {OWN} 不存在"],
        ["System error"],
        [OWN[:17]],
    ],
)
def test_what_leaves_a_doubt_is_refused(texts: list[str]) -> None:
    with pytest.raises(PrintUnclear):
        check(OWN, *texts)


def test_what_stands_beside_the_label_counts_before_what_follows_it_in_the_text() -> None:
    page = PageText(f"{LABEL}{OTHER}\n{OWN}", (f"：{OWN} （洋山海关）",))
    check_number(OWN, [page])
    with pytest.raises(PrintOfAnother, match=OWN):
        check_number(OTHER, [page])


def test_the_first_words_are_quoted_without_control_characters_and_cut() -> None:
    with pytest.raises(PrintUnclear) as refused:
        check(OWN, "a\x1b[2J" + "word " * 100)
    assert "\x1b" not in refused.value.message
    assert len(refused.value.message) < 120


@pytest.mark.parametrize(
    ("text", "readable"), [("\ue012\ue013 \x02\x03 @A!", False), ("", False), ("不", True), ("no", True)]
)
def test_text_of_a_font_without_characters_says_nothing(text: str, *, readable: bool) -> None:
    assert has_readable_text([PageText(text)]) is readable


@given(own=numbers, other=numbers, before=words, after=words, blanks=st.text(" \r\n\u3000", max_size=3))
def test_a_number_at_the_label_passes_for_itself_and_for_no_other(
    own: str, other: str, before: str, after: str, blanks: str
) -> None:
    spaced = blanks.join((own[:4], own[4:8], own[8:]))
    text = f"{before}\n{LABEL}{spaced}\n{after} 备注 {other}"
    if any(label in before + after for label in ("编号", "号")):
        return
    check(own, text)
    if own != other:
        with pytest.raises(PrintOfAnother):
            check(other, text)


@given(own=numbers, other=numbers, pages=st.permutations(["{own}", "{other}", "Page"]))
def test_two_numbers_without_a_label_confirm_nothing(own: str, other: str, pages: list[str]) -> None:
    if own != other:
        assert not check(own, *(page.format(own=own, other=other) for page in pages))


def test_two_labels_before_two_numbers_confirm_nothing() -> None:
    assert not check(OWN, f"预录入编号：\n{LABEL}\n{OTHER}\n{OWN}")


@given(
    own=numbers,
    left=st.text("0123456789", max_size=4),
    right=st.text("0123456789", max_size=4),
    label=st.sampled_from(["", LABEL]),
)
def test_a_number_within_a_longer_run_of_digits_never_passes(own: str, left: str, right: str, label: str) -> None:
    if left or right:
        with pytest.raises(PrintUnclear):
            check(own, f"{label}{left}{own}{right}")
