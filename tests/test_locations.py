from pathlib import Path

import pytest

from jiacha_tui.declaration.card_number import BadCardNumber
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.locations import HOME_VARIABLE, Locations, resolve_locations


def test_the_option_comes_first_then_the_variable_then_the_platforms_data_folder(tmp_path: Path) -> None:
    environ = {HOME_VARIABLE: str(tmp_path / "variable")}
    assert resolve_locations(tmp_path / "option", environ).home == tmp_path / "option"
    assert resolve_locations(None, environ).home == tmp_path / "variable"
    for nothing in ({}, {HOME_VARIABLE: ""}):
        assert resolve_locations(None, nothing).home == tmp_path / "machine" / ".local" / "share" / "jiacha"


def test_the_home_is_absolute_and_knows_the_users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve_locations(Path("here"), {}).home == tmp_path / "here"
    assert resolve_locations(None, {HOME_VARIABLE: "~/there"}).home == tmp_path / "machine" / "there"


def test_nobodys_home_is_said() -> None:
    with pytest.raises(Problem) as problem:
        resolve_locations(Path("~nobody-of-that-name/x"), {})
    assert problem.value.code == "home.unknown"


def test_everything_lies_under_the_home_and_apart(tmp_path: Path) -> None:
    found = Locations(tmp_path)
    paths = [found.config_file, found.caches, found.old_caches, found.downloads, found.demo]
    assert {path.parent for path in paths} == {tmp_path}
    assert len(set(paths)) == len(paths)


def test_asking_makes_nothing(tmp_path: Path) -> None:
    found = resolve_locations(tmp_path / "home", {})
    assert found.cache("JJ0G900000001") == tmp_path / "home" / "caches" / "JJ0G900000001"
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("card_number", ["", ".", "..", "../x", "a/b", "/etc", "a\0b", "卡"])
def test_a_card_number_leads_nowhere_else(tmp_path: Path, card_number: str) -> None:
    with pytest.raises(BadCardNumber):
        Locations(tmp_path).cache(card_number)
