"""The card number (IC卡号), where it becomes part of a path or a file name."""

import re

from jiacha_tui.declaration.problem import Problem

CARD_NUMBER_PATTERN = "[0-9A-Za-z]{1,32}"
"""What is safe in a path and in a file name. All cards seen have 13 characters; no rule about that is published."""


class BadCardNumber(Problem):
    """The card number holds a character that is neither a digit nor a letter, or has a wrong length."""

    def __init__(self) -> None:
        super().__init__("card.bad-number", "卡号含有数字和字母以外的字符", "请检查插入的卡")


def check_card_number(text: str) -> str:
    """Returns `text` unchanged. Raises BadCardNumber unless it is 1 to 32 digits and letters.

    The number comes from a certificate, so it may hold anything.
    """
    if not re.fullmatch(CARD_NUMBER_PATTERN, text):
        raise BadCardNumber
    return text
