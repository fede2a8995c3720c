"""Log in with a card: PIN, then the cache that only this card opens, then the port."""

import asyncio
import enum
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from jiacha_tui.actions.cards import EXPIRY_WARNING_DAYS, CardFace, face_of
from jiacha_tui.actions.session_card import SessionCard
from jiacha_tui.actions.unopened import Remedy
from jiacha_tui.actions.workplace import Workplace
from jiacha_tui.card.medium import Medium
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardExpired, NoCard
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session


NAMED = 3
"""Declarations that a warning names; the filter lists them all."""


class Stage(enum.Enum):
    """What a login is doing; the value is its text."""

    CARD = "正在验证密码"
    CACHE = "正在打开本机缓存"
    PORT = "登录中，请稍等"


class CardExchanged(Problem):
    """Another card is inserted than the one that the PIN was typed for; its tries were not touched."""

    def __init__(self) -> None:
        super().__init__("card.exchanged", "插入的已是另一张卡，密码没有用来尝试", "请按 F5 重新读卡，核对后再输入密码")


def check_pin(text: str) -> Problem | None:
    """The official refusal of a password that cannot be one, before any card is asked. None when it may be tried."""
    try:
        Pin.parse(text).clear()
    except Problem as problem:
        return problem
    return None


async def log_in(
    workplace: Workplace,
    medium_id: str,
    pin_text: str,
    *,
    offline: bool,
    on_stage: Callable[[Stage], None],
    card_number: str | None = None,
    remedy: Remedy | None = None,
) -> "Session":
    """Opens the card in `medium_id` with one try of the PIN and gives a session; `offline` leaves the port alone.

    `card_number` is the card that the PIN was typed for: another one, inserted meanwhile, is not tried with it.
    The cache comes before the port so that a second program or a damaged cache is found out before anything is
    sent. Raises CacheUnopened, after which a `remedy` helps, and any other `Problem`; whatever was opened until then
    is closed again.
    """
    pin = Pin.parse(pin_text)
    del pin_text
    async with AsyncExitStack() as opened:
        opened.callback(pin.clear)
        medium = _medium(workplace, medium_id)
        face = await _face(workplace, medium, card_number)
        on_stage(Stage.CARD)
        card = SessionCard(await medium.open(pin), pin)
        opened.push_async_callback(card.close)

        on_stage(Stage.CACHE)
        # DuckDB and httpx are slow to import and the login screen stands without them.
        from jiacha_tui.actions.open_cache import open_cache  # noqa: PLC0415
        from jiacha_tui.actions.session import Session  # noqa: PLC0415

        own = await open_cache(workplace.locations, card, pin, workplace.clock(), remedy)
        opened.push_async_callback(asyncio.to_thread, own.cache.close)

        port = None
        if workplace.connect is not None and not offline:
            on_stage(Stage.PORT)
            port = workplace.connect()
            opened.push_async_callback(port.aclose)
            await port.log_in(card, card.reveal_pin)
        session = Session(
            workplace=workplace,
            face=face,
            medium=medium,
            card=card,
            cache=own.cache,
            port=port,
            warnings=(*warnings_of(face), *_of_the_old(own.old)),
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


def _medium(workplace: Workplace, medium_id: str) -> Medium:
    for medium in workplace.media():
        if medium.medium_id == medium_id:
            return medium
    raise NoCard


async def _face(workplace: Workplace, medium: Medium, card_number: str | None) -> CardFace:
    identity = await medium.look()
    if identity is None:
        raise NoCard
    if card_number not in (None, identity.card_number):
        raise CardExchanged
    face = face_of(identity, workplace.clock())
    if problem := check_face(face):
        raise problem
    return face


def check_face(face: CardFace) -> Problem | None:
    """Why nobody can log in with this card, before its PIN is asked for. None when it may be tried."""
    return CardExpired() if face.expired else None


def warnings_of(face: CardFace) -> tuple[str, ...]:
    """What the official page warns of before and after a login with this card, which has not expired."""
    if face.days_left <= EXPIRY_WARNING_DAYS:
        return (f"您的IC卡还有{face.days_left}天到期，请尽快延期!",)
    return ()
