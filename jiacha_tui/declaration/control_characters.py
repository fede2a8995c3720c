"""Makes text from outside safe to show: replaces characters that a terminal obeys or hides by visible marks.

A value such as a ship's name may hold an escape sequence, a right-to-left override or a zero-width character. On the
screen, on paper and in an exported file it must show what it holds, and have no effect.
"""

import re
import unicodedata

# Every character of the Unicode categories Cc, Cf, Cs, Zl and Zp. They are written out because collecting them from
# unicodedata takes 100 ms at start-up. The last line adds characters of other categories that are drawn as nothing or
# as a blank (combining grapheme joiner, Hangul fillers, Khmer inherent vowels, Mongolian variation selectors), and
# the noncharacters of the Basic Multilingual Plane.
_OBEYED_OR_HIDDEN = (
    "\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\uffa0\ufdd0-\ufdef\ufffe\uffff"
)
# A variation selector after an ideograph chooses its form, which rare names need: it is kept there. Anywhere else it
# is invisible and gets a mark. Emoji selectors and skin tones change the width of the character before them, but not
# in the same way in every terminal, so columns would not line up: they get a mark too.
_EMOJI_MODIFIERS = "\ufe0e\ufe0f\U0001f3fb-\U0001f3ff"
_IDEOGRAPH = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
_UNSAFE = re.compile(
    f"[{_OBEYED_OR_HIDDEN}{_EMOJI_MODIFIERS}]|(?<![{_IDEOGRAPH}])[\ufe00-\ufe0d\U000e0100-\U000e01ef]",
)
_DOTTED_CIRCLE = "\u25cc"
_CONTROL_PICTURES = 0x2400
_DELETE = 0x7F


def escape_controls(text: str) -> str:
    """Returns `text` with a visible mark for each character that a terminal obeys or hides. The rest is unchanged.

    A newline becomes ␤. The other C0 controls and DEL become their control pictures (␛, ␀, ␡), all others their code
    (⟨U+202E⟩). A combining mark at the beginning gets a dotted circle before it; otherwise the terminal would draw it
    onto the cell to the left. The result is one line. A second call changes nothing.
    """
    marked = _UNSAFE.sub(_mark, text)
    if marked and _combines_with_previous(marked[0]):
        return _DOTTED_CIRCLE + marked
    return marked


def remove_controls(text: str) -> str:
    """Returns `text` without the characters that a terminal obeys or hides."""
    return _UNSAFE.sub("", text)


def _combines_with_previous(character: str) -> bool:
    """Whether it is drawn into the cell before it: a combining mark, or a vowel or final of decomposed Hangul."""
    return (
        unicodedata.category(character).startswith("M")
        or "\u1160" <= character <= "\u11ff"
        or "\ud7b0" <= character <= "\ud7ff"
    )


def _mark(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] == "\n":
        return "\N{SYMBOL FOR NEWLINE}"
    if code < 0x20:  # noqa: PLR2004 - the first code after C0
        return chr(_CONTROL_PICTURES + code)
    if code == _DELETE:
        return "\N{SYMBOL FOR DELETE}"
    return f"⟨U+{code:04X}⟩"
