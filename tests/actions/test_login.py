"""Login: one try of the PIN, the official messages, and nothing left open after a failure."""

import asyncio
import traceback
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from db.journal import Journal
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cache_recovery import NewCache
from jiacha_tui.actions.cards import scan_media
from jiacha_tui.actions.login import LoginStage, check_pin, log_in
from jiacha_tui.actions.problems import CacheRecoveryNeeded, CardSwapped
from jiacha_tui.card import softcard
from jiacha_tui.card.problems import CardExpired, NoCard, PinBlocked, WrongPin
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.eport.problems import LoginFailed, PortUnreachable
from jiacha_tui.eport.settings import PortSettings
from jiacha_tui.private_files import DiskFull
from tests.app_contexts import NOW, demo_context
from tests.eport.connect_proxy import run_proxy
from tests.eport.tls import make_server_files, serve
from tests.port_home import open_session
from tests.recording_transport import RecordingTransport

WRONG = "87654321"

UNREACHABLE_HOST = "192.0.2.7"
"""An address that leads nowhere (RFC 5737), so that only a proxy reaches the port."""


async def log_in_and_out(app_context: AppContext, pin: str = DEMO_PIN, *, offline: bool = False) -> None:
    (medium,) = app_context.media()
    session = await log_in(app_context, medium.medium_id, pin, offline=offline, on_stage=lambda _stage: None)
    await session.close()


async def days_before_expiry(app_context: AppContext, days: int) -> AppContext:
    """The same context with a clock that is `days` days before its card expires."""
    (medium,) = app_context.media()
    identity = await medium.read_identity()
    assert identity is not None
    at = (identity.valid_until - timedelta(days=days)).astimezone(NOW.tzinfo)
    return replace(app_context, clock=lambda: at)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "IC卡/Key密码不允许为空"),
        ("1234567", "请正确输入8位IC卡/Key密码"),
        ("123456789", "请正确输入8位IC卡/Key密码"),
    ],
)
def test_a_text_that_cannot_be_a_pin_is_refused_with_the_official_message(text: str, message: str) -> None:
    problem = check_pin(text)
    assert problem is not None
    assert problem.message == message


def test_a_possible_pin_is_not_refused() -> None:
    assert check_pin(WRONG) is None


async def test_the_stages_are_reported_in_order_with_the_port_last(app_context: AppContext) -> None:
    (medium,) = app_context.media()
    stages: list[LoginStage] = []
    session = await log_in(app_context, medium.medium_id, DEMO_PIN, offline=False, on_stage=stages.append)
    await session.close()
    assert stages == [LoginStage.READING, LoginStage.CARD, LoginStage.CACHE, LoginStage.PORT]
    assert session.card_summary.company == "示例进出口有限公司"


async def test_three_wrong_pins_lock_the_card_and_a_reset_unlocks_it(app_context: AppContext, demo: Demo) -> None:
    for left in (2, 1):
        with pytest.raises(WrongPin) as wrong:
            await log_in_and_out(app_context, WRONG)
        assert wrong.value.retries_left == left
    with pytest.raises(PinBlocked):
        await log_in_and_out(app_context, WRONG)
    with pytest.raises(PinBlocked):
        await log_in_and_out(app_context)
    softcard.unlock_card_file(demo.card)
    await log_in_and_out(app_context)


async def test_a_wrong_pin_reaches_neither_port_nor_cache(
    app_context: AppContext, transport: RecordingTransport
) -> None:
    with pytest.raises(WrongPin):
        await log_in_and_out(app_context, WRONG)
    assert transport.calls == []
    assert not app_context.locations.caches.exists()


async def test_a_pin_is_not_tried_on_a_different_card_than_it_was_typed_for(
    app_context: AppContext, demo: Demo
) -> None:
    (medium,) = app_context.media()
    for _ in range(4):
        with pytest.raises(CardSwapped):
            await log_in(
                app_context,
                medium.medium_id,
                WRONG,
                offline=True,
                on_stage=lambda _stage: None,
                card_number="JJ0G900000009",
            )
    await log_in_and_out(app_context)


async def test_after_a_failed_connection_an_offline_login_works(
    app_context: AppContext, transport: RecordingTransport
) -> None:
    def unreachable(_path: str) -> None:
        raise httpx.ConnectError("refused")

    transport.before = unreachable
    with pytest.raises(PortUnreachable):
        await log_in_and_out(app_context)
    await log_in_and_out(app_context, offline=True)


@pytest.mark.parametrize("which", [DemoCard.BLACKLISTED, DemoCard.REVOKED, DemoCard.FOREIGN, DemoCard.UNKNOWN])
async def test_a_card_that_the_port_does_not_accept_gets_a_reason(demo: Demo, home: Path, which: DemoCard) -> None:
    with pytest.raises(LoginFailed) as failed:
        await log_in_and_out(demo_context(demo, home, card=demo.card_of(which)))
    assert failed.value.message


async def test_the_pin_is_not_tried_on_an_expired_card(demo: Demo, home: Path) -> None:
    later = await days_before_expiry(demo_context(demo, home, card=demo.card_of(DemoCard.NEARLY_EXPIRED)), -1)
    for _ in range(4):
        with pytest.raises(CardExpired):
            await log_in_and_out(later, WRONG)


