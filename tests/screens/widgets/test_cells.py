"""Texts fitted to cells, wide characters and all."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from screens.widgets.cells import CUT, fit

TEXTS = st.text(st.sampled_from("abc 1,.-上海浦东机场（）·𠮷é"), max_size=30)


@given(TEXTS, st.integers(0, 40), st.booleans())
def test_it_is_always_exactly_as_wide_as_asked_for(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(text, width, right=right)) == width


@given(TEXTS, st.integers(0, 40), st.booleans())
def test_what_has_room_stands_whole_and_what_has_not_is_marked(text: str, width: int, right: bool) -> None:
    fitted = fit(text, width, right=right)
    if cell_len(text) <= width:
        assert text in fitted
        assert fitted.strip() == text.strip()
    elif width:
        assert CUT in fitted
        assert text.startswith(fitted.rstrip().removesuffix(CUT))


def test_a_wide_character_is_never_halved() -> None:
    assert fit("浦东机场", 8) == "浦东机场"
    assert fit("浦东机场", 7) == "浦东机…"
    assert fit("浦东机场", 6) == "浦东… "
    assert fit("123.45", 8, right=True) == "  123.45"
