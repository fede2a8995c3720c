"""A CUPS server for the tests that print."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.printing.print_server import PrintServer, running_print_server


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder with a short path: the path of a socket in it may have at most 108 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="jc-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[PrintServer]:
    """One CUPS scheduler for all tests of a module, which are marked with what it needs."""
    with running_print_server() as server:
        yield server


@pytest.fixture
def print_server(scheduler: PrintServer, monkeypatch: pytest.MonkeyPatch) -> PrintServer:
    """The scheduler, with the environment variables that lead to it set, and no printed documents."""
    for name, value in scheduler.environment.items():
        monkeypatch.setenv(name, value)
    for sheet in scheduler.paper.iterdir():
        sheet.unlink()
    return scheduler
