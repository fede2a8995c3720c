"""A session at an embedded port, with a line between the two that a test can cut."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest

from jiacha_tui.actions.browse import Browser, View
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.actions.workplace import Workplace
from jiacha_tui.declaration.line import Order
from jiacha_tui.demo.demo import Demo, make_demo
from jiacha_tui.demo.pin import DEMO_PIN
from tests.workplaces import TODAY, at_demo

DECLARATIONS = 60


class Line(httpx.AsyncBaseTransport):
    """The way to a `port` in this process.

    `calls` lists the paths asked for. `before` and `after` are called with each path, before the port sees the
    request and after it has answered: what they raise is a cut line.
    """

    def __init__(self, demo: Demo) -> None:
        self.port: httpx.AsyncBaseTransport = httpx.ASGITransport(demo.application)
        self.calls: list[str] = []
        self.before: Callable[[str], None] = lambda path: None
        self.after: Callable[[str], None] = lambda path: None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.before(path)
        self.calls.append(path)
        response = await self.port.handle_async_request(request)
        self.after(path)
        return response

    def count(self, ending: str) -> int:
        return sum(call.endswith(ending) for call in self.calls)


def cut(path_ending: str, after: int = 0) -> Callable[[str], None]:
    """Lets `after` requests of this kind through, then none."""
    seen = 0

    def check(path: str) -> None:
        nonlocal seen
        if path.endswith(path_ending):
            seen += 1
            if seen > after:
                raise httpx.ReadError("cut")

    return check


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def demo(home: Path) -> Iterator[Demo]:
    """`DECLARATIONS` up to `TODAY`, the showcase of edges among them."""
    made = make_demo(home, DECLARATIONS, today=TODAY)
    yield made
    made.close()


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
