"""Reasons of the operating system, provoked, in the words that an operator reads."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from jiacha_tui.os_errors import describe


def _below_a_file(folder: Path) -> None:
    (folder / "file").touch()
    (folder / "file" / "below").read_bytes()


def _nobody_listens(_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    socket.create_connection(address)


def _taken(_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as other:
        other.bind(listener.getsockname())


@pytest.mark.parametrize(
    ("provoke", "said"),
    [
        (lambda folder: (folder / "none").read_bytes(), "不存在"),
        (lambda folder: folder.read_bytes(), "是文件夹"),
        (lambda folder: (folder / ("a" * 300)).touch(), "名称太长"),
        (_below_a_file, "上一级不是文件夹"),
        (_nobody_listens, "那里没有服务，或防火墙拒绝"),
        (_taken, "已被别的程序占用"),
    ],
)
def test_it_is_said_in_chinese(provoke: Callable[[Path], object], said: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Errno") as error:
        provoke(tmp_path)
    assert describe(error.value) == said


def test_what_has_no_words_here_keeps_its_own() -> None:
    assert describe(OSError(9999, "quite unknown")) == "quite unknown"
    assert describe(TimeoutError()) == "TimeoutError"
