"""The whole program, pressed at random: what is seen is the same with the changes alone as with everything."""

import random
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from jiacha_tui.app import JiachaApp
from tests.app_contexts import in_process
from tests.journey.operator import Operator, log_in
from tests.terminal.comparing_driver import ComparingDriver, NarrowAndWide

SIZES = [(80, 24), (120, 40), (100, 30), (60, 20)]
KEYS = (
    *("down", "down", "down", "up", "pagedown", "pageup", "home", "end", "tab", "space", "left", "right"),
    *("f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f10", "f10", "f10", "escape", "enter"),
    *("1", "2", "3", "a", "o", "u", "m", "y", "w", "g", "x", "ctrl+l", "ctrl+o"),
)
PRESSES = 120
_FEWEST_SUBSTITUTES = 3
"""Lines, dots and dashes are on nearly every screen."""


@pytest.mark.parametrize(
    ("seed", "driver"), [(0, ComparingDriver), (1, ComparingDriver), (2, ComparingDriver), (3, NarrowAndWide)]
)
async def test_the_same_is_seen(seed: int, driver: type[ComparingDriver], tmp_path: Path) -> None:
    with in_process(tmp_path, 60) as app_context:
        app = JiachaApp(app_context)
        app.driver_class = driver
        pressed: list[str] = []

        async def operate(pilot: Pilot[Any]) -> None:
            operator, screens, chance = Operator(pilot), app._driver, random.Random(seed)  # noqa: S311 - keys
            assert isinstance(screens, ComparingDriver)
            await log_in(operator)
            while len(pressed) < PRESSES and not screens.difference and not operator.has_left:
                pressed.append(chance.choice(KEYS))
                await operator.press(pressed[-1])
                if chance.random() < 0.03:
                    size = chance.choice(SIZES)
                    screens.resize(*size)
                    await operator.resize(*size)
                    # What was drawn for the size before may have scrolled away; Textual does not know.
                    app.screen.refresh(layout=True)
            screens.compare()
            assert not screens.difference, f"{pressed}: {screens.difference}"
            assert not isinstance(screens, NarrowAndWide) or len(screens.substitutes) > _FEWEST_SUBSTITUTES
            assert screens.compared > len(pressed) / 3
            assert screens.bytes_of_changes < screens.bytes_of_everything / 4
            app.leave()

        try:
            await app.run_async(size=SIZES[0], auto_pilot=operate)
        finally:
            await app.end()
