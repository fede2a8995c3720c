"""What is checked before the full-screen program starts: packages, terminal and encoding."""

import os
import pty
import signal
import subprocess
import sys
import threading
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from jiacha_tui.cli import dependencies
from jiacha_tui.cli.terminal_check import Locale, locale_name, locale_of, wait_for_enter
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
def test_the_encoding_follows_from_the_name_of_the_locale(name: str, locale: Locale) -> None:
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
def test_lc_all_precedes_lc_ctype_and_lc_ctype_precedes_lang(environ: dict[str, str], name: str) -> None:
    assert locale_name(environ) == name


def test_without_a_terminal_the_message_names_the_command_that_makes_pictures(
    child_environment: dict[str, str],
) -> None:
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
    message, hint = run.stderr.splitlines()
    assert "没有终端" in message
    assert "make pictures" in hint


def test_a_dumb_terminal_is_refused(child_environment: dict[str, str]) -> None:
    with terminal("--demo", environ=child_environment | {"TERM": "dumb"}) as screen:
        assert screen.exit_code() == 1
    assert "TERM='dumb'" in screen.output.decode()


def test_another_encoding_is_refused_with_a_message_in_ascii(child_environment: dict[str, str]) -> None:
    with terminal("--demo", environ=child_environment | {"LANG": "zh_CN.GBK"}) as screen:
        assert screen.exit_code() == 1
    assert b"zh_CN.GBK" in screen.output
    assert b"export LC_ALL=C.UTF-8" in screen.output
    assert b"Traceback" not in screen.output


@pytest.mark.parametrize("ignore_interrupt", [False, True])
@pytest.mark.parametrize("variable", ["LANG", "LC_ALL"])
def test_the_c_locale_prints_a_warning_that_ctrl_c_can_answer(
    variable: str, ignore_interrupt: bool, child_environment: dict[str, str]
) -> None:
    environ = {name: value for name, value in child_environment.items() if name != "LANG"} | {variable: "C"}
    with terminal("--demo", environ=environ, ignore_interrupt=ignore_interrupt) as screen:
        screen.wait_for(b"Press Enter to go on, Ctrl+C to stop.")
        assert screen.output.isascii()
        assert b"export LC_ALL=C.UTF-8" in screen.output
        screen.type(b"\x03")
        assert screen.exit_code() == 130


def test_a_ctrl_c_that_interrupts_no_read_ends_the_waiting_for_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one just before the read: the signal is delivered to another thread, so no system call of this one ends."""

    system_call = Path(f"/proc/self/task/{threading.get_native_id()}/syscall")

    def is_waiting_for_a_file() -> bool:
        """The first argument of a lock is an address and not a small number."""
        _, *arguments = system_call.read_text("ascii").split()
        return bool(arguments) and int(arguments[0], 16) < 1024

    def interrupt() -> None:
        while not is_waiting_for_a_file():
            os.sched_yield()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    def wait_while_interrupted() -> None:
        thread.start()
        wait_for_enter()

    assert system_call.read_text("ascii"), "it can be read here, so that the thread below does not fail"
    master, slave = pty.openpty()
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    thread = threading.Thread(target=interrupt)
    try:
        with os.fdopen(slave, encoding="utf-8") as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            with pytest.raises(KeyboardInterrupt):
                wait_while_interrupted()
    finally:
        thread.join()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
        os.close(master)


def test_the_c_locale_does_not_prevent_other_commands(child_environment: dict[str, str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "jiacha_tui", "--help"],
        env=child_environment | {"LC_ALL": "C"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert run.stderr.startswith(b"jiacha: the locale is C, not UTF-8.")
    assert "退出码" in run.stdout.decode()


def test_missing_packages_are_named_with_the_command_that_installs_them(child_environment: dict[str, str]) -> None:
    """With `-S` Python finds no installed package."""
    run = subprocess.run(
        [sys.executable, "-S", "-m", "jiacha_tui", "--version"],
        env=child_environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 1
    message, hint = run.stderr.splitlines()
    assert "textual" in message
    assert "make run" in hint


def test_the_required_packages_are_the_dependencies_of_the_project(project: Path) -> None:
    dependency_lines = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    unconditional = {Requirement(line).name for line in dependency_lines if Requirement(line).marker is None}
    distributions = packages_distributions()
    checked = {
        distributions[name][0].lower().replace("_", "-") for name in (*dependencies.REQUIRED, *dependencies.OPTIONAL)
    }
    assert checked == unconditional
