"""Log in with a card: PIN, then the cache that only this card opens, then the port."""

import asyncio
import enum
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cache_recovery import CacheRecovery
from jiacha_tui.actions.cards import EXPIRY_WARNING_DAYS, CardSummary, summarize_card
from jiacha_tui.actions.problems import CardSwapped
from jiacha_tui.actions.reopenable_card import ReopenableCard
from jiacha_tui.card.medium import Medium
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardExpired, NoCard
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session


NAMED = 3
"""Declarations that a warning names; the filter lists them all."""


class LoginStage(enum.Enum):
    """What a login is doing; the value is its text."""

    CARD = "正在验证密码"
    CACHE = "正在打开本机缓存"
    PORT = "登录中，请稍等"


def check_pin(text: str) -> Problem | None:
    """The official refusal of a password that cannot be one, before any card is asked. None when it may be tried."""
    try:
        Pin.parse(text).clear()
    except Problem as problem:
        return problem
    return None


async def log_in(
    app_context: AppContext,
    medium_id: str,
    pin_text: str,
    *,
    offline: bool,
    on_stage: Callable[[LoginStage], None],
    card_number: str | None = None,
    recovery: CacheRecovery | None = None,
) -> "Session":
    """Opens the card in `medium_id` with one try of the PIN and gives a session; `offline` leaves the port alone.

    `card_number` is the card that the PIN was typed for: another one, inserted meanwhile, is not tried with it.
    The cache comes before the port so that a second program or a damaged cache is found before anything is sent.
    Raises CacheRecoveryNeeded, after which a `recovery` helps, and any other `Problem`; whatever was opened is closed.
    """
    pin = Pin.parse(pin_text)
    del pin_text
    async with AsyncExitStack() as opened:
        opened.callback(pin.clear)
        medium = _medium(app_context, medium_id)
        card_summary = await _face(app_context, medium, card_number)
        on_stage(LoginStage.CARD)
        card = ReopenableCard(await medium.open(pin), pin)
        opened.push_async_callback(card.close)

        on_stage(LoginStage.CACHE)
        # DuckDB and httpx are slow to import and the login screen stands without them.
        from jiacha_tui.actions.open_cache import open_cache  # noqa: PLC0415
        from jiacha_tui.actions.session import Session  # noqa: PLC0415

        own = await open_cache(app_context.locations, card, pin, app_context.clock(), recovery)
        opened.push_async_callback(asyncio.to_thread, own.cache.close)

        port = None
        if app_context.connect is not None and not offline:
            on_stage(LoginStage.PORT)
            port = app_context.connect()
            opened.push_async_callback(port.aclose)
            await port.log_in(card, card.reveal_pin)
        session = Session(
            app_context=app_context,
            card_summary=card_summary,
            medium=medium,
            card=card,
            cache=own.cache,
            port=port,
            warnings=(*expiry_warnings(card_summary), *_of_the_old(own.archived)),
            resources=opened.pop_all(),
        )
    async with AsyncExitStack() as on_failure:
        on_failure.push_async_callback(session.close)
        way = "在线登录" if session.online else "离线浏览"
        await asyncio.to_thread(session.journal.write, JournalKind.LOGIN, (), Outcome.DONE, way)
        session.warnings += await _of_unanswered_resends(session)
        on_failure.pop_all()
    return session


def _of_the_old(cache: Path | None) -> tuple[str, ...]:
    return () if cache is None else (f"已另建缓存，请同步；旧缓存原样移到 {cache}",)


async def _of_unanswered_resends(session: "Session") -> tuple[str, ...]:
    """A resend that was cut off by a crash has an unknown end, and its operator has to hear of it."""
    left_over = await asyncio.to_thread(session.outbox.recover)
    entry_ids = tuple(dict.fromkeys(entry_id for one in left_over for entry_id in one.entry_ids))
    if not entry_ids:
        return ()
    count = len(entry_ids)
    more = f" 等 {count} 票" if count > NAMED else ""
    return (
        f"上次退出时 {count} 票重发没有收到答复，结果未知，请先核对：{'、'.join(entry_ids[:NAMED])}{more}"
        "（筛选 重发未知 可全部列出）",
    )


def _medium(app_context: AppContext, medium_id: str) -> Medium:
    for medium in app_context.media():
        if medium.medium_id == medium_id:
            return medium
    raise NoCard


async def _face(app_context: AppContext, medium: Medium, card_number: str | None) -> CardSummary:
    identity = await medium.read_identity()
    if identity is None:
        raise NoCard
    if card_number not in (None, identity.card_number):
        raise CardSwapped
    card_summary = summarize_card(identity, app_context.clock())
    if problem := check_expiry(card_summary):
        raise problem
    return card_summary


def check_expiry(card_summary: CardSummary) -> Problem | None:
    """Why nobody can log in with this card, before its PIN is asked for. None when it may be tried."""
    return CardExpired() if card_summary.expired else None


def expiry_warnings(card_summary: CardSummary) -> tuple[str, ...]:
    """What the official page warns of before and after a login with this card, which has not expired."""
    if card_summary.days_left <= EXPIRY_WARNING_DAYS:
        return (f"您的IC卡还有{card_summary.days_left}天到期，请尽快延期!",)
    return ()
