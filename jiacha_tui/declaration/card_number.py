"""The number of a card, where it becomes part of a file name."""

import re

from jiacha_tui.declaration.problem import Problem

CARD_NUMBER_PATTERN = "[0-9A-Za-z]{1,32}"
"""What is safe in a path and in a file name. The cards seen have 13 characters; no rule about that is published."""


class BadCardNumber(Problem):
    def __init__(self) -> None:
        super().__init__("card.bad-number", "卡号含有数字和字母以外的字符", "请检查插入的卡")


def check_card_number(text: str) -> str:
    """`text` as it is. It comes from a certificate: raises BadCardNumber for all but letters and digits."""
    if not re.fullmatch(CARD_NUMBER_PATTERN, text):
        raise BadCardNumber
    return text
