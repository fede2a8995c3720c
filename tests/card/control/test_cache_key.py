"""The cache of a card of the control: every way to its key, after a change of the PIN too, and old key files."""

import asyncio
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from db.cache import Cache
from db.key import new_key
from db.key_file import KeyFileOwner
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cache_recovery import (
    CacheRecovery,
    NewCache,
    Passphrase,
    PassphraseChoice,
    PreviousPin,
    SessionOnly,
    TrustKeyFile,
)
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.problems import CacheRecoveryNeeded, PassphraseNeeded
from jiacha_tui.actions.session import Session
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.problems import WrongPin
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.model import Declaration, Head, Origin, Summary
from jiacha_tui.demo.demo import make_demo
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.rtx_message_writer import write_rtx_message
from tests.app_contexts import TODAY, demo_context
from tests.card.control.simulator import Simulator
from tests.db.old_key_files import old_file_for_pin
from tests.db.other_program import KEY, other_program, read_line

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("gmssl_pyx") is None, reason="gmssl-pyx, which the SM2 card needs, is not installed"
)
NEW_PIN = "Neu-8765"
MARKER = "was here"
PASSPHRASE = "kmxt-93pd-rw7q"
NOTHING = "encryption no-encrypt no-decrypt no-certificate"
"""A control that neither encrypts nor decrypts."""


@pytest.fixture
def app_context(simulator: Simulator, simulator_home: Path, tmp_path: Path) -> Iterator[AppContext]:
    demo = make_demo(simulator_home, 20, today=TODAY)
    yield replace(demo_context(demo, tmp_path / "home"), media=lambda: (ControlMedium(simulator.url),))
    demo.close()


async def open_session(
    app_context: AppContext,
    pin: str = DEMO_PIN,
    recovery: CacheRecovery | None = None,
    passphrase: PassphraseChoice | None = None,
) -> Session:
    (medium,) = app_context.media()
    return await log_in(
        app_context,
        medium.medium_id,
        pin,
        offline=True,
        on_stage=lambda _stage: None,
        recovery=recovery,
        passphrase=passphrase,
    )


async def markers(
    app_context: AppContext,
    pin: str = DEMO_PIN,
    recovery: CacheRecovery | None = None,
    passphrase: PassphraseChoice | None = None,
) -> int:
    """Logs in offline and writes a marker into the journal. Returns how many were in it before."""
    session = await open_session(app_context, pin, recovery, passphrase)
    before = [entry.message for entry in session.journal.recent(20) if entry.kind is JournalKind.QUERY]
    session.journal.write(JournalKind.QUERY, (), Outcome.DONE, MARKER)
    await session.close()
    return before.count(MARKER)


def key_files(app_context: AppContext) -> list[Path]:
    return list(app_context.locations.caches.glob("*/key.json"))


def protection(app_context: AppContext) -> str:
    (file,) = key_files(app_context)
    protected = json.loads(file.read_bytes())["protection"]
    return str(protected.get("scheme", protected["protected_by"]))


@pytest.mark.parametrize(
    ("card", "command", "way"),
    [
        ("other", "padding pkcs1v15", "control-pkcs1v15"),
        ("other", "encryption no-certificate", "control"),
        ("other", NOTHING, "signature"),
        ("other", "encryption echo", "signature"),
        ("sm2", "encryption", "control"),
        ("sm2", NOTHING, "passphrase"),
    ],
)
async def test_every_way_opens_the_cache_again_also_after_a_change_of_the_pin(
    simulator: Simulator, app_context: AppContext, card: str, command: str, way: str
) -> None:
    simulator.run(f"insert {card}")
    simulator.run(command)
    passphrase = Passphrase(PASSPHRASE) if way == "passphrase" else None
    assert await markers(app_context, passphrase=passphrase) == 0
    assert protection(app_context) == way
    before = key_files(app_context)[0].read_bytes()
    assert simulator.run(f"pin {DEMO_PIN} {NEW_PIN}") == "ok"
    with pytest.raises(WrongPin):
        await markers(app_context, passphrase=passphrase)
    assert await markers(app_context, NEW_PIN, passphrase=passphrase) == 1
    assert key_files(app_context)[0].read_bytes() == before


async def test_a_passphrase_is_asked_for_and_a_weak_one_refused(simulator: Simulator, app_context: AppContext) -> None:
    simulator.run("insert sm2")
    simulator.run(NOTHING)
    for weak, code in (
        (None, "passphrase.needed"),
        ("short", "passphrase.weak"),
        (f"{DEMO_PIN}-abcdef", "passphrase.weak"),
    ):
        with pytest.raises(PassphraseNeeded) as needed:
            await markers(app_context, passphrase=Passphrase(weak) if weak else None)
        assert (needed.value.code, needed.value.is_new, needed.value.can_skip) == (code, True, True)
        assert not key_files(app_context)
    assert await markers(app_context, passphrase=Passphrase(PASSPHRASE)) == 0
    for wrong, code in ((None, "passphrase.needed"), (f"{PASSPHRASE}x", "passphrase.wrong"), ("", "passphrase.wrong")):
        with pytest.raises(PassphraseNeeded) as needed:
            await markers(app_context, passphrase=None if wrong is None else Passphrase(wrong))
        assert (needed.value.code, needed.value.is_new) == (code, False)
        assert PASSPHRASE not in f"{needed.value!r}{needed.value}"
    assert await markers(app_context, passphrase=Passphrase(PASSPHRASE)) == 1


