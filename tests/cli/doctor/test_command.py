"""`jiacha doctor` in a process of its own: in a terminal, into a pipe, and where packages are missing."""

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
    """An environment with neither print server nor card reader."""
    nowhere = {"CUPS_SERVER": str(tmp_path / "cups.sock"), "PCSCLITE_CSOCK_NAME": str(tmp_path / "pcscd.comm")}
    return child_environment | nowhere


def run_doctor(*arguments: str, environ: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "jiacha_tui", "doctor", *arguments],
        stdin=subprocess.DEVNULL,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def findings_by_area(run: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    findings = json.loads(run.stdout)["findings"]
    return {finding["area"]: finding for finding in findings}


def run_in_terminal(*arguments: str, environ: dict[str, str], columns: int = 80, lines: int = 24) -> tuple[int, str]:
    with terminal("doctor", *arguments, environ=environ, columns=columns, lines=lines) as screen:
        return screen.exit_code(), screen.output.decode().replace("\r\n", "\n")


def test_the_report_of_the_demonstration_fits_on_one_screen(environ: dict[str, str]) -> None:
    code, text = run_in_terminal("--demo", environ=environ)
    lines = COLOUR.sub("", text).splitlines()
    assert code == 0
    assert lines[-1] == "可以开始工作。"
    assert len(lines) < 24
    assert [line for line in lines if cell_len(line) > 80] == []
    assert any(re.match(r"✓ 正常  终端        xterm-256color，80×24", line) for line in lines)
    assert "\x1b[32m✓ 正常\x1b[0m" in text


def test_no_color_removes_the_colours(environ: dict[str, str]) -> None:
    _code, text = run_in_terminal("--demo", environ=environ | {"NO_COLOR": "1"})
    assert "✓ 正常" in text
    assert "\x1b[" not in text


def test_the_output_to_a_pipe_is_plain_text(environ: dict[str, str]) -> None:
    run = run_doctor("--demo", environ=environ)
    assert (run.returncode, run.stderr) == (0, "")
    assert "\x1b" not in run.stdout
    assert "终端" in run.stdout


def test_the_checks_create_no_file(environ: dict[str, str], tmp_path: Path) -> None:
    run_doctor("--demo", "--home", str(tmp_path / "home"), environ=environ)
    assert not (tmp_path / "home").exists()


def test_the_options_may_precede_the_command(environ: dict[str, str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "jiacha_tui", "--demo", "doctor", "--json"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert findings_by_area(run)["port"]["state"] == "good"
    assert run_doctor("--demo", "--ca", sys.executable, environ=environ).returncode == 2


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


def test_with_a_port_and_a_control_the_main_job_can_be_done(
    environ: dict[str, str], tmp_path: Path, project: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with (
        embedded_port(tmp_path / "port", environ) as (url, authority),
        running_simulator(tmp_path / "control", project) as simulator,
    ):
        (home / "config.toml").write_text(f'[card]\ncontrol_url = "{simulator.url}"\n', encoding="utf-8")
        run = run_doctor("--home", str(home), "--port-url", url, "--ca", authority, "--json", environ=environ)
        unknown = run_doctor("--home", str(home), "--port-url", url, "--json", environ=environ)
    report, findings = json.loads(run.stdout), findings_by_area(run)
    assert (run.returncode, report["ready"], report["obstacles"]) == (0, True, [])
    assert {findings[area]["state"] for area in ("config", "home", "control", "port")} == {"good"}
    assert (unknown.returncode, json.loads(unknown.stdout)["obstacles"]) == (1, ["port"])


def test_without_a_way_to_a_card_the_main_job_cannot_be_done(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[card]\ncontrol_url = "ws://127.0.0.1:1"\n', encoding="utf-8")
    run = run_doctor("--home", str(tmp_path), "--offline", "--json", environ=environ)
    report = json.loads(run.stdout)
    assert (run.returncode, report["ready"], report["obstacles"]) == (1, False, ["control", "readers"])
    assert "port" not in findings_by_area(run)


def test_the_json_matches_its_documentation(environ: dict[str, str], project: Path) -> None:
    report = json.loads(run_doctor("--demo", "--json", environ=environ).stdout)
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


def test_the_demonstration_does_not_check_real_cards(environ: dict[str, str]) -> None:
    assert {"control", "readers"}.isdisjoint(findings_by_area(run_doctor("--demo", "--json", environ=environ)))
    assert {"control", "readers"} <= set(findings_by_area(run_doctor("--offline", "--json", environ=environ)))


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


def test_a_missing_package_is_a_finding(environ: dict[str, str], tmp_path: Path) -> None:
    """Modules that cannot be imported simulate packages that are not installed."""
    blocker = tmp_path / "site"
    blocker.mkdir()
    (blocker / "sitecustomize.py").write_text(
        "import sys\nfor name in ('msgspec', 'duckdb', 'httpx', 'rich'):\n    sys.modules[name] = None\n", "utf-8"
    )
    path = os.pathsep.join([str(blocker), environ["PYTHONPATH"]])
    run = run_doctor("--offline", "--json", environ=environ | {"PYTHONPATH": path})
    findings = findings_by_area(run)
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
def test_the_terminal_is_checked(
    environ: dict[str, str], size: tuple[int, int], changed: dict[str, str], expected: tuple[str, str, str, bool]
) -> None:
    exit_code, text = run_in_terminal("--demo", "--json", environ=environ | changed, columns=size[0], lines=size[1])
    report = json.loads(text[text.index("{\n") :])
    area, state, code, ready = expected
    (finding,) = [entry for entry in report["findings"] if entry["area"] == area]
    assert (finding["state"], finding["code"], report["ready"]) == (state, code, ready)
    assert exit_code == (0 if ready else 1)


@needs("tmux")
@pytest.mark.parametrize(
    ("setting", "code"), [("set -s set-clipboard external", "clipboard.tmux"), ("", "clipboard.tmux-terminal")]
)
def test_the_clipboard_in_tmux_is_checked(environ: dict[str, str], tmp_path: Path, setting: str, code: str) -> None:
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
    findings = {finding["area"]: finding for finding in json.loads(out.read_text("utf-8"))["findings"]}
    assert findings["clipboard"]["code"] == code
    assert findings["terminal"]["what"].endswith("在 tmux 里")
