"""统一社会信用代码 (GB 32100-2015) and the 组织机构代码 (GB 11714) inside it: their check characters."""

import re

_SCC_CHARSET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_SCC = re.compile(rf"[{_SCC_CHARSET}]{{2}}[0-9]{{6}}[{_SCC_CHARSET}]{{10}}")
_SCC_STEM = re.compile(rf"[{_SCC_CHARSET}]{{2}}[0-9]{{6}}")

_ORGANISATION_CHARSET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_STEM = re.compile(r"[0-9A-Z]{8}")
_ORGANISATION = re.compile(r"[0-9A-Z]{8}[0-9X]")


def make_organisation_code(stem: str) -> str:
    """The 9 characters of an organisation code from its first 8 (digits and capitals). Raises ValueError."""
    if not _ORGANISATION_STEM.fullmatch(stem):
        raise ValueError(f"an organisation code begins with 8 digits or capitals, not {stem!r}")
    total = sum(
        weight * _ORGANISATION_CHARSET.index(character)
        for weight, character in zip(_ORGANISATION_WEIGHTS, stem, strict=True)
    )
    return stem + "0123456789X"[-total % 11]


def is_organisation_code(text: str) -> bool:
    return bool(_ORGANISATION.fullmatch(text)) and make_organisation_code(text[:8]) == text


def make_scc(stem: str, organisation_code: str) -> str:
    """The 18 characters from the first 8 (登记管理部门, 机构类别 and 行政区划, `91310000`) and the organisation code.

    Raises ValueError where either is malformed, or the organisation code has a letter that GB 32100 leaves out.
    """
    if not _SCC_STEM.fullmatch(stem):
        raise ValueError(f"a credit code begins with two characters and six digits, not {stem!r}")
    if not is_organisation_code(organisation_code) or not set(organisation_code) <= set(_SCC_CHARSET):
        raise ValueError(f"not an organisation code for a credit code: {organisation_code!r}")
    body = stem + organisation_code
    total = sum(weight * _SCC_CHARSET.index(character) for weight, character in zip(_SCC_WEIGHTS, body, strict=True))
    return body + _SCC_CHARSET[-total % 31]


def is_scc(text: str) -> bool:
    """Whether `text` is a credit code: its form and both check characters."""
    return bool(_SCC.fullmatch(text)) and is_organisation_code(text[8:17]) and make_scc(text[:8], text[8:17]) == text
