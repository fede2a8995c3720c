"""Help, usage errors and other messages of the command line."""

import subprocess
import sys
from pathlib import Path

import pytest

import jiacha_tui
from jiacha_tui.cli.main import main


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"jiacha {jiacha_tui.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--help"],
            [
                "--demo",
                "--port-url",
                "--ca",
                "--offline",
                "--home",
                "--version",
                "import",
                "port",
                "card",
                "doctor",
                "130",
            ],
        ),
        (["port", "-h"], ["--listen", "--declarations", "--seed", "--home"]),
        (["import", "--help"], ["PATH…", "--card"]),
        (["card", "--help"], ["reset"]),
        (["doctor", "--help"], ["--demo", "--port-url", "--ca", "--offline", "--home", "--json"]),
    ],
)
def test_the_help_has_every_option_and_command_and_no_english(
    arguments: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert [word for word in words if word not in text] == []
    assert [word for word in ("Usage", "Options", "Commands", "Show this") if word in text] == []


@pytest.mark.parametrize(
    ("arguments", "message", "command"),
    [
        (["--demmo"], "没有选项 --demmo，是不是 --demo？", "jiacha --help"),
        (["-x"], "没有选项 -x", "jiacha --help"),
        (["impotr", "x.xml"], "没有命令 impotr，是不是 import", "jiacha --help"),
        (["--home"], "选项 --home 后面缺少值", "jiacha --help"),
        (["--demo=1"], "选项 --demo 不带值", "jiacha --help"),
        (["import"], "缺少 PATH…", "jiacha import --help"),
        (["card"], "缺少命令", "jiacha card --help"),
        (["--demo", "--port-url", "https://127.0.0.1:1"], "--demo 使用内置口岸", "jiacha --help"),
        (["--demo", "doctor", "--port-url", "https://127.0.0.1:1"], "--demo 使用内置口岸", "jiacha doctor --help"),
        (["--port-url", "http://127.0.0.1:1"], "--port-url：要 https:// 开头的地址", "jiacha --help"),
        *(
            (["--port-url", url], "--port-url：要 https:// 开头的地址", "jiacha --help")
            for url in ("https://", "https://127.0.0.1：8443", "https://[::1", "https://127.0.0.1:612320")
        ),
        (["--ca", "/nowhere/ca.pem"], "--ca：没有文件", "jiacha --help"),
        (["--home", __file__], "不是文件夹", "jiacha --help"),
        (["--home", "/" + 300 * "x"], "不能使用", "jiacha --help"),
        (["--ca", "/" + 300 * "x"], "不能使用", "jiacha --help"),
        (["port", "--listen", "8443"], "要 主机:端口 的形式", "jiacha port --help"),
        (["port", "--listen", "127.0.0.1:65536"], "要 主机:端口 的形式", "jiacha port --help"),
        (["port", "--listen", "127.0.0.1:-1"], "要 主机:端口 的形式", "jiacha port --help"),
        (["port", "--listen", "0.0.0.0:0"], "只在本机监听", "jiacha port --help"),
        (["port", "--listen", "example.org:0"], "只在本机监听", "jiacha port --help"),
        (["port", "--declarations", "0"], "要 1 到 10000000 的整数", "jiacha port --help"),
        (["port", "--declarations", "many"], "要 1 到 10000000 的整数", "jiacha port --help"),
        (["port", "--seed", "-1"], "要 0 到", "jiacha port --help"),
    ],
)
def test_a_wrong_command_line_is_explained_and_refers_to_the_help(
    arguments: list[str], message: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    first, second = captured.err.splitlines()
    assert first.startswith("jiacha: ")
    assert message in first
    assert second == f"写法见 {command}"
    assert captured.out == ""


def test_a_missing_file_is_reported_before_the_pin_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(tmp_path / "gone.xml")]) == 1
    assert "(import.no-file)" in capsys.readouterr().err


def test_a_path_that_the_system_refuses_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "/" + 300 * "x"]) == 1
    assert "(file.failed)" in capsys.readouterr().err


def test_a_reset_without_a_demo_card_suggests_the_demonstration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(tmp_path / "home"), "card", "reset"]) == 1
    message, hint = capsys.readouterr().err.splitlines()
    assert "没有演示卡" in message
    assert "--demo" in hint


@pytest.mark.parametrize("arguments", [["--help"], ["doctor", "--json"]])
def test_an_output_that_cannot_be_written_is_reported(arguments: list[str], child_environment: dict[str, str]) -> None:
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [sys.executable, "-m", "jiacha_tui", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            env=child_environment,
            text=True,
            check=False,
        )
    assert run.returncode == 1
    assert run.stderr.splitlines()[0] == "jiacha: 结果没有写完：磁盘已满 (output.failed)"
