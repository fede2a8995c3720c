"""A session at an embedded port, with a line between the two that a test can cut."""

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
from tests.app_contexts import demo_context, embedded_port
from tests.recording_transport import RecordingTransport

DECLARATIONS = 60


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def demo(home: Path) -> Iterator[Demo]:
    """`DECLARATIONS` up to `TODAY`, the showcase of edges among them."""
    with embedded_port(home, DECLARATIONS) as demo:
        yield demo


@pytest.fixture
def line(demo: Demo) -> RecordingTransport:
    return RecordingTransport(demo)


@pytest.fixture
def app_context(demo: Demo, home: Path, line: RecordingTransport) -> AppContext:
    return demo_context(demo, home, transport=line)


async def open_session(app_context: AppContext, *, offline: bool = False) -> Session:
    (medium,) = app_context.media()
    return await log_in(app_context, medium.medium_id, DEMO_PIN, offline=offline, on_stage=lambda _stage: None)


@pytest.fixture
async def session(app_context: AppContext) -> AsyncIterator[Session]:
    opened = await open_session(app_context)
    yield opened
    await opened.close()


@pytest.fixture
async def synced(session: Session) -> Session:
    await sync(session, lambda _progress: None, lambda: None)
    return session


async def show_view(session: Session, filter_text: str) -> ResultView:
    view = await ResultBrowser(session).show(filter_text, Order())
    assert view is not None
    return view
