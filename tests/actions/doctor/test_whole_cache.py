"""The check that reads a whole cache, of real caches that are whole, damaged, in use or gone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from db.engine import log_file
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cards import scan_media
from jiacha_tui.actions.doctor.finding import Finding, FindingState
from jiacha_tui.actions.doctor.whole_cache import check_whole_cache
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.locations import Locations
from tests.app_contexts import demo_context, embedded_port
from tests.db.damaged_cache import cut, flip
from tests.port_home import DECLARATIONS, copy_home, open_session

CARD = "JJ0G900000001"


@pytest.fixture
def app_context(synced_home: Path, tmp_path: Path) -> Iterator[AppContext]:
    home = copy_home(synced_home, tmp_path / "home")
    with embedded_port(home, DECLARATIONS) as demo:
        yield demo_context(demo, home, offline=True)


def cache_file(app_context: AppContext) -> Path:
    return Locations(app_context.locations.home).cache_file(CARD)


def no_passphrase() -> str:
    raise AssertionError("the card keeps the key")


async def checked(app_context: AppContext, pin: str = DEMO_PIN) -> Finding:
    (medium,) = await scan_media(app_context)
    assert medium.card is not None
    (finding,) = await check_whole_cache(app_context, medium.medium_id, medium.card, pin, no_passphrase)
    return finding


def contents(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}


async def test_a_whole_cache_is_read_and_not_changed(app_context: AppContext) -> None:
    before = contents(cache_file(app_context))
    finding = await checked(app_context)
    assert finding.state is FindingState.GOOD
    assert "没有损坏" in finding.message
    assert contents(cache_file(app_context)) == before


def flip_data(path: Path) -> None:
    for at in range(3 * 4096 + 1000, path.stat().st_size, 256 * 1024):
        flip(path, at)


def lose(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (flip_data, "cache.damaged"),
        (lambda path: flip(path, 40), "cache.damaged"),
        (lambda path: cut(path, path.stat().st_size // 2), "cache.damaged"),
        (lose, "cache.gone"),
    ],
    ids=["blocks", "header", "half", "gone"],
)
async def test_a_damage_is_found(app_context: AppContext, damage: Callable[[Path], None], code: str) -> None:
    path = cache_file(app_context)
    log_file(path).unlink(missing_ok=True)
    damage(path)
    finding = await checked(app_context)
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, code, False)
    assert CARD in finding.message
    assert finding.hint


async def test_the_pin_is_tried_once(app_context: AppContext) -> None:
    finding = await checked(app_context, "87654321")
    assert finding.code == "card.wrong-pin"
    assert "2 次" in finding.message


async def test_a_cache_in_use_is_not_called_damaged(app_context: AppContext) -> None:
    session = await open_session(app_context, offline=True)
    try:
        finding = await checked(app_context)
    finally:
        await session.close()
    assert finding.code in ("cache.busy", "card.busy") or finding.state is FindingState.GOOD
