"""Isolates every test: its own home folder and environment, and no network except loopback."""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from db import engine
from db.key_file import Argon2Cost, new_passphrase_protection
from jiacha_tui.actions import cache_key
from tests.loopback import stay_on_loopback
from tests.needs import require
from tests.torture.combinations import TORTURE_SEED

_REMOVED_VARIABLES = (
    *("COLORTERM", "COLUMNS", "ESCDELAY", "LINES", "NO_COLOR", "TERM_PROGRAM"),
    *("LANGUAGE", "LC_ALL", "LC_CTYPE"),
    *("SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY", "STY", "TMUX", "TMUX_PANE"),
    *("BROWSER", "CUPS_SERVER", "DISPLAY", "WAYLAND_DISPLAY"),
    *("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHONPATH"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
)
"""Variables of the developer's machine that would influence the tests."""

_UTC_PLUS_8 = "CST-8"
"""China's time in a form that needs no time zone database."""

pytest_plugins = ("tests.port_home",)

EngineSettings = Callable[[engine.EngineLimits], dict[str, Any]]

LOWEST_PASSPHRASE_COST = Argon2Cost(memory_kib=8 * 1024, iterations=1)
"""The lowest cost that a key file may have."""

stay_on_loopback()
hypothesis.settings.register_profile("shared-cores", deadline=None, print_blob=True)
hypothesis.settings.load_profile("shared-cores")


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault(TORTURE_SEED, str(secrets.randbelow(10**9)))  # worker processes inherit it
    config.addinivalue_line("markers", "needs(*parts): the test needs these external programs; see tests/needs.py")


def pytest_report_header() -> str:
    return f"{TORTURE_SEED}={os.environ[TORTURE_SEED]} repeats the sample of the torture test"


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        require(mark.args)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Lists every skipped test: pytest merges those with the same place and reason."""
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.section(f"skipped: {len(skipped)}")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.line(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")


@pytest.fixture(autouse=True)
def own_machine(tmp_path: Path) -> Iterator[None]:
    """A home in `tmp_path`, a common terminal, a UTF-8 locale and China's time.

    Of its folders only those exist that a login makes; the others are for programs to make.
    """
    machine = tmp_path / "machine"
    folders = {
        "HOME": machine,
        "XDG_CACHE_HOME": machine / ".cache",
        "XDG_CONFIG_HOME": machine / ".config",
        "XDG_DATA_HOME": machine / ".local" / "share",
        "XDG_RUNTIME_DIR": machine / "run",
        "XDG_STATE_HOME": machine / ".local" / "state",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in _REMOVED_VARIABLES:
            patch.delenv(name, raising=False)
        folders["XDG_RUNTIME_DIR"].mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, folder in folders.items():
            patch.setenv(name, str(folder))
        patch.setenv("JIACHA_HOME", str(machine / "jiacha"))
        patch.setenv("TERM", "xterm-256color")
        patch.setenv("LANG", "C.UTF-8")
        patch.setenv("TZ", _UTC_PLUS_8)
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(scope="session", autouse=True)
def product_settings() -> Iterator[EngineSettings]:
    """Lets DuckDB load its encryption without hashing its 21 MB first, which is most of the time that a cache opens in.

    Yields the settings of the product, for the test of the signature. Programs that a test starts have them too.
    """
    product = engine._settings
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_settings", lambda limits: {**product(limits), "allow_unsigned_extensions": True})
        yield product


@pytest.fixture(scope="session", autouse=True)
def _lowest_passphrase_cost() -> Iterator[None]:
    """Key files that a passphrase opens have the lowest cost that is accepted: the program's own takes a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache_key, "new_passphrase_protection", lambda: new_passphrase_protection(LOWEST_PASSPHRASE_COST))
        yield


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the checkout."""
    return Path(__file__).parent.parent


@pytest.fixture
def child_environment(own_machine: None, project: Path) -> dict[str, str]:
    """The environment for programs that a test starts: isolated, with the checkout on PYTHONPATH, without pytest's."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return environment | {"PYTHONPATH": str(project)}