async def test_a_card_that_expires_soon_can_log_in_with_a_warning(demo: Demo, home: Path) -> None:
    near = await days_before_expiry(demo_context(demo, home, card=demo.card_of(DemoCard.NEARLY_EXPIRED)), 12)
    session = await open_session(near)
    await session.close()
    assert session.warnings == ("您的IC卡还有12天到期，请尽快延期!",)


async def test_a_medium_without_card_does_not_hide_the_others_and_cannot_log_in(
    app_context: AppContext, home: Path
) -> None:
    (medium,) = app_context.media()
    empty = softcard.SoftCard(home / "nowhere" / "card.p12")
    both = replace(app_context, media=lambda: (empty, medium))
    found = await scan_media(both)
    assert found[0].card is None
    assert found[1].card is not None
    with pytest.raises(NoCard):
        await log_in(both, empty.medium_id, DEMO_PIN, offline=True, on_stage=lambda _stage: None)


async def test_a_second_program_on_the_same_cache_is_refused_and_the_first_continues(app_context: AppContext) -> None:
    first = await open_session(app_context)
    try:
        with pytest.raises(Problem) as busy:
            await log_in_and_out(app_context)
        assert busy.value.code == "cache.busy"
        assert (await first.cache_status()).cached == 0
    finally:
        await first.close()


async def test_a_cache_without_a_key_file_stays_unchanged(app_context: AppContext) -> None:
    await log_in_and_out(app_context)
    folder = app_context.locations.cache("JJ0G900000001")
    (folder / "key.json").unlink()
    before = (folder / "cache.duckdb").read_bytes()
    with pytest.raises(CacheRecoveryNeeded) as refused:
        await log_in_and_out(app_context)
    assert refused.value.code == "key.lost"
    assert (folder / "cache.duckdb").read_bytes() == before


async def test_a_new_cache_warns_with_the_path_of_the_old_one(app_context: AppContext) -> None:
    await log_in_and_out(app_context)
    (app_context.locations.cache("JJ0G900000001") / "key.json").unlink()
    (medium,) = app_context.media()
    session = await log_in(
        app_context, medium.medium_id, DEMO_PIN, offline=True, on_stage=lambda _stage: None, recovery=NewCache()
    )
    await session.close()
    (old,) = app_context.locations.old_caches.iterdir()
    assert any(str(old) in entry.message for entry in session.unconfirmed)


async def test_a_different_card_does_not_open_the_cache(app_context: AppContext, demo: Demo, home: Path) -> None:
    await log_in_and_out(app_context)
    other = demo_context(demo, home, card=demo.card_of(DemoCard.NEARLY_EXPIRED))
    (own, stranger) = (app_context.locations.cache("JJ0G900000001"), home / "caches")
    await log_in_and_out(other)
    (theirs,) = (path for path in stranger.iterdir() if path != own)
    for name in ("key.json", "cache.duckdb"):
        (theirs / name).write_bytes((own / name).read_bytes())
    with pytest.raises(Problem) as refused:
        await log_in_and_out(other)
    assert refused.value.code == "key.other-card"


async def test_a_cancelled_login_leaves_nothing_open(app_context: AppContext, transport: RecordingTransport) -> None:
    (medium,) = app_context.media()

    def cancel(_path: str) -> None:
        task.cancel()

    transport.before = cancel
    task = asyncio.create_task(
        log_in(app_context, medium.medium_id, DEMO_PIN, offline=False, on_stage=lambda _stage: None)
    )
    with pytest.raises(asyncio.CancelledError):
        await task
    transport.before = lambda path: None
    await log_in_and_out(app_context)


async def test_a_login_whose_journal_entry_fails_leaves_nothing_open(
    app_context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise DiskFull(app_context.locations.home)

    with monkeypatch.context() as on_a_full_disk:
        on_a_full_disk.setattr(Journal, "write", full)
        with pytest.raises(DiskFull) as kept:
            await open_session(app_context)
    await log_in_and_out(app_context)
    assert kept.value.code == "file.disk-full"  # the problem is still referenced, as in the message log


async def test_the_pin_is_in_no_traceback_and_no_repr(app_context: AppContext) -> None:
    session = await open_session(app_context)
    shown = repr(session)
    await session.close()
    with pytest.raises(WrongPin) as wrong:
        await log_in_and_out(app_context, WRONG)
    shown += "".join(traceback.format_exception(wrong.value))
    assert DEMO_PIN not in shown
    assert WRONG not in shown


async def test_the_message_log_names_the_proxy_without_its_password(demo: Demo, home: Path, tmp_path: Path) -> None:
    files = make_server_files(tmp_path, host=UNREACHABLE_HOST)
    with (
        serve(demo.application, files) as root,
        run_proxy(int(root.rsplit(":", 1)[1]), "user:secret") as proxy,
    ):
        settings = replace(
            PortSettings.under_root(f"https://{UNREACHABLE_HOST}", files.ca),
            proxy=f"http://user:secret@{proxy.address}",
        )
        app_context = demo_context(demo, home, settings=settings)
        session = await open_session(app_context)
        await session.close()
    texts = [message.text for message in app_context.messages.all()]
    assert f"登录口岸：经代理 {proxy.address}，User-Agent {settings.user_agent}" in texts
    assert not any("secret" in text for text in texts)
