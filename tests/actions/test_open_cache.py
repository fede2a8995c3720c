"""A cache opens only with its card, also after the PIN was changed or the certificate renewed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from db.key import new_key
from db.key_file import read_key_file
from db.problems import CacheBusy
from jiacha_tui.actions.cache_recovery import NewCache
from jiacha_tui.actions.new_cache import finish_new_cache
from jiacha_tui.actions.old_cache import find_earlier_state, saved_old_cache
from jiacha_tui.actions.problems import CacheRecoveryNeeded
from jiacha_tui.demo.card_issuing import Authority, IssuedCard, issue_card
from jiacha_tui.locations import Locations
from jiacha_tui.private_files import FileProblem
from tests.actions.cache_cards import (
    HOLDER,
    NEW_PIN,
    PIN,
    Kind,
    decrypting,
    has_mark,
    key_file,
    not_decrypting,
    opened,
    renewed,
    write_mark,
)
from tests.app_contexts import NOW
from tests.db.other_program import other_program, read_line

both_kinds = pytest.mark.parametrize("kind", [decrypting, not_decrypting])


@both_kinds
async def test_a_cache_opens_after_the_pin_was_changed(
    locations: Locations, slot: Path, issued: IssuedCard, kind: Kind
) -> None:
    await write_mark(locations, slot, issued, kind)
    before = key_file(locations).read_bytes()
    assert await has_mark(locations, slot, issued, NEW_PIN, kind)
    assert key_file(locations).read_bytes() == before, "the key file does not depend on the PIN"


@both_kinds
async def test_a_renewed_certificate_opens_the_cache_and_the_key_is_wrapped_again(
    locations: Locations, slot: Path, authority: Authority, issued: IssuedCard, kind: Kind
) -> None:
    await write_mark(locations, slot, issued, kind)
    later = renewed(authority, issued)
    for _ in range(2):
        assert await has_mark(locations, slot, later, PIN, kind)
    assert read_key_file(key_file(locations).read_bytes()).certificate_serial == later.identity.certificate_serial
    assert key_file(locations).stat().st_mode & 0o777 == 0o600


@both_kinds
async def test_a_new_key_pair_does_not_open_the_cache_but_a_new_cache_can_be_started(
    locations: Locations, slot: Path, authority: Authority, issued: IssuedCard, kind: Kind
) -> None:
    await write_mark(locations, slot, issued, kind)
    replaced = issue_card(authority, HOLDER, valid_from=NOW, serial=9)
    with pytest.raises(CacheRecoveryNeeded) as refused:
        await has_mark(locations, slot, replaced, PIN, kind)
    assert not refused.value.previous_pin_helps
    assert not refused.value.trust_helps
    assert not await has_mark(locations, slot, replaced, PIN, kind, recovery=NewCache()), "the new cache is empty"
    assert await has_a_cache(locations, slot, replaced, PIN, kind)


async def has_a_cache(locations: Locations, slot: Path, issued: IssuedCard, pin: str, kind: Kind) -> bool:
    """Whether the cache opens without recovery."""
    async with opened(locations, slot, issued, pin, kind) as cache:
        return cache.path.is_file()


def damage_key_file(folder: Path) -> None:
    (folder / "key.json").write_text("{}")


def lose_key_file(folder: Path) -> None:
    (folder / "key.json").unlink()


def damage_cache(folder: Path) -> None:
    (folder / "cache.duckdb").write_bytes(b"\0" * 20_000)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("damage", [damage_key_file, lose_key_file, damage_cache])
async def test_a_new_cache_moves_the_old_one_away_unchanged(
    locations: Locations, slot: Path, issued: IssuedCard, damage: Callable[[Path], None]
) -> None:
    await write_mark(locations, slot, issued, decrypting)
    folder = locations.cache(HOLDER.card_number)
    damage(folder)
    before = contents(folder)
    with pytest.raises(CacheRecoveryNeeded):
        await has_mark(locations, slot, issued, PIN, decrypting)
    assert contents(folder) == before
    assert not await has_mark(locations, slot, issued, PIN, decrypting, recovery=NewCache())
    (old,) = locations.old_caches.iterdir()
    assert old.name == f"{HOLDER.card_number}-{NOW:%Y%m%d-%H%M%S}"
    assert contents(old) == before
    assert locations.old_caches.stat().st_mode & 0o777 == 0o700


async def test_a_cache_that_opens_is_not_moved_away(locations: Locations, slot: Path, issued: IssuedCard) -> None:
    await write_mark(locations, slot, issued, decrypting)
    assert await has_mark(locations, slot, issued, PIN, decrypting, recovery=NewCache())
    assert not locations.old_caches.exists()


async def test_a_cache_that_another_program_has_open_is_not_moved_away(
    locations: Locations, slot: Path, issued: IssuedCard, child_environment: dict[str, str]
) -> None:
    await write_mark(locations, slot, issued, not_decrypting)
    path = locations.cache(HOLDER.card_number) / "cache.duckdb"
    path.unlink()
    with other_program("hold", path, child_environment) as child:
        assert read_line(child) == "open"
        with pytest.raises(CacheBusy) as busy:
            await has_mark(locations, slot, issued, PIN, not_decrypting, recovery=NewCache())
        assert busy.value.pid == child.pid
        assert path.is_file()


def test_a_folder_that_cannot_be_looked_into_is_a_problem(tmp_path: Path) -> None:
    locations, key = Locations(tmp_path / ("x" * 300)), new_key()
    cache = locations.cache_file(HOLDER.card_number)
    with pytest.raises(FileProblem):
        finish_new_cache(locations, HOLDER.card_number)
    with pytest.raises(FileProblem), saved_old_cache(locations, HOLDER.card_number, key, NOW):
        pass
    with pytest.raises(FileProblem):
        find_earlier_state(cache, key)
