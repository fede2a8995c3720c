"""Tab in the filter: names of fields, and values with counts."""

from textual.pilot import Pilot

from tests.screens.harness import until, until_shown
from tests.screens.main_app import MainApp
from tests.screens.sample_cache import COUNTRIES, DECLARATIONS

EACH = DECLARATIONS // len(COUNTRIES)


async def becomes(app: MainApp, pilot: Pilot[int], text: str) -> None:
    await until(pilot, lambda: app.bar.text == text)


async def test_names_of_fields_and_then_values_are_completed(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f2", "国", "tab")
        await becomes(app, pilot, "国:")
        await pilot.press("德", "tab")
        await becomes(app, pilot, "国:德国")
        await until_shown(pilot, f"德国 {EACH + 1:,} 票", f"1/{EACH + 1:,} 票")
        await pilot.press("enter")
        await until(pilot, lambda: app.table.has_focus)


async def test_a_further_tab_takes_the_next_value_and_typing_ends_that(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f2", *"国:", "tab")
        await until_shown(pilot, "Tab 换一个：▸")
        first = app.bar.text
        await pilot.press("tab")
        await until(pilot, lambda: app.bar.text not in (first, "国:"))
        for _ in range(len(COUNTRIES) - 1):
            await pilot.press("tab")
        await becomes(app, pilot, first)
        await pilot.press(*" 已下", "tab")
        await becomes(app, pilot, f"{first} 已下载")


async def test_initials_and_pinyin_complete_too_and_nothing_else_changes(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f2", *"-国:meig", "tab")
        await becomes(app, pilot, "-国:美国")
        await pilot.press("|", "y", "n", "tab")
        await becomes(app, pilot, "-国:美国|越南")
        await pilot.press(*" 国:没有", "tab")
        await pilot.pause()
        assert app.bar.text == "-国:美国|越南 国:没有"
