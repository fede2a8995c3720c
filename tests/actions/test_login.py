"""Log in: one try of the PIN, the official words, and nothing left open behind a failure."""

import asyncio
import traceback
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from db.journal import Journal
from jiacha_tui.actions.cards import look
from jiacha_tui.actions.login import CardExchanged, Stage, check_pin, log_in
from jiacha_tui.actions.unopened import CacheUnopened, NewCache
from jiacha_tui.actions.workplace import Workplace
from jiacha_tui.card import softcard
from jiacha_tui.card.problems import CardExpired, CardLocked, NoCard, WrongPin
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.port.problems import LoginFailed, PortUnreachable
from jiacha_tui.private_files import DiskFull
from tests.actions.conftest import enter
from tests.line import Line
from tests.workplaces import NOW, at_demo

WRONG = "87654321"


async def attempt(workplace: Workplace, pin: str = DEMO_PIN, *, offline: bool = False) -> None:
    (medium,) = workplace.media()
    session = await log_in(workplace, medium.medium_id, pin, offline=offline, on_stage=lambda _stage: None)
    await session.close()


async def days_before_its_end(workplace: Workplace, days: int) -> Workplace:
    """The same workplace, `days` days before its card ends."""
    (medium,) = workplace.media()
    identity = await medium.look()
    assert identity is not None
    at = (identity.valid_until - timedelta(days=days)).astimezone(NOW.tzinfo)
    return replace(workplace, clock=lambda: at)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "IC卡/Key密码不允许为空"),
        ("1234567", "请正确输入8位IC卡/Key密码"),
        ("123456789", "请正确输入8位IC卡/Key密码"),
    ],
)
def test_a_password_that_cannot_be_one_is_refused_in_the_official_words(text: str, words: str) -> None:
    problem = check_pin(text)
    assert problem is not None
    assert problem.what == words


def test_a_possible_password_is_not_refused() -> None:
    assert check_pin(WRONG) is None


async def test_the_stages_come_in_order_and_the_port_last(workplace: Workplace) -> None:
    (medium,) = workplace.media()
    stages: list[Stage] = []
    session = await log_in(workplace, medium.medium_id, DEMO_PIN, offline=False, on_stage=stages.append)
    await session.close()
    assert stages == [Stage.CARD, Stage.CACHE, Stage.PORT]
    assert session.face.company == "示例进出口有限公司"


async def test_three_wrong_passwords_lock_the_card_and_a_reset_opens_it(workplace: Workplace, demo: Demo) -> None:
    for left in (2, 1):
        with pytest.raises(WrongPin) as wrong:
            await attempt(workplace, WRONG)
        assert wrong.value.left == left
    with pytest.raises(CardLocked):
        await attempt(workplace, WRONG)
    with pytest.raises(CardLocked):
        await attempt(workplace)
    softcard.reset(demo.card)
    await attempt(workplace)


async def test_a_wrong_password_never_reaches_port_or_cache(workplace: Workplace, line: Line) -> None:
    with pytest.raises(WrongPin):
        await attempt(workplace, WRONG)
    assert line.calls == []
    assert not workplace.locations.caches.exists()


async def test_a_password_is_not_tried_on_another_card_than_it_was_typed_for(workplace: Workplace, demo: Demo) -> None:
    (medium,) = workplace.media()
    for _ in range(4):
        with pytest.raises(CardExchanged):
            await log_in(
                workplace,
                medium.medium_id,
                WRONG,
                offline=True,
                on_stage=lambda _stage: None,
                card_number="JJ0G900000009",
            )
    await attempt(workplace)


async def test_an_unreachable_port_leaves_card_and_cache_free_for_browsing_offline(
    workplace: Workplace, line: Line
) -> None:
    def gone(_path: str) -> None:
        raise httpx.ConnectError("refused")

    line.before = gone
    with pytest.raises(PortUnreachable):
        await attempt(workplace)
    await attempt(workplace, offline=True)


@pytest.mark.parametrize("which", [DemoCard.BLACKLISTED, DemoCard.REVOKED, DemoCard.FOREIGN, DemoCard.UNKNOWN])
async def test_a_card_that_the_port_does_not_take_is_told_why(demo: Demo, home: Path, which: DemoCard) -> None:
    with pytest.raises(LoginFailed) as failed:
        await attempt(at_demo(demo, home, card=demo.card_of(which)))
    assert failed.value.what


