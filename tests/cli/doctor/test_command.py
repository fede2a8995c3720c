"""`jiacha doctor` as it is run: in a terminal, into a pipe, where packages are missing."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from jiacha_tui.actions.doctor.finding import Area, FindingState
from tests.card.control.simulator import running_simulator
from tests.cli.terminals import terminal
from tests.needs import needs

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def environ(child_environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """A machine with neither print server nor card reader."""
    nowhere = {"CUPS_SERVER": str(tmp_path / "cups.sock"), "PCSCLITE_CSOCK_NAME": str(tmp_path / "pcscd.comm")}
    return child_environment | nowhere


def doctor(*arguments: str, environ: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "jiacha_tui", "doctor", *arguments],
        stdin=subprocess.DEVNULL,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def found(run: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    findings = json.loads(run.stdout)["findings"]
    return {one["area"]: one for one in findings}


def in_terminal(*arguments: str, environ: dict[str, str], columns: int = 80, lines: int = 24) -> tuple[int, str]:
    with terminal("doctor", *arguments, environ=environ, columns=columns, lines=lines) as shown:
        return shown.exit_code(), shown.output.decode().replace("\r\n", "\n")


def test_the_demonstration_can_start_and_is_told_on_one_screen(environ: dict[str, str]) -> None:
    code, text = in_terminal("--demo", environ=environ)
    told = COLOUR.sub("", text).splitlines()
    assert code == 0
    assert told[-1] == "可以开始工作。"
    assert len(told) < 24
    assert [line for line in told if cell_len(line) > 80] == []
    assert any(re.match(r"✓ 正常  终端        xterm-256color，80×24", line) for line in told)
    assert "\x1b[32m✓ 正常\x1b[0m" in text


def test_without_colours_it_says_the_same(environ: dict[str, str]) -> None:
    _code, text = in_terminal("--demo", environ=environ | {"NO_COLOR": "1"})
    assert "✓ 正常" in text
    assert "\x1b[" not in text


def test_a_pipe_gets_plain_text(environ: dict[str, str]) -> None:
    run = doctor("--demo", environ=environ)
    assert (run.returncode, run.stderr) == (0, "")
    assert "\x1b" not in run.stdout
    assert "终端" in run.stdout


def test_looking_makes_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    doctor("--demo", "--home", str(tmp_path / "home"), environ=environ)
    assert not (tmp_path / "home").exists()


def test_the_options_may_stand_before_the_command_too(environ: dict[str, str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "jiacha_tui", "--demo", "doctor", "--json"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert found(run)["port"]["state"] == "good"
    assert doctor("--demo", "--ca", sys.executable, environ=environ).returncode == 2


@contextmanager
def embedded_port(home: Path, environ: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The address of a running `jiacha port`, and whom to trust."""
    command = [sys.executable, "-m", "jiacha_tui", "port", "--listen", "127.0.0.1:0", "--declarations", "3"]
    with subprocess.Popen([*command, "--home", str(home)], env=environ, stdout=subprocess.PIPE, text=True) as port:
        try:
            assert port.stdout is not None
            _ready, url, authority = port.stdout.readline().split()
            yield url, authority
        finally:
            port.terminate()


