"""The rule for a new passphrase, and a proposal that follows it.

The rule is plain because it has to be explained in a sentence. A library that estimates guesses (zxcvbn) was left out:
it knows neither pinyin nor Chinese words, which an operator's passphrase is made of.
"""

import secrets
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 32
_MIN_DIFFERENT: Final = 8
_LONGEST_RUN: Final = 3
"""Characters in a row that are equal or neighbours, such as `1234`, `dcba`, `qwer`."""

_ROWS: Final = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS: Final = frozenset(pair for row in _ROWS for pair in (*pairwise(row), *pairwise(row[::-1])))

_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without characters that look like others. 16 of them are 79 bits."""

_GROUPS, _GROUP_LENGTH = 4, 4

RULE: Final = f"{MIN_LENGTH} 到 {MAX_LENGTH} 个英文字母、数字或符号，字母和数字都要有，不含卡的密码和卡号"


def passphrase_weakness(text: str, forbidden: Sequence[str]) -> str:
    """Why `text` must not be a passphrase, as the end of a sentence; "" if it may.

    `forbidden` are texts that others know or try first: the PIN above all, which would make the file that the
    passphrase protects a means to try PINs.
    """
    lower = text.lower()
    rules = (
        (text.isascii() and text.isprintable() and " " not in text, "有英文字母、数字、符号以外的字符"),
        (len(text) >= MIN_LENGTH, f"不到 {MIN_LENGTH} 个字符"),
        (len(text) <= MAX_LENGTH, f"超过 {MAX_LENGTH} 个字符"),
        (not any(known.lower() in lower for known in forbidden if known), "含有卡的密码、卡号或单位代码"),
        (any(map(str.isalpha, text)) and any(map(str.isdigit, text)), "没有同时用字母和数字"),
        (len(set(lower)) >= _MIN_DIFFERENT, f"不同的字符不到 {_MIN_DIFFERENT} 个"),
        (_longest_run(lower) <= _LONGEST_RUN, "有连续或重复的一串字符"),
    )
    return next((weakness for followed, weakness in rules if not followed), "")


def propose_passphrase() -> str:
    """A random passphrase that follows the rule."""
    while True:
        groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
        proposal = "-".join(groups)
        if not passphrase_weakness(proposal, ()):
            return proposal


def _longest_run(text: str) -> int:
    longest = run = 1
    for pair in pairwise(text):
        run = run + 1 if pair[0] == pair[1] or pair in _NEIGHBOURS else 1
        longest = max(longest, run)
    return longest