async def test_an_expired_card_stops_before_its_password_is_tried(demo: Demo, home: Path) -> None:
    later = await days_before_its_end(at_demo(demo, home, card=demo.card_of(DemoCard.NEARLY_EXPIRED)), -1)
    for _ in range(4):
        with pytest.raises(CardExpired):
            await attempt(later, WRONG)


async def test_a_card_near_its_end_warns_and_goes_on(demo: Demo, home: Path) -> None:
    near = await days_before_its_end(at_demo(demo, home, card=demo.card_of(DemoCard.NEARLY_EXPIRED)), 12)
    session = await enter(near)
    await session.close()
    assert session.warnings == ("您的IC卡还有12天到期，请尽快延期!",)


async def test_no_card_is_said_and_a_medium_that_fails_does_not_hide_the_others(
    workplace: Workplace, home: Path
) -> None:
    (medium,) = workplace.media()
    empty = softcard.SoftCard(home / "nowhere" / "card.p12")
    both = replace(workplace, media=lambda: (empty, medium))
    found = await look(both)
    assert found[0].face is None
    assert found[1].face is not None
    with pytest.raises(NoCard):
        await log_in(both, empty.medium_id, DEMO_PIN, offline=True, on_stage=lambda _stage: None)


async def test_a_second_program_on_the_cache_is_told_and_the_first_goes_on(workplace: Workplace) -> None:
    first = await enter(workplace)
    try:
        with pytest.raises(Problem) as busy:
            await attempt(workplace)
        assert busy.value.code == "cache.busy"
        assert (await first.status()).cached == 0
    finally:
        await first.close()


async def test_a_cache_without_its_key_is_left_alone(workplace: Workplace) -> None:
    await attempt(workplace)
    folder = workplace.locations.cache("JJ0G900000001")
    (folder / "key.json").unlink()
    before = (folder / "cache.duckdb").read_bytes()
    with pytest.raises(CacheUnopened) as refused:
        await attempt(workplace)
    assert refused.value.code == "key.lost"
    assert (folder / "cache.duckdb").read_bytes() == before


async def test_a_new_cache_says_where_the_old_one_lies(workplace: Workplace) -> None:
    await attempt(workplace)
    (workplace.locations.cache("JJ0G900000001") / "key.json").unlink()
    (medium,) = workplace.media()
    session = await log_in(
        workplace, medium.medium_id, DEMO_PIN, offline=True, on_stage=lambda _stage: None, remedy=NewCache()
    )
    await session.close()
    (old,) = workplace.locations.old_caches.iterdir()
    assert any(str(old) in warning for warning in session.warnings)


async def test_another_card_does_not_open_the_cache(workplace: Workplace, demo: Demo, home: Path) -> None:
    await attempt(workplace)
    other = at_demo(demo, home, card=demo.card_of(DemoCard.NEARLY_EXPIRED))
    (own, stranger) = (workplace.locations.cache("JJ0G900000001"), home / "caches")
    await attempt(other)
    (theirs,) = (path for path in stranger.iterdir() if path != own)
    for name in ("key.json", "cache.duckdb"):
        (theirs / name).write_bytes((own / name).read_bytes())
    with pytest.raises(Problem) as refused:
        await attempt(other)
    assert refused.value.code == "key.other-card"


async def test_a_cancelled_login_leaves_nothing_open(workplace: Workplace, line: Line) -> None:
    (medium,) = workplace.media()

    def cancel(_path: str) -> None:
        task.cancel()

    line.before = cancel
    task = asyncio.create_task(
        log_in(workplace, medium.medium_id, DEMO_PIN, offline=False, on_stage=lambda _stage: None)
    )
    with pytest.raises(asyncio.CancelledError):
        await task
    line.before = lambda path: None
    await attempt(workplace)


async def test_a_login_that_cannot_be_written_down_leaves_nothing_open(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise DiskFull(workplace.locations.home)

    with monkeypatch.context() as on_a_full_disk:
        on_a_full_disk.setattr(Journal, "write", full)
        with pytest.raises(DiskFull) as kept:
            await enter(workplace)
    await attempt(workplace)
    assert kept.value.code == "file.disk-full"  # kept as the message log keeps it, with all that it refers to


async def test_the_password_is_in_no_traceback_and_no_repr(workplace: Workplace) -> None:
    session = await enter(workplace)
    shown = repr(session)
    await session.close()
    with pytest.raises(WrongPin) as wrong:
        await attempt(workplace, WRONG)
    shown += "".join(traceback.format_exception(wrong.value))
    assert DEMO_PIN not in shown
    assert WRONG not in shown
