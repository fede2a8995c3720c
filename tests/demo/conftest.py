"""A port with a stopped calendar, in a folder of its own. Its keys are made once for all tests."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.demo import Demo, make_demo
from tests.demo.browser import Browser, Card

TODAY = date(2026, 6, 17)
MakeDemo = Callable[..., Demo]
NewBrowser = Callable[[Demo], Browser]


@pytest.fixture(scope="session")
def port_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of a new port with all its cards."""
    home = tmp_path_factory.mktemp("port")
    demo = make_demo(home, today=TODAY)
    for which in DemoCard:
        demo.card_of(which)
    demo.close()
    return home


@pytest.fixture
def home(port_folder: Path, tmp_path: Path) -> Path:
    """A copy of `port_folder` that the test may change."""
    shutil.copytree(port_folder / "demo", tmp_path / "home" / "demo")
    return tmp_path / "home"


@pytest.fixture
def open_demo(home: Path) -> Iterator[MakeDemo]:
    """Opens the port in `home`, by default on the day on which it was made."""
    demos: list[Demo] = []

    def open_(**options: Any) -> Demo:
        demos.append(make_demo(home, **{"today": TODAY, **options}))
        return demos[-1]

    yield open_
    for demo in demos:
        demo.close()


@pytest.fixture
def demo(open_demo: MakeDemo) -> Demo:
    return open_demo()


@pytest.fixture
async def new_browser() -> AsyncIterator[NewBrowser]:
    """Makes a browser that has not logged in."""
    clients: list[httpx.AsyncClient] = []

    def visitor(demo: Demo) -> Browser:
        clients.append(httpx.AsyncClient(transport=httpx.ASGITransport(demo.application)))
        return Browser(clients[-1], demo.root_url)

    yield visitor
    for client in clients:
        await client.aclose()


@pytest.fixture
def card(demo: Demo) -> Card:
    return Card.at(demo.card)


@pytest.fixture
async def browser(demo: Demo, new_browser: NewBrowser, card: Card) -> Browser:
    """A browser that has logged in with the demo card."""
    visitor = new_browser(demo)
    await visitor.log_in(card)
    return visitor
