"""What is told of a card: its number and its validity, never whose it is."""

from datetime import datetime

from jiacha_tui.actions.cards import EXPIRY_WARNING_DAYS
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.problems import CardExpired


def card_finding(area: Area, where: str, identity: CardIdentity, now: datetime) -> Finding:
    """`where` the card is comes before it, "" for nothing."""
    days = identity.days_left(now)
    message = f"{where}卡 {identity.card_number}，有效至 {identity.valid_until.astimezone():%Y-%m-%d}"
    if days <= 0:
        expired = CardExpired()
        return Finding(area, FindingState.BROKEN, f"{message}，已过期", expired.hint, expired.code)
    if days <= EXPIRY_WARNING_DAYS:
        return Finding.good(area, message, f"卡还有 {days} 天到期，请及时办理延期", "card.expires-soon")
    return Finding.good(area, message)
