"""A card in a PKCS#12 file: its PIN, its retry counter, its files, its signatures."""

import asyncio
import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from jiacha_tui.card.medium import Medium, OpenCard
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.pin_retry_counter import PinRetryCounter
from jiacha_tui.card.problems import (
    CardClosed,
    CardDamaged,
    CardExpired,
    CardMismatch,
    CardRemoved,
    DecryptionFailed,
    InvalidCard,
    NoCard,
    PinBlocked,
    WrongPin,
)
from jiacha_tui.card.softcard import SoftCard, certificate_path, retry_counter_path, unlock_card_file
from jiacha_tui.demo.card_issuing import Authority, Holder, IssuedCard, issue_card, save_card
from tests.card.cards import NOW, PIN, WAIT_SECONDS, WRONG_PIN, change_file, medium, move_file

OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)


async def _try_wrong_pin(p12_path: Path) -> WrongPin | PinBlocked:
    with pytest.raises((WrongPin, PinBlocked)) as refused:
        await medium(p12_path).open(Pin(WRONG_PIN))
    assert isinstance(refused.value, WrongPin | PinBlocked)
    return refused.value


def test_a_card_file_is_a_medium(p12_path: Path) -> None:
    soft: Medium = SoftCard(p12_path)
    assert soft.name == "演示卡"
    assert soft.medium_id == SoftCard(p12_path).medium_id
    assert soft.medium_id != SoftCard(p12_path.with_name("other.p12")).medium_id


async def test_the_identity_is_read_without_the_pin(p12_path: Path, issued: IssuedCard) -> None:
    assert await medium(p12_path).read_identity() == issued.identity


async def test_a_missing_file_means_no_card(tmp_path: Path) -> None:
    soft = medium(tmp_path / "none.p12")
    assert await soft.read_identity() is None
    with pytest.raises(NoCard) as refused:
        await soft.open(Pin(PIN))
    assert refused.value.message == "请插入IC卡或者Key"
    with pytest.raises(NoCard):
        unlock_card_file(tmp_path / "none.p12")


async def test_the_right_pin_opens_the_card_and_close_clears_it(p12_path: Path, issued: IssuedCard) -> None:
    pin = Pin(PIN)
    card = await medium(p12_path).open(pin)
    held: OpenCard = card
    assert held.identity == issued.identity
    assert not pin.cleared
    await card.close()
    await card.close()
    assert pin.cleared
    for call in (card.sign("text"), card.decrypt(b"key"), card.check_present()):
        with pytest.raises(CardClosed):
            await call


async def test_three_wrong_pins_lock_the_card_until_a_reset(p12_path: Path) -> None:
    first, second, third = [await _try_wrong_pin(p12_path) for _ in range(3)]
    assert first.message == "输入口令错误，还可以尝试 2 次；连续错误会锁卡"
    assert second.message == "输入口令错误，还可以尝试 1 次；连续错误会锁卡"
    assert isinstance(third, PinBlocked)
    with pytest.raises(PinBlocked):
        await medium(p12_path).open(Pin(PIN))
    unlock_card_file(p12_path)
    await (await medium(p12_path).open(Pin(PIN))).close()


async def test_the_right_pin_resets_the_retry_counter(p12_path: Path) -> None:
    await _try_wrong_pin(p12_path)
    await _try_wrong_pin(p12_path)
    await (await medium(p12_path).open(Pin(PIN))).close()
    after_reset = await _try_wrong_pin(p12_path)
    assert isinstance(after_reset, WrongPin)
    assert after_reset.retries_left == 2


async def test_reading_the_identity_and_the_retry_counter_uses_no_try(p12_path: Path, tmp_path: Path) -> None:
    await _try_wrong_pin(p12_path)
    before = PinRetryCounter.read(retry_counter_path(p12_path))
    await medium(p12_path).read_identity()
    assert await medium(p12_path).pin_retries_left() == 2
    assert await medium(tmp_path / "none.p12").pin_retries_left() is None
    assert PinRetryCounter.read(retry_counter_path(p12_path)) == before


