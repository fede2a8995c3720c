"""Text from outside, made safe to show: what a terminal would obey or hide becomes a mark that can be seen.

A value such as a ship's name may hold an escape sequence, a right-to-left override or a zero-width character; on
screen, on paper and in an exported file such a value must show what it holds and do nothing.
"""

import re
import unicodedata

# Every character of the Unicode categories Cc, Cf, Cs, Zl and Zp, written out because a walk through Unicode at
# start-up costs 100 ms; then what is drawn as nothing or as blank though it is none of these (combining grapheme
# joiner, Hangul fillers, Khmer inherent vowels, Mongolian variation selectors), and the noncharacters of the BMP.
_OBEYED_OR_HIDDEN = (
    "\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\uffa0\ufdd0-\ufdef\ufffe\uffff"
)
# A variation selector picks the form of the ideograph before it (rare names need that) and is kept there; anywhere
# else it hides. Emoji selectors and skin tones change how wide terminals draw what stands before them, and not all
# terminals agree, so that columns would not line up.
_EMOJI_MODIFIERS = "\ufe0e\ufe0f\U0001f3fb-\U0001f3ff"
_IDEOGRAPH = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
_UNSAFE = re.compile(
    f"[{_OBEYED_OR_HIDDEN}{_EMOJI_MODIFIERS}]|(?<![{_IDEOGRAPH}])[\ufe00-\ufe0d\U000e0100-\U000e01ef]",
)
_DOTTED_CIRCLE = "\u25cc"
_CONTROL_PICTURES = 0x2400
_DELETE = 0x7F


def escape_controls(text: str) -> str:
    """`text` with a mark for each character that is a command or cannot be seen; all else is left as it is.

    Newline is ␤, the other C0 controls and DEL are their control pictures (␛, ␀, ␡), what is left is its code
    (⟨U+202E⟩). A combining mark at the very beginning, which would land on whatever stands before it on the
    screen, gets a dotted circle to stand on. The result is one line; applying it twice changes nothing more.
    """
    marked = _UNSAFE.sub(_mark, text)
    if marked and _leans(marked[0]):
        return _DOTTED_CIRCLE + marked
    return marked


def _leans(character: str) -> bool:
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
    if code < 0x20:  # noqa: PLR2004 - the end of C0
        return chr(_CONTROL_PICTURES + code)
    if code == _DELETE:
        return "\N{SYMBOL FOR DELETE}"
    return f"⟨U+{code:04X}⟩"
