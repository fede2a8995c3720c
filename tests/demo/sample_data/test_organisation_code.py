import pytest

from jiacha_tui.demo.sample_data.organisation_code import make_organisation_code


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("192203821", id="华为技术有限公司"),
        pytest.param("71526726X", id="腾讯科技（深圳）有限公司"),
        pytest.param("708461136", id="深圳市腾讯计算机系统有限公司"),
        pytest.param("799655058", id="阿里巴巴（中国）有限公司"),
        pytest.param("551385082", id="小米科技有限责任公司"),
        pytest.param("192317458", id="比亚迪股份有限公司"),
        pytest.param("192548256", id="珠海格力电器股份有限公司"),
    ],
)
def test_codes_of_well_known_companies(code: str) -> None:
    assert make_organisation_code(code[:8]) == code


def test_the_check_character_may_be_any_digit_or_x() -> None:
    assert {make_organisation_code(f"{number:08d}")[-1] for number in range(200)} == set("0123456789X")


@pytest.mark.parametrize("stem", ["", "1234567", "123456789", "1234567a", "1234567８"])
def test_a_code_is_made_of_eight_characters(stem: str) -> None:
    with pytest.raises(ValueError, match="organisation code"):
        make_organisation_code(stem)
