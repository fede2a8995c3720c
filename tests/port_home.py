"""The files of an embedded port, and of a program that has synced with it, made once for tests to copy."""

import asyncio
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cache_recovery import CacheRecovery
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.card.pin_retry_counter import PinRetryCounter
from jiacha_tui.card.softcard import fingerprint, retry_counter_path
from jiacha_tui.demo.demo import make_demo
from jiacha_tui.demo.pin import DEMO_PIN
from tests.app_contexts import TODAY, demo_context, embedded_port

DECLARATIONS = 60
"""How many the port of `synced_home` has, all edge cases among them."""

NO_SYNC_AT_LOGIN = "[sync]\nat_login = false\n"
"""A configuration for tests that look at an empty cache, or at the calls of a sync that they start."""

_MADE_AT_EVERY_START = ("port.db", "port.lock")


@pytest.fixture(scope="session")
def port_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the keys of an embedded port and its demo card, without any declarations. For copies only.

    Its configuration is `NO_SYNC_AT_LOGIN`.
    """
    home = tmp_path_factory.mktemp("port-keys") / "home"
    demo = make_demo(home, 1, today=TODAY)
    demo.close()
    _derive_the_key_quickly(demo.card)
    (home / "config.toml").write_text(NO_SYNC_AT_LOGIN, "utf-8")
    for name in _MADE_AT_EVERY_START:
        (home / "demo" / name).unlink()
    return home


@pytest.fixture
def port_home(port_keys: Path, tmp_path: Path) -> Path:
    """A home of the test's own, with the keys of an embedded port: one that starts there need not make them."""
    return copy_home(port_keys, tmp_path / "home")


@pytest.fixture(scope="session")
def synced_home(port_keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a port with `DECLARATIONS` and of a program that has synced with it. For copies only."""
    home = copy_home(port_keys, tmp_path_factory.mktemp("synced") / "home")

    async def sync_once(app_context: AppContext) -> None:
        session = await open_session(app_context)
        await sync(session, lambda _progress: None, lambda: None)
        await session.close()

    with embedded_port(home, DECLARATIONS) as demo:
        asyncio.run(sync_once(demo_context(demo, home)))
    return home


def copy_home(source: Path, home: Path) -> Path:
    """Copies `source` to `home`, where nothing is yet. Returns `home`."""
    shutil.copytree(source, home)
    return home


async def open_session(
    app_context: AppContext, *, offline: bool = False, recovery: CacheRecovery | None = None
) -> Session:
    """Logs in with the only card of a context of the embedded port."""
    (medium,) = app_context.media()
    return await log_in(
        app_context, medium.medium_id, DEMO_PIN, offline=offline, on_stage=lambda _stage: None, recovery=recovery
    )


def _derive_the_key_quickly(card: Path) -> None:
    """Writes the card file again so that opening it derives its key in one round: the program uses 20,000."""
    key, certificate, others = pkcs12.load_key_and_certificates(card.read_bytes(), DEMO_PIN.encode())
    assert key is not None
    encryption = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(1).build(DEMO_PIN.encode())
    p12 = pkcs12.serialize_key_and_certificates(b"card", key, certificate, others, encryption)  # type: ignore[arg-type]
    card.write_bytes(p12)
    PinRetryCounter(fingerprint=fingerprint(p12)).write(retry_counter_path(card))
