"""The program in a terminal on a disk that fails: the screen says it in words, and the program goes on."""

from pathlib import Path

import pytest

from tests.cli.terminals import terminal
from tests.io_faults.faults import Fault, Lasting
from tests.io_faults.orders import file_patterns
from tests.io_faults.rig import DiskRig, private_folder_in_memory
from tests.kills.actions import ACTIONS
from tests.needs import needs
from tests.terminal.program_screen import ProgramScreen

pytestmark = needs("gcc")

_CONFIG = "[sync]\nat_login = false\nmonths = 3\n"
_F10 = b"\x1b[21~"


@pytest.mark.parametrize(
    ("fault", "action", "said"),
    [
        ("EIO@create:cache:1:once", "first login", "文件操作失败"),
        ("EROFS@rename:key:1:on", "first login", "没有权限"),
        ("ENOSPC@write:wal:3:once", "first login", "磁盘空间不足"),
        ("ENOSPC@write:wal:50:once", "sync", "磁盘空间不足"),
    ],
)
def test_a_fault_is_said_on_the_screen_and_the_program_goes_on(
    fault: str, action: str, said: str, rig: DiskRig, child_environment: dict[str, str]
) -> None:
    with private_folder_in_memory() as folder:
        home = rig.new_home(folder)
        (home / "config.toml").write_text(_CONFIG, encoding="utf-8")
        environ = child_environment | _preloaded(rig.library, home, Fault.parse(fault))
        arguments = ("--home", str(home), "--port-url", rig.url, "--ca", str(rig.ca))
        program = ("-m", "tests.kills.program", "decrypts")
        (keys,) = (known.keys for known in ACTIONS if known.name == action)
        with terminal(*arguments, environ=environ, program=program) as started:
            screen = ProgramScreen(started)
            for text, typed in keys:
                screen.wait_for(text)
                started.type(typed.encode())
            screen.wait_for(said)
            started.type(_F10)
            if action == "sync":
                screen.wait_for("退出程序")
                started.type(b"\t\r")
            assert started.exit_code() == 0
        assert not list(home.glob("crash-reports/*"))
        assert rig.look(home, decrypts=True).report.look is not None


def _preloaded(library: Path, home: Path, fault: Fault) -> dict[str, str]:
    """The environment that arms the library in the program."""
    return {
        "LD_PRELOAD": str(library),
        "IO_FAULTS_FOLDER": str(home),
        "IO_FAULTS_CALL": fault.call,
        "IO_FAULTS_PATTERNS": file_patterns(fault),
        "IO_FAULTS_NUMBER": str(fault.number),
        "IO_FAULTS_ERROR": str(fault.error),
        "IO_FAULTS_LASTING": str(int(fault.lasting is Lasting.ON)),
    }
