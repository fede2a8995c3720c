"""A port whose calendar stands still, in a folder of its own; its keys are made once for all tests."""

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


@pytest.fixture(scope="session")
def port_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a port that was just made, with all its cards."""
    home = tmp_path_factory.mktemp("port")
    demo = make_demo(home, today=TODAY)
    for which in DemoCard:
        demo.card_of(which)
    demo.close()
    return home


@pytest.fixture
def home(port_folder: Path, tmp_path: Path) -> Path:
    """A copy to work on."""
    shutil.copytree(port_folder / "demo", tmp_path / "home" / "demo")
    return tmp_path / "home"


@pytest.fixture
def open_demo(home: Path) -> Iterator[MakeDemo]:
    """Opens the port on `home`, by default on the day it was made."""
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
async def visit() -> AsyncIterator[Callable[[Demo], Browser]]:
    """A new visitor of a port."""
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
async def browser(demo: Demo, visit: Callable[[Demo], Browser], card: Card) -> Browser:
    """A visitor who has logged in with the demo card."""
    visitor = visit(demo)
    await visitor.log_in(card)
    return visitor
