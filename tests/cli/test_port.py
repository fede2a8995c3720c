"""`jiacha port`: the embedded port in a process of its own."""

import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.app_contexts import serve_port
from tests.demo.browser import Browser, Card


@contextmanager
def _run_port(*arguments: str, environ: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "jiacha_tui", "port", *arguments]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_and_ca_file_and_ends_on_a_signal(
    stop: signal.Signals, tmp_path: Path, child_environment: dict[str, str]
) -> None:
    home = tmp_path / "home"
    with _run_port(
        "--listen", "127.0.0.1:0", "--declarations", "3", "--home", str(home), environ=child_environment
    ) as port:
        assert port.stdout is not None
        ready, url, authority = port.stdout.readline().split()
        assert ready == "ready"
        answer = httpx.get(f"{url}/cas/login", verify=ssl.create_default_context(cafile=authority))
        assert answer.status_code == 200
        assert 'id="random"' in answer.text
        port.send_signal(stop)
        rest, errors = port.communicate(timeout=30)
    assert (port.returncode, rest, errors) == (0, "", "")
    assert (home / "demo" / "card.p12").exists()


@pytest.mark.parametrize(
    ("options", "is_readable", "is_pin_encrypted"),
    [((), False, False), (("--script", "plain", "--login-page", "encrypted-pin"), True, True)],
    ids=["by default", "with options"],
)
async def test_its_options_choose_the_shape_of_the_script_and_of_the_login_page(
    options: tuple[str, ...],
    is_readable: bool,
    is_pin_encrypted: bool,
    tmp_path: Path,
    child_environment: dict[str, str],
) -> None:
    home = tmp_path / "home"
    with serve_port(home, child_environment, "--declarations", "3", *options) as (url, authority):
        async with httpx.AsyncClient(verify=ssl.create_default_context(cafile=authority)) as http:
            page = await http.get(f"{url}/cas/login")
            browser = Browser(http, url)
            await browser.log_in(Card.at(home / "demo" / "card.p12"))
    assert ("user_sm_dt" in page.text) == is_pin_encrypted
    assert ("CryptoJS.enc.Latin1.parse" in browser.script) == is_readable
    assert ("loadAESDecryptStr" in browser.script) == (not is_readable)


@pytest.mark.parametrize("option", ["--script", "--login-page"])
def test_a_word_that_an_option_does_not_know_is_refused(option: str, child_environment: dict[str, str]) -> None:
    with _run_port(option, "other", environ=child_environment) as port:
        _, errors = port.communicate(timeout=30)
    assert port.returncode == 2
    assert f"{option}：要 plain、" in errors


def test_an_address_in_use_is_reported(tmp_path: Path, child_environment: dict[str, str]) -> None:
    with _run_port("--listen", "127.0.0.1:0", "--home", str(tmp_path / "one"), environ=child_environment) as port:
        assert port.stdout is not None
        address = port.stdout.readline().split()[1].removeprefix("https://")
        with _run_port("--listen", address, "--home", str(tmp_path / "two"), environ=child_environment) as second:
            _, errors = second.communicate(timeout=30)
    assert second.returncode == 1
    assert "(port.cannot-listen)" in errors
    assert "Traceback" not in errors


def test_a_fault_happens_at_the_named_call_only(tmp_path: Path, child_environment: dict[str, str]) -> None:
    arguments = ("--listen", "127.0.0.1:0", "--declarations", "3", "--home", str(tmp_path / "home"))
    with _run_port(*arguments, "--fault", "unavailable@login-page:2", environ=child_environment) as port:
        assert port.stdout is not None
        _, url, authority = port.stdout.readline().split()
        context = ssl.create_default_context(cafile=authority)
        statuses = [httpx.get(f"{url}/cas/login", verify=context).status_code for _ in range(3)]
    assert statuses == [200, 503, 200]


def test_a_fault_that_does_not_exist_is_reported(tmp_path: Path, child_environment: dict[str, str]) -> None:
    with _run_port("--home", str(tmp_path / "home"), "--fault", "fire", environ=child_environment) as port:
        _, errors = port.communicate(timeout=30)
    assert port.returncode == 2
    assert "没有故障 'fire'" in errors
