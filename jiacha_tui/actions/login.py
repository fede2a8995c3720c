"""Log in with a card: verify the PIN, open the cache that only this card opens, then log in to the port."""

import asyncio
import enum
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cache_recovery import CacheRecovery, PassphraseChoice
from jiacha_tui.actions.cards import EXPIRY_WARNING_DAYS, CardSummary, summarize_card
from jiacha_tui.actions.problems import CardSwapped
from jiacha_tui.actions.reopenable_card import ReopenableCard
from jiacha_tui.card.medium import Medium, OnAttempt, ignore_attempts
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardExpired, NoCard
from jiacha_tui.declaration.formatting import format_some
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session


class LoginStage(enum.Enum):
    """What a login is doing; the value is the text for the screen."""

    READING = "正在读卡"
    CARD = "正在验证密码"
    CACHE = "正在打开本机缓存"
    SAVING = "正在保存旧缓存里还能读的内容"
    PORT = "登录中，请稍等"


def check_pin(text: str) -> Problem | None:
    """The official refusal of a text that cannot be a PIN, without asking a card; None if it can be one."""
    try:
        Pin.parse(text).clear()
    except Problem as problem:
        return problem
    return None


def check_expiry(card_summary: CardSummary) -> Problem | None:
    """CardExpired if the card has expired: no PIN is tried on it then. None if it can be used."""
    return CardExpired() if card_summary.expired else None


def expiry_warnings(card_summary: CardSummary) -> tuple[str, ...]:
    """The official warning about a card that expires soon; empty for any other. The card must not have expired."""
    if card_summary.days_left <= EXPIRY_WARNING_DAYS:
        return (f"您的IC卡还有{card_summary.days_left}天到期，请尽快延期!",)
    return ()


async def log_in(
    app_context: AppContext,
    medium_id: str,
    pin_text: str,
    *,
    offline: bool,
    on_stage: Callable[[LoginStage], None],
    on_attempt: OnAttempt = ignore_attempts,
    card_number: str | None = None,
    recovery: CacheRecovery | None = None,
    passphrase: PassphraseChoice | None = None,
) -> "Session":
    """Opens the card in `medium_id` with one try of the PIN and returns the session; `offline` does not use the port.

    `on_attempt` is called at each attempt to reach the medium before the card is read.
    `card_number` is the card for which the PIN was typed. If a different one is inserted now, the PIN is not tried.
    The cache is opened before the port, so that a second program or a damaged cache is noticed before anything is
    sent. Raises CacheRecoveryNeeded, after which a login with `recovery` helps, PassphraseNeeded, after which one with
    `passphrase` helps, and any other `Problem`. Whatever was opened until then is closed.
    """
    pin = Pin.parse(pin_text)
    del pin_text
    async with AsyncExitStack() as opened:
        opened.callback(pin.clear)
        medium = _find_medium(app_context, medium_id)
        on_stage(LoginStage.READING)
        card_summary = await _check_card(app_context, medium, card_number, on_attempt)
        on_stage(LoginStage.CARD)
        card = ReopenableCard(await medium.open(pin), pin)
        opened.push_async_callback(card.close)

        on_stage(LoginStage.CACHE)
        # DuckDB is slow to import.
        from jiacha_tui.actions.cache_check import recovery_of_damage, watch_state  # noqa: PLC0415
        from jiacha_tui.actions.cache_key import KeyAccess  # noqa: PLC0415 - DuckDB is slow to import
        from jiacha_tui.actions.open_cache import open_cache  # noqa: PLC0415 - DuckDB is slow to import
        from jiacha_tui.actions.session import Session  # noqa: PLC0415 - httpx is slow to import

        access = KeyAccess(card, pin, recovery, passphrase)
        opened_cache = await open_cache(
            app_context.locations, access, app_context.clock(), on_saving=lambda: on_stage(LoginStage.SAVING)
        )
        opened.push_async_callback(asyncio.to_thread, opened_cache.close)
        with recovery_of_damage():
            recorder = await asyncio.to_thread(watch_state, app_context, opened_cache)
        opened.push_async_callback(asyncio.to_thread, recorder.record_if_possible)

        port = None
        if app_context.connect is not None and not offline:
            on_stage(LoginStage.PORT)
            port = app_context.connect()
            opened.push_async_callback(port.aclose)
            if port.route:
                app_context.messages.note(f"登录口岸：{port.route}")
            await port.log_in(card, card.reveal_pin)
        session = Session(
            app_context=app_context,
            card_summary=card_summary,
            medium=medium,
            card=card,
            cache=opened_cache.cache,
            recorder=recorder,
            port=port,
            warnings=(*expiry_warnings(card_summary), *opened_cache.warnings),
            resources=opened.pop_all(),
        )
    async with AsyncExitStack() as on_failure:
        on_failure.push_async_callback(session.close)
        message = "在线登录" if session.online else "离线浏览"
        with recovery_of_damage():
            await asyncio.to_thread(session.journal.write, JournalKind.LOGIN, (), Outcome.DONE, message)
            session.warnings += await _unanswered_resend_warnings(session)
            session.unconfirmed = tuple(await asyncio.to_thread(session.journal.unconfirmed))
        for entry in session.unconfirmed:
            app_context.messages.warning(entry.message)
        on_failure.pop_all()
    return session


def _find_medium(app_context: AppContext, medium_id: str) -> Medium:
    for medium in app_context.media():
        if medium.medium_id == medium_id:
            return medium
    raise NoCard


async def _check_card(
    app_context: AppContext, medium: Medium, card_number: str | None, on_attempt: OnAttempt
) -> CardSummary:
    """The summary of the card in `medium`. Raises NoCard, CardSwapped and CardExpired."""
    identity = await medium.read_identity(all_attempts=True, on_attempt=on_attempt)
    if identity is None:
        raise NoCard
    if card_number not in (None, identity.card_number):
        raise CardSwapped
    card_summary = summarize_card(identity, app_context.clock())
    if problem := check_expiry(card_summary):
        raise problem
    return card_summary


async def _unanswered_resend_warnings(session: "Session") -> tuple[str, ...]:
    """A warning about resends whose outcome is unknown because the program ended before they were answered."""
    unanswered = await asyncio.to_thread(session.outbox.recover)
    entry_ids = tuple(dict.fromkeys(entry_id for resend in unanswered for entry_id in resend.entry_ids))
    if not entry_ids:
        return ()
    names = format_some(entry_ids)
    return (f"上次退出时 {len(entry_ids)} 票重发没有收到答复，结果未知，请先核对：{names}（筛选 重发未知 可全部列出）",)
