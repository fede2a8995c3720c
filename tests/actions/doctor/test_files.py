"""The configuration file and the folders of the program."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiacha_tui.actions.doctor import files
from jiacha_tui.actions.doctor.files import check_config, check_folders
from jiacha_tui.actions.doctor.finding import Area, FindingState
from jiacha_tui.config_errors import ConfigProblem
from jiacha_tui.declaration.problem import Problem
from tests.actions.doctor.contexts import doctor_context, only_finding, run_check

_NOBODY = 65534


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Runs the block without the rights of root, who may write anywhere."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(_NOBODY)
    yield
    if root:
        os.seteuid(0)


def test_a_home_that_does_not_exist_yet_is_good_and_is_not_created(tmp_path: Path) -> None:
    finding = only_finding(check_folders, doctor_context(tmp_path / "a" / "b"))
    assert finding.state is FindingState.GOOD
    assert "首次使用时建立" in finding.message
    assert list(tmp_path.glob("a")) == []


def test_a_home_that_the_program_can_use_is_good_and_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    finding = only_finding(check_folders, doctor_context(tmp_path))
    assert finding.state is FindingState.GOOD
    assert str(tmp_path) in finding.message
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_home_that_others_can_write_to_is_broken_but_not_blocking(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    finding = only_finding(check_folders, doctor_context(tmp_path))
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, "home.open-to-others", False)
    assert "chmod" in finding.hint


def test_a_file_in_place_of_the_home_is_blocking(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    finding = only_finding(check_folders, doctor_context(tmp_path / "file"))
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, "home.not-a-folder", True)


def test_a_home_without_write_permission_is_blocking() -> None:
    with as_nobody():
        finding = only_finding(check_folders, doctor_context(Path("/usr/jiacha")))
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, "home.no-access", True)


def test_a_disk_without_free_space_is_blocking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_MIN_FREE_BYTES", 1 << 62)
    finding = only_finding(check_folders, doctor_context(tmp_path))
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, "home.disk-full", True)


def test_a_configured_folder_for_downloads_is_checked_too(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    _, downloads = run_check(check_folders, doctor_context(tmp_path, '[downloads]\nfolder = "file"\n'))
    assert (downloads.area, downloads.state, downloads.blocking) == (Area.DOWNLOADS, FindingState.BROKEN, False)


def test_a_missing_configuration_file_is_good(tmp_path: Path) -> None:
    assert only_finding(check_config, doctor_context(tmp_path)).state is FindingState.GOOD


def test_a_correct_configuration_file_is_reported_with_its_name(tmp_path: Path) -> None:
    finding = only_finding(check_config, doctor_context(tmp_path, "[session]\nlock_minutes = 5\n"))
    assert finding.state is FindingState.GOOD
    assert "config.toml" in finding.message


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[sesion]\n", ConfigProblem),
        ("[session]\nlock_minutes = 0\n", ConfigProblem),
        ('[port.assumptions]\nno_such = "x"\n', Problem),
    ],
)
def test_a_faulty_configuration_file_raises_the_same_problem_as_a_start(
    tmp_path: Path, text: str, problem: type[Problem]
) -> None:
    with pytest.raises(problem):
        only_finding(check_config, doctor_context(tmp_path, text))


def test_other_checks_use_the_default_configuration_where_the_file_is_faulty(tmp_path: Path) -> None:
    assert doctor_context(tmp_path, "[sesion]\n").config().card.control_url == "ws://127.0.0.1:61232"
