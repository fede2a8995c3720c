"""A session at an embedded port, with a line between the two that a test can cut."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from jiacha_tui.actions.browse import Browser, View
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.actions.workplace import Workplace
from jiacha_tui.declaration.line import Order
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.pin import DEMO_PIN
from tests.line import Line
from tests.workplaces import at_demo, port_at

DECLARATIONS = 60


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def demo(home: Path) -> Iterator[Demo]:
    """`DECLARATIONS` up to `TODAY`, the showcase of edges among them."""
    with port_at(home, DECLARATIONS) as demo:
        yield demo


@pytest.fixture
def line(demo: Demo) -> Line:
    return Line(demo)


@pytest.fixture
def workplace(demo: Demo, home: Path, line: Line) -> Workplace:
    return at_demo(demo, home, transport=line)


async def enter(workplace: Workplace, *, offline: bool = False) -> Session:
    (medium,) = workplace.media()
    return await log_in(workplace, medium.medium_id, DEMO_PIN, offline=offline, on_stage=lambda _stage: None)


@pytest.fixture
async def session(workplace: Workplace) -> AsyncIterator[Session]:
    opened = await enter(workplace)
    yield opened
    await opened.close()


@pytest.fixture
async def synced(session: Session) -> Session:
    await sync(session, lambda _progress: None, lambda: None)
    return session


async def view_of(session: Session, filter_text: str) -> View:
    view = await Browser(session).show(filter_text, Order())
    assert view is not None
    return view
