"""Random sessions of the whole program look the same whether all output or only changed cells reach the terminal."""

import random
from pathlib import Path
from typing import Any

import pytest
from textual.geometry import Region
from textual.pilot import Pilot

from jiacha_tui.app import JiachaApp
from screens.main.declaration_table import DeclarationTable
from tests.app_contexts import in_process
from tests.journey.operator import Operator, log_in
from tests.port_home import DECLARATIONS, copy_home
from tests.terminal.comparing_driver import ComparingDriver, WideComparingDriver

SIZES = [(80, 24), (120, 40), (100, 30), (60, 20)]
KEYS = (
    *("down", "down", "down", "up", "pagedown", "pageup", "home", "end", "tab", "space", "left", "right"),
    *("f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f10", "f10", "f10", "escape", "enter"),
    *("1", "2", "3", "a", "o", "u", "m", "y", "w", "g", "x", "ctrl+l", "ctrl+o"),
)
PRESSES = 80
_FEWEST_SUBSTITUTES = 3
"""Lines, dots and dashes are on nearly every screen."""


@pytest.fixture
def home(request: pytest.FixtureRequest, port_keys: Path, synced_home: Path, tmp_path: Path) -> Path:
    """The home of a program that has not yet synced, or has."""
    return copy_home(port_keys if request.param == "first sync" else synced_home, tmp_path / "home")


@pytest.mark.parametrize(
    ("seed", "home", "driver_class"),
    [
        (0, "first sync", ComparingDriver),
        (1, "synced", ComparingDriver),
        (2, "synced", ComparingDriver),
        (3, "synced", WideComparingDriver),
    ],
    indirect=["home"],
)
async def test_changed_cells_show_the_same_screen_as_all_output(
    seed: int, home: Path, driver_class: type[ComparingDriver]
) -> None:
    with in_process(home, DECLARATIONS) as app_context:
        app = JiachaApp(app_context)
        app.driver_class = driver_class
        session = _Session(app, seed)
        try:
            await app.run_async(size=SIZES[0], auto_pilot=session.run)
        finally:
            await app.close_session()
    driver = session.driver
    driver.compare()
    assert not driver.difference, f"{session.pressed}: {driver.difference}"
    assert not isinstance(driver, WideComparingDriver) or len(driver.substituted) > _FEWEST_SUBSTITUTES
    assert driver.comparisons > len(session.pressed) / 3
    assert driver.diff_bytes < driver.full_bytes / 4


async def test_no_character_of_two_cells_is_lost_where_a_part_of_the_table_is_drawn_again(
    synced_home: Path, tmp_path: Path
) -> None:
    with in_process(copy_home(synced_home, tmp_path / "home"), DECLARATIONS) as app_context:
        app = JiachaApp(app_context)
        app.driver_class = ComparingDriver
        missing = ["not run"]

        async def redraw_parts(pilot: Pilot[Any]) -> None:
            assert isinstance(app._driver, ComparingDriver)
            operator = Operator(pilot)
            await log_in(operator)
            await operator.sees(f"缓存 {DECLARATIONS} 票")
            table = app.screen.query_one(DeclarationTable)
            for width in reversed(range(1, table.size.width)):  # a wider part would mend what is lost
                table.refresh(Region(0, 0, width, 3))
                await pilot.pause()
            missing[:] = [app._driver.missing()]
            app.quit()

        try:
            await app.run_async(size=SIZES[0], auto_pilot=redraw_parts)
        finally:
            await app.close_session()
    assert missing == [""]


class _Session:
    """Logs in, synchronizes, then presses random keys and changes the size until the program ends or differs."""

    driver: ComparingDriver

    def __init__(self, app: JiachaApp, seed: int) -> None:
        self._app = app
        self._rng = random.Random(seed)  # noqa: S311 - keys
        self.pressed: list[str] = []

    async def run(self, pilot: Pilot[Any]) -> None:
        assert isinstance(self._app._driver, ComparingDriver)
        self.driver = self._app._driver
        operator = Operator(pilot)
        await log_in(operator)
        await self._shows_whole_screen(operator)
        await operator.press("f5")
        await operator.sees("同步完成")
        while len(self.pressed) < PRESSES and not self.driver.difference and not operator.has_left:
            self.pressed.append(self._rng.choice(KEYS))
            await operator.press(self.pressed[-1])
            if self._rng.random() < 0.03:
                size = self._rng.choice(SIZES)
                self.driver.resize(*size)
                await operator.resize(*size)
                # What was drawn for the size before may have scrolled away; Textual does not know.
                self._app.screen.refresh(layout=True)
                await operator.waits(lambda: self.driver.is_comparing, "the whole screen in its new size")
            await self._shows_whole_screen(operator)
        self._app.quit()

    async def _shows_whole_screen(self, operator: Operator) -> None:
        """Waits until nothing is missing on the terminal: half a character that Textual has cut off stays missing."""
        await operator.waits(lambda: operator.has_left or not self.driver.missing(), f"all of it after {self.pressed}")
