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
    CardLocked,
    CardMismatch,
    CardRemoved,
    DecryptionFailed,
    InvalidCard,
    NoCard,
    WrongPin,
)
from jiacha_tui.card.softcard import SoftCard, certificate_path, reset, retry_counter_path
from jiacha_tui.demo.card_issuing import Authority, Holder, IssuedCard, issue_card, save_card
from tests.card.cards import NOW, PIN, WRONG_PIN, change_file, medium, move_file

OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)


async def _wrong(p12_path: Path) -> WrongPin | CardLocked:
    with pytest.raises((WrongPin, CardLocked)) as refused:
        await medium(p12_path).open(Pin(WRONG_PIN))
    assert isinstance(refused.value, WrongPin | CardLocked)
    return refused.value


def test_it_is_a_medium(p12_path: Path) -> None:
    soft: Medium = SoftCard(p12_path)
    assert soft.name == "演示卡"
    assert soft.medium_id == SoftCard(p12_path).medium_id
    assert soft.medium_id != SoftCard(p12_path.with_name("other.p12")).medium_id


async def test_the_card_can_be_looked_at_without_its_pin(p12_path: Path, issued: IssuedCard) -> None:
    assert await medium(p12_path).read_identity() == issued.identity


async def test_no_file_is_no_card(tmp_path: Path) -> None:
    soft = medium(tmp_path / "none.p12")
    assert await soft.read_identity() is None
    with pytest.raises(NoCard) as refused:
        await soft.open(Pin(PIN))
    assert refused.value.message == "请插入IC卡或者Key"
    with pytest.raises(NoCard):
        reset(tmp_path / "none.p12")


async def test_the_right_pin_opens_and_closing_clears_it(p12_path: Path, issued: IssuedCard) -> None:
    pin = Pin(PIN)
    card: OpenCard = await medium(p12_path).open(pin)
    assert card.identity == issued.identity
    assert card.encryption_certificate == issued.identity.certificate
    assert not pin.cleared
    await card.close()
    await card.close()
    assert pin.cleared
    for call in (card.sign("text"), card.decrypt(b"key"), card.check_present()):
        with pytest.raises(CardClosed):
            await call


async def test_three_wrong_pins_lock_and_only_a_reset_unlocks(p12_path: Path) -> None:
    first, second, third = [await _wrong(p12_path) for _ in range(3)]
    assert first.message == "输入口令错误，还可以尝试 2 次；连续错误会锁卡"
    assert second.message == "输入口令错误，还可以尝试 1 次；连续错误会锁卡"
    assert isinstance(third, CardLocked)
    with pytest.raises(CardLocked):
        await medium(p12_path).open(Pin(PIN))
    reset(p12_path)
    await (await medium(p12_path).open(Pin(PIN))).close()


async def test_the_right_pin_gives_all_tries_back(p12_path: Path) -> None:
    await _wrong(p12_path)
    await _wrong(p12_path)
    await (await medium(p12_path).open(Pin(PIN))).close()
    again = await _wrong(p12_path)
    assert isinstance(again, WrongPin)
    assert again.retries_left == 2


async def test_looking_and_asking_for_the_tries_spends_none(p12_path: Path, tmp_path: Path) -> None:
    await _wrong(p12_path)
    before = PinRetryCounter.read(retry_counter_path(p12_path))
    await medium(p12_path).read_identity()
    assert await medium(p12_path).pin_retries_left() == 2
    assert await medium(tmp_path / "none.p12").pin_retries_left() is None
    assert PinRetryCounter.read(retry_counter_path(p12_path)) == before


async def test_tries_at_the_same_time_are_all_counted(p12_path: Path) -> None:
    outcomes = await asyncio.gather(*(medium(p12_path).open(Pin(WRONG_PIN)) for _ in range(6)), return_exceptions=True)
    left = sorted(outcome.retries_left or 0 for outcome in outcomes if isinstance(outcome, WrongPin))
    assert left == [1, 2]
    assert sum(isinstance(outcome, CardLocked) for outcome in outcomes) == 4


def test_a_killed_try_is_counted(p12_path: Path, child_environment: dict[str, str]) -> None:
    """The program dies inside the try itself, where a counter written afterwards would have been lost."""
    script = """
import asyncio, os, signal, sys
from pathlib import Path
from cryptography.hazmat.primitives.serialization import pkcs12
from jiacha_tui.card.pin import Pin
from tests.card.cards import WRONG_PIN, medium
pkcs12.load_key_and_certificates = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(medium(Path(sys.argv[1])).open(Pin(WRONG_PIN)))
"""
    for killed in (1, 2, 3):
        ended = subprocess.run([sys.executable, "-c", script, p12_path], env=child_environment, check=False)
        assert ended.returncode == -signal.SIGKILL
        assert PinRetryCounter.read(retry_counter_path(p12_path)).wrong == killed


