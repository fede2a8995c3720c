"""The command lines that messages tell the operator to type."""

import sys
from pathlib import Path

import pytest

from jiacha_tui.locations import resolve_locations
from jiacha_tui.shell_command import shell_command


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    return {"PATH": str(tmp_path / "bin"), "JIACHA_HOME": str(tmp_path / "home")}


def test_a_home_that_is_not_the_default_is_part_of_the_command(machine: dict[str, str], tmp_path: Path) -> None:
    command = shell_command("card", "reset", home=tmp_path / "home", environ=machine)
    assert command == f"{sys.executable} -m jiacha_tui card reset --home {tmp_path / 'home'}"
    assert "'" in shell_command(home=Path("/a b"), environ=machine), "a path with a space must be quoted"


def test_the_default_home_is_not_part_of_the_command(machine: dict[str, str]) -> None:
    assert shell_command("card", "reset", home=resolve_locations(None, {}).home, environ=machine).endswith(
        " card reset"
    )


def test_the_command_is_short_where_path_has_the_script_of_this_installation(
    machine: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, found = tmp_path / "environment" / "jiacha", tmp_path / "bin" / "jiacha"
    for folder in (script.parent, found.parent):
        folder.mkdir()
    script.write_text("#!/bin/sh\n", encoding="ascii")
    script.chmod(0o755)
    found.symlink_to(script)
    home = resolve_locations(None, {}).home
    assert shell_command("card", "reset", home=home, environ=machine) != "jiacha card reset", (
        "that script belongs to another installation"
    )
    monkeypatch.setattr(sys, "executable", str(script.with_name("python")))
    assert shell_command("card", "reset", home=home, environ=machine) == "jiacha card reset"
