"""Protection of the process: no core dump, no access to its memory, no log of its keys."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminals import terminal

NOBODY = 65534
PR_GET_DUMPABLE = 3

AS_NOBODY = f"""
import ctypes, os, sys
if os.geteuid() == 0:
    os.setuid({NOBODY})
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
"""
"""Makes a process of root one of an ordinary user, whose memory other processes of that user may read."""

PROTECTED_PROCESS = f"""
from jiacha_tui.hardening import harden_process
{AS_NOBODY}
print("readable", flush=True)
sys.stdin.readline()
harden_process()
print("protected", flush=True)
sys.stdin.readline()
"""

READER = f"""
{AS_NOBODY}
try:
    open(f"/proc/{{sys.argv[1]}}/mem", "rb").close()
except PermissionError:
    print("refused")
else:
    print("read")
"""


def _try_to_read(process_id: int) -> str:
    command = [sys.executable, "-c", READER, str(process_id)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _only_ancestors_may_trace() -> bool:
    """Whether this machine itself forbids reading the memory of other processes of the user (Yama)."""
    setting = Path("/proc/sys/kernel/yama/ptrace_scope")
    return setting.exists() and setting.read_text().strip() != "0"


def test_another_process_of_the_same_user_cannot_read_the_memory(child_environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROTECTED_PROCESS],
        env=child_environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "readable\n"
        assert _try_to_read(process.pid) == "read" or _only_ancestors_may_trace()
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "protected\n"
        assert _try_to_read(process.pid) == "refused"
        assert Path(f"/proc/{process.pid}/mem").stat().st_uid == 0
        process.stdin.write("\n")


def test_the_command_protects_its_memory(child_environment: dict[str, str]) -> None:
    check = f"""
import ctypes, resource, sys
from jiacha_tui.__main__ import main
sys.argv = ["jiacha", "--version"]
main()
print(ctypes.CDLL(None).prctl({PR_GET_DUMPABLE}, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))
"""
    command = [sys.executable, "-c", check]
    assert subprocess.run(
        command, env=child_environment, capture_output=True, text=True, check=True, preexec_fn=_allow_core_dumps
    ).stdout.endswith("\n0 (0, 0)\n")


def _allow_core_dumps() -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def test_an_aborted_process_leaves_no_core_dump(tmp_path: Path, child_environment: dict[str, str]) -> None:
    def aborted(first: str) -> int:
        code = f"import os\nfrom jiacha_tui.hardening import harden_process\n{first}\nos.abort()"
        return subprocess.run(
            [sys.executable, "-c", code],
            env=child_environment,
            cwd=tmp_path,
            preexec_fn=_allow_core_dumps,
            capture_output=True,
            check=False,
        ).returncode

    assert aborted("harden_process()") < 0
    assert not list(tmp_path.glob("core*"))
    pattern = Path("/proc/sys/kernel/core_pattern")
    if pattern.exists() and pattern.read_text().strip() == "core" and resource.getrlimit(resource.RLIMIT_CORE)[1]:
        aborted("")
        assert list(tmp_path.glob("core*")), "without the protection there is one"


def test_a_program_that_it_starts_can_read_its_own_files_in_proc(child_environment: dict[str, str]) -> None:
    code = f"""
import subprocess, sys
from jiacha_tui.hardening import harden_process
{AS_NOBODY}
harden_process()
open("/proc/self/maps").close()
subprocess.run(["cat", "/proc/self/environ"], check=True, stdout=subprocess.DEVNULL)
subprocess.run(["ls", "/proc/self/fd"], check=True, stdout=subprocess.DEVNULL)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=child_environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_no_key_is_logged_whatever_the_environment_requests(
    tmp_path: Path, child_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    variables = {"TEXTUAL": "devtools,debug", "TEXTUAL_DEBUG": "1", "TEXTUAL_LOG": str(tmp_path / "log")}
    before = set(tmp_path.iterdir())
    with terminal("--demo", environ=child_environment | variables) as screen:
        screen.wait_for("卡介质登录".encode())
        screen.type(b"Zq7")
        screen.rest(0.5)
    assert set(tmp_path.iterdir()) == before
