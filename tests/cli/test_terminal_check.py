import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from jiacha_tui.cli import dependencies
from jiacha_tui.cli.terminal_check import Locale, locale_name, locale_of
from tests.cli.terminals import terminal


@pytest.mark.parametrize(
    ("name", "locale"),
    [
        ("", Locale.UNSET),
        ("C", Locale.C),
        ("POSIX", Locale.C),
        ("C.UTF-8", Locale.UTF_8),
        ("zh_CN.utf8", Locale.UTF_8),
        ("zh_CN.UTF-8@pinyin", Locale.UTF_8),
        ("zh_CN.GB18030", Locale.OTHER),
        ("zh_CN", Locale.OTHER),
        ("en_US.ISO-8859-1", Locale.OTHER),
    ],
)
def test_a_locale_is_known_by_its_name(name: str, locale: Locale) -> None:
    assert locale_of(name) is locale


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({}, ""),
        ({"LANG": "zh_CN.GBK", "LC_CTYPE": "", "LC_ALL": ""}, "zh_CN.GBK"),
        ({"LANG": "zh_CN.GBK", "LC_CTYPE": "zh_CN.UTF-8"}, "zh_CN.UTF-8"),
        ({"LANG": "zh_CN.GBK", "LC_CTYPE": "zh_CN.UTF-8", "LC_ALL": "C"}, "C"),
    ],
)
def test_the_stronger_variable_names_the_locale(environ: dict[str, str], name: str) -> None:
    assert locale_name(environ) == name


def test_without_a_terminal_it_names_the_command_that_makes_pictures(child_environment: dict[str, str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "jiacha_tui", "--demo"],
        env=child_environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 1
    assert run.stdout == ""
    what, hint = run.stderr.splitlines()
    assert "没有终端" in what
    assert "make pictures" in hint


def test_a_terminal_that_cannot_be_addressed_is_told_so(child_environment: dict[str, str]) -> None:
    with terminal("--demo", environ=child_environment | {"TERM": "dumb"}) as shown:
        assert shown.exit_code() == 1
    assert "TERM='dumb'" in shown.output.decode()


def test_another_encoding_is_told_in_letters_that_every_encoding_has(child_environment: dict[str, str]) -> None:
    with terminal("--demo", environ=child_environment | {"LANG": "zh_CN.GBK"}) as shown:
        assert shown.exit_code() == 1
    assert b"zh_CN.GBK" in shown.output
    assert b"export LC_ALL=C.UTF-8" in shown.output
    assert b"Traceback" not in shown.output


@pytest.mark.parametrize("variable", ["LANG", "LC_ALL"])
def test_the_plain_locale_is_told_and_may_be_gone_on_with(variable: str, child_environment: dict[str, str]) -> None:
    environ = {name: value for name, value in child_environment.items() if name != "LANG"} | {variable: "C"}
    with terminal("--demo", environ=environ) as shown:
        shown.wait_for(b"Press Enter to go on, Ctrl+C to stop.")
        assert shown.output.isascii()
        assert b"export LC_ALL=C.UTF-8" in shown.output
        shown.type(b"\x03")
        assert shown.exit_code() == 130


def test_the_plain_locale_keeps_no_command_from_working(child_environment: dict[str, str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "jiacha_tui", "--help"],
        env=child_environment | {"LC_ALL": "C"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert run.stderr.startswith(b"jiacha: the locale is C, not UTF-8.")
    assert "退出码" in run.stdout.decode()


def test_missing_packages_are_named_with_the_way_to_get_them(child_environment: dict[str, str]) -> None:
    """`-S` leaves out everything that is installed."""
    run = subprocess.run(
        [sys.executable, "-S", "-m", "jiacha_tui", "--version"],
        env=child_environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 1
    what, hint = run.stderr.splitlines()
    assert "textual" in what
    assert "make run" in hint


def test_the_packages_looked_for_are_those_the_project_asks_for(project: Path) -> None:
    asked = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    everywhere = {Requirement(line).name for line in asked if Requirement(line).marker is None}
    distributions = packages_distributions()
    looked_for = {distributions[name][0].lower().replace("_", "-") for name in dependencies.REQUIRED}
    assert looked_for == everywhere
