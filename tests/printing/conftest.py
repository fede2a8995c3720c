import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.printing.print_server import PrintServer, running


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's: 108 bytes are all that the kernel takes."""
    folder = Path(tempfile.mkdtemp(prefix="jc-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[PrintServer]:
    """One scheduler for all the tests of a module; those are marked with what it needs."""
    with running() as server:
        yield server


@pytest.fixture
def print_server(scheduler: PrintServer, monkeypatch: pytest.MonkeyPatch) -> PrintServer:
    """The scheduler, found by whoever looks for one, with no paper in its tray."""
    for name, value in scheduler.environment.items():
        monkeypatch.setenv(name, value)
    for sheet in scheduler.paper.iterdir():
        sheet.unlink()
    return scheduler
