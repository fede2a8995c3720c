"""Texts fitted to a number of cells, with characters that take two cells."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from screens.widgets.cells import CUT, fit

TEXTS = st.text(st.sampled_from("abc 1,.-上海浦东机场（）·𠮷é"), max_size=30)


@given(TEXTS, st.integers(0, 40), st.booleans())
def test_a_fitted_text_has_exactly_the_requested_width(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(text, width, right=right)) == width


@given(TEXTS, st.integers(0, 40), st.booleans())
def test_a_text_is_whole_or_cut_with_a_mark(text: str, width: int, right: bool) -> None:
    fitted = fit(text, width, right=right)
    if cell_len(text) <= width:
        assert text in fitted
        assert fitted.strip() == text.strip()
    elif width:
        assert CUT in fitted
        assert text.startswith(fitted.rstrip().removesuffix(CUT))


def test_a_wide_character_is_never_cut_in_half() -> None:
    assert fit("浦东机场", 8) == "浦东机场"
    assert fit("浦东机场", 7) == "浦东机…"
    assert fit("浦东机场", 6) == "浦东… "
    assert fit("123.45", 8, right=True) == "  123.45"
