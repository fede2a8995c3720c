import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.scc import is_organisation_code, is_scc, make_organisation_code, make_scc

CHARSET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION_STEMS = st.text(CHARSET, min_size=8, max_size=8)
STEMS = st.builds(
    "".join, st.tuples(st.text(CHARSET, min_size=2, max_size=2), st.text("0123456789", min_size=6, max_size=6))
)

PUBLIC_CODES = [
    pytest.param("914403001922038216", id="华为技术有限公司"),
    pytest.param("9144030071526726XG", id="腾讯科技（深圳）有限公司"),
    pytest.param("91440300708461136T", id="深圳市腾讯计算机系统有限公司"),
    pytest.param("91330100799655058B", id="阿里巴巴（中国）有限公司"),
    pytest.param("91110108551385082Q", id="小米科技有限责任公司"),
    pytest.param("91440300192317458F", id="比亚迪股份有限公司"),
    pytest.param("91440400192548256N", id="珠海格力电器股份有限公司"),
]


@pytest.mark.parametrize("code", PUBLIC_CODES)
def test_codes_of_well_known_companies(code: str) -> None:
    assert is_scc(code)
    assert is_organisation_code(code[8:17])


@given(STEMS, ORGANISATION_STEMS)
def test_a_made_code_is_one(stem: str, organisation_stem: str) -> None:
    code = make_scc(stem, make_organisation_code(organisation_stem))
    assert len(code) == 18
    assert is_scc(code)


@given(STEMS, ORGANISATION_STEMS, st.integers(0, 17), st.sampled_from(CHARSET))
def test_one_wrong_character_is_noticed(stem: str, organisation_stem: str, position: int, other: str) -> None:
    code = make_scc(stem, make_organisation_code(organisation_stem))
    wrong = code[:position] + other + code[position + 1 :]
    assert is_scc(wrong) == (wrong == code)


@given(STEMS, ORGANISATION_STEMS, st.integers(0, 16))
def test_two_neighbours_swapped_are_noticed(stem: str, organisation_stem: str, position: int) -> None:
    code = make_scc(stem, make_organisation_code(organisation_stem))
    swapped = code[:position] + code[position + 1] + code[position] + code[position + 2 :]
    assert is_scc(swapped) == (swapped == code)


def test_the_check_character_of_an_organisation_code_may_be_x_or_0() -> None:
    assert make_organisation_code("71526726") == "71526726X"
    assert {make_organisation_code(f"{number:08d}")[-1] for number in range(200)} == set("0123456789X")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "91440300192203821",
        "9144030019220382166",
        "91440300192203821６",
        "914403001922038216\n",
        "9144030071526726xg",
        "9I4403001922038216",
        "9144A3001922038216",
    ],
)
def test_what_has_not_the_form_of_a_code_is_none(text: str) -> None:
    assert not is_scc(text)


@given(st.text())
def test_any_text_can_be_asked_about(text: str) -> None:
    is_scc(text)
    is_organisation_code(text)


@pytest.mark.parametrize("stem", ["", "1234567", "123456789", "1234567a", "1234567８"])
def test_an_organisation_code_is_made_of_eight_characters(stem: str) -> None:
    with pytest.raises(ValueError, match="organisation code"):
        make_organisation_code(stem)


@pytest.mark.parametrize(
    ("stem", "organisation_code"),
    [("9144030", "192203821"), ("91440A00", "192203821"), ("91440300", "192203822"), ("91440300", "I1111111X")],
)
def test_a_credit_code_is_made_of_what_is_right(stem: str, organisation_code: str) -> None:
    with pytest.raises(ValueError, match="credit code"):
        make_scc(stem, organisation_code)
