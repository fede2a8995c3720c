"""Programs that tests of this folder start do not sync after a login, unless a test wants it."""

from pathlib import Path

import pytest

from tests.port_home import NO_SYNC_AT_LOGIN


@pytest.fixture
def child_environment(child_environment: dict[str, str]) -> dict[str, str]:
    """As for all tests, with a configuration in the program's home."""
    home = Path(child_environment["JIACHA_HOME"])
    home.mkdir(parents=True)
    (home / "config.toml").write_text(NO_SYNC_AT_LOGIN, "utf-8")
    return child_environment
