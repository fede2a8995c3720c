"""`jiacha import`: what is imported and reported, and how the PIN is asked for."""

import io
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest

from jiacha_tui.actions.import_files import ImportReport, import_paths
from jiacha_tui.actions.session import Session
from jiacha_tui.cli import import_command
from jiacha_tui.cli.main import main
from jiacha_tui.declaration.model import Declaration, Head, Item, Origin, Summary
from jiacha_tui.demo.rtx_message_writer import write_rtx_message
from tests.cli.terminals import terminal

PIN = "12345678"
WRONG_PIN = "wrongpin"

RunImport = Callable[..., tuple[int, str, str]]


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
    """A folder with one file of two declarations."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "good.xml").write_bytes(write_rtx_message([_declaration(1), _declaration(2)]))
    return folder


@pytest.fixture
def run_import(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunImport:
    """A function that runs `jiacha --demo import` in this process with `typed` as standard input.

    It returns the exit code, standard output and standard error.
    """

    def run(*arguments: str, typed: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        exit_code = main(["--demo", "import", *arguments])
        output = capsys.readouterr()
        return exit_code, output.out, output.err

    return run


def test_a_second_import_finds_the_same_declarations(files: Path, run_import: RunImport) -> None:
    first = run_import(str(files), typed=f"{PIN}\n")
    assert first == (0, "读取 1 个文件：新增 2 票，相同 0 票，不同 0 票，拒绝 0 处\n", "")
    _code, output, _errors = run_import(str(files / "good.xml"), typed=PIN)
    assert output == "读取 1 个文件：新增 0 票，相同 2 票，不同 0 票，拒绝 0 处\n"


def test_what_was_not_imported_is_named_and_the_exit_code_is_3(files: Path, run_import: RunImport) -> None:
    (files / "later.xml").write_bytes(write_rtx_message([_declaration(2, "麻布")]))
    (files / "torn.xml").write_bytes((files / "good.xml").read_bytes()[:-100])
    exit_code, output, _errors = run_import(str(files), typed=PIN)
    assert exit_code == 3
    report, *lines = output.splitlines()
    assert "不同 1 票" in report
    assert any(line.startswith("不同") and _declaration(2).summary.entry_id in line for line in lines)
    assert any(line.startswith("拒绝") and "torn.xml" in line for line in lines)


def test_a_wrong_pin_is_tried_once_and_never_printed(files: Path, child_environment: dict[str, str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "jiacha_tui", "--demo", "import", str(files)],
        input=f"{WRONG_PIN}\n" * 3,
        env=child_environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 1
    assert "还可以尝试 2 次" in run.stderr
    assert WRONG_PIN not in run.stdout + run.stderr


def test_in_a_terminal_the_pin_is_asked_for_and_not_shown(files: Path, child_environment: dict[str, str]) -> None:
    with terminal("--demo", "import", str(files), environ=child_environment) as screen:
        screen.wait_for("的密码：".encode())
        screen.type(f"{PIN}\n".encode())
        assert screen.exit_code() == 0
    text = screen.output.decode()
    assert "新增 2 票" in text
    assert PIN not in text


@pytest.mark.parametrize("home", [None, "another home"])
def test_the_command_in_the_message_unlocks_a_locked_demo_card(
    files: Path, tmp_path: Path, child_environment: dict[str, str], run_import: RunImport, home: str | None
) -> None:
    options = [] if home is None else ["--home", str(tmp_path / home)]
    for _ in range(3):
        _code, _output, errors = run_import(str(files), *options, typed=WRONG_PIN)
    assert "(card.locked)" in errors
    command = errors.rpartition("解锁演示卡请运行 ")[2]
    subprocess.run(command, shell=True, env=child_environment, cwd=tmp_path, check=True, timeout=60)  # noqa: S602 - as typed
    exit_code, _output, _errors = run_import(str(files), *options, typed=PIN)
    assert exit_code == 0


def test_a_folder_without_files_is_reported_before_the_pin_is_asked_for(tmp_path: Path, run_import: RunImport) -> None:
    (tmp_path / "files").mkdir()
    exit_code, _output, errors = run_import(str(tmp_path / "files"), typed="")
    assert exit_code == 1
    assert "(import.nothing)" in errors
    assert not (tmp_path / "machine" / "jiacha" / "caches").exists()


def test_the_option_home_may_follow_the_command(files: Path, tmp_path: Path, run_import: RunImport) -> None:
    home = tmp_path / "another"
    exit_code, _output, errors = run_import(str(files), "--home", str(home), typed=PIN)
    assert (exit_code, errors) == (0, "")
    assert (home / "caches" / "JJ0G900000001" / "cache.duckdb").is_file()


def test_the_pin_is_forgotten_before_the_files_are_read(
    files: Path, run_import: RunImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []

    async def look_and_import(
        session: Session, paths: Sequence[Path], on_progress: Callable[[ImportReport], None]
    ) -> ImportReport:
        frame = sys._getframe()
        while frame.f_back is not None:
            frame = frame.f_back
            if frame.f_globals["__name__"] == import_command.__name__:
                kept.append(repr(frame.f_locals))
        return await import_paths(session, paths, on_progress)

    monkeypatch.setattr(import_command, "import_paths", look_and_import)
    assert run_import(str(files), typed=PIN)[0] == 0
    assert kept
    assert not [text for text in kept if PIN in text]
