"""Parses filters for tests that do not ask what the day or the rules of deadlines are."""

from datetime import date

from db.filter import Filter, parse
from jiacha_tui.clock import local_now
from jiacha_tui.declaration.deadlines import DeadlineRules


def parse_official(text: str, today: date | None = None) -> Filter:
    """`parse` with the official deadlines, on the day of this machine unless `today` is given."""
    return parse(text, today or local_now().date(), DeadlineRules())
