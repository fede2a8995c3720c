"""Runs programs as on a file system without file locks, which cannot be mounted in a test."""

import os
import subprocess
from pathlib import Path


def build_library(folder: Path) -> Path:
    """Builds what is loaded before libc. Needs gcc."""
    library = folder / "no_locks.so"
    source = Path(__file__).with_suffix(".c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    return library


def without_locks(library: Path, error: int) -> dict[str, str]:
    """The environment of a program whose file locks fail with this number of an error."""
    return {**os.environ, "LD_PRELOAD": str(library), "LOCK_ERRNO": str(error)}
