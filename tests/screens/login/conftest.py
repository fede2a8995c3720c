"""Login screens for cards in some media."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jiacha_tui.card.medium import Medium
from tests.app_contexts import demo_context
from tests.card.control.simulator import Simulator, running_simulator
from tests.screens.login.login_app import LoginApp, MakeLogin
from tests.screens.login.reader import Reader
from tests.screens.sample_cache import SampleSessions


@pytest.fixture
def reader(sessions: SampleSessions) -> Reader:
    """A reader with the demo card."""
    return Reader(sessions.demo.card)


@pytest.fixture
async def make_login(sessions: SampleSessions, reader: Reader) -> AsyncIterator[MakeLogin]:
    """Makes a login screen, with `reader` unless other media are given; `changes` are fields of its context."""
    apps: list[LoginApp] = []

    def make(*media: Medium, offline: bool = False, **changes: object) -> LoginApp:
        app_context = demo_context(sessions.demo, sessions.home, offline=offline, transport=sessions.transport)
        app = LoginApp(replace(app_context, media=lambda: media or (reader,), **changes))  # type: ignore[arg-type]
        apps.append(app)
        return app

    yield make
    for app in apps:
        for session in app.results:
            if session is not None:
                await session.close()


@pytest.fixture
def simulator(sessions: SampleSessions, project: Path) -> Iterator[Simulator]:
    with running_simulator(sessions.home, project) as simulator:
        yield simulator


@pytest.fixture
def login(make_login: MakeLogin) -> LoginApp:
    """The login screen with the demo card in `reader`."""
    return make_login()
