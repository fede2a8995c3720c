"""The cards that an operator can log in with. Nothing is remembered: each call asks the media again."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Container, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.declaration.problem import Problem

if TYPE_CHECKING:
    from jiacha_tui.card.identity import CardIdentity
    from jiacha_tui.card.medium import Medium, OnAttempt


EXPIRY_WARNING_DAYS = 30
"""From this many days before a card expires, the official page warns the operator. The login still works."""


@dataclass(frozen=True, slots=True)
class CardSummary:
    """What a screen may show of a card. `days_left` counts a started day as a whole one; 0 or less means expired."""

    card_number: str
    company: str
    valid_until: date
    days_left: int

    @property
    def expired(self) -> bool:
        return self.days_left <= 0


@dataclass(frozen=True, slots=True)
class MediumStatus:
    """One medium and its card: `card` if one can be used, else `problem`; both are None if no card is inserted.

    `pin_retries_left` is the number of wrong PINs that the card still accepts; None if the medium does not tell. While
    the medium is `reading`, `attempt` of `attempts` to connect to it is under way; 0 if it need not be connected to.
    """

    medium_id: str
    medium_name: str
    card: CardSummary | None = None
    problem: Problem | None = None
    pin_retries_left: int | None = None
    reading: bool = False
    attempt: int = 0
    attempts: int = 0


OnProgress = Callable[[tuple[MediumStatus, ...]], None]
"""Is called with the media while some of them are still being read."""


async def scan_media(
    app_context: AppContext,
    *,
    before: Sequence[MediumStatus] = (),
    only: Container[str] = (),
    all_attempts: bool = False,
    on_progress: OnProgress | None = None,
) -> tuple[MediumStatus, ...]:
    """Asks every medium for its card; the order is that of `app_context.media`. A medium that fails has a `problem`.

    A medium in `before` is not asked again unless `only` holds its id. Some are slow to answer, and each question to a
    client control behind SSH that does not run prints a line on the operator's terminal. So a medium that has to be
    connected to gets one attempt; with `all_attempts`, as many as a login makes.
    """
    await app_context.prepare()
    now = app_context.clock()
    known = {status.medium_id: status for status in before if status.medium_id not in only}
    media = app_context.media()
    statuses = [
        known.get(medium.medium_id) or MediumStatus(medium.medium_id, medium.name, reading=True) for medium in media
    ]

    def update(position: int, status: MediumStatus) -> None:
        statuses[position] = status
        if on_progress is not None and any(status.reading for status in statuses):
            on_progress(tuple(statuses))

    async def scan(position: int, medium: "Medium") -> None:
        def connecting(attempt: int, attempts: int) -> None:
            update(position, replace(statuses[position], attempt=attempt, attempts=attempts))

        update(position, await _scan(medium, now, connecting, all_attempts=all_attempts))

    await asyncio.gather(
        *(scan(position, medium) for position, medium in enumerate(media) if statuses[position].reading)
    )
    return tuple(statuses)


def insert_hint(app_context: AppContext) -> str:
    """What the operator has to do if no card was found, in Chinese."""
    if app_context.demo:
        return f"请把演示卡文件放回 {app_context.locations.demo_card}，放回后自动读卡"
    return "IC卡/Key 插入后按 F5 重新读卡；读卡器里的卡会自动读取"


def forwarding_command(app_context: AppContext) -> str:
    """The ssh command that forwards the client control to this machine; "" if it is on another machine."""
    from jiacha_tui.card.control.forwarding import ssh_forwarding  # noqa: PLC0415 - not needed for the first frame

    return ssh_forwarding(app_context.config.card.control_url)


async def watch_media(app_context: AppContext) -> AsyncGenerator[frozenset[str], None]:
    """Yields the ids of the media whose card may have changed; changes that come together are yielded together.

    The first value is empty: from then on no change is missed. Only media that notice changes themselves are watched.
    The caller has to close the generator (`contextlib.aclosing`).
    """
    from jiacha_tui.card.medium import ObservableMedium  # noqa: PLC0415 - not needed for the first frame

    await app_context.prepare()
    any_change = asyncio.Event()
    changed: set[str] = set()

    async def watch(medium_id: str, medium: ObservableMedium) -> None:
        async with aclosing(medium.changes()) as changes:
            async for _ in changes:
                changed.add(medium_id)
                any_change.set()

    observable = [medium for medium in app_context.media() if isinstance(medium, ObservableMedium)]
    watchers = [asyncio.create_task(watch(medium.medium_id, medium)) for medium in observable]
    try:
        yield frozenset()
        while True:
            await any_change.wait()
            any_change.clear()
            reported = frozenset(changed)
            changed.clear()
            yield reported
    finally:
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)


def summarize_card(identity: "CardIdentity", now: datetime) -> CardSummary:
    """The summary of a card at the moment `now`, in the time zone of `now`."""
    return CardSummary(
        identity.card_number,
        identity.company,
        identity.valid_until.astimezone(now.tzinfo).date(),
        identity.days_left(now),
    )


async def _scan(medium: "Medium", now: datetime, on_attempt: "OnAttempt", *, all_attempts: bool) -> MediumStatus:
    try:
        identity = await medium.read_identity(all_attempts=all_attempts, on_attempt=on_attempt)
        if identity is None:
            return MediumStatus(medium.medium_id, medium.name)
        pin_retries_left = await medium.pin_retries_left()
    except Problem as problem:
        return MediumStatus(medium.medium_id, medium.name, problem=problem)
    return MediumStatus(
        medium.medium_id, medium.name, card=summarize_card(identity, now), pin_retries_left=pin_retries_left
    )
