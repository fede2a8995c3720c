"""组织机构代码 (GB 11714-1997): its check character."""

import re

_CHARSET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_STEM = re.compile(r"[0-9A-Z]{8}")


def make_organisation_code(stem: str) -> str:
    """The 9 characters of an organisation code from its first 8 (digits and capitals). Raises ValueError."""
    if not _STEM.fullmatch(stem):
        raise ValueError(f"an organisation code begins with 8 digits or capitals, not {stem!r}")
    total = sum(weight * _CHARSET.index(character) for weight, character in zip(_WEIGHTS, stem, strict=True))
    return stem + "0123456789X"[-total % 11]
