"""Sessions for the tests of screens: real ones, each over a small cache and an embedded port in this process."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from jiacha_tui.actions.session import Session
from jiacha_tui.demo.demo import Demo
from tests.app_contexts import demo_context, embedded_port
from tests.port_home import DECLARATIONS, copy_home, open_session
from tests.recording_transport import RecordingTransport
from tests.screens.main_app import MainApp
from tests.screens.sample_cache import SampleCache, SampleSessions, sample_cache


@pytest.fixture
def demo(synced_home: Path, tmp_path: Path) -> Iterator[Demo]:
    """The port of `session`."""
    with embedded_port(copy_home(synced_home, tmp_path / "home"), DECLARATIONS) as demo:
        yield demo


@pytest.fixture
def transport(demo: Demo) -> RecordingTransport:
    """The connection between `session` and its port."""
    return RecordingTransport(demo)


@pytest.fixture
async def session(demo: Demo, transport: RecordingTransport, tmp_path: Path) -> AsyncIterator[Session]:
    """A session of the test's own, with the declarations of `synced_home` in its cache."""
    session = await open_session(demo_context(demo, tmp_path / "home", transport=transport))
    yield session
    await session.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_session(synced_home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    """A session as `session`, for the tests of a module that do not depend on what others store: a login is slow.

    The module must run in one event loop: `pytestmark = pytest.mark.asyncio(loop_scope="module")`.
    """
    home = copy_home(synced_home, tmp_path_factory.mktemp("shared") / "home")
    with embedded_port(home, DECLARATIONS) as demo:
        session = await open_session(demo_context(demo, home))
        yield session
        await session.close()


@pytest.fixture(scope="session")
def sample(port_keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleCache]:
    folder = tmp_path_factory.mktemp("sample")
    with sample_cache(copy_home(port_keys, folder / "home"), folder) as made:
        yield made


@pytest.fixture
async def sessions(sample: SampleCache, tmp_path: Path) -> AsyncIterator[SampleSessions]:
    """Makes sessions over the sample cache, which has many more declarations than `session`."""
    async with AsyncExitStack() as resources:
        yield SampleSessions(sample, tmp_path / "home", resources)


@pytest.fixture
def sample_session(sessions: SampleSessions) -> Session:
    """An online session that reads the sample cache. A test that changes the cache takes `sessions.own()`."""
    return sessions.read_only()


@pytest.fixture
def app(sample_session: Session) -> MainApp:
    """The main screen over the sample cache."""
    return MainApp(sample_session)
