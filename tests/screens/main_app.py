"""The main screen of a session in a terminal of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from jiacha_tui.actions.session import Session
from screens.main.declaration_table import DeclarationTable
from screens.main.filter_bar import FilterBar
from screens.main.main_screen import MainScreen
from tests.screens.harness import SMALLEST, ScreenHarness, until


class MainApp(ScreenHarness[None]):
    """The program after the login, without what locks the session."""

    def __init__(self, session: Session) -> None:
        self.main = MainScreen(session)
        super().__init__(self.main)

    @asynccontextmanager
    async def running(self, size: tuple[int, int] = SMALLEST) -> AsyncIterator[Pilot[int]]:
        """Runs until the block ends; the block starts once the first declarations are shown."""
        async with self.run_test(size=size) as pilot:
            await until(pilot, lambda: self.table.view is not None)
            await pilot.pause()
            yield pilot

    @property
    def table(self) -> DeclarationTable:
        return self.main.query_one(DeclarationTable)

    @property
    def bar(self) -> FilterBar:
        return self.main.query_one(FilterBar)

    @property
    def status(self) -> str:
        """The status bar, of which the test knows that it is one row high."""
        return self.lines[-2]

    @property
    def footer(self) -> str:
        return self.lines[-1]

    @property
    def is_at_main_screen(self) -> bool:
        """Whether no other screen covers the main screen, and the program runs."""
        return self.screen is self.main and self.return_code is None
