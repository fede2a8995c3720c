import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from jiacha_tui.declaration.model import Declaration, Head, Item, Origin, Summary
from jiacha_tui.demo.rtx_message_writer import write_rtx_message
from tests.cli.terminals import terminal

PIN = "12345678"


def _declaration(serial: int, goods: str = "棉布") -> Declaration:
    entry_id = f"2233202500000{serial:05}"
    return Declaration(
        Summary(entry_id=entry_id, exported_on=date(2025, 6, 1)),
        Head(entry_id=entry_id, exported_on=date(2025, 6, 1)),
        (Item(number=1, hs_code="5208310000", name=goods),),
        Origin.FILE,
    )


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "good.xml").write_bytes(write_rtx_message([_declaration(1), _declaration(2)]))
    return folder


def _import(*arguments: str, typed: str, environ: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "jiacha_tui", "--demo", "import", *arguments],
        input=typed,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_files_go_into_the_cache_once(files: Path, child_environment: dict[str, str]) -> None:
    first = _import(str(files), typed=f"{PIN}\n", environ=child_environment)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == "读取 1 个文件：新增 2 票，相同 0 票，不同 0 票，拒绝 0 处\n"
    again = _import(str(files / "good.xml"), typed=PIN, environ=child_environment)
    assert again.stdout == "读取 1 个文件：新增 0 票，相同 2 票，不同 0 票，拒绝 0 处\n"


def test_what_was_not_imported_is_named_and_told_by_the_exit_code(
    files: Path, child_environment: dict[str, str]
) -> None:
    (files / "later.xml").write_bytes(write_rtx_message([_declaration(2, "麻布")]))
    (files / "torn.xml").write_bytes((files / "good.xml").read_bytes()[:-100])
    run = _import(str(files), typed=PIN, environ=child_environment)
    assert run.returncode == 3
    report, *lines = run.stdout.splitlines()
    assert "不同 1 票" in report
    assert any(line.startswith("不同") and _declaration(2).summary.entry_id in line for line in lines)
    assert any(line.startswith("拒绝") and "torn.xml" in line for line in lines)


def test_a_wrong_password_is_tried_once_and_never_repeated(files: Path, child_environment: dict[str, str]) -> None:
    run = _import(str(files), typed="wrongpin\n" * 3, environ=child_environment)
    assert run.returncode == 1
    assert "还可以尝试 2 次" in run.stderr
    assert "wrongpin" not in run.stdout + run.stderr


def test_a_terminal_is_asked_for_the_password_and_does_not_show_it(
    files: Path, child_environment: dict[str, str]
) -> None:
    with terminal("--demo", "import", str(files), environ=child_environment) as shown:
        shown.wait_for("的密码：".encode())
        shown.type(f"{PIN}\n".encode())
        assert shown.exit_code() == 0
    text = shown.output.decode()
    assert "新增 2 票" in text
    assert PIN not in text


@pytest.mark.parametrize("home", [None, "another home"])
def test_a_locked_demo_card_is_reset_by_the_command_that_is_told(
    files: Path, tmp_path: Path, child_environment: dict[str, str], home: str | None
) -> None:
    where = [] if home is None else ["--home", str(tmp_path / home)]
    for _try in range(3):
        locked = _import(str(files), *where, typed="wrongpin", environ=child_environment)
    assert "(card.locked)" in locked.stderr
    told = locked.stderr.rpartition("解锁演示卡请运行 ")[2]
    subprocess.run(told, shell=True, env=child_environment, cwd=tmp_path, check=True, timeout=60)  # noqa: S602
    assert _import(str(files), *where, typed=PIN, environ=child_environment).returncode == 0


def test_a_folder_without_files_is_told_before_a_password_is_asked_for(
    tmp_path: Path, child_environment: dict[str, str]
) -> None:
    (tmp_path / "files").mkdir()
    run = _import(str(tmp_path / "files"), typed="", environ=child_environment)
    assert run.returncode == 1
    assert "(import.nothing)" in run.stderr
    assert not (tmp_path / "machine" / "jiacha" / "caches").exists()


def test_the_home_may_be_named_behind_the_command_too(
    files: Path, tmp_path: Path, child_environment: dict[str, str]
) -> None:
    home = tmp_path / "another"
    run = _import(str(files), "--home", str(home), typed=PIN, environ=child_environment)
    assert (run.returncode, run.stderr) == (0, "")
    assert (home / "caches" / "JJ0G900000001" / "cache.duckdb").is_file()