async def test_an_unreadable_count_gives_no_try(p12_path: Path) -> None:
    retry_counter_path(p12_path).write_text("{}x")
    with pytest.raises(CardDamaged) as refused:
        await SoftCard(p12_path, reset_command="j --home h card reset").open(Pin(PIN))
    assert refused.value.hint.endswith(" j --home h card reset")
    reset(p12_path)
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
    ids=["empty", "text", "half", "longer", "flipped bit", "flipped bit in the checksum"],
)
async def test_a_damaged_file_is_told_from_a_wrong_pin(p12_path: Path, damage: Callable[[bytes], bytes]) -> None:
    change_file(p12_path, damage)
    for _ in range(4):
        with pytest.raises(CardDamaged) as refused:
            await medium(p12_path).open(Pin(PIN))
        assert p12_path.name in refused.value.message
        assert f"放回原来的 {p12_path.name} 和 {certificate_path(p12_path).name}" in refused.value.hint


async def test_a_file_from_another_tool_opens_though_nothing_was_counted_for_it(p12_path: Path) -> None:
    retry_counter_path(p12_path).unlink()
    refused = await _wrong(p12_path)
    assert isinstance(refused, WrongPin)
    await (await medium(p12_path).open(Pin(PIN))).close()


async def test_a_missing_or_broken_certificate_file_is_damage(p12_path: Path) -> None:
    certificate_path(p12_path).write_text("-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n")
    with pytest.raises(CardDamaged):
        await medium(p12_path).read_identity()
    certificate_path(p12_path).unlink()
    with pytest.raises(CardDamaged):
        await medium(p12_path).open(Pin(PIN))


async def test_another_cards_certificate_beside_the_file_is_damage(
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


async def test_an_expired_card_is_seen_but_not_opened_and_spends_no_try(p12_path: Path, issued: IssuedCard) -> None:
    late = medium(p12_path, issued.identity.valid_until)
    assert await late.read_identity() == issued.identity
    with pytest.raises(CardExpired) as refused:
        await late.open(Pin(PIN))
    assert refused.value.message == "您的IC卡已过期!"
    assert PinRetryCounter.read(retry_counter_path(p12_path)).retries_left == 3
    last_moment = medium(p12_path, issued.identity.valid_until - timedelta(seconds=1))
    await (await last_moment.open(Pin(PIN))).close()


async def test_a_card_from_the_future_means_a_wrong_clock(p12_path: Path, issued: IssuedCard) -> None:
    with pytest.raises(InvalidCard, match=r"card\.abnormal"):
        await medium(p12_path, issued.identity.valid_from - timedelta(days=1)).open(Pin(PIN))


async def test_what_was_encrypted_for_the_card_is_decrypted_by_it_alone(
    p12_path: Path, issued: IssuedCard, other_issued: IssuedCard
) -> None:
    card = await medium(p12_path).open(Pin(PIN))
    secret = os.urandom(32)
    assert await card.decrypt(issued.key.public_key().encrypt(secret, OAEP)) == secret
    for ciphertext in (other_issued.key.public_key().encrypt(secret, OAEP), b"", os.urandom(256)):
        with pytest.raises(DecryptionFailed):
            await card.decrypt(ciphertext)
    await card.close()


async def test_a_pulled_card_signs_nothing_until_it_is_back(p12_path: Path, tmp_path: Path) -> None:
    card = await medium(p12_path).open(Pin(PIN))
    move_file(p12_path, tmp_path / "pulled.p12")
    for call in (card.check_present(), card.sign("text"), card.decrypt(b"key")):
        with pytest.raises(CardRemoved):
            await call
    move_file(tmp_path / "pulled.p12", p12_path)
    assert await card.sign("text")
    await card.close()


async def test_another_card_in_its_place_is_noticed(p12_path: Path, other_issued: IssuedCard) -> None:
    card = await medium(p12_path).open(Pin(PIN))
    save_card(other_issued, Pin(PIN), p12_path)
    for call in (card.check_present(), card.sign("text")):
        with pytest.raises(CardMismatch):
            await call
    await card.close()


async def test_a_card_that_comes_or_goes_is_told_of_within_half_a_second(p12_path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "pulled.p12"
    async with contextlib.aclosing(medium(p12_path).changes()) as changes:
        await anext(changes)
        for before, after in ((p12_path, elsewhere), (elsewhere, p12_path)):
            move_file(before, after)
            async with asyncio.timeout(0.5):
                await anext(changes)
            assert (await medium(p12_path).read_identity() is None) is (after == elsewhere)


async def test_a_certificate_that_was_put_back_is_told_of(p12_path: Path, tmp_path: Path) -> None:
    lost = tmp_path / "lost.pem"
    move_file(certificate_path(p12_path), lost)
    async with contextlib.aclosing(medium(p12_path).changes()) as changes:
        await anext(changes)
        move_file(lost, certificate_path(p12_path))
        async with asyncio.timeout(0.5):
            await anext(changes)
    assert await medium(p12_path).read_identity() is not None


async def test_the_files_of_a_card_are_its_owners_only(p12_path: Path) -> None:
    await _wrong(p12_path)
    for path in (p12_path, certificate_path(p12_path), retry_counter_path(p12_path)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_new_card_in_the_same_place_starts_with_all_tries(
    p12_path: Path, authority: Authority, holder: Holder
) -> None:
    for _ in range(3):
        await _wrong(p12_path)
    save_card(issue_card(authority, holder, valid_from=NOW - timedelta(days=1)), Pin("87654321"), p12_path)
    await (await medium(p12_path).open(Pin("87654321"))).close()
