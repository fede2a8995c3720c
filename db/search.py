"""What filters look at: text folded so that a search need not match it to the letter, and its pinyin initials.

Folding takes away what Chinese input methods and customs' data vary in: case, full and half width, runs of blanks.
Both sides of a comparison go through it, when a row is written and when a filter is read, and the engine only has to
look for one string in another.
"""

import functools
import re
import unicodedata

_SURROGATE = re.compile("[\ud800-\udfff]")
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U000323af]")
_SEPARATOR = "\n"
"""Between the texts of one searchable; in no folded text, so that no search runs from one into the next."""


def replace_surrogates(text: str) -> str:
    """`text` without lone surrogates, which have no UTF-8 and which JSON from outside can smuggle into a str."""
    return text if text.isascii() else _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def folded(text: str) -> str:
    """`text` without regard to case, width and blanks; storable."""
    plain = unicodedata.normalize("NFKC", replace_surrogates(text))
    return " ".join(unicodedata.normalize("NFKC", plain.casefold()).split())


def searchable(*texts: str) -> str:
    """The texts folded, each followed by its initials where it has any."""
    parts: list[str] = []
    for text in filter(None, texts):
        parts.append(folded(text))
        if letters := initials(text):
            parts.append(letters)
    return _SEPARATOR.join(parts)


@functools.lru_cache(maxsize=4096)  # a company's declarations name the same few goods, ports and countries
def initials(text: str) -> str:
    """The first letters of the pinyin of `text`, its Latin letters and digits kept: 「针织男式T恤衫」 gives `zznstxs`.

    Characters with several readings get the one that fits the word (重庆 `cq`). "" for a text without Chinese.
    """
    if not _HAN.search(text):
        return ""
    # Takes 0.2 s to load, and a cache that is only read does without.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    letters = "".join(lazy_pinyin(folded(text), style=Style.FIRST_LETTER))
    return "".join(letter for letter in letters if letter.isalnum())
