"""Programs that tests of this folder start find the keys of their embedded port made."""

from pathlib import Path

import pytest

from tests.port_home import copy_home


@pytest.fixture
def child_environment(child_environment: dict[str, str], port_keys: Path) -> dict[str, str]:
    """As for all tests, with the keys of an embedded port in the program's home."""
    copy_home(port_keys, Path(child_environment["JIACHA_HOME"]))
    return child_environment
