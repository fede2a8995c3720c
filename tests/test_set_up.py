"""Setting up a new machine: the lock files, the messages of make, and the wheel."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-card.lock")


@dataclass(frozen=True)
class Pin:
    version: str
    hashes: frozenset[str]


def _pins(lock: Path) -> dict[str, Pin]:
    """Each pinned requirement of a lock, by name."""
    entries = re.findall(
        r"^([\w.-]+)==([^ \\]+)[^\\\n]*\\\n((?: +--hash=sha256:\S+(?: \\)?\n)+)", lock.read_text("utf-8"), re.MULTILINE
    )
    return {
        canonicalize_name(name): Pin(version, frozenset(re.findall(r"sha256:[0-9a-f]{64}", hashes)))
        for name, version, hashes in entries
    }


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_pins_every_package_with_hashes_and_names_no_index(name: str, project: Path) -> None:
    text = (project / name).read_text("utf-8")
    named = re.findall(r"^[A-Za-z0-9].*", text, re.MULTILINE)
    pins = _pins(project / name)
    assert len(pins) == len(named) > 0
    assert all(pin.hashes for pin in pins.values())
    assert re.search(r"https?:|file:|--(extra-)?index|--find-links", text) is None


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_has_every_dependency_of_the_project(name: str, project: Path) -> None:
    pyproject = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    program, groups = pyproject["project"]["dependencies"], pyproject["dependency-groups"]
    dependencies = {
        "requirements.lock": program,
        "requirements-dev.lock": program + groups["dev"],
        "requirements-card.lock": groups["card"],
    }[name]
    pins = _pins(project / name)
    unmet = [
        requirement
        for requirement in map(Requirement, dependencies)
        if not requirement.specifier.contains(pins[canonicalize_name(requirement.name)].version)
    ]
    assert unmet == []


def test_the_dependency_group_card_equals_the_extra_card(project: Path) -> None:
    pyproject = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    assert pyproject["dependency-groups"]["card"] == pyproject["project"]["optional-dependencies"]["card"]


def test_the_development_lock_file_has_the_versions_of_the_program(project: Path) -> None:
    run, development = (_pins(project / name) for name in LOCKS[:2])
    assert {name: development[name] for name in run} == run


def _make_run(folder: Path, project: Path, python: str) -> "subprocess.CompletedProcess[str]":
    """Runs `make run` in a new checkout. `python` is the shell script that it uses as Python."""
    for name in ("Makefile", *LOCKS):
        shutil.copy(project / name, folder)
    fake = folder / "python"
    fake.write_text(f"#!/bin/sh\n{python}\n")
    fake.chmod(0o755)
    return subprocess.run(
        ["make", "run", f"PYTHON={fake}"], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("python", "message"),
    [
        (
            'case "$*" in *version_info*) exit 1;; -V) echo Python 3.9.2;; esac',
            "Python 3.11 or later is needed, Python 3.9.2",
        ),
        ('case "$*" in *ensurepip*) exit 1;; esac', "apt install python3-venv"),
    ],
)
def test_make_run_reports_in_one_line_what_is_missing(python: str, message: str, tmp_path: Path, project: Path) -> None:
    made = _make_run(tmp_path, project, python)
    assert made.returncode != 0
    (line,) = made.stdout.splitlines()
    assert message in line
    assert not (tmp_path / ".venv").exists()


def test_make_run_without_python_says_how_to_install_it(tmp_path: Path, project: Path) -> None:
    shutil.copy(project / "Makefile", tmp_path)
    shutil.copy(project / "requirements.lock", tmp_path)
    made = subprocess.run(
        ["make", "run", "PYTHON=no-such-python"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert made.returncode != 0
    assert made.stdout.splitlines() == ["Python is missing: apt install python3 python3-venv"]


def test_the_wheel_has_every_data_file_of_the_program(tmp_path: Path, project: Path) -> None:
    source, wheels = tmp_path / "source", tmp_path / "wheels"
    source.mkdir()
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(project / name, source)
    for package in ("jiacha_tui", "screens", "db"):
        shutil.copytree(project / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    wanted = {str(path.relative_to(source)) for path in source.glob("*/**/*") if path.suffix not in ("", ".md")}
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", wheels, source], check=True, timeout=120, capture_output=True)
    (wheel,) = wheels.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert wanted - held == set()
    assert any(name.endswith(".sql") for name in held)
