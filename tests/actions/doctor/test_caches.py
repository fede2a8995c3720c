import os
import re
from pathlib import Path

import pytest

from db.cache import Cache
from db.key_file import (
    CardProtection,
    KeyFileOwner,
    KeyProtection,
    new_passphrase_protection,
    new_signature_protection,
    wrap_key,
)
from jiacha_tui.actions.doctor.caches import check_caches, check_engine
from jiacha_tui.actions.doctor.finding import Finding, FindingState
from jiacha_tui.card_encryption import SecretScheme
from tests.actions.doctor.contexts import doctor_context, only_finding, run_check
from tests.db.old_key_files import old_file_for_pin
from tests.db.other_program import KEY, other_program, read_line

CARD, OTHER_CARD = "JJ0G900000001", "JJ0G900000002"


@pytest.fixture(autouse=True)
def usual_umask() -> None:
    os.umask(os.umask(0o022))


def key_file(card_number: str) -> bytes:
    return wrap_key(KEY, KeyFileOwner(card_number, "01691f7f"), new_signature_protection(), bytes(32)).encode()


def make_cache(home: Path, card_number: str = CARD) -> Path:
    """The folder of a card with a cache that no program has open."""
    folder = home / "caches" / card_number
    umask = os.umask(0o077)
    Cache.open(folder / "cache.duckdb", KEY).close()
    os.umask(umask)
    (folder / "key.json").write_bytes(key_file(card_number))
    return folder


def cache_finding(home: Path) -> Finding:
    return only_finding(check_caches, doctor_context(home))


def everything_in(folder: Path) -> dict[Path, tuple[int, int, bytes]]:
    return {
        path: (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in (folder, *folder.rglob("*"))
    }


def test_without_a_cache_all_is_good_and_no_folder_is_created(tmp_path: Path) -> None:
    assert cache_finding(tmp_path / "home").state is FindingState.GOOD
    assert not (tmp_path / "home").exists()


def test_a_cache_is_reported_with_card_number_size_and_version_and_stays_unchanged(tmp_path: Path) -> None:
    folder = make_cache(tmp_path)
    (folder / "key.json").chmod(0o644)
    before = everything_in(tmp_path)
    finding = cache_finding(tmp_path)
    assert finding.state is FindingState.GOOD
    assert CARD in finding.message
    assert re.search(r"\d [KM]B，", finding.message)
    assert "DuckDB v" in finding.message
    assert everything_in(tmp_path) == before


@pytest.mark.parametrize("size", [None, 0, 8192])
def test_a_cache_that_is_gone_while_its_key_file_is_there_is_reported(tmp_path: Path, size: int | None) -> None:
    cache = make_cache(tmp_path) / "cache.duckdb"
    if size is None:
        cache.unlink()
    else:
        os.truncate(cache, size)
    finding = cache_finding(tmp_path)
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, "cache.gone", False)


OWNER = KeyFileOwner(CARD, "01691f7f")


def protected_by(protection: KeyProtection) -> bytes:
    return wrap_key(KEY, OWNER, protection, bytes(32)).encode()


@pytest.mark.parametrize(
    ("content", "way"),
    [
        (protected_by(new_signature_protection()), "密钥由卡的签名导出"),
        (protected_by(CardProtection(SecretScheme.CERTIFICATE, b"", "")), "密钥由卡解密"),
        (protected_by(CardProtection(SecretScheme.CONTROL_OWN, b"", "")), "密钥由卡经控件解密"),
        (protected_by(new_passphrase_protection()), "密钥由缓存口令保护"),
        (old_file_for_pin(KEY, OWNER, b"12345678"), "密钥由卡的密码保护（旧版本，下次登录时改掉）"),
    ],
)
def test_the_protection_of_the_key_is_named(tmp_path: Path, content: bytes, way: str) -> None:
    (make_cache(tmp_path) / "key.json").write_bytes(content)
    finding = cache_finding(tmp_path)
    assert finding.state is FindingState.GOOD
    assert f"{way}，" in finding.message


def test_a_cache_that_another_program_has_open_is_reported_with_its_process_id(
    tmp_path: Path, child_environment: dict[str, str]
) -> None:
    folder = make_cache(tmp_path)
    with other_program("hold", folder / "cache.duckdb", child_environment) as child:
        assert read_line(child) == "open"
        finding = cache_finding(tmp_path)
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, "cache.busy", True)
    assert str(child.pid) in finding.message


def test_an_unusable_cache_is_not_blocking_where_another_can_be_opened(tmp_path: Path) -> None:
    make_cache(tmp_path)
    (make_cache(tmp_path, OTHER_CARD) / "key.json").unlink()
    good, lost = run_check(check_caches, doctor_context(tmp_path))
    assert (good.state, lost.state, lost.code) == (FindingState.GOOD, FindingState.BROKEN, "key.lost")
    assert not lost.blocking


def test_a_cache_that_is_gone_with_its_key_file_is_reported(tmp_path: Path) -> None:
    folder = make_cache(tmp_path)
    (folder / "state.bin").write_bytes(b"left")
    (folder / "key.json").unlink()
    (folder / "cache.duckdb").unlink()
    assert cache_finding(tmp_path).code == "key.lost"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("key.json", b"{", "key.damaged"),
        ("key.json", key_file(OTHER_CARD), "key.other-card"),
        ("cache.duckdb", bytes(1 << 16), "cache.damaged"),
    ],
)
def test_a_cache_that_a_login_can_replace_is_broken_but_not_blocking(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (make_cache(tmp_path) / name).write_bytes(content)
    finding = cache_finding(tmp_path)
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, code, False)
    assert "另建缓存" in finding.hint


def test_a_key_file_of_a_newer_version_asks_for_an_upgrade_and_is_not_blocking(tmp_path: Path) -> None:
    key = make_cache(tmp_path) / "key.json"
    key.write_bytes(key.read_bytes().replace(b'"version": 2', b'"version": 99'))
    finding = cache_finding(tmp_path)
    assert (finding.code, finding.blocking) == ("key.too-new", False), "a login can start a new cache"
    assert "升级" in finding.hint


def test_a_folder_that_is_not_named_by_a_card_number_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "caches" / "lost+found").mkdir(parents=True)
    assert cache_finding(tmp_path).message.startswith("还没有缓存")


def test_the_engine_can_write_encrypted_files(tmp_path: Path) -> None:
    assert only_finding(check_engine, doctor_context(tmp_path)).state is FindingState.GOOD
