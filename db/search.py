"""The texts that filters search: folded text, and the pinyin initials of Chinese text.

Folding removes the differences that Chinese input methods and customs data make: case, full and half width, runs of
blanks. It is applied to a row when it is written and to a filter when it is read. So the engine only has to find one
string in another.
"""

import functools
import re
import unicodedata

_SURROGATE = re.compile("[\ud800-\udfff]")
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U000323af]")
_SEPARATOR = "\n"
"""Separates the texts of a searchable. No folded text contains it, so no match extends over two texts."""


def replace_surrogates(text: str) -> str:
    """`text` with U+FFFD for lone surrogates, which cannot be encoded in UTF-8. JSON from outside can contain them."""
    return text if text.isascii() else _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def folded(text: str) -> str:
    """`text` in the form in which texts are compared: case-folded, NFKC, single blanks, no lone surrogates."""
    plain = unicodedata.normalize("NFKC", replace_surrogates(text))
    return " ".join(unicodedata.normalize("NFKC", plain.casefold()).split())


def has_chinese(text: str) -> bool:
    """Whether the text has a Chinese character."""
    return _HAN.search(text) is not None


def searchable(*texts: str) -> str:
    """The folded texts, one a line, each followed by its initials if it has any."""
    parts: list[str] = []
    for text in filter(None, texts):
        parts.append(folded(text))
        if letters := initials(text):
            parts.append(letters)
    return _SEPARATOR.join(parts)


@functools.lru_cache(maxsize=4096)  # the declarations of a company name the same few goods, ports and countries
def initials(text: str) -> str:
    """The first letters of the pinyin of `text`, with its Latin letters and digits: `zznstxs` for 「针织男式T恤衫」.

    A character with several readings has the one that fits the word: `cq` for 重庆. "" for a text without Chinese.
    """
    if not has_chinese(text):
        return ""
    from db.phrases import Style, lazy_pinyin  # noqa: PLC0415 - see there

    letters = "".join(lazy_pinyin(folded(text), style=Style.FIRST_LETTER))
    return "".join(letter for letter in letters if letter.isalnum())
