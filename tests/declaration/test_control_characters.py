import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from jiacha_tui.declaration.control_characters import escape_controls

CONTROL_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Controls, format characters, surrogates, line and paragraph separators."""


def all_characters() -> list[str]:
    return [chr(code) for code in range(sys.maxunicode + 1)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("\x00", "␀", id="NUL"),
        pytest.param("\x07", "␇", id="BEL"),
        pytest.param("\x08", "␈", id="BS"),
        pytest.param("\t", "␉", id="TAB"),
        pytest.param("\n", "␤", id="LF"),
        pytest.param("\r\n", "␍␤", id="CRLF"),
        pytest.param("\x1b[31m红\x1b]0;title\x07", "␛[31m红␛]0;title␇", id="ESC sequences"),
        pytest.param("\x1f", "␟", id="the last of C0"),
        pytest.param("\x7f", "␡", id="DEL"),
        pytest.param("\x80", "⟨U+0080⟩", id="the first of C1"),
        pytest.param("\x9b31m", "⟨U+009B⟩31m", id="CSI of C1"),
        pytest.param("\x9f", "⟨U+009F⟩", id="the last of C1"),
        pytest.param("\u202egnp.exe", "⟨U+202E⟩gnp.exe", id="right-to-left override"),
        pytest.param("\u2066a\u2069", "⟨U+2066⟩a⟨U+2069⟩", id="bidi isolates"),
        pytest.param("\u061c\u200e\u200f", "⟨U+061C⟩⟨U+200E⟩⟨U+200F⟩", id="direction marks"),
        pytest.param("a\u200bb\u200cc\u200dd\ufeffe", "a⟨U+200B⟩b⟨U+200C⟩c⟨U+200D⟩d⟨U+FEFF⟩e", id="zero width"),
        pytest.param("a\u00adb\u2060c", "a⟨U+00AD⟩b⟨U+2060⟩c", id="soft hyphen, word joiner"),
        pytest.param("a\u2028b\u2029c\x85d", "a⟨U+2028⟩b⟨U+2029⟩c⟨U+0085⟩d", id="other line ends"),
        pytest.param("a\U000e0041\U000e007f", "a⟨U+E0041⟩⟨U+E007F⟩", id="tags"),
        pytest.param("a\u3164b\uffa0\u115f\u1160", "a⟨U+3164⟩b⟨U+FFA0⟩⟨U+115F⟩⟨U+1160⟩", id="Hangul fillers"),
        pytest.param("\ud800", "⟨U+D800⟩", id="lone surrogate"),
        pytest.param("\udc80", "⟨U+DC80⟩", id="a byte that was not UTF-8"),
        pytest.param("\ufffe\uffff\ufdd0", "⟨U+FFFE⟩⟨U+FFFF⟩⟨U+FDD0⟩", id="noncharacters"),
        pytest.param("❤\ufe0f", "❤⟨U+FE0F⟩", id="emoji selector"),
        pytest.param("👍\U0001f3fb", "👍⟨U+1F3FB⟩", id="skin tone"),
        pytest.param("a\U000e0100", "a⟨U+E0100⟩", id="selector on a letter"),
        pytest.param("葛\ufe0f", "葛⟨U+FE0F⟩", id="emoji selector on an ideograph"),
        pytest.param("\u0301a", "◌\u0301a", id="combining mark without a base"),
        pytest.param("\u093e\u0915", "◌\u093e\u0915", id="vowel sign without a base"),
        pytest.param("\u1161", "◌\u1161", id="Hangul vowel without a base"),
        pytest.param("\u20e3", "◌\u20e3", id="enclosing mark without a base"),
    ],
)
def test_characters_that_terminals_obey_or_hide_get_a_mark(text: str, expected: str) -> None:
    assert escape_controls(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("YM UNANIMITY/0123W a[/b]c", id="ASCII and markup"),
        pytest.param("示例进出口有限公司（上海）", id="ordinary ideographs and full-width punctuation"),
        pytest.param("ＡＢＣ１２３￥　×", id="full-width letters, digits and space"),
        pytest.param("㐂䶮\U00020000𠮷\U0002b740\U0002ceb0\U00030000", id="extensions A, B, D, F, G"),
        pytest.param("\U00031350\U000323af\U0002ebf0", id="extensions H and I, newer than this Python's Unicode"),
        pytest.param("﨎﨏豈\u2f00⼈", id="compatibility ideographs and radicals"),
        pytest.param("\ue5e5\ue7c7\ue815", id="private use, as GB18030 mapped rare ideographs"),
        pytest.param("葛\U000e0100辻\U000e0101𠮷\ufe00", id="ideographs with a chosen form"),
        pytest.param("e\u0301 n\u0303 が か\u3099", id="combining marks"),
        pytest.param("Łódź Ürümqi İzmir Đà Nẵng", id="Latin letters"),
        pytest.param("한국 にほん Владивосток ไทย العربية", id="other scripts"),
        pytest.param("kg·m² ½ № ™ ● ■ → ≤ 😀", id="signs"),
        pytest.param("a\u00a0b\u2003c", id="other spaces"),
        pytest.param("\ufffd", id="replacement character"),
    ],
)
def test_other_text_is_unchanged(text: str) -> None:
    assert escape_controls(text) == text


def test_no_control_character_of_unicode_remains() -> None:
    for character in all_characters():
        escaped = escape_controls(character)
        assert not {unicodedata.category(part) for part in escaped} & CONTROL_CATEGORIES, f"U+{ord(character):04X}"


def test_every_escaped_character_has_a_cell_of_its_own() -> None:
    known = (character for character in all_characters() if unicodedata.category(character) != "Cn")
    assert [f"U+{ord(character):04X}" for character in known if cell_len(escape_controls(character)) < 1] == []


@given(st.text(st.characters()))
def test_the_result_is_one_line_that_can_be_encoded(text: str) -> None:
    escaped = escape_controls(text)
    escaped.encode()
    assert len(escaped.splitlines()) <= 1
    assert "\x1b" not in escaped


@given(st.text(st.characters()))
def test_escaping_twice_changes_nothing_more(text: str) -> None:
    assert escape_controls(escape_controls(text)) == escape_controls(text)


@given(st.text(st.characters()), st.text(st.characters(categories=["Lu", "Lo", "Nd", "Po"]), min_size=1))
def test_harmless_text_beside_a_control_character_is_unchanged(before: str, text: str) -> None:
    if escape_controls(text) == text:
        assert escape_controls(f"{before}{text}\x1b").endswith(f"{text}␛")
