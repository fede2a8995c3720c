"""Fetches the details that are due, over several connections; one writer commits them, several in one transaction.

A detail that fails is set aside with its reason, and the others go on. Failures in a row stop all (`failure_limit`).
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from jiacha_tui.actions.connection_limit import MOST, ConnectionLimit
from jiacha_tui.actions.failure_limit import FailureLimit
from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync_failures import SET_ASIDE, SyncFailures
from jiacha_tui.declaration.model import Declaration, Summary
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.problems import PortProblem

GATHERED_AT_MOST: Final = 100
"""How many details one commit has at most.

A commit of one detail computes 34 ms, of 30 details 57 ms, of 100 details 89 ms. What a killed program had gathered is
still due, so the next sync fetches it.
"""

GATHERED_ITEMS_AT_MOST: Final = 2_000
"""After so many items a commit takes no more details."""

GATHER_SECONDS: Final = 0.2
"""How long the first detail of a commit waits for the others."""

CHUNK_SIZE: Final = 500
"""How many details are planned at a time: few, so that declarations that were opened meanwhile come soon."""

WAITING_AT_MOST: Final = 16
"""How many details wait for the writer, so that a fast port with large details does not fill the memory."""


class DetailFetcher:
    """The details of one sync.

    `failed` has the reason, by 报关单号, of each detail that was set aside. `untried` counts those that were not asked
    for because failures in a row had stopped the calls.
    """

    def __init__(
        self, session: Session, failures: SyncFailures, on_stored: Callable[[Sequence[Declaration]], None]
    ) -> None:
        """`on_stored` is called with the details of each commit."""
        self._session = session
        self._failures = failures
        self._on_stored = on_stored
        self._limit = FailureLimit()
        self._connections = ConnectionLimit()
        self.failed: dict[str, str] = {}
        self.untried = 0

    async def fetch_all(self) -> None:
        """Fetches what is due until nothing is left or failures stop it. Raises a `Problem` that ends the sync."""
        while self._limit.stopped_by is None and (planned := await asyncio.to_thread(self._plan)):
            await self._fetch(planned)
        if self._limit.stopped_by is not None:
            declarations = self._session.declarations
            self.untried = await asyncio.to_thread(declarations.count_details_due, self.failed)

    def _plan(self) -> list[Summary]:
        details_due = self._session.declarations.next_details_due(CHUNK_SIZE + len(self.failed))
        return [summary for summary in details_due if summary.entry_id not in self.failed]

    async def _fetch(self, planned: list[Summary]) -> None:
        """Fetches the details with several requests at the same time; one writer commits them in batches.

        Failures in a row stop it. What is requested over the other connections at that moment still ends.
        """
        waiting = deque(planned)
        fetched: asyncio.Queue[Declaration | None] = asyncio.Queue(WAITING_AT_MOST)

        async def fetch() -> None:
            while waiting and self._limit.stopped_by is None:
                async with self._connections.connection():
                    await self._session.operator_activity.wait_for_pause()
                    if not waiting or self._limit.stopped_by is not None:
                        return
                    if (detail := await self._fetch_detail(waiting.popleft())) is not None:
                        await fetched.put(detail)

        writer = asyncio.create_task(self._write(fetched))

        def stop(_writer: asyncio.Task[None]) -> None:
            """If the cache fails, nothing more is requested, and nobody waits for the writer."""
            waiting.clear()
            while not fetched.empty():
                fetched.get_nowait()

        writer.add_done_callback(stop)

        async def end_writer() -> None:
            if not writer.done():
                await fetched.put(None)
            await writer

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(MOST):
                    group.create_task(fetch())
        except* Problem as problems:
            raise problems.exceptions[0] from None
        finally:
            await run_to_completion(end_writer())

    async def _fetch_detail(self, summary: Summary) -> Declaration | None:
        """The detail from the port; None if it failed and was set aside."""
        began = time.monotonic()
        try:
            detail = await self._session.call_port(partial(_request_detail, summary))
        except PortProblem as problem:
            self._connections.record_failure()
            await self._keep_reason(summary, problem)
            if not isinstance(problem, SET_ASIDE):
                raise
            self._failures.count(self._limit, problem, "详情")
            return None
        self._connections.record_success(time.monotonic() - began)
        self._limit.record_success()
        return detail

    async def _keep_reason(self, summary: Summary, problem: PortProblem) -> None:
        self.failed[summary.entry_id] = problem.message
        failures = self._session.detail_failures
        await run_to_completion(asyncio.to_thread(failures.record, summary.entry_id, problem))

    async def _write(self, fetched: asyncio.Queue[Declaration | None]) -> None:
        ended = False
        while not ended:
            batch = await _gather(fetched)
            ended = None in batch
            details = [declaration for declaration in batch if declaration is not None]
            if details:
                await self._session.operator_activity.wait_for_pause()
                await asyncio.to_thread(self._session.declarations.put_details, details)
                self._on_stored(details)


async def _gather(fetched: asyncio.Queue[Declaration | None]) -> list[Declaration | None]:
    """The next details for one commit. A None ends them."""
    batch = [await fetched.get()]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GATHER_SECONDS):
            items = 0
            while batch[-1] is not None and len(batch) < GATHERED_AT_MOST and items < GATHERED_ITEMS_AT_MOST:
                items += len(batch[-1].items)
                batch.append(await fetched.get())
    return batch


async def _request_detail(summary: Summary, port: PortClient) -> Declaration:
    return await port.detail(summary)
