"""Machines without pyscard, the PC/SC library or its service: each gets one helpful line and no other output."""

import subprocess
import sys
from pathlib import Path

import pytest

from jiacha_tui.card.pcsc.problems import PcscProblem, PyscardMissing
from jiacha_tui.card.pcsc.scard import raise_for_code
from tests.needs import PARTS, needs

SCRIPT = """
import asyncio
from jiacha_tui.card.pcsc.medium import PcscMedium
from jiacha_tui.card.problems import CardProblem
{before}
async def main():
    medium = PcscMedium()
    try:
        await medium.read_identity()
    except CardProblem as problem:
        print(problem.code)
    async for _ in medium.changes():
        break
asyncio.run(main())
"""

NO_PYSCARD = """
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "smartcard" else find(name, package)
"""

NO_LIBRARY = """
import ctypes
def missing(name, *_arguments, **_options):
    raise OSError(f"{name}: cannot open shared object file: No such file or directory")
ctypes.CDLL = missing
"""

BUILT_WITH = ("gcc", "Python.h", "libpcsclite-dev")


def _output(before: str, environment: dict[str, str]) -> tuple[str, str]:
    """Runs the script. Returns all of its standard output and standard error, C libraries included."""
    code = SCRIPT.format(before=before)
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=30, check=True
    )
    return run.stdout, run.stderr


@pytest.mark.parametrize(("lacks", "code"), [(NO_PYSCARD, "pcsc.no-pyscard"), (NO_LIBRARY, "pcsc.no-library")])
@needs("libpcsclite-dev")
def test_a_missing_library_is_reported_in_one_line(lacks: str, code: str, child_environment: dict[str, str]) -> None:
    assert _output(lacks, child_environment) == (f"{code}\n", "")


@needs("libpcsclite-dev")
def test_a_service_that_does_not_run_is_reported(child_environment: dict[str, str], tmp_path: Path) -> None:
    environment = child_environment | {"PCSCLITE_CSOCK_NAME": str(tmp_path / "none.sock")}
    assert _output("", environment) == ("pcsc.no-service\n", "")


@pytest.mark.parametrize(
    ("code", "shown"), [(0x8010006A, "pcsc.denied"), (-0x7FEFFF96, "pcsc.denied"), (0x80100001, "0x80100001")]
)
def test_every_error_code_of_the_service_becomes_a_problem(code: int, shown: str) -> None:
    with pytest.raises(PcscProblem, match=shown):
        raise_for_code(code)


@needs(*BUILT_WITH)
def test_the_hint_names_every_package_that_pyscard_is_built_with() -> None:
    packages = {part.package for part in PARTS if part.name in BUILT_WITH}
    assert len(packages) == len(BUILT_WITH)
    assert all(package in PyscardMissing().hint for package in packages)