def test_the_main_job_can_be_done_with_a_port_and_a_control(
    environ: dict[str, str], tmp_path: Path, project: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with (
        embedded_port(tmp_path / "port", environ) as (url, authority),
        running_simulator(tmp_path / "control", project) as simulator,
    ):
        (home / "config.toml").write_text(f'[card]\ncontrol_url = "{simulator.url}"\n', encoding="utf-8")
        run = doctor("--home", str(home), "--port-url", url, "--ca", authority, "--json", environ=environ)
        unknown = doctor("--home", str(home), "--port-url", url, "--json", environ=environ)
    report, findings = json.loads(run.stdout), found(run)
    assert (run.returncode, report["ready"], report["obstacles"]) == (0, True, [])
    assert {findings[area]["state"] for area in ("config", "home", "control", "port")} == {"good"}
    assert (unknown.returncode, json.loads(unknown.stdout)["obstacles"]) == (1, ["port"])


def test_without_a_way_to_a_card_it_cannot(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[card]\ncontrol_url = "ws://127.0.0.1:1"\n', encoding="utf-8")
    run = doctor("--home", str(tmp_path), "--offline", "--json", environ=environ)
    report = json.loads(run.stdout)
    assert (run.returncode, report["ready"], report["obstacles"]) == (1, False, ["control", "readers"])
    assert "port" not in found(run)


def test_the_json_holds_to_its_document(environ: dict[str, str], project: Path) -> None:
    report = json.loads(doctor("--demo", "--json", environ=environ).stdout)
    document = (project / "docs" / "doctor-json.md").read_text("utf-8")
    assert list(report) == ["version", "program", "ready", "obstacles", "findings"]
    for finding in report["findings"]:
        assert list(finding) == ["area", "state", "code", "what", "todo"]
        assert finding["state"] in {state.value for state in FindingState}
        assert (finding["code"] == "") <= (finding["state"] == "good")
    for word in (
        *report,
        *report["findings"][0],
        *(area.value for area in Area),
        *(state.value for state in FindingState),
    ):
        assert f"`{word}`" in document


def test_a_demonstration_does_without_real_cards(environ: dict[str, str]) -> None:
    assert {"control", "readers"}.isdisjoint(found(doctor("--demo", "--json", environ=environ)))
    assert {"control", "readers"} <= set(found(doctor("--offline", "--json", environ=environ)))


def test_every_code_is_documented(project: Path) -> None:
    document = (project / "docs" / "doctor-json.md").read_text("utf-8")
    modules = [*(project / "jiacha_tui/actions/doctor").glob("*.py"), *(project / "jiacha_tui/cli/doctor").glob("*.py")]
    codes = {
        code
        for module in modules
        for code in re.findall(
            r'"((?:card|clipboard|doctor|home|port|print|python|terminal)\.[a-z0-9-]+)"', module.read_text("utf-8")
        )
    }
    assert len(codes) > 20
    assert {code for code in codes if f"`{code}`" not in document} == set()


def test_a_missing_package_is_a_line_and_not_the_end(environ: dict[str, str], tmp_path: Path) -> None:
    """A module that cannot be found stands in for a package that is not installed."""
    blocker = tmp_path / "site"
    blocker.mkdir()
    (blocker / "sitecustomize.py").write_text(
        "import sys\nfor name in ('msgspec', 'duckdb', 'httpx', 'rich'):\n    sys.modules[name] = None\n", "utf-8"
    )
    path = os.pathsep.join([str(blocker), environ["PYTHONPATH"]])
    run = doctor("--offline", "--json", environ=environ | {"PYTHONPATH": path})
    findings = found(run)
    assert (run.returncode, run.stderr) == (1, "")
    assert (findings["python"]["state"], findings["python"]["code"]) == ("missing", "python.packages")
    assert "msgspec" in findings["python"]["what"]
    assert (findings["engine"]["state"], findings["engine"]["code"]) == ("missing", "python.packages")
    assert findings["font"]["state"] == "good"


@pytest.mark.parametrize(
    ("size", "changed", "expected"),
    [
        ((79, 24), {}, ("terminal", "broken", "terminal.small", False)),
        ((80, 23), {}, ("terminal", "broken", "terminal.small", False)),
        ((80, 24), {"TERM": "dumb"}, ("terminal", "broken", "terminal.poor", False)),
        ((80, 24), {"LANG": "zh_CN.GBK", "PYTHONUTF8": "1"}, ("encoding", "broken", "terminal.encoding", False)),
        ((80, 24), {"LANG": "C", "PYTHONUTF8": "1"}, ("encoding", "missing", "terminal.plain-locale", True)),
        ((80, 24), {"TERM": "xterm-kitty"}, ("clipboard", "good", "", True)),
        ((80, 24), {"TERM": "linux"}, ("clipboard", "missing", "clipboard.unsupported", True)),
        ((80, 24), {"STY": "1.x"}, ("clipboard", "missing", "clipboard.screen", True)),
        ((80, 24), {}, ("clipboard", "missing", "clipboard.unknown", True)),
    ],
)
def test_the_terminal_that_it_is_run_in(
    environ: dict[str, str], size: tuple[int, int], changed: dict[str, str], expected: tuple[str, str, str, bool]
) -> None:
    exit_code, text = in_terminal("--demo", "--json", environ=environ | changed, columns=size[0], lines=size[1])
    report = json.loads(text[text.index("{\n") :])
    area, state, code, ready = expected
    (finding,) = [one for one in report["findings"] if one["area"] == area]
    assert (finding["state"], finding["code"], report["ready"]) == (state, code, ready)
    assert exit_code == (0 if ready else 1)


@needs("tmux")
@pytest.mark.parametrize(
    ("setting", "code"), [("set -s set-clipboard external", "clipboard.tmux"), ("", "clipboard.tmux-terminal")]
)
def test_inside_tmux(environ: dict[str, str], tmp_path: Path, setting: str, code: str) -> None:
    out, socket = tmp_path / "out.json", f"jc-{tmp_path.name}"
    program = f"{shlex.quote(sys.executable)} -m jiacha_tui doctor --demo --json > {shlex.quote(str(out))} 2>&1"
    (tmp_path / "tmux.conf").write_text(f"{setting or 'set -s set-clipboard on'}\n", "utf-8")
    tmux = ["tmux", "-L", socket, "-f", str(tmp_path / "tmux.conf")]
    session = ["new-session", "-d", "-x", "80", "-y", "24", f"{program}; tmux -L {socket} wait-for -S done; cat"]
    try:
        subprocess.run([*tmux, *session], env=environ, check=True, timeout=30)
        subprocess.run([*tmux, "wait-for", "done"], env=environ, check=True, timeout=30)
    finally:
        subprocess.run([*tmux, "kill-server"], env=environ, check=True, timeout=30)
    findings = {one["area"]: one for one in json.loads(out.read_text("utf-8"))["findings"]}
    assert findings["clipboard"]["code"] == code
    assert findings["terminal"]["what"].endswith("在 tmux 里")
