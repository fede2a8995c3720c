"""Chinese texts for real errors of the operating system."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from jiacha_tui.os_errors import describe


def _read_below_a_file(folder: Path) -> None:
    (folder / "file").touch()
    (folder / "file" / "below").read_bytes()


def _connect_where_nobody_listens(_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    socket.create_connection(address)


def _bind_a_used_address(_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as other:
        other.bind(listener.getsockname())


@pytest.mark.parametrize(
    ("provoke", "text"),
    [
        (lambda folder: (folder / "none").read_bytes(), "不存在"),
        (lambda folder: folder.read_bytes(), "是文件夹"),
        (lambda folder: (folder / ("a" * 300)).touch(), "名称太长"),
        (_read_below_a_file, "上一级不是文件夹"),
        (_connect_where_nobody_listens, "那里没有服务，或防火墙拒绝"),
        (_bind_a_used_address, "已被别的程序占用"),
    ],
)
def test_a_common_error_has_a_chinese_text(provoke: Callable[[Path], object], text: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Errno") as error:
        provoke(tmp_path)
    assert describe(error.value) == text


def test_a_rare_error_keeps_its_own_text() -> None:
    assert describe(OSError(9999, "quite unknown")) == "quite unknown"
    assert describe(TimeoutError()) == "TimeoutError"
