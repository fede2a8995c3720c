"""A random walk through the whole program: whatever key is pressed on whatever screen, something answers it."""

import random
from pathlib import Path

import pytest

from jiacha_tui.app import JiachaApp
from screens.base import base_app
from screens.commands.table import COMMANDS
from screens.login.lock_screen import LockScreen
from screens.login.login_screen import LoginScreen
from screens.widgets.key_footer import KeyFooter
from tests.app_contexts import in_process
from tests.journey.operator import SMALLEST, Operator, log_in

KEYS = sorted(
    {key for command in COMMANDS for key in command.keys}
    | {"tab", "shift+tab", "up", "down", "left", "right", "home", "end", "pageup", "pagedown", "enter", "space"}
    | {"backspace", "delete", "insert", "f11", "f12", "shift+f5", "ctrl+k", "ctrl+w", "ctrl+c", "x", "Z", "5", "中"}
)
UNSEEN = {"ctrl+l"}
"""What these do need not be seen."""

READ_AGAIN = {key for command in COMMANDS if command.id == "scan_again" for key in command.keys}
"""On the login screen these show the cards again: the same picture, if they have been read when the test looks."""

PRESSES = 50
_DECLARATIONS = 12


@pytest.mark.parametrize(("seed", "logged_in"), [(0, False), (1, True), (2, True)])
async def test_every_key_is_answered(
    seed: int, logged_in: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base_app, "_EFFECT_SECONDS", 0.05)
    rng = random.Random(seed)  # noqa: S311 - keys
    with in_process(tmp_path, _DECLARATIONS) as app_context:
        app = JiachaApp(app_context)
        try:
            async with app.run_test(size=SMALLEST) as pilot:
                operator = Operator(pilot)
                await operator.sees("JJ0G900000001")
                if logged_in:
                    await log_in(operator)
                    await operator.press("f5")
                    await operator.sees("同步完成")
                for _ in range(PRESSES):
                    key = rng.choice(KEYS)
                    if key in ("f10", "q") and isinstance(app.screen, LoginScreen | LockScreen):
                        continue  # it would end the walk
                    screen, before, messages = app.screen, _picture(app), len(app_context.messages.all())
                    await operator.press(key)
                    await operator.waits(lambda: operator.has_left or not app.keys_are_watched, "the answer")
                    if operator.has_left:
                        break
                    footers = app.screen.query(KeyFooter)
                    assert (
                        key in UNSEEN
                        or (key in READ_AGAIN and isinstance(screen, LoginScreen))
                        or app.screen is not screen
                        or _picture(app) != before
                        or len(app_context.messages.all()) > messages
                        or all(footer.shows_no_effect for footer in footers)
                    ), f"{key} on {screen}: nothing in\n{operator.screen}"
        finally:
            await app.close_session()


def _picture(app: JiachaApp) -> list[object]:
    return list(app.screen._compositor.render_strips())
