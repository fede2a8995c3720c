"""The month's work over a TLS socket, with each shape of the port's script and each kind of its login page."""

import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.detail import load_declaration
from jiacha_tui.actions.download import download_files
from jiacha_tui.actions.download_plan import plan_entries
from jiacha_tui.actions.query import run_query
from jiacha_tui.actions.resend import propose, send
from jiacha_tui.actions.sync import sync
from jiacha_tui.declaration.journal import Outcome
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery
from jiacha_tui.demo.demo import Demo, make_demo
from jiacha_tui.demo.envelope import ScriptShape, draw_envelope
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.pin_script import LoginPageKind
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.settings import PortSettings
from jiacha_tui.locations import Locations
from tests.app_contexts import TODAY, demo_context
from tests.eport.tls import ServerFiles, make_server_files, serve
from tests.port_home import DECLARATIONS, open_session
from tests.recorded_port import DETAIL, LIST, LOGIN, MENU, RecordedPort
from tests.script_processes import script_processes

SHAPES = pytest.mark.parametrize("shape", list(ScriptShape), ids=lambda shape: shape.value)
PAGES = pytest.mark.parametrize("page", list(LoginPageKind), ids=lambda page: page.value)


@dataclass
class ServedPort:
    """An embedded port over TLS, and contexts that connect to it."""

    demo: Demo
    recorded: RecordedPort
    root: str
    home: Path
    ca: Path

    def context(self, *, send_pin: bool) -> AppContext:
        settings = replace(PortSettings.under_root(self.root, self.ca), send_pin=send_pin)
        return replace(demo_context(self.demo, self.home), connect=lambda: PortClient(settings))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> ServerFiles:
    return make_server_files(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def port(
    shape: ScriptShape, page: LoginPageKind, home: Path, synced_home: Path, files: ServerFiles
) -> Iterator[ServedPort]:
    shutil.copytree(Locations(synced_home).demo, Locations(home).demo)
    demo = make_demo(home, DECLARATIONS, today=TODAY, script=shape, login_page=page)
    recorded = RecordedPort(demo.application)
    with serve(recorded, files) as root:
        yield ServedPort(demo, recorded, root, home, files.ca)
    demo.close()
    assert script_processes(os.getpid()) == set(), "no engine is left when the session has ended"


@SHAPES
@PAGES
@pytest.mark.parametrize("send_pin", [False, True], ids=["PIN kept", "PIN sent"])
async def test_the_pin_is_sent_only_if_configured_and_as_the_page_wants_it(
    port: ServedPort, page: LoginPageKind, send_pin: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    session = await open_session(port.context(send_pin=send_pin))
    await session.close()
    (login,) = port.recorded.to(LOGIN, "POST")
    is_encrypted = send_pin and page is LoginPageKind.ENCRYPTED_PIN
    assert (login.form["userPin"] != "") == send_pin
    assert (login.form["userPin"] == DEMO_PIN) == (send_pin and not is_encrypted)
    assert (login.form.get("sgm") == "1") == is_encrypted
    assert len(port.recorded.to("kxc.js")) == is_encrypted
    in_clear = [request.path for request in port.recorded.requests if DEMO_PIN.encode() in request.body]
    assert in_clear == ([LOGIN] if send_pin and not is_encrypted else [])
    assert DEMO_PIN not in caplog.text


@SHAPES
@pytest.mark.parametrize("page", [LoginPageKind.ENCRYPTED_PIN], ids=["encrypted-pin"])
async def test_query_read_sync_resend_and_download(port: ServedPort, tmp_path: Path) -> None:
    month = DateRangeQuery(DateRange.month(TODAY.year, TODAY.month))
    expected = next(iter(port.demo.population.declarations(DEMO_COMPANY, month, port.demo.clock())))
    entry_id = expected.summary.entry_id
    session = await open_session(port.context(send_pin=True))
    assert (await run_query(session, NumberQuery(entry_id), lambda _listed: None)).found == 1
    assert (await load_declaration(session, entry_id)).items == expected.items
    summary = await sync(session, lambda _progress: None, lambda: None)
    assert (summary.new, summary.details, summary.failed) == (DECLARATIONS - 1, DECLARATIONS - 1, 0)
    assert (await send(session, await propose(session, [entry_id]))).outcome is Outcome.DONE
    assert [resent for resent, _at in port.demo.store.resends()] == [entry_id]
    report = await download_files(session, await plan_entries(session, [entry_id]), tmp_path, lambda _so_far: None)
    (file,) = report.files
    assert (file.declarations, report.failures) == (1, ())
    await session.close()


@pytest.mark.parametrize("shape", [ScriptShape.PLAIN], ids=["plain"])
@pytest.mark.parametrize("page", [LoginPageKind.ENCRYPTED_PIN], ids=["encrypted-pin"])
async def test_new_keys_and_another_shape_in_the_middle_of_a_sync_lose_nothing(port: ServedPort) -> None:
    releases = {
        (LIST, 2): ScriptShape.OBFUSCATED,
        (DETAIL, 10): ScriptShape.OBFUSCATED,
        (DETAIL, 30): ScriptShape.PLAIN,
        (DETAIL, 50): ScriptShape.OBFUSCATED,
    }

    def release(ending: str, count: int) -> None:
        if (shape := releases.get((ending, count))) is not None:
            port.demo.release(draw_envelope(shape))

    port.recorded.before = release
    session = await open_session(port.context(send_pin=True))
    summary = await sync(session, lambda _progress: None, lambda: None)
    assert (summary.new, summary.details, summary.failed) == (DECLARATIONS, DECLARATIONS, 0)
    assert session.declarations.count_details_due() == 0
    logins = 1 + len(releases)
    assert len(port.recorded.to(LOGIN, "POST")) == len(port.recorded.to(MENU)) == logins, "one login for each release"
    assert len(script_processes(os.getpid())) == 1, "the engines of the sessions before have ended"
    await session.close()


@pytest.mark.parametrize("shape", [ScriptShape.PLAIN], ids=["plain"])
@pytest.mark.parametrize("page", [LoginPageKind.PLAIN], ids=["plain-page"])
async def test_another_script_within_a_session_is_loaded_and_opens_what_came(port: ServedPort) -> None:
    releases = {
        (LIST, 2): ScriptShape.PLAIN,
        (DETAIL, 10): ScriptShape.OBFUSCATED,
        (DETAIL, 30): ScriptShape.OBFUSCATED,
    }

    def release(ending: str, count: int) -> None:
        if (shape := releases.get((ending, count))) is not None:
            port.demo.release(draw_envelope(shape), ends_sessions=False)

    port.recorded.before = release
    session = await open_session(port.context(send_pin=False))
    summary = await sync(session, lambda _progress: None, lambda: None)
    assert (summary.new, summary.details, summary.failed) == (DECLARATIONS, DECLARATIONS, 0)
    assert len(port.recorded.to(LOGIN, "POST")) == 1
    assert len(port.recorded.to(MENU)) == 1 + len(releases)
    assert len(script_processes(os.getpid())) == 2, "that of the newest script and that of the one before"
    await session.close()
