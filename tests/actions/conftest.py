"""Sessions at an embedded port in this process, with a transport that a test can disturb."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.result_browser import ResultBrowser, ResultView
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.declaration_row import Order
from jiacha_tui.demo.demo import Demo
from jiacha_tui.locations import Locations
from tests.actions.cache_cards import authority, issued, locations, slot
from tests.actions.served_port import port, served
from tests.app_contexts import demo_context, embedded_port
from tests.faulty_port import FaultyPort, faulty_port
from tests.port_home import DECLARATIONS, open_session
from tests.printing.conftest import print_server, scheduler, short_folder
from tests.recording_transport import RecordingTransport

__all__ = ["authority", "issued", "locations", "port", "print_server", "scheduler", "served", "short_folder", "slot"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def demo(home: Path, synced_home: Path) -> Iterator[Demo]:
    """An embedded port with `DECLARATIONS` up to `TODAY`, all edge cases among them."""
    shutil.copytree(Locations(synced_home).demo, Locations(home).demo)
    with embedded_port(home, DECLARATIONS) as demo:
        yield demo


@pytest.fixture
def transport(demo: Demo) -> RecordingTransport:
    return RecordingTransport(demo)


@pytest.fixture
def app_context(demo: Demo, home: Path, transport: RecordingTransport) -> AppContext:
    return demo_context(demo, home, transport=transport)


@pytest.fixture
async def session(app_context: AppContext) -> AsyncIterator[Session]:
    """An online session with an empty cache."""
    opened = await open_session(app_context)
    yield opened
    await opened.close()


@pytest.fixture
async def synced(app_context: AppContext, synced_home: Path) -> AsyncIterator[Session]:
    """An online session whose cache has been synced."""
    shutil.copytree(Locations(synced_home).caches, app_context.locations.caches)
    opened = await open_session(app_context)
    yield opened
    await opened.close()


@pytest.fixture
def served_faults(demo: Demo, home: Path) -> Iterator[tuple[FaultyPort, AppContext]]:
    """An embedded port over TLS that a test can make fail, and a context that connects to it."""
    with faulty_port(demo, home) as served:
        yield served


@pytest.fixture
def faulty(served_faults: tuple[FaultyPort, AppContext]) -> FaultyPort:
    return served_faults[0]


@pytest.fixture
async def faulty_session(served_faults: tuple[FaultyPort, AppContext]) -> AsyncIterator[Session]:
    """An online session at the `faulty` port, with an empty cache."""
    opened = await open_session(served_faults[1])
    yield opened
    await opened.close()


async def show_view(session: Session, filter_text: str) -> ResultView:
    view = await ResultBrowser(session).show(filter_text, Order())
    assert view is not None
    return view
