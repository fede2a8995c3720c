import os
from pathlib import Path

import pytest

from db.cache import Cache
from db.key import KeyFileOwner, wrap_for_pin
from jiacha_tui.actions.doctor import caches, engine
from jiacha_tui.actions.doctor.finding import Finding, FindingState
from tests.actions.doctor.contexts import at, looked, only
from tests.db.other_program import KEY, other_program, read_line

CARD, OTHER_CARD = "JJ0G900000001", "JJ0G900000002"
CHEAP = 2**15


@pytest.fixture(autouse=True)
def own_umask() -> None:
    os.umask(os.umask(0o022))


def key_file(card_number: str) -> bytes:
    return wrap_for_pin(KEY, KeyFileOwner(card_number, "01691f7f"), lambda: b"12345678", CHEAP)


def make_cache(home: Path, card_number: str = CARD) -> Path:
    """The folder of a card with a cache that nobody has open."""
    folder = home / "caches" / card_number
    umask = os.umask(0o077)
    Cache.open(folder / "cache.duckdb", KEY).close()
    os.umask(umask)
    (folder / "key.json").write_bytes(key_file(card_number))
    return folder


def found(home: Path) -> Finding:
    return only(caches.look, at(home))


def everything_in(folder: Path) -> dict[Path, tuple[int, int, bytes]]:
    return {
        path: (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in (folder, *folder.rglob("*"))
    }


def test_there_is_none_at_first(tmp_path: Path) -> None:
    assert found(tmp_path / "home").state is FindingState.GOOD
    assert not (tmp_path / "home").exists()


def test_a_cache_is_told_by_its_card_with_size_and_version_and_stays_as_it_is(tmp_path: Path) -> None:
    folder = make_cache(tmp_path)
    (folder / "key.json").chmod(0o644)
    before = everything_in(tmp_path)
    finding = found(tmp_path)
    assert finding.state is FindingState.GOOD
    assert CARD in finding.message
    assert "KB" in finding.message
    assert "DuckDB v" in finding.message
    assert everything_in(tmp_path) == before


def test_one_that_another_program_holds_is_told_with_its_number(
    tmp_path: Path, child_environment: dict[str, str]
) -> None:
    folder = make_cache(tmp_path)
    with other_program("hold", folder / "cache.duckdb", child_environment) as child:
        assert read_line(child) == "open"
        finding = found(tmp_path)
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, "cache.busy", True)
    assert str(child.pid) in finding.message


def test_one_that_cannot_be_opened_stops_nobody_who_has_another(tmp_path: Path) -> None:
    make_cache(tmp_path)
    (make_cache(tmp_path, OTHER_CARD) / "key.json").unlink()
    good, lost = looked(caches.look, at(tmp_path))
    assert (good.state, lost.state, lost.code) == (FindingState.GOOD, FindingState.BROKEN, "key.lost")
    assert not lost.blocking


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("key.json", b"{", "key.damaged"),
        ("key.json", key_file(OTHER_CARD), "key.other-card"),
        ("cache.duckdb", bytes(1 << 16), "cache.damaged"),
    ],
)
def test_what_a_login_would_stumble_over_is_told_before_with_what_it_offers_then(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (make_cache(tmp_path) / name).write_bytes(content)
    finding = found(tmp_path)
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, code, False)
    assert "登录时另建缓存" in finding.hint


def test_what_no_login_can_get_past_stops(tmp_path: Path) -> None:
    key = make_cache(tmp_path) / "key.json"
    key.write_bytes(key.read_bytes().replace(b'"version": 1', b'"version": 99'))
    assert (found(tmp_path).code, found(tmp_path).blocking) == ("key.too-new", True)


def test_a_key_without_a_cache_is_where_the_first_login_was_cut_off(tmp_path: Path) -> None:
    (make_cache(tmp_path) / "cache.duckdb").unlink()
    assert found(tmp_path).state is FindingState.GOOD


def test_what_is_no_cards_folder_is_left_aside(tmp_path: Path) -> None:
    (tmp_path / "caches" / "lost+found").mkdir(parents=True)
    assert found(tmp_path).message.startswith("还没有缓存")


def test_the_engine_can_encrypt(tmp_path: Path) -> None:
    assert only(engine.look, at(tmp_path)).state is FindingState.GOOD
