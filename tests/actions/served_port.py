"""The embedded port over TLS sockets, with an operator whose cache has everything, for tests of what changes there."""

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.query import run_query
from jiacha_tui.actions.result_browser import ResultBrowser
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.actions.sync_report import SyncSummary
from jiacha_tui.declaration.declaration_row import Order
from jiacha_tui.declaration.query import Query
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.faults import CallKind, FaultKind, PortFault
from jiacha_tui.demo.faulty_port import FaultyPort as PortWithFaults
from jiacha_tui.locations import Locations
from tests.faulty_port import FaultyPort, faulty_port
from tests.port_home import open_session


@dataclass
class ServedPort:
    """The embedded port and the operator's session at it. `http` counts the calls, `faults` spoils them."""

    demo: Demo
    http: FaultyPort
    faults: PortWithFaults
    app_context: AppContext
    session: Session = field(init=False)

    async def sync(self, months: int = 18) -> SyncSummary:
        self.http.calls.clear()
        return await sync(self.session, lambda _progress: None, lambda: None, months)

    async def query(self, what: Query) -> tuple[int, int, int]:
        outcome = await run_query(self.session, what, lambda _listed: None)
        return outcome.delisted, outcome.relisted, outcome.unconfirmed

    async def numbers(self, filter_text: str) -> list[str]:
        view = await ResultBrowser(self.session).show(filter_text, Order())
        assert view is not None
        return list(await view.entry_ids(len(view)))

    async def marked(self) -> set[str]:
        return set(await self.numbers("不再列出"))

    def spoil(self, kind: FaultKind) -> None:
        """Every list by date is spoiled in this way from now on."""
        self.faults.set_faults([PortFault(kind, CallKind.LIST)])

    async def exported_about(self, day: date) -> tuple[str, date]:
        """A declaration of the month of `day`, with its 出口日期."""
        entry_id = (await self.numbers(f"{day:%Y-%m} 类型:结关"))[0]
        (row,) = self.session.declarations.summaries([entry_id])
        assert row.exported_on is not None
        return entry_id, row.exported_on


@pytest.fixture
def served(demo: Demo, home: Path, synced_home: Path) -> Iterator[ServedPort]:
    shutil.copytree(Locations(synced_home).caches, Locations(home).caches)
    faults = PortWithFaults(demo.application)
    with faulty_port(demo, home) as (http, app_context):
        http.port = faults
        yield ServedPort(demo, http, faults, app_context)


@pytest.fixture
async def port(served: ServedPort) -> AsyncIterator[ServedPort]:
    """A port whose declarations are all in the cache."""
    served.session = await open_session(served.app_context)
    yield served
    await served.session.close()
