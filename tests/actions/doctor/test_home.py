import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiacha_tui.actions.doctor import configuration, home
from jiacha_tui.actions.doctor.finding import Area, FindingState
from jiacha_tui.config_errors import ConfigProblem
from jiacha_tui.declaration.problem import Problem
from tests.actions.doctor.contexts import at, looked, only

_NOBODY = 65534


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, which may write anywhere."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(_NOBODY)
    yield
    if root:
        os.seteuid(0)


def test_a_home_that_is_still_to_be_made_is_good_and_not_made(tmp_path: Path) -> None:
    finding = only(home.look, at(tmp_path / "a" / "b"))
    assert finding.state is FindingState.GOOD
    assert "首次使用时建立" in finding.message
    assert list(tmp_path.glob("a")) == []


def test_a_home_of_ours_is_good_and_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    finding = only(home.look, at(tmp_path))
    assert finding.state is FindingState.GOOD
    assert str(tmp_path) in finding.message
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_home_that_others_may_write_to_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    finding = only(home.look, at(tmp_path))
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, "home.open-to-others", False)
    assert "chmod" in finding.hint


def test_a_home_under_a_file_stops(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    finding = only(home.look, at(tmp_path / "file"))
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, "home.not-a-folder", True)


def test_a_home_that_may_not_be_written_to_stops() -> None:
    with as_nobody():
        finding = only(home.look, at(Path("/usr/jiacha")))
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, "home.no-access", True)


def test_a_disk_without_room_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "_LEAST_ROOM", 1 << 62)
    finding = only(home.look, at(tmp_path))
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, "home.disk-full", True)


def test_a_folder_for_downloads_is_looked_at_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    _, downloads = looked(home.look, at(tmp_path, '[downloads]\nfolder = "file"\n'))
    assert (downloads.area, downloads.state, downloads.blocking) == (Area.DOWNLOADS, FindingState.BROKEN, False)


def test_no_configuration_is_the_default_one(tmp_path: Path) -> None:
    assert only(configuration.look, at(tmp_path)).state is FindingState.GOOD


def test_a_right_configuration_is_named(tmp_path: Path) -> None:
    finding = only(configuration.look, at(tmp_path, "[session]\nlock_minutes = 5\n"))
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
def test_a_wrong_one_is_told_as_a_start_would(tmp_path: Path, text: str, problem: type[Problem]) -> None:
    with pytest.raises(problem):
        only(configuration.look, at(tmp_path, text))


def test_the_other_looks_go_on_with_the_default(tmp_path: Path) -> None:
    assert at(tmp_path, "[sesion]\n").config().card.control_url == "ws://127.0.0.1:61232"