async def test_concurrent_tries_are_all_counted(p12_path: Path) -> None:
    outcomes = await asyncio.gather(*(medium(p12_path).open(Pin(WRONG_PIN)) for _ in range(6)), return_exceptions=True)
    left = sorted(outcome.retries_left or 0 for outcome in outcomes if isinstance(outcome, WrongPin))
    assert left == [1, 2]
    assert sum(isinstance(outcome, PinBlocked) for outcome in outcomes) == 4


def test_a_try_is_counted_even_if_the_program_is_killed(p12_path: Path, child_environment: dict[str, str]) -> None:
    """The program is killed during the try. A counter that is written afterwards would be lost."""
    script = """
import asyncio, os, signal, sys
from pathlib import Path
from cryptography.hazmat.primitives.serialization import pkcs12
from jiacha_tui.card.pin import Pin
from tests.card.cards import WRONG_PIN, medium
pkcs12.load_key_and_certificates = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(medium(Path(sys.argv[1])).open(Pin(WRONG_PIN)))
"""
    for count in (1, 2, 3):
        ended = subprocess.run([sys.executable, "-c", script, p12_path], env=child_environment, check=False)
        assert ended.returncode == -signal.SIGKILL
        assert PinRetryCounter.read(retry_counter_path(p12_path)).wrong == count


