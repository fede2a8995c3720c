"""The input of the program in a real terminal."""

import os
import pty
import random
import select
import subprocess
import sys

from tests.cli.terminals import terminal
from tests.terminal.program_screen import ProgramScreen

_NO_PIXELS = b"\x1b[?2048;2$y\x1b[48;24;80;0;0t\x1b[<0;10;5M\x1b[<0;10;5m"
_HOSTILE = (
    *(
        _NO_PIXELS,
        b"\x1b[48;99999;99999;1;1t",
        b"\x1b[48;0;0;0;0t",
        b"\x1b[48;24;80;480;800t",
        b"\x1b[<35;99999;99999M",
    ),
    *(
        b"\x1b[1114112u",
        b"\x1b[55296;;55296u",
        b"\x1b[97:65;5:1u",
        b"\x1b[113~",
        b"\x1b[?2026;9$y",
        b"\x1b[0;0R",
        b"\x1b[<64;0;0M",
    ),
    *(
        b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\",
        b"\x1bP>|q\x1b\\",
        b"\x1b_Gi=1;OK\x1b\\",
        b"\x1b[M !!",
        b"\x1b[" + b"1" * 999,
        b"\x1b]" + b"1" * 999,
    ),
    *(
        b"\xff\xfe",
        b"\xe4\xb8",
        b"\x1b[I",
        b"\x1b[O",
        b"\x1b[99999999999999999999A",
        b"\x1b[;;;;;;u",
        b"\x00",
        b"\x7f",
        b"\x1b",
    ),
)

F10 = b"\x1b[21~"


def test_the_program_ends_when_its_terminal_is_gone(child_environment: dict[str, str]) -> None:
    master, slave = pty.openpty()
    # In a session without a controlling terminal no process is sent a SIGHUP.
    command = ["setsid", sys.executable, "-m", "jiacha_tui", "--demo"]
    with subprocess.Popen(command, env=child_environment, stdin=slave, stdout=slave, stderr=slave) as program:
        os.close(slave)
        output = b""
        while "卡介质登录".encode() not in output:
            assert select.select([master], [], [], 20)[0], output
            output += os.read(master, 4096)
        os.close(master)
        try:
            assert program.wait(timeout=20) == 0
        finally:
            program.kill()


def test_input_that_is_not_utf8_does_not_end_the_program(child_environment: dict[str, str]) -> None:
    with terminal("--demo", environ={**child_environment, "TERM": "xterm-256color", "LANG": "C.UTF-8"}) as started:
        started.wait_for(b"JJ0G900000001")
        started.type("你好".encode("gbk"))
        started.wait_for("请切换到英文输入法".encode())
        started.type(F10)
        assert started.exit_code() == 0


def test_hundreds_of_hostile_replies_leave_the_program_alive(child_environment: dict[str, str]) -> None:
    source = random.Random(9)  # noqa: S311 - the same bytes in each run
    with terminal("--demo", environ=child_environment) as started:
        screen = ProgramScreen(started)
        screen.wait_for("JJ0G900000001")
        for _ in range(30):
            started.type(b"".join(source.choices(_HOSTILE, k=10)))
            started.rest(0.01)
            assert started.is_running()
        started.type(b"\x1b\\\r\x1b[48;24;80;0;0t")
        started.type(b"\x1bOP")
        screen.wait_for("帮助")
        started.type(F10)
        started.type(F10)
        assert started.exit_code() == 0


def test_a_paste_without_its_end_ends_and_says_so(child_environment: dict[str, str]) -> None:
    with terminal("--demo", environ=child_environment) as started:
        screen = ProgramScreen(started)
        screen.wait_for("JJ0G900000001")
        started.type(b"\x1b[200~48")
        screen.wait_for("粘贴的内容没有结束标记")
        started.type(F10)
        assert started.exit_code() == 0
