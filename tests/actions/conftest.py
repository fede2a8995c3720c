"""Sessions at an embedded port in this process, with a transport that a test can disturb."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.result_browser import ResultBrowser, ResultView
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.declaration.declaration_row import Order
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.locations import Locations
from tests.app_contexts import demo_context, embedded_port
from tests.recording_transport import RecordingTransport

DECLARATIONS = 60


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Locations:
    """A home with an embedded port of `DECLARATIONS` and a synced cache, made once for tests to copy from."""
    home = tmp_path_factory.mktemp("template") / "home"

    async def sync_once(app_context: AppContext) -> None:
        session = await open_session(app_context)
        await sync(session, lambda _progress: None, lambda: None)
        await session.close()

    with embedded_port(home, DECLARATIONS) as demo:
        asyncio.run(sync_once(demo_context(demo, home)))
    return Locations(home)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def demo(home: Path, template: Locations) -> Iterator[Demo]:
    """An embedded port with `DECLARATIONS` up to `TODAY`, all edge cases among them."""
    shutil.copytree(template.demo, Locations(home).demo)
    with embedded_port(home, DECLARATIONS) as demo:
        yield demo


@pytest.fixture
def transport(demo: Demo) -> RecordingTransport:
    return RecordingTransport(demo)


@pytest.fixture
def app_context(demo: Demo, home: Path, transport: RecordingTransport) -> AppContext:
    return demo_context(demo, home, transport=transport)


async def open_session(app_context: AppContext, *, offline: bool = False) -> Session:
    (medium,) = app_context.media()
    return await log_in(app_context, medium.medium_id, DEMO_PIN, offline=offline, on_stage=lambda _stage: None)


@pytest.fixture
async def session(app_context: AppContext) -> AsyncIterator[Session]:
    """An online session with an empty cache."""
    opened = await open_session(app_context)
    yield opened
    await opened.close()


@pytest.fixture
async def synced(app_context: AppContext, template: Locations) -> AsyncIterator[Session]:
    """An online session whose cache has been synced."""
    shutil.copytree(template.caches, app_context.locations.caches)
    opened = await open_session(app_context)
    yield opened
    await opened.close()


async def show_view(session: Session, filter_text: str) -> ResultView:
    view = await ResultBrowser(session).show(filter_text, Order())
    assert view is not None
    return view