async def test_an_unreadable_retry_counter_allows_no_try(p12_path: Path) -> None:
    retry_counter_path(p12_path).write_text("{}x")
    with pytest.raises(CardDamaged) as refused:
        await SoftCard(p12_path, reset_command="j --home h card reset").open(Pin(PIN))
    assert refused.value.hint.endswith(" j --home h card reset")
    unlock_card_file(p12_path)
    await (await medium(p12_path).open(Pin(PIN))).close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"no PKCS#12 file at all",
        lambda data: data[: len(data) // 2],
        lambda data: data + b"\0",
        lambda data: data[:1500] + bytes([data[1500] ^ 1]) + data[1501:],
        lambda data: data[:-40] + bytes([data[-40] ^ 1]) + data[-39:],
    ],
    ids=["empty", "text", "half", "too long", "flipped bit", "flipped bit in the checksum"],
)
async def test_a_damaged_file_is_reported_as_damaged_not_as_a_wrong_pin(
    p12_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    change_file(p12_path, damage)
    for _ in range(4):
        with pytest.raises(CardDamaged) as refused:
            await medium(p12_path).open(Pin(PIN))
        assert p12_path.name in refused.value.message
        assert f"放回原来的 {p12_path.name} 和 {certificate_path(p12_path).name}" in refused.value.hint


async def test_a_card_file_without_a_retry_counter_can_be_opened(p12_path: Path) -> None:
    retry_counter_path(p12_path).unlink()
    refused = await _try_wrong_pin(p12_path)
    assert isinstance(refused, WrongPin)
    await (await medium(p12_path).open(Pin(PIN))).close()


async def test_a_missing_or_broken_certificate_file_is_reported_as_damaged(p12_path: Path) -> None:
    certificate_path(p12_path).write_text("-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n")
    with pytest.raises(CardDamaged):
        await medium(p12_path).read_identity()
    certificate_path(p12_path).unlink()
    with pytest.raises(CardDamaged):
        await medium(p12_path).open(Pin(PIN))


async def test_the_certificate_of_another_card_is_reported_as_damaged(
    p12_path: Path, other_issued: IssuedCard, tmp_path: Path
) -> None:
    other = tmp_path / "other.p12"
    save_card(other_issued, Pin(PIN), other)
    shutil.copy(certificate_path(other), certificate_path(p12_path))
    pin = Pin(PIN)
    with pytest.raises(CardDamaged):
        await medium(p12_path).open(pin)
    assert pin.cleared


async def test_a_refused_pin_is_cleared(p12_path: Path) -> None:
    pin = Pin(WRONG_PIN)
    with pytest.raises(WrongPin):
        await medium(p12_path).open(pin)
    assert pin.cleared


async def test_an_expired_card_has_an_identity_but_is_not_opened_and_uses_no_try(
    p12_path: Path, issued: IssuedCard
) -> None:
    late = medium(p12_path, issued.identity.valid_until)
    assert await late.read_identity() == issued.identity
    with pytest.raises(CardExpired) as refused:
        await late.open(Pin(PIN))
    assert refused.value.message == "您的IC卡已过期!"
    assert PinRetryCounter.read(retry_counter_path(p12_path)).retries_left == 3
    last_moment = medium(p12_path, issued.identity.valid_until - timedelta(seconds=1))
    await (await last_moment.open(Pin(PIN))).close()


async def test_a_card_that_is_not_valid_yet_is_refused(p12_path: Path, issued: IssuedCard) -> None:
    with pytest.raises(InvalidCard, match=r"card\.abnormal"):
        await medium(p12_path, issued.identity.valid_from - timedelta(days=1)).open(Pin(PIN))


async def test_only_the_right_card_decrypts(p12_path: Path, issued: IssuedCard, other_issued: IssuedCard) -> None:
    card = await medium(p12_path).open(Pin(PIN))
    secret = os.urandom(32)
    assert await card.decrypt(issued.key.public_key().encrypt(secret, OAEP)) == secret
    for ciphertext in (other_issued.key.public_key().encrypt(secret, OAEP), b"", os.urandom(256)):
        with pytest.raises(DecryptionFailed):
            await card.decrypt(ciphertext)
    await card.close()


async def test_a_removed_card_signs_nothing_until_it_is_back(p12_path: Path, tmp_path: Path) -> None:
    card = await medium(p12_path).open(Pin(PIN))
    move_file(p12_path, tmp_path / "pulled.p12")
    for call in (card.check_present(), card.sign("text"), card.decrypt(b"key")):
        with pytest.raises(CardRemoved):
            await call
    move_file(tmp_path / "pulled.p12", p12_path)
    assert await card.sign("text")
    await card.close()


async def test_a_different_card_in_the_same_place_is_noticed(p12_path: Path, other_issued: IssuedCard) -> None:
    card = await medium(p12_path).open(Pin(PIN))
    save_card(other_issued, Pin(PIN), p12_path)
    for call in (card.check_present(), card.sign("text")):
        with pytest.raises(CardMismatch):
            await call
    await card.close()


async def test_an_inserted_or_removed_card_is_reported(p12_path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "pulled.p12"
    async with contextlib.aclosing(medium(p12_path).changes()) as changes:
        await anext(changes)
        for before, after in ((p12_path, elsewhere), (elsewhere, p12_path)):
            move_file(before, after)
            async with asyncio.timeout(WAIT_SECONDS):
                await anext(changes)
            assert (await medium(p12_path).read_identity() is None) is (after == elsewhere)


async def test_a_certificate_file_that_was_put_back_is_reported(p12_path: Path, tmp_path: Path) -> None:
    lost = tmp_path / "lost.pem"
    move_file(certificate_path(p12_path), lost)
    async with contextlib.aclosing(medium(p12_path).changes()) as changes:
        await anext(changes)
        move_file(lost, certificate_path(p12_path))
        async with asyncio.timeout(WAIT_SECONDS):
            await anext(changes)
    assert await medium(p12_path).read_identity() is not None


async def test_only_the_owner_may_read_the_files_of_a_card(p12_path: Path) -> None:
    await _try_wrong_pin(p12_path)
    for path in (p12_path, certificate_path(p12_path), retry_counter_path(p12_path)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_new_card_in_the_same_place_has_a_new_retry_counter(
    p12_path: Path, authority: Authority, holder: Holder
) -> None:
    for _ in range(3):
        await _try_wrong_pin(p12_path)
    save_card(issue_card(authority, holder, valid_from=NOW - timedelta(days=1)), Pin("87654321"), p12_path)
    await (await medium(p12_path).open(Pin("87654321"))).close()
