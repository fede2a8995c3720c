"""The cards an operator could log in with, looked up anew at every call."""

import asyncio
from collections.abc import AsyncGenerator, Container, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.declaration.problem import Problem

if TYPE_CHECKING:
    from jiacha_tui.card.identity import CardIdentity
    from jiacha_tui.card.medium import Medium


EXPIRY_WARNING_DAYS = 30
"""From this many days before its end the official page warns of a card's expiry, and goes on."""


@dataclass(frozen=True, slots=True)
class CardSummary:
    """What a screen may show of a card. `days_left` counts a started day whole: 0 or less once it has expired."""

    card_number: str
    company: str
    valid_until: date
    days_left: int

    @property
    def expired(self) -> bool:
        return self.days_left <= 0


@dataclass(frozen=True, slots=True)
class MediumStatus:
    """One medium and the card in it: `card_summary` where there is one, else the `problem` that keeps it from being used.

    `pin_retries_left` is how many wrong PINs the card still takes, None where that is not told.
    """

    medium_id: str
    medium_name: str
    card: CardSummary | None = None
    problem: Problem | None = None
    pin_retries_left: int | None = None


async def scan_media(
    app_context: AppContext, *, before: Sequence[MediumStatus] = (), only: Container[str] = ()
) -> tuple[MediumStatus, ...]:
    """Every medium with what is in it now, in the order of the workplace. Never raises for a medium that fails.

    What is known from `before` is given again without asking, but for the media named in `only`: others may be slow to
    answer, and each question to a control behind SSH that is not there is a line on its operator's terminal.
    """
    await app_context.prepare()
    now = app_context.clock()
    kept = {one.medium_id: one for one in before if one.medium_id not in only}

    async def found(medium: "Medium") -> MediumStatus:
        return kept.get(medium.medium_id) or await _look_at(medium, now)

    return tuple(await asyncio.gather(*(found(medium) for medium in app_context.media())))


def how_to_insert(app_context: AppContext) -> str:
    """What to do where no card is found."""
    if app_context.demo:
        return f"请把演示卡文件放回 {app_context.locations.demo_card}，放回后自动读卡"
    return "IC卡/Key 插入后按 F5 重新读卡；读卡器里的卡会自动读取"


def how_to_forward(app_context: AppContext) -> str:
    """How an SSH connection has to be made to bring the client control along; "" where that is not on this machine."""
    from jiacha_tui.card.control.address import ssh_forwarding  # noqa: PLC0415 - the first frame stands without it

    return ssh_forwarding(app_context.config.card.control_url)


async def watch_media(app_context: AppContext) -> AsyncGenerator[frozenset[str], None]:
    """The media (`medium_id`) in which `look` may find something else; several changes at once are one. First, none.

    Told by the media that notice it themselves. To be closed (`contextlib.aclosing`).
    """
    from jiacha_tui.card.medium import ObservableMedium  # noqa: PLC0415 - the first frame stands without it

    await app_context.prepare()
    something = asyncio.Event()
    changed: set[str] = set()

    async def listen(medium_id: str, medium: ObservableMedium) -> None:
        async with aclosing(medium.changes()) as told:
            async for _ in told:
                changed.add(medium_id)
                something.set()

    watched = [medium for medium in app_context.media() if isinstance(medium, ObservableMedium)]
    listening = [asyncio.create_task(listen(medium.medium_id, medium)) for medium in watched]
    try:
        yield frozenset()
        while True:
            await something.wait()
            something.clear()
            told = frozenset(changed)
            changed.clear()
            yield told
    finally:
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)


def card_summary_of(identity: "CardIdentity", now: datetime) -> CardSummary:
    return CardSummary(
        identity.card_number,
        identity.company,
        identity.valid_until.astimezone(now.tzinfo).date(),
        identity.days_left(now),
    )


async def _look_at(medium: "Medium", now: datetime) -> MediumStatus:
    try:
        identity = await medium.read_identity()
        if identity is None:
            return MediumStatus(medium.medium_id, medium.name)
        tries_left = await medium.pin_retries_left()
    except Problem as problem:
        return MediumStatus(medium.medium_id, medium.name, problem=problem)
    return MediumStatus(medium.medium_id, medium.name, card=card_summary_of(identity, now), pin_retries_left=tries_left)
