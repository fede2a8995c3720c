"""SGR sequences: parsed, and made to switch from one style to another."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from jiacha_tui.terminal.style import PLAIN, Style, UnsupportedOutput, apply_sgr, simplify_for_blank, switch_style

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
def test_switching_leads_from_one_style_to_the_other_in_few_bytes(old: Style, new: Style) -> None:
    sequence = switch_style(old, new)
    assert switch_style(old, new._replace(link="id=1;https://example.com")) == _LINK + sequence
    assert switch_style(new._replace(link="id=1;https://example.com"), new) == "\x1b]8;;\x1b\\"
    assert (sequence == "") == (old == new)
    assert apply_sgr(old, sequence[2:-1]) == new if sequence else old == new
    assert len(sequence) <= len(switch_style(PLAIN, new) or "\x1b[m") + len(";")


@pytest.mark.parametrize(
    ("style", "parameters", "expected"),
    [
        (PLAIN, "1;39;49", Style(frozenset({"1"}))),
        (Style(frozenset({"1", "2", "7"}), "31", "42"), "22", Style(frozenset({"7"}), "31", "42")),
        (Style(frozenset({"1"}), "31", "42"), "", PLAIN),
        (Style(frozenset({"1"}), "31", "42"), "0;4", Style(frozenset({"4"}))),
        (PLAIN, "38;2;1;2;3;48;5;9", Style(foreground="38;2;1;2;3", background="48;5;9")),
    ],
)
def test_a_sequence_changes_the_style(style: Style, parameters: str, expected: Style) -> None:
    assert apply_sgr(style, parameters) == expected


@pytest.mark.parametrize("parameters", ["58", "4:3", "38", "38;5", "38;2;1;2", "38;3;1", "1;99"])
def test_unknown_parameters_are_unsupported(parameters: str) -> None:
    with pytest.raises(UnsupportedOutput):
        apply_sgr(PLAIN, parameters)


def test_a_blank_keeps_its_foreground_only_under_a_visible_attribute() -> None:
    assert simplify_for_blank(Style(frozenset({"1"}), "31", "42")) == Style(background="42")
    for visible in (Style(frozenset({"4"}), "31"), Style(frozenset({"7", "1"}), "31")):
        assert simplify_for_blank(visible) == visible
