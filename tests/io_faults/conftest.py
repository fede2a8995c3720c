"""The rig of a test module."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.io_faults.rig import DiskRig


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory, port_keys: Path, project: Path) -> Iterator[DiskRig]:
    folder = tmp_path_factory.mktemp("io-faults")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "PYTHONPATH": str(project)}
    with DiskRig.open(folder, port_keys, environment) as opened:
        yield opened
