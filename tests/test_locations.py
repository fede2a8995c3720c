"""The home folder and the paths in it."""

from pathlib import Path

import pytest

from jiacha_tui.declaration.card_number import BadCardNumber
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.locations import HOME_VARIABLE, Locations, resolve_locations


def test_the_option_precedes_the_variable_and_the_variable_the_default_folder(tmp_path: Path) -> None:
    environ = {HOME_VARIABLE: str(tmp_path / "variable")}
    assert resolve_locations(tmp_path / "option", environ).home == tmp_path / "option"
    assert resolve_locations(None, environ).home == tmp_path / "variable"
    for environ_without_home in ({}, {HOME_VARIABLE: ""}):
        assert (
            resolve_locations(None, environ_without_home).home == tmp_path / "machine" / ".local" / "share" / "jiacha"
        )


def test_the_home_is_absolute_and_may_start_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve_locations(Path("here"), {}).home == tmp_path / "here"
    assert resolve_locations(None, {HOME_VARIABLE: "~/there"}).home == tmp_path / "machine" / "there"


def test_a_tilde_of_an_unknown_user_raises_a_problem() -> None:
    with pytest.raises(Problem) as problem:
        resolve_locations(Path("~nobody-of-that-name/x"), {})
    assert problem.value.code == "home.unknown"


def test_all_paths_are_different_and_in_the_home(tmp_path: Path) -> None:
    found = Locations(tmp_path)
    paths = [found.config_file, found.caches, found.old_caches, found.downloads, found.demo]
    assert {path.parent for path in paths} == {tmp_path}
    assert len(set(paths)) == len(paths)


def test_no_folder_is_created(tmp_path: Path) -> None:
    found = resolve_locations(tmp_path / "home", {})
    assert found.cache("JJ0G900000001") == tmp_path / "home" / "caches" / "JJ0G900000001"
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("card_number", ["", ".", "..", "../x", "a/b", "/etc", "a\0b", "卡"])
def test_a_card_number_cannot_lead_out_of_the_folder(tmp_path: Path, card_number: str) -> None:
    with pytest.raises(BadCardNumber):
        Locations(tmp_path).cache(card_number)
