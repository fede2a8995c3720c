"""Asks on the terminal for what opens a card, for the commands that need one."""

import getpass
import sys
from collections.abc import Sequence

from jiacha_tui.actions.cards import CardSummary, MediumStatus
from jiacha_tui.card.problems import NoCard
from jiacha_tui.cli.problems import SeveralCaches

_MAX_PASSWORD_LENGTH = 64


def choose_card(media: Sequence[MediumStatus], card_number: str | None) -> tuple[str, CardSummary]:
    """The medium's id and the card. Raises SeveralCaches, NoCard or the problem of a medium."""
    cards = [
        (medium.medium_id, medium.card)
        for medium in media
        if medium.card is not None and card_number in (None, medium.card.card_number)
    ]
    if not cards:
        raise next((medium.problem for medium in media if medium.problem is not None), NoCard())
    if len(cards) > 1:
        raise SeveralCaches(card.card_number for _, card in cards)
    return cards[0]


def ask_password(prompt: str) -> str:
    """The password typed without echo, or a line of standard input if that is not a terminal.

    It is never taken from an argument or a variable, because other processes can read those.
    """
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline(_MAX_PASSWORD_LENGTH).rstrip("\r\n")