async def test_a_forgotten_passphrase_leaves_only_a_new_cache(simulator: Simulator, app_context: AppContext) -> None:
    simulator.run("insert sm2")
    simulator.run(NOTHING)
    assert await markers(app_context, passphrase=Passphrase(PASSPHRASE)) == 0
    with pytest.raises(PassphraseNeeded) as needed:
        await markers(app_context, recovery=NewCache())
    assert needed.value.is_new
    assert not app_context.locations.old_caches.exists(), "nothing is moved before the new passphrase is known"
    assert await markers(app_context, recovery=NewCache(), passphrase=Passphrase(PASSPHRASE[::-1])) == 0
    assert len(list(app_context.locations.old_caches.iterdir())) == 1
    assert await markers(app_context, passphrase=Passphrase(PASSPHRASE[::-1])) == 1


async def test_a_cache_for_the_session_leaves_nothing_behind(
    simulator: Simulator, app_context: AppContext, child_environment: dict[str, str]
) -> None:
    simulator.run("insert sm2")
    simulator.run(NOTHING)
    folder = app_context.locations.session_caches
    in_use, killed = folder / "in-use", folder / "killed"
    for left in (in_use, killed):
        left.mkdir(parents=True)
        Cache.open(left / "cache.duckdb", KEY).close()
    with other_program("hold", in_use / "cache.duckdb", child_environment) as child:
        assert read_line(child) == "open"
        session = await open_session(app_context, passphrase=SessionOnly())
        assert any("本次不留缓存" in warning and "没有记录可查" in warning for warning in session.warnings)
        (own,) = set(folder.iterdir()) - {in_use}
        assert own.stat().st_mode & 0o777 == 0o700
        session.journal.write(JournalKind.QUERY, (), Outcome.DONE, MARKER)
        await session.close()
        assert list(folder.iterdir()) == [in_use], "another program uses that one"
    assert not key_files(app_context)


@pytest.mark.parametrize(
    ("card", "command", "way", "changed_pin"),
    [
        ("other", "encryption", "control-pkcs1v15", False),
        ("other", NOTHING, "signature", True),
        ("sm2", NOTHING, "passphrase", True),
    ],
)
async def test_a_file_that_the_pin_opened_is_protected_by_the_best_way_instead(
    simulator: Simulator, app_context: AppContext, card: str, command: str, way: str, *, changed_pin: bool
) -> None:
    simulator.run(f"insert {card}")
    simulator.run(command)
    (medium,) = app_context.media()
    identity = await medium.read_identity()
    assert identity is not None
    key, path = new_key(), app_context.locations.key_file(identity.card_number)
    path.parent.mkdir(parents=True)
    Cache.open(app_context.locations.cache_file(identity.card_number), key).close()
    old_file = old_file_for_pin(key, KeyFileOwner(identity.card_number, identity.certificate_serial), DEMO_PIN.encode())
    path.write_bytes(old_file)
    pin, recovery = DEMO_PIN, None
    if changed_pin:
        simulator.run(f"pin {DEMO_PIN} {NEW_PIN}")
        pin, recovery = NEW_PIN, PreviousPin(DEMO_PIN)
        with pytest.raises(CacheRecoveryNeeded) as refused:
            await markers(app_context, pin)
        assert refused.value.previous_pin_helps
    if way == "passphrase":
        with pytest.raises(PassphraseNeeded) as needed:
            await markers(app_context, pin, recovery)
        assert (needed.value.is_new, needed.value.can_skip) == (True, False)
        assert path.read_bytes() == old_file
    passphrase = Passphrase(PASSPHRASE) if way == "passphrase" else None
    with pytest.raises(CacheRecoveryNeeded) as unconfirmed:
        await markers(app_context, pin, recovery, passphrase)
    assert unconfirmed.value.trust_helps
    assert await markers(app_context, pin, TrustKeyFile(), passphrase) == 0
    assert protection(app_context) == way
    assert await markers(app_context, pin, passphrase=passphrase) == 1
    everything = b"".join(file.read_bytes() for file in app_context.locations.home.rglob("*") if file.is_file())
    for name in ("salt", "nonce", "ciphertext"):
        assert json.loads(old_file)["key"][name].encode() not in everything


async def test_an_import_asks_for_the_passphrase_of_an_existing_cache(
    simulator: Simulator, app_context: AppContext, tmp_path: Path, child_environment: dict[str, str]
) -> None:
    simulator.run("insert sm2")
    simulator.run(NOTHING)
    declaration = Declaration(
        Summary(entry_id="223320250000000001"), Head(entry_id="223320250000000001"), (), Origin.FILE
    )
    (tmp_path / "one.xml").write_bytes(write_rtx_message([declaration]))
    app_context.locations.home.mkdir()
    app_context.locations.config_file.write_text(f'[card]\ncontrol_url = "{simulator.url}"\n')

    def run_import() -> tuple[int, str]:
        home = app_context.locations.home
        done = subprocess.run(
            [sys.executable, "-m", "jiacha_tui", "--home", str(home), "import", str(tmp_path / "one.xml")],
            input=f"{DEMO_PIN}\n{PASSPHRASE}\n",
            env=child_environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert PASSPHRASE not in done.stdout + done.stderr
        return done.returncode, done.stdout + done.stderr

    exit_code, output = await asyncio.to_thread(run_import)
    assert exit_code == 1
    assert "passphrase.needed" in output
    assert "请在登录画面设一个缓存口令" in output
    assert await markers(app_context, passphrase=Passphrase(PASSPHRASE)) == 0
    exit_code, output = await asyncio.to_thread(run_import)
    assert exit_code == 0, output
    assert "新增 1 票" in output
