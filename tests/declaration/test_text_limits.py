import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.text_limits import CUT_MARK, MAX_TEXT_CHARACTERS, cut_text, is_cut


@given(st.text(max_size=60), st.integers(len(CUT_MARK), 50))
def test_a_text_keeps_its_beginning_and_is_marked_if_it_is_cut(text: str, characters: int) -> None:
    cut = cut_text(text, characters)
    assert len(cut) <= characters
    assert (cut == text) == (len(text) <= characters)
    assert cut == text or (is_cut(cut) and text.startswith(cut.removesuffix(CUT_MARK)))
    assert cut_text(cut, characters) == cut


@pytest.mark.parametrize("length", [255, 2_000, MAX_TEXT_CHARACTERS])
def test_a_text_of_an_official_length_is_not_cut(length: int) -> None:
    assert cut_text("货" * length) == "货" * length
