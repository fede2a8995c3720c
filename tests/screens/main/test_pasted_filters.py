"""Pastes into the filter: nothing ends the program, what is too long is told, and the last good result stays."""

import duckdb
import pytest
from textual import events
from textual.pilot import Pilot

from db.cache import Cache
from jiacha_tui.actions.result_browser import MAX_FILTER_LENGTH
from screens.widgets.line_input import LineInput
from tests.screens.harness import until, until_shown
from tests.screens.main_app import MainApp
from tests.screens.sample_cache import DECLARATIONS, SampleSessions, declaration

ALL = f"{DECLARATIONS:,} 票"


async def paste(app: MainApp, pilot: Pilot[int], text: str) -> LineInput:
    """Pastes into the empty filter, as the terminal does."""
    await pilot.press("f2")
    field = app.bar.query_one(LineInput)
    field.value = ""
    field.post_message(events.Paste(text))
    await pilot.pause()
    return field


@pytest.mark.parametrize(
    "text",
    [
        *("a " * 1000, "-g:1 " * 1010, " ".join(f"词{n}" for n in range(200))),
        *("|".join(map(str, range(1000, 1500))), "(" * 50_000, '"' * 999),
    ],
)
async def test_pastes_that_once_ended_the_program(app: MainApp, text: str) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        generation = app.table.view.generation if app.table.view else 0
        await paste(app, pilot, text)
        await until(
            pilot,
            lambda: "!" in app.lines[1] or (app.table.view is not None and app.table.view.generation > generation),
        )
        await paste(app, pilot, "")
        await until_shown(pilot, ALL)


async def test_a_megabyte_is_not_taken_and_the_limit_is_told(app: MainApp) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        field = await paste(app, pilot, "字" * 1_000_000)
        assert field.value == ""
        await until(pilot, lambda: f"{MAX_FILTER_LENGTH:,}" in app.status and "1,000,000" in app.status)
        assert ALL in app.lines[1]


async def test_a_filter_with_too_many_words_keeps_the_last_result_and_says_the_limit(app: MainApp) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        await paste(app, pilot, "a " * 10_001)
        await until(pilot, lambda: "10,000 个条件" in app.text and "10,001" in app.text)
        assert app.table.view is not None
        assert len(app.table.view) == DECLARATIONS


async def test_what_a_terminal_would_obey_is_left_out(app: MainApp) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        field = await paste(app, pilot, "美\0国\u202e\x1b\ud800 浦\t东")
        assert field.value == "美国 浦 东"
        await until(pilot, lambda: "4 个看不见的控制字符" in app.status)


async def test_a_pasted_column_of_numbers_finds_each(app: MainApp) -> None:
    numbers = [declaration(n).summary.entry_id for n in range(3)]
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        field = await paste(app, pilot, "\r\n".join([*numbers, ""]))
        assert field.value == "|".join(numbers)
        await until(pilot, lambda: app.table.view is not None and len(app.table.view) == len(numbers))


async def test_a_long_filter_shows_the_text_around_the_cursor(app: MainApp) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        field = await paste(app, pilot, "开头" + "字" * 5000 + "结尾")
        await until(pilot, lambda: "字结尾" in app.lines[1])
        await pilot.press("home")
        await until(pilot, lambda: "开头字" in app.lines[1])
        await pilot.press("x", "shift+right", "backspace")
        assert field.value.startswith("x头字")


async def test_an_unknown_error_of_the_engine_is_told_and_the_last_result_stays(
    sessions: SampleSessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = MainApp(sessions.own())
    secret = "合同SPX"
    async with app.running() as pilot:
        await until_shown(pilot, ALL)

        def fail(*_: object) -> None:
            raise duckdb.Error(f"Unknown Error: {secret}")

        with monkeypatch.context() as patch:
            patch.setattr(Cache, "_new_cursor", fail)
            await paste(app, pilot, "美国")
            await until(pilot, lambda: "没有完成这次操作" in app.text)
            assert secret not in app.text
            assert app.table.view is not None
            assert len(app.table.view) == DECLARATIONS
        await paste(app, pilot, "浦东")
        await until(pilot, lambda: app.table.view is not None and app.table.view.filter_text == "浦东")


@pytest.mark.parametrize(
    "text", ["字" * 1_000_000, "\0\u202e\ud800\x1b[2J", "９" * 150 + "²٣"], ids=["long", "controls", "digits"]
)
@pytest.mark.parametrize("keys", [("f3",), ("f3", "down", "right", "tab"), ("f9",), ("f6", "tab")], ids=str)
async def test_pastes_into_the_other_fields_are_answered(app: MainApp, keys: tuple[str, ...], text: str) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        await pilot.press(keys[0])
        await until(pilot, lambda: not app.is_at_main_screen and bool(app.screen.query(LineInput)))
        for key in keys[1:]:
            await pilot.press(key)
        for field in app.screen.query(LineInput):
            field.post_message(events.Paste(text))
            await pilot.pause()
            assert len(field.value) <= field.max_length if field.max_length else False
        if len(text) > 200 or "\0" in text:
            await until(pilot, lambda: "最多" in app.text or "控制字符" in app.text)
        await pilot.press("escape")
        await until(pilot, lambda: app.is_at_main_screen)
