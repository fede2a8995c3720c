"""From each style to each other one."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from jiacha_tui.terminal.problems import UnsupportedOutput
from jiacha_tui.terminal.style import PLAIN, Style, change, on_blank, styled

_LINK = "\x1b]8;id=1;https://example.com\x1b\\"
ATTRIBUTES = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53"]
STYLES = st.builds(
    Style,
    st.frozensets(st.sampled_from(ATTRIBUTES), max_size=4),
    st.sampled_from(["", "30", "37", "90", "38;5;3", "38;2;1;2;3"]),
    st.sampled_from(["", "41", "100", "48;5;3", "48;2;0;0;0"]),
    st.just(""),
)


@given(STYLES, STYLES)
def test_a_change_leads_from_one_style_to_the_other(old: Style, new: Style) -> None:
    sequence = change(old, new)
    assert change(old, new._replace(link="id=1;https://example.com")) == _LINK + sequence
    assert change(new._replace(link="id=1;https://example.com"), new) == "\x1b]8;;\x1b\\"
    assert (sequence == "") == (old == new)
    assert styled(old, sequence[2:-1]) == new if sequence else old == new
    assert len(sequence) <= len(change(PLAIN, new) or "\x1b[m") + len(";")


@pytest.mark.parametrize(
    ("style", "parameters", "after"),
    [
        (PLAIN, "1;39;49", Style(frozenset({"1"}))),
        (Style(frozenset({"1", "2", "7"}), "31", "42"), "22", Style(frozenset({"7"}), "31", "42")),
        (Style(frozenset({"1"}), "31", "42"), "", PLAIN),
        (Style(frozenset({"1"}), "31", "42"), "0;4", Style(frozenset({"4"}))),
        (PLAIN, "38;2;1;2;3;48;5;9", Style(foreground="38;2;1;2;3", background="48;5;9")),
    ],
)
def test_a_sequence_is_read(style: Style, parameters: str, after: Style) -> None:
    assert styled(style, parameters) == after


@pytest.mark.parametrize("parameters", ["58", "4:3", "38", "38;5", "38;2;1;2", "38;3;1", "1;99"])
def test_what_is_not_known_is_not_guessed(parameters: str) -> None:
    with pytest.raises(UnsupportedOutput):
        styled(PLAIN, parameters)


def test_a_blank_has_no_colour_of_its_own_unless_something_is_drawn_in_it() -> None:
    assert on_blank(Style(frozenset({"1"}), "31", "42")) == Style(background="42")
    for drawn in (Style(frozenset({"4"}), "31"), Style(frozenset({"7", "1"}), "31")):
        assert on_blank(drawn) == drawn
