"""The simulator on the command line: its commands, its start and its end."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiacha_tui.demo.control_sim.encryption import EncryptionFault, RsaPadding
from jiacha_tui.demo.control_sim.faults import Fault
from jiacha_tui.demo.pin import DEMO_PIN
from tests.card.control.simulator import Simulator, running_simulator


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("simulator")


@pytest.fixture(scope="module")
def simulator(home: Path, project: Path) -> Iterator[Simulator]:
    with running_simulator(home, project, "--insert", "none") as simulator:
        yield simulator


@pytest.mark.parametrize(
    "command",
    [
        *("insert card", "insert other", "insert expired", "insert sm2", "pull", "reader white", "reader ordinary"),
        *("random decoded", "random text"),
        *(
            "slow 0.5",
            "slow 0",
            "dark",
            "slow 0.5 GetCardID",
            "greeting off",
            "greeting 0.5",
            "greeting on",
            "encoding gb18030",
            "encoding utf-8",
            "restart",
            "restart 0.1",
            "reset",
        ),
        *(f"next {fault.value}" for fault in Fault),
        *(f"encryption {fault.value}" for fault in EncryptionFault),
        *(f"padding {scheme.value}" for scheme in RsaPadding),
        *("encryption", "encryption lies echo", "certificate other", "certificate own"),
        *("next drop SignData", "  pull  ", "insert card", f"pin {DEMO_PIN} {DEMO_PIN}"),
    ],
)
def test_every_command_is_executed(simulator: Simulator, command: str) -> None:
    assert simulator.run(command) == "ok"


@pytest.mark.parametrize(
    "command",
    [
        *("", "foo", "insert", "insert king", "pull now", "reader", "reader red"),
        *(
            "slow",
            "slow -1",
            "slow x",
            "slow nan",
            "slow inf",
            "slow 1 a b",
            "greeting",
            "greeting maybe",
            "greeting -1",
        ),
        *(
            "encoding",
            "encoding latin-1",
            "padding",
            "padding none",
            "encryption none",
            "certificate",
            "certificate me",
        ),
        *("restart 1 2", "restart never", "next", "next year", "next drop a b"),
        *("pin", "pin 12345678", "calls all", "reset all", "\x00", "插卡"),
    ],
)
def test_anything_else_is_refused_as_an_unknown_command(simulator: Simulator, command: str) -> None:
    assert simulator.run(command) == "error 没有这条命令（control-sim.unknown-command）"


def test_the_pin_is_changed_only_with_the_right_one_and_reset_restores_the_first(simulator: Simulator) -> None:
    simulator.run("reset")
    simulator.run("insert card")
    assert simulator.run("pin 00000000 23456789") == "error 输入口令错误（control-sim.pin-not-changed）"
    assert simulator.run(f"pin {DEMO_PIN} 2345678").startswith("error [模拟]新口令不是 8 位")
    assert simulator.run(f"pin {DEMO_PIN} 23456789") == "ok"
    assert simulator.run("pin 23456789 34567890") == "ok", "a second time"
    assert simulator.run(f"pin {DEMO_PIN} 23456789") == "error 输入口令错误（control-sim.pin-not-changed）"
    simulator.run("reset")
    simulator.run("insert card")
    assert simulator.run(f"pin {DEMO_PIN} {DEMO_PIN}") == "ok"


def test_help_lists_every_command_and_fault(simulator: Simulator) -> None:
    simulator.start("help")
    lines = []
    while not (line := simulator.output()).startswith("  help"):
        assert line, "the simulator ended"
        lines.append(line)
    text = "\n".join(lines)
    commands = (
        *("insert", "pull", "pin", "reader", "random", "slow", "dark"),
        *("greeting", "encoding", "padding", "encryption", "certificate", "restart", "next", "calls", "reset"),
    )
    assert all(f"\n  {command} " in text for command in commands)
    assert all(fault.value in text for fault in (*Fault, *EncryptionFault, *RsaPadding))


def test_the_simulator_keeps_running_after_standard_input_is_closed(home: Path, project: Path) -> None:
    with running_simulator(home, project) as simulator:
        assert simulator.process.stdin is not None
        simulator.process.stdin.close()
        host, port = simulator.url.removeprefix("ws://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_simulator_without_output(
    home: Path, child_environment: dict[str, str], number: signal.Signals
) -> None:
    command = [sys.executable, "-m", "jiacha_tui", "control-sim", "--listen", "127.0.0.1:0", "--home", str(home)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=child_environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"ready ws://127.0.0.1:")
        process.send_signal(number)
        assert process.communicate(timeout=20) == (b"", b"")
    assert process.returncode == 0


def test_a_port_in_use_is_reported(home: Path, child_environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        command = [sys.executable, "-m", "jiacha_tui", "control-sim", "--listen", address, "--home", str(home)]
        done = subprocess.run(command, env=child_environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert f"无法在 {address} 上监听" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (["--insert", "king"], "要 card、other、expired、sm2、none 之一"),
        (["--listen", "0.0.0.0:1"], "只在本机监听"),
        (["--card", "/no/such/file.p12"], "没有文件"),
    ],
)
def test_an_invalid_option_is_reported(child_environment: dict[str, str], options: list[str], shown: str) -> None:
    command = [sys.executable, "-m", "jiacha_tui", "control-sim", *options]
    done = subprocess.run(command, env=child_environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert shown in done.stderr
